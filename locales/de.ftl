# Vestibule in German. See en.ftl for where each text is seen.

## Every page

title-with-error = Fehler: { $title }
error-prefix = Fehler:
summary-heading = Es gibt ein Problem
field-optional = (optional)
password-show = Anzeigen
    .label = Passwort anzeigen
    .status = Ihr Passwort wird angezeigt
password-hide = Verbergen
    .label = Passwort verbergen
    .status = Ihr Passwort ist verborgen
languages-label = Sprache
links-label = Über diese Website
link-home = Startseite
link-terms = Nutzungsbedingungen
link-privacy = Datenschutz
link-imprint = Impressum
link-support = Hilfe und Kontakt

## The sign-up page: /_gallery/register/empty

register-title = Konto erstellen
register-action = Konto erstellen
register-full-name = Vor- und Nachname
register-email = E-Mail-Adresse
register-password = Passwort wählen
register-password-hint = { $min ->
    [1] Jede Länge ist möglich. Ein paar Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.
   *[other] Mindestens { $min } Zeichen. Ein paar Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.
}
register-terms = Ich akzeptiere die Nutzungsbedingungen
register-terms-link = Nutzungsbedingungen lesen
register-have-account = Sie haben schon ein Konto?
register-sign-in = Anmelden

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Konto erstellt
welcome-heading = Ihr Konto ist bereit
welcome-made-for = Es wurde für { $address } erstellt.
welcome-close = Sie können diese Seite jetzt schließen.
welcome-sign-in = Anmelden

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = E-Mail-Adresse bestätigen
verify-sent = Wir haben einen Link und einen Code an { $address } gesendet.
verify-either = Öffnen Sie den Link oder geben Sie den Code hier ein. Der Code gilt { $minutes ->
    [1] eine Minute
   *[other] { $minutes } Minuten
}.
verify-code = Code aus der E-Mail
verify-code-hint = 6 Ziffern
verify-action = Adresse bestätigen
verify-not-there = Nichts angekommen? Sehen Sie im Spam-Ordner nach oder fordern Sie die E-Mail noch einmal an.
verify-resend = Noch einmal senden
verify-resent = Wir haben eine neue E-Mail gesendet. Ab jetzt gelten nur der Link und der Code darin.
verify-link-heading = Bestätigen Sie, dass { $address } Ihnen gehört
verify-done-title = E-Mail-Adresse bestätigt
verify-done = { $address } ist bestätigt. Sie können diese Seite jetzt schließen.
verify-dead-title = Dieser Link funktioniert nicht mehr
verify-dead = { $reason ->
    [used] Er wurde schon einmal verwendet. Wenn Sie das waren, ist Ihre Adresse bestätigt.
    [replaced] Inzwischen wurde eine neuere E-Mail gesendet. Öffnen Sie den Link darin.
   *[expired] Links gelten { $hours } Stunden lang. Fordern Sie einen neuen an.
}

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = Geben Sie Vor- und Nachnamen ein.
full_name_too_short = Der Name muss mindestens { $min } Zeichen lang sein.
full_name_too_long = Der Name darf höchstens { $max } Zeichen lang sein.
full_name_format = Der Name darf keine Steuerzeichen enthalten.
email_missing = Geben Sie eine E-Mail-Adresse ein.
email_format = Geben Sie eine E-Mail-Adresse im richtigen Format ein, zum Beispiel name@example.com.
email_too_long = Die E-Mail-Adresse darf höchstens { $max } Zeichen lang sein.
email_taken = Mit dieser E-Mail-Adresse gibt es schon ein Konto. Wenn Sie es gerade erstellt haben, ist alles erledigt; geben Sie andernfalls eine andere ein.
username_missing = Geben Sie einen Benutzernamen ein.
username_format = Der Benutzername darf nur Buchstaben von a bis z, Ziffern sowie „.“, „_“ und „-“ enthalten und muss mit einem Buchstaben oder einer Ziffer beginnen.
username_too_long = Der Benutzername darf höchstens { $max } Zeichen lang sein.
username_reserved = Dieser Benutzername ist dem Dienst selbst vorbehalten. Geben Sie einen anderen ein.
username_taken = Mit diesem Benutzernamen gibt es schon ein Konto. Geben Sie einen anderen ein.
password_missing = Geben Sie ein Passwort ein.
password_nul = Das Passwort darf das Zeichen U+0000 nicht enthalten.
password_too_short = { $min ->
    [1] Das Passwort muss mindestens 1 Zeichen lang sein.
   *[other] Das Passwort muss mindestens { $min } Zeichen lang sein.
}
password_too_long = Das Passwort darf höchstens { $max } Zeichen lang sein.
password_common = Dieses Passwort ist leicht zu erraten. Wählen Sie ein längeres oder ein paar Wörter ohne Zusammenhang.
password_like_identifier = { $identifier ->
    [username] Das Passwort darf nicht aus Ihrem Benutzernamen gebildet sein. Wählen Sie ein paar Wörter ohne Zusammenhang.
   *[email] Das Passwort darf nicht aus Ihrer E-Mail-Adresse gebildet sein. Wählen Sie ein paar Wörter ohne Zusammenhang.
}
terms_missing = Akzeptieren Sie die Nutzungsbedingungen, um ein Konto zu erstellen.
code_missing = Geben Sie den Code aus der E-Mail ein.
code_format = Geben Sie die 6 Ziffern des Codes ein.
code_wrong = Das ist nicht der Code, den wir gesendet haben. Prüfen Sie ihn oder fordern Sie einen neuen an.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = Die E-Mail-Adresse ist bereits registriert
taken-username = Der Benutzername ist bereits registriert
taken-user-email = Die E-Mail-Adresse des Benutzers ist bereits registriert.
problem-taken = Es gibt bereits ein Konto
problem-input = Die Eingaben wurden nicht angenommen

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = Die Anfrage konnte nicht gelesen werden
    .detail = Der Body ist kein JSON oder kein Objekt, oder ein Feld kommt doppelt vor oder hat den falschen Typ.
    .advice = Das Formular ist nicht richtig angekommen und es wurde nichts gespeichert. Öffnen Sie die Registrierungsseite und füllen Sie es noch einmal aus.
