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
register-leave-empty = Lassen Sie dieses Feld leer

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = Bevor wir das Konto erstellen, ist noch eine Prüfung nötig. Es wurde noch nichts gespeichert. Ihr Passwort merken wir uns nicht: Geben Sie es erneut ein und senden Sie das Formular dann noch einmal.
proof-expired = Die Prüfung war zu alt oder galt für eine andere E-Mail-Adresse, deshalb gibt es eine neue. Es wurde noch nichts gespeichert. Ihr Passwort merken wir uns nicht: Geben Sie es erneut ein und senden Sie das Formular dann noch einmal.
proof-failed = Die Prüfung hat nicht geklappt, deshalb gibt es eine neue. Es wurde noch nichts gespeichert. Ihr Passwort merken wir uns nicht: Geben Sie es erneut ein und senden Sie das Formular dann noch einmal.
proof-unanswered = Ihr Browser hat die Prüfung nicht gemacht, und eine E-Mail können wir stattdessen nicht senden. Es wurde nichts gespeichert. Schalten Sie JavaScript ein und senden Sie das Formular noch einmal, oder versuchen Sie es später.
proof-crowd = Gerade ist hier sehr viel los, deshalb ist eine weitere Prüfung nötig. Es wurde noch nichts gespeichert. Senden Sie das Formular noch einmal, sobald Ihr Browser fertig ist; ein Passwort geben Sie dabei neu ein.
proof-by-mail = Senden Sie das Formular noch einmal, dann schicken wir Ihnen einen Code per E-Mail. Ihr Konto ist frei, sobald Sie ihn eingegeben haben.
proof-needs-script = Diese Prüfung braucht JavaScript. Schalten Sie es ein und senden Sie das Formular noch einmal, oder versuchen Sie es später.
proof-working = Ihr Browser rechnet kurz. Sie können weiterschreiben.
proof-waiting = Die Prüfung läuft noch. Das Formular wird danach von selbst gesendet.
proof-done = Die Prüfung ist fertig. Sie können das Formular senden.
proof-wait = Einen Moment …
proof-progress = Fortschritt der Prüfung

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Konto erstellt
welcome-heading = Ihr Konto ist bereit
welcome-made-for = Es wurde für { $address } erstellt.
welcome-close = Sie können diese Seite jetzt schließen.
welcome-sign-in = Anmelden
welcome-account = Zu Ihrem Konto
welcome-confirm = Wir haben eine E-Mail gesendet, mit der Sie die Adresse bestätigen können.
welcome-confirm-link = Jetzt bestätigen

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
verify-link-heading = Bestätigen Sie, dass { $address } Ihnen gehört.
verify-password-hint = Das Passwort, das beim Erstellen des Kontos gewählt wurde. So kann Sie niemand dazu bringen, ein fremdes Konto zu bestätigen.
verify-unknown-password = Sie kennen das Passwort nicht?
verify-new-password = Neues Passwort wählen
verify-done-title = E-Mail-Adresse bestätigt
verify-done = { $address } ist bestätigt. Sie können diese Seite jetzt schließen.
verify-dead-title = Dieser Link funktioniert nicht mehr
verify-dead = { $reason ->
    [used] Er wurde schon einmal verwendet. Wenn Sie das waren, ist Ihre Adresse bestätigt.
    [replaced] Inzwischen wurde eine neuere E-Mail gesendet. Öffnen Sie den Link darin.
   *[expired] Links gelten { $hours } Stunden lang. Fordern Sie einen neuen an.
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = E-Mail noch einmal anfordern
resend-explain = Geben Sie die E-Mail-Adresse ein, mit der Sie sich registriert haben. Wir senden Ihnen dann noch einmal den Link zum Bestätigen.
resend-sent-title = Sehen Sie in Ihrem Posteingang nach
resend-sent = Wenn { $address } noch bestätigt werden muss, ist eine E-Mail mit einem Link unterwegs. Das kann ein paar Minuten dauern. Nichts angekommen? Sehen Sie im Spam-Ordner nach und prüfen Sie, ob die Adresse stimmt.
no-mail = Dieser Dienst kann keine E-Mails senden, deshalb geht das hier nicht.
no-mail-support = Schreiben Sie an { $support }.
no-mail-ask = Wenden Sie sich an den Betreiber dieses Dienstes.

## The page to sign in: /_gallery/login/empty

login-title = Anmelden
login-action = Anmelden
login-identifier = E-Mail-Adresse oder Benutzername
login-password = Passwort
login-wrong = Die E-Mail-Adresse, der Benutzername oder das Passwort stimmt nicht. Prüfen Sie Ihre Eingaben und versuchen Sie es dann noch einmal.
login-forgot = Passwort vergessen?
login-not-there = Keine E-Mail zum Bestätigen Ihrer Adresse erhalten?
login-resend = Noch einmal anfordern
login-no-account = Noch kein Konto?
login-register = Konto erstellen

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = Passwort vergessen?
forgot-explain = Geben Sie die E-Mail-Adresse Ihres Kontos ein. Wir senden Ihnen dann einen Link, mit dem Sie ein neues Passwort wählen können. Für ein Konto, das nur mit einem Benutzernamen erstellt wurde, geht das nicht, denn es hat keine Adresse.
forgot-action = Link senden
forgot-sent-title = Sehen Sie in Ihrem Posteingang nach
forgot-sent = Wenn es ein Konto mit { $address } gibt, ist eine E-Mail mit einem Link unterwegs. Das kann ein paar Minuten dauern. Nichts angekommen? Sehen Sie im Spam-Ordner nach und prüfen Sie, ob die Adresse stimmt.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = Neues Passwort wählen
reset-for = Es gilt für das Konto von { $address }.
reset-signs-out = Sie werden dabei überall abgemeldet.
reset-password = Neues Passwort
reset-action = Passwort ändern
reset-done-title = Passwort geändert
reset-done = Sie wurden überall abgemeldet. Melden Sie sich mit Ihrem neuen Passwort an.
reset-dead-title = Dieser Link funktioniert nicht mehr
reset-dead = { $reason ->
    [used] Er wurde schon einmal verwendet. Um ein anderes Passwort zu wählen, fordern Sie einen neuen Link an.
    [replaced] Inzwischen wurde eine neuere E-Mail gesendet. Öffnen Sie den Link darin.
   *[expired] Links für ein neues Passwort gelten { $minutes } Minuten lang. Fordern Sie einen neuen an.
}
forgot-again = Neuen Link anfordern
reset-cookies-title = Lassen Sie Cookies zu
reset-cookies = Ohne Cookie geht es auf dieser Seite nicht weiter. Lassen Sie Cookies für diese Website zu und öffnen Sie dann den Link in der E-Mail noch einmal.

## The page of somebody's own account: /_gallery/account/furnished

account-title = Ihr Konto
account-signed-in = Sie sind als { $account } angemeldet.
account-sign-out = Abmelden
account-profile = Profil
account-username = Ihr Benutzername ist { $username }.
account-profile-action = Speichern
account-email = E-Mail-Adresse
account-email-confirmed = { $address } ist bestätigt.
account-email-unconfirmed = { $address } ist noch nicht bestätigt.
account-email-confirm = Jetzt bestätigen
account-email-none = Ihr Konto hat keine E-Mail-Adresse: Wenn Sie Ihr Passwort vergessen, kann Ihnen niemand wieder Zugang verschaffen.
account-email-add = Geben Sie eine Adresse an, dann können Sie sich dorthin einen Link für ein neues Passwort senden lassen.
account-email-pending = { $address } wird zur Adresse Ihres Kontos, sobald Sie den Link öffnen, den wir dorthin gesendet haben.
account-email-new = Neue E-Mail-Adresse
account-email-hint = Wir senden einen Link dorthin. Erst wenn Sie ihn öffnen, ändert sich etwas.
account-email-action = Link senden
account-email-no-mail = Dieser Dienst kann keine E-Mails senden, deshalb lässt sich die Adresse hier nicht ändern.
account-current-password = Aktuelles Passwort
account-password = Passwort
account-password-what = Wenn Sie es ändern, bleiben Sie hier angemeldet und werden überall sonst abgemeldet.
account-sessions = Wo Sie angemeldet sind
account-session-current = Hier
account-session-token = Programm mit Zugriffstoken
account-device-unknown = Unbekanntes Gerät
account-session-since = Angemeldet am { $time }
account-session-seen = Zuletzt aktiv am { $time }
account-peer = Netzwerkadresse { $peer }
account-sign-out-others = Überall sonst abmelden
account-activity = Aktivitäten
account-activity-none = Bisher keine.
account-activity-failed = Ohne Erfolg
account-data = Ihre Daten
account-data-what = Was dieser Dienst über Sie speichert, in einer Datei.
account-data-link = Daten herunterladen
account-delete = Konto löschen
account-delete-what = Ihr Konto wird sofort gelöscht, mit Ihrem Namen, Ihrer Adresse und Ihrem Passwort, und Sie werden überall abgemeldet. Niemand kann es wiederherstellen. Das Protokoll der Aktivitäten bleibt gespeichert, bis die Aufbewahrungsfrist abgelaufen ist.
account-delete-confirm = Mein Konto endgültig löschen
account-delete-action = Konto löschen
account-saved-profile = Ihr Profil ist gespeichert.
account-saved-email = Wir haben eine E-Mail an { $address } gesendet. Öffnen Sie den Link darin, um die Adresse zu ändern.
account-saved-password = Ihr Passwort ist geändert. Überall sonst wurden Sie abgemeldet.
account-saved-session = Dort sind Sie jetzt abgemeldet.
account-saved-sessions = Überall sonst sind Sie jetzt abgemeldet.
email-changed-title = E-Mail-Adresse geändert
email-changed-done = { $address } ist jetzt die Adresse Ihres Kontos.
email-taken-title = Mit dieser Adresse gibt es schon ein Konto
email-taken-now = Inzwischen hat jemand ein Konto mit { $address } erstellt, deshalb wurde die Adresse Ihres Kontos nicht geändert. Verwenden Sie eine andere.
account-deleted-title = Konto gelöscht
account-deleted = Ihr Konto wurde gelöscht. Sie können diese Seite jetzt schließen.
notice-sign-in = Anmelden
notice-account = Zu Ihrem Konto

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = Konto erstellt
activity-account_claimed = Jemand hat sich noch einmal mit dieser E-Mail-Adresse registriert
activity-email_verified = E-Mail-Adresse bestätigt
activity-login = Angemeldet
activity-login_failed = Jemand hat versucht, sich anzumelden
activity-logout = Abgemeldet
activity-session_revoked = Von anderswo aus abgemeldet
activity-password_reset_requested = Link für ein neues Passwort angefordert
activity-password_reset = Neues Passwort über einen Link gewählt
activity-password_changed = Passwort geändert
activity-password_change_failed = Falsches aktuelles Passwort eingegeben
activity-email_change_requested = Neue E-Mail-Adresse eingegeben
activity-email_changed = E-Mail-Adresse geändert
activity-profile_changed = Profil geändert
activity-data_exported = Daten heruntergeladen

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
code_wrong = Das ist nicht der Code, den wir gesendet haben, oder er gilt nicht mehr. Prüfen Sie ihn oder fordern Sie einen neuen an.
identifier_missing = Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein.
password_wrong = Das ist nicht das Passwort dieses Kontos. Prüfen Sie Ihre Eingabe und versuchen Sie es dann noch einmal.
current_password_missing = Geben Sie Ihr aktuelles Passwort ein.
current_password_wrong = Das ist nicht Ihr aktuelles Passwort. Prüfen Sie Ihre Eingabe und versuchen Sie es dann noch einmal.
confirm_missing = Setzen Sie das Häkchen, um Ihr Konto zu löschen.
token_missing = Öffnen Sie den vollständigen Link aus der E-Mail.
token_expired = Dieser Link funktioniert nicht mehr. Fordern Sie einen neuen an.
token_used = Dieser Link wurde schon einmal verwendet. Fordern Sie einen neuen an.
token_replaced = Inzwischen wurde eine neuere E-Mail gesendet. Öffnen Sie den Link darin.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = Die E-Mail-Adresse ist bereits registriert
taken-username = Der Benutzername ist bereits registriert
taken-user-email = Die E-Mail-Adresse des Benutzers ist bereits registriert.
check-inbox = Sehen Sie im Posteingang dieser Adresse nach: Wir haben eine E-Mail gesendet.
forgot-accepted = Wenn es zu dieser Adresse ein Konto gibt, ist eine E-Mail mit einem Link für ein neues Passwort unterwegs.
resend-accepted = Wenn diese Adresse noch bestätigt werden muss, ist eine E-Mail mit einem neuen Link unterwegs.
problem-taken = Es gibt bereits ein Konto
problem-input = Die Eingaben wurden nicht angenommen

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = Die Anfrage konnte nicht gelesen werden
    .detail = Der Body ist kein JSON oder kein Objekt, oder ein Feld kommt doppelt vor oder hat den falschen Typ.
    .advice = Das Formular ist nicht richtig angekommen und es wurde nichts gespeichert. Öffnen Sie die Seite noch einmal und füllen Sie das Formular neu aus.
error-malformed_host = Die Anfrage konnte nicht gelesen werden
    .detail = Senden Sie genau einen Host-Header.
    .advice = Verwenden Sie die Adresse, die Sie vom Betreiber dieses Dienstes erhalten haben.
error-cross_site = Dieses Formular kam von einer anderen Website
    .detail = Es wurde nichts gespeichert. Senden Sie Formulare nur von der Seite dieses Dienstes aus.
    .advice = Es wurde nichts gespeichert. Öffnen Sie die Seite auf dieser Website und füllen Sie das Formular dort aus.
error-unauthenticated = Sie sind nicht angemeldet
    .detail = Nicht authentifiziert
    .advice = Melden Sie sich an und versuchen Sie es dann noch einmal.
error-not_found = Seite nicht gefunden
    .detail = Unter dieser Adresse ist nichts zu finden. Prüfen Sie, ob sie vollständig eingegeben oder kopiert ist.
    .advice = Unter dieser Adresse ist nichts zu finden. Prüfen Sie, ob sie vollständig eingegeben oder kopiert ist.
error-method_not_allowed = So lässt sich diese Seite nicht verwenden
    .detail = Diese Adresse nimmt diese Methode nicht an. Der Allow-Header nennt die Methoden, die sie annimmt.
    .advice = Es wurde nichts gespeichert. Gehen Sie zur Registrierungsseite und beginnen Sie dort.
error-request_timeout = Die Übertragung hat zu lange gedauert
    .detail = Es wurde nichts gespeichert. Prüfen Sie die Verbindung und senden Sie die Anfrage noch einmal.
    .advice = Es wurde nichts gespeichert. Prüfen Sie Ihre Verbindung und senden Sie das Formular noch einmal.
error-uri_too_long = Diese Adresse ist zu lang
    .detail = Es ist nichts passiert. Verwenden Sie eine Adresse von höchstens 8 KiB.
    .advice = Es ist nichts passiert. Prüfen Sie den Link oder geben Sie die Adresse noch einmal ein.
error-body_too_large = Das war mehr, als in das Formular passt
    .detail = Es wurde nichts gespeichert. Senden Sie höchstens 16 KiB.
    .advice = Es wurde nichts gespeichert. Verwenden Sie einen kürzeren Namen, eine kürzere E-Mail-Adresse oder ein kürzeres Passwort.
error-unsupported_media_type = Die Anfrage konnte nicht gelesen werden
    .detail = Senden Sie application/json oder, wo es ein Formular gibt, application/x-www-form-urlencoded, in UTF-8.
    .advice = Das Formular ist nicht richtig angekommen und es wurde nichts gespeichert. Öffnen Sie die Seite noch einmal und füllen Sie das Formular neu aus.
error-misdirected_request = Das ist nicht die Adresse dieses Dienstes
    .detail = Senden Sie Anfragen an den Host aus PUBLIC_URL, oder nennen Sie diesen in ALLOWED_HOSTS.
    .advice = Verwenden Sie die Adresse, die Sie vom Betreiber dieses Dienstes erhalten haben.
error-too_many_requests = Das waren zu viele Versuche
    .detail = Zu viele Versuche. Es wurde nichts gespeichert. Versuchen Sie es in { $minutes ->
        [1] einer Minute
       *[other] { $minutes } Minuten
    } noch einmal.
    .advice = Es wurde nichts gespeichert. Versuchen Sie es in { $minutes ->
        [1] einer Minute
       *[other] { $minutes } Minuten
    } noch einmal.
    .notice = Das waren zu viele Versuche. Es wurde nichts gespeichert. Versuchen Sie es in { $minutes ->
        [1] einer Minute
       *[other] { $minutes } Minuten
    } noch einmal. Ihr Passwort merken wir uns nicht, geben Sie es also erneut ein.
error-busy = Bei uns ist gerade viel los
    .detail = Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
    .advice = Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
    .notice = Bei uns ist gerade viel los. Es wurde nichts gespeichert. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal. Ihr Passwort merken wir uns nicht, geben Sie es also erneut ein.
error-outcome_unknown = Wir wissen nicht, ob gespeichert wurde
    .detail = Es kam rechtzeitig keine Antwort; vielleicht wurde gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal.
    .advice = Vielleicht wurden Ihre Angaben gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal.
    .notice = Wir wissen nicht, ob gespeichert wurde. Vielleicht wurden Ihre Angaben gespeichert, vielleicht nicht. Versuchen Sie es in ein paar Sekunden noch einmal. Ihr Passwort merken wir uns nicht, geben Sie es also erneut ein.
error-incorrect_credentials = Die Anmeldung hat nicht geklappt
    .detail = E-Mail-Adresse oder Passwort falsch
    .advice = Prüfen Sie die E-Mail-Adresse oder den Benutzernamen und das Passwort und versuchen Sie es dann noch einmal.
error-mail_off = Dieser Dienst kann keine E-Mails senden
    .detail = Es ist kein Mailserver eingerichtet, deshalb wurde nichts gesendet. Wenden Sie sich an den Betreiber dieses Dienstes.
    .advice = Es ist kein Mailserver eingerichtet, deshalb wurde nichts gesendet. Wenden Sie sich an den Betreiber dieses Dienstes.
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

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $brand }
mail-confirm-new-email-heading = Bestätigen Sie Ihre neue E-Mail-Adresse
mail-confirm-new-email-why = Jemand, höchstwahrscheinlich Sie selbst, möchte diese E-Mail-Adresse für ein Konto bei { $brand } verwenden.
mail-confirm-new-email-action = Adresse bestätigen
mail-confirm-new-email-expiry = Der Link gilt { $hours } Stunden. Erst wenn Sie ihn öffnen, ändert sich etwas.
mail-confirm-new-email-not-you = Das waren Sie nicht? Dann brauchen Sie nichts zu tun: Ohne diese Bestätigung wird die Adresse nicht verwendet.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = Ihr Konto bei { $brand } wurde gelöscht
mail-account-deleted-heading = Ihr Konto wurde gelöscht
mail-account-deleted-what = Ihr Konto bei { $brand } wurde am { $time } gelöscht. An diese Adresse wird nichts mehr gesendet.
mail-account-deleted-not-you = Das waren Sie nicht? Benachrichtigen Sie sofort den Betreiber dieses Dienstes.