error-malformed_host = Die Anfrage konnte nicht gelesen werden
    .detail = Senden Sie genau einen Host-Header.
    .advice = Verwenden Sie die Adresse, die Sie vom Betreiber dieses Dienstes erhalten haben.
error-cross_site = Dieses Formular kam von einer anderen Website
    .detail = Es wurde nichts gespeichert. Senden Sie Formulare nur von der Seite dieses Dienstes aus.
    .advice = Es wurde nichts gespeichert. Öffnen Sie die Registrierungsseite auf dieser Website und füllen Sie das Formular dort aus.
error-not_found = Seite nicht gefunden
    .detail = Unter dieser Adresse ist nichts zu finden. Prüfen Sie, ob sie vollständig eingegeben oder kopiert ist.
    .advice = Unter dieser Adresse ist nichts zu finden. Prüfen Sie, ob sie vollständig eingegeben oder kopiert ist.
error-method_not_allowed = So lässt sich diese Seite nicht verwenden
    .detail = Diese Adresse nimmt diese Methode nicht an. Der Allow-Header nennt die Methoden, die sie annimmt.
    .advice = Es wurde nichts gespeichert. Gehen Sie zur Registrierungsseite und beginnen Sie dort.
error-request_timeout = Die Übertragung hat zu lange gedauert
    .detail = Es wurde nichts gespeichert. Prüfen Sie die Verbindung und senden Sie die Anfrage noch einmal.
    .advice = Es wurde nichts gespeichert. Prüfen Sie Ihre Verbindung und senden Sie das Formular noch einmal.
error-body_too_large = Das war mehr, als in das Formular passt
    .detail = Es wurde nichts gespeichert. Senden Sie höchstens 16 KiB.
    .advice = Es wurde nichts gespeichert. Verwenden Sie einen kürzeren Namen, eine kürzere E-Mail-Adresse oder ein kürzeres Passwort.
error-unsupported_media_type = Die Anfrage konnte nicht gelesen werden
    .detail = Senden Sie application/json oder, wo es ein Formular gibt, application/x-www-form-urlencoded, in UTF-8.
    .advice = Das Formular ist nicht richtig angekommen und es wurde nichts gespeichert. Öffnen Sie die Registrierungsseite und füllen Sie es noch einmal aus.
error-misdirected_request = Das ist nicht die Adresse dieses Dienstes
    .detail = Senden Sie Anfragen an den Host aus PUBLIC_URL.
    .advice = Verwenden Sie die Adresse, die Sie vom Betreiber dieses Dienstes erhalten haben.
error-busy = Bei uns ist gerade viel los
    .detail = Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
    .advice = Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
    .notice = Bei uns ist gerade viel los. Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal. Ihr Passwort merken wir uns nicht, geben Sie es also erneut ein.
error-outcome_unknown = Wir wissen nicht, ob gespeichert wurde
    .detail = Die Datenbank hat nicht mehr geantwortet; vielleicht wurde gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal.
    .advice = Vielleicht wurden Ihre Angaben gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal.
    .notice = Wir wissen nicht, ob gespeichert wurde. Vielleicht wurden Ihre Angaben gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal. Ihr Passwort merken wir uns nicht, geben Sie es also erneut ein.
error-starting = Wir sind gleich für Sie da
    .detail = Der Dienst startet gerade. Versuchen Sie es in ein paar Sekunden noch einmal.
    .advice = Der Dienst startet gerade. Versuchen Sie es in ein paar Sekunden noch einmal.
error-internal_error = Bei uns ist etwas schiefgegangen
    .detail = An Ihrer Anfrage lag es nicht. Versuchen Sie es noch einmal; wenn es wieder passiert, nennen Sie dem Betreiber die Anfrage-ID.
    .advice = An Ihren Eingaben lag es nicht. Versuchen Sie es noch einmal; wenn es wieder passiert, nennen Sie dem Betreiber diese Referenz.
error-page-reference = Referenz: { $reference }
error-page-back = Zur Registrierungsseite

body-member-text = Das Feld „{ $name }“ muss Text sein.
body-member-boolean = Das Feld „{ $name }“ muss true oder false sein.
body-member-twice = Ein Feld kommt doppelt vor.
body-no-object = Der Body muss ein JSON-Objekt sein.
body-not-json = Der Body ist kein JSON: Das Lesen brach in Zeile { $line }, Spalte { $column } ab.
body-not-utf8 = Das Formular ist nicht in UTF-8.
body-ended-early = Der Body endete vorzeitig.

## Every mail

mail-from = Gesendet von { $brand }
mail-support = Fragen? Schreiben Sie an { $support }.
mail-link-as-text = Wenn die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } ist Ihr Code für { $brand }
mail-verify-email-heading = Bestätigen Sie Ihre E-Mail-Adresse
mail-verify-email-why = Jemand, höchstwahrscheinlich Sie selbst, hat mit dieser E-Mail-Adresse ein Konto bei { $brand } erstellt.
mail-verify-email-action = Adresse bestätigen
mail-verify-email-code = Oder geben Sie diesen Code auf der Seite ein, auf der Sie sich registriert haben:
mail-verify-email-expiry = Der Link gilt { $hours } Stunden, der Code { $minutes } Minuten.
mail-verify-email-not-you = Das waren Sie nicht? Dann brauchen Sie nichts zu tun: Ohne diese Bestätigung wird die Adresse nicht verwendet.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = Sie haben schon ein Konto bei { $brand }
mail-account-exists-heading = Sie haben schon ein Konto
mail-account-exists-why = Jemand, höchstwahrscheinlich Sie selbst, wollte mit dieser E-Mail-Adresse ein Konto bei { $brand } erstellen. Es gibt dazu schon eines, und es wurde nichts geändert.
mail-account-exists-action = Neues Passwort wählen
mail-account-exists-hint = Wenn Sie Ihr Passwort kennen, melden Sie sich damit an. Wenn nicht, wählen Sie ein neues.
mail-account-exists-not-you = Das waren Sie nicht? Dann brauchen Sie nichts zu tun.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = Wählen Sie ein neues Passwort für { $brand }
mail-reset-password-heading = Wählen Sie ein neues Passwort
mail-reset-password-why = Jemand, höchstwahrscheinlich Sie selbst, hat angegeben, das Passwort Ihres Kontos bei { $brand } vergessen zu haben.
mail-reset-password-action = Neues Passwort wählen
mail-reset-password-expiry = Der Link funktioniert einmal und gilt { $minutes } Minuten. Ihr altes Passwort gilt, bis Sie ein neues wählen.
mail-reset-password-not-you = Das waren Sie nicht? Dann brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = Ihr Passwort bei { $brand } wurde geändert
mail-password-changed-heading = Ihr Passwort wurde geändert
mail-password-changed-what = Das Passwort Ihres Kontos bei { $brand } wurde am { $time } geändert. Überall sonst wurden Sie abgemeldet.
mail-password-changed-not-you = Das waren Sie nicht? Wählen Sie sofort ein neues Passwort und prüfen Sie dann Ihr Konto.
mail-password-changed-action = Neues Passwort wählen

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = Ihre E-Mail-Adresse bei { $brand } wurde geändert
mail-email-changed-heading = Ihre E-Mail-Adresse wurde geändert
mail-email-changed-what = Am { $time } wurde die E-Mail-Adresse Ihres Kontos bei { $brand } in { $address } geändert. An die bisherige Adresse wird nichts mehr gesendet.
mail-email-changed-not-you = Das waren Sie nicht? Benachrichtigen Sie sofort den Betreiber dieses Dienstes.
