# Vestibule in French. See en.ftl for where each text is seen.

## Every page

title-with-error = Erreur : { $title }
error-prefix = Erreur :
summary-heading = Il y a un problème
field-optional = (facultatif)
password-show = Afficher
    .label = Afficher le mot de passe
    .status = Votre mot de passe est affiché
password-hide = Masquer
    .label = Masquer le mot de passe
    .status = Votre mot de passe est masqué
languages-label = Langue
links-label = À propos de ce site
link-home = Accueil
link-terms = Conditions d’utilisation
link-privacy = Confidentialité
link-imprint = Mentions légales
link-support = Contacter l’assistance

## The sign-up page: /_gallery/register/empty

register-title = Créer un compte
register-action = Créer mon compte
register-full-name = Prénom et nom
register-email = Adresse e-mail
register-password = Choisissez un mot de passe
register-password-hint = { $min ->
    [1] Toutes les longueurs conviennent. Quelques mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.
   *[other] Au moins { $min } caractères. Quelques mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.
}
register-terms = J’accepte les conditions d’utilisation
register-terms-link = Lire les conditions d’utilisation
register-have-account = Vous avez déjà un compte ?
register-sign-in = Se connecter
register-leave-empty = Laissez ce champ vide

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = Une vérification de plus est nécessaire avant de créer le compte. Rien n’a encore été enregistré. Votre mot de passe n’est pas conservé : saisissez-le à nouveau, puis renvoyez le formulaire.
proof-expired = La vérification était trop ancienne ou destinée à une autre adresse e-mail ; en voici une nouvelle. Rien n’a encore été enregistré. Votre mot de passe n’est pas conservé : saisissez-le à nouveau, puis renvoyez le formulaire.
proof-failed = La vérification n’a pas abouti ; en voici une nouvelle. Rien n’a encore été enregistré. Votre mot de passe n’est pas conservé : saisissez-le à nouveau, puis renvoyez le formulaire.
proof-unanswered = Votre navigateur n’a pas fait la vérification, et nous ne pouvons pas vous envoyer d’e-mail à la place. Rien n’a été enregistré. Activez JavaScript et renvoyez le formulaire, ou réessayez plus tard.
proof-crowd = Il y a énormément de monde en ce moment, il nous faut donc une vérification de plus. Rien n’a encore été enregistré. Renvoyez le formulaire quand votre navigateur l’aura faite ; s’il contient un mot de passe, saisissez-le à nouveau.
proof-by-mail = Renvoyez le formulaire et nous vous enverrons un code par e-mail. Votre compte sera ouvert dès que vous l’aurez saisi.
proof-needs-script = Cette vérification a besoin de JavaScript. Activez-le et renvoyez le formulaire, ou réessayez plus tard.
proof-working = Votre navigateur fait un petit calcul. Vous pouvez continuer à écrire.
proof-waiting = La vérification est en cours. Le formulaire sera envoyé tout seul ensuite.
proof-done = La vérification est terminée. Vous pouvez envoyer le formulaire.
proof-wait = Un instant…
proof-progress = Avancement de la vérification

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Compte créé
welcome-heading = Votre compte est prêt
welcome-made-for = Il a été créé pour { $address }.
welcome-close = Vous pouvez fermer cette page.
welcome-sign-in = Se connecter
welcome-account = Accéder à votre compte
welcome-confirm = Nous avons envoyé un e-mail pour confirmer l’adresse.
welcome-confirm-link = Confirmer maintenant

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = Confirmez votre adresse e-mail
verify-sent = Nous avons envoyé un lien et un code à { $address }.
verify-either = Ouvrez le lien ou saisissez le code ici. Le code est valable { $minutes ->
    [1] une minute
   *[other] { $minutes } minutes
}.
verify-code = Code reçu par e-mail
verify-code-hint = 6 chiffres
verify-action = Confirmer l’adresse
verify-not-there = Rien reçu ? Regardez dans le dossier des courriers indésirables ou demandez un nouvel envoi.
verify-resend = Renvoyer l’e-mail
verify-resent = Nous avons envoyé un nouvel e-mail. Seuls le lien et le code qu’il contient fonctionnent désormais.
verify-link-heading = Confirmez que { $address } est bien votre adresse.
verify-password-hint = Le mot de passe choisi à la création du compte. Ainsi, personne ne peut vous faire confirmer un compte qui n’est pas le vôtre.
verify-unknown-password = Vous ne connaissez pas ce mot de passe ?
verify-new-password = Choisir un nouveau mot de passe
verify-done-title = Adresse e-mail confirmée
verify-done = L’adresse { $address } est confirmée. Vous pouvez fermer cette page.
verify-dead-title = Ce lien ne fonctionne plus
verify-dead = { $reason ->
    [used] Il a déjà été utilisé. Si c’est vous qui l’avez utilisé, votre adresse est confirmée.
    [replaced] Un e-mail plus récent a été envoyé depuis. Ouvrez le lien qu’il contient.
   *[expired] Un lien est valable { $hours } heures. Demandez-en un nouveau.
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = Recevoir à nouveau l’e-mail
resend-explain = Saisissez l’adresse e-mail utilisée pour créer votre compte : nous vous enverrons à nouveau le lien pour la confirmer.
resend-sent-title = Consultez votre boîte de réception
resend-sent = Si l’adresse { $address } reste à confirmer, un e-mail contenant un lien est en route. Il peut mettre quelques minutes à arriver. Rien reçu ? Regardez dans le dossier des courriers indésirables et vérifiez que l’adresse est correcte.
no-mail = Ce service ne peut pas envoyer d’e-mails : cette opération n’est donc pas possible ici.
no-mail-support = Écrivez à { $support }.
no-mail-ask = Adressez-vous au responsable de ce service.

## The page to sign in: /_gallery/login/empty

login-title = Se connecter
login-action = Se connecter
login-identifier = Adresse e-mail ou nom d’utilisateur
login-password = Mot de passe
login-wrong = L’adresse e-mail, le nom d’utilisateur ou le mot de passe n’est pas correct. Vérifiez votre saisie, puis réessayez.
login-forgot = Mot de passe oublié ?
login-not-there = Vous n’avez pas reçu l’e-mail pour confirmer votre adresse ?
login-resend = Demander un nouvel envoi
login-no-account = Pas encore de compte ?
login-register = Créer un compte

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = Mot de passe oublié ?
forgot-explain = Saisissez l’adresse e-mail de votre compte : nous vous enverrons un lien pour choisir un nouveau mot de passe. Cela ne fonctionne pas pour un compte créé avec un nom d’utilisateur seul, car il n’a pas d’adresse.
forgot-action = Envoyer le lien
forgot-sent-title = Consultez votre boîte de réception
forgot-sent = S’il existe un compte avec l’adresse { $address }, un e-mail contenant un lien est en route. Il peut mettre quelques minutes à arriver. Rien reçu ? Regardez dans le dossier des courriers indésirables et vérifiez que l’adresse est correcte.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = Choisissez un nouveau mot de passe
reset-for = Il servira pour le compte { $address }.
reset-signs-out = Toutes vos sessions seront fermées.
reset-password = Nouveau mot de passe
reset-action = Modifier le mot de passe
reset-done-title = Mot de passe modifié
reset-done = Toutes vos sessions ont été fermées. Connectez-vous avec votre nouveau mot de passe.
reset-dead-title = Ce lien ne fonctionne plus
reset-dead = { $reason ->
    [used] Il a déjà été utilisé. Pour choisir un autre mot de passe, demandez un nouveau lien.
    [replaced] Un e-mail plus récent a été envoyé depuis. Ouvrez le lien qu’il contient.
   *[expired] Un lien pour choisir un nouveau mot de passe est valable { $minutes } minutes. Demandez-en un nouveau.
}
forgot-again = Demander un nouveau lien
reset-cookies-title = Autorisez les cookies
reset-cookies = Cette page a besoin d’un cookie pour continuer. Autorisez les cookies pour ce site, puis ouvrez à nouveau le lien reçu par e-mail.

## The page of somebody's own account: /_gallery/account/furnished

account-title = Votre compte
account-signed-in = Vous utilisez le compte { $account }.
account-sign-out = Se déconnecter
account-profile = Profil
account-username = Votre nom d’utilisateur est { $username }.
account-profile-action = Enregistrer
account-email = Adresse e-mail
account-email-confirmed = L’adresse { $address } est confirmée.
account-email-unconfirmed = L’adresse { $address } n’est pas encore confirmée.
account-email-confirm = Confirmer maintenant
account-email-none = Votre compte n’a pas d’adresse e-mail : si vous oubliez votre mot de passe, personne ne pourra vous y redonner accès.
account-email-add = Ajoutez une adresse : vous pourrez y recevoir un lien pour choisir un nouveau mot de passe.
account-email-pending = { $address } deviendra l’adresse de votre compte quand vous ouvrirez le lien que nous y avons envoyé.
account-email-new = Nouvelle adresse e-mail
account-email-hint = Nous y enverrons un lien. Rien ne change tant que vous ne l’avez pas ouvert.
account-email-action = Envoyer le lien
account-email-no-mail = Ce service ne peut pas envoyer d’e-mails : l’adresse ne peut donc pas être modifiée ici.
account-current-password = Mot de passe actuel
account-password = Mot de passe
account-password-what = Si vous le modifiez, cette session reste ouverte et toutes les autres sont fermées.
account-sessions = Vos sessions ouvertes
account-session-current = Cette session
account-session-token = Programme avec jeton d’accès
account-device-unknown = Appareil inconnu
account-session-since = Connexion le { $time }
account-session-seen = Dernière activité le { $time }
account-peer = Adresse réseau { $peer }
account-sign-out-others = Se déconnecter partout ailleurs
account-activity = Activité du compte
account-activity-none = Rien pour l’instant.
account-activity-failed = Sans succès
account-data = Vos données
account-data-what = Ce que ce service conserve à votre sujet, dans un seul fichier.
account-data-link = Télécharger mes données
account-delete = Supprimer votre compte
account-delete-what = Votre compte est supprimé immédiatement, avec votre nom, votre adresse et votre mot de passe, et toutes vos sessions sont fermées. Personne ne pourra le rétablir. Le journal de son activité est gardé jusqu’à la fin de la durée de conservation.
account-delete-confirm = Supprimer définitivement mon compte
account-delete-action = Supprimer mon compte
account-saved-profile = Votre profil est enregistré.
account-saved-email = Nous avons envoyé un e-mail à { $address }. Ouvrez le lien qu’il contient pour changer d’adresse.
account-saved-password = Votre mot de passe a été modifié. Toutes vos autres sessions ont été fermées.
account-saved-session = La session a été fermée.
account-saved-sessions = Toutes vos autres sessions ont été fermées.
email-changed-title = Adresse e-mail modifiée
email-changed-done = { $address } est maintenant l’adresse de votre compte.
email-taken-title = Il existe déjà un compte avec cette adresse
email-taken-now = Entre-temps, quelqu’un a créé un compte avec l’adresse { $address } : celle de votre compte n’a donc pas été modifiée. Utilisez une autre adresse.
account-deleted-title = Compte supprimé
account-deleted = Votre compte a été supprimé. Vous pouvez fermer cette page.
notice-sign-in = Se connecter
notice-account = Accéder à votre compte

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = Compte créé
activity-account_claimed = Nouvelle inscription avec cette adresse e-mail
activity-email_verified = Adresse e-mail confirmée
activity-login = Connexion
activity-login_failed = Tentative de connexion
activity-logout = Déconnexion
activity-session_revoked = Session fermée à distance
activity-password_reset_requested = Demande d’un lien pour un nouveau mot de passe
activity-password_reset = Nouveau mot de passe choisi à partir d’un lien
activity-password_changed = Mot de passe modifié
activity-password_change_failed = Mot de passe actuel incorrect
activity-email_change_requested = Nouvelle adresse e-mail saisie
activity-email_changed = Adresse e-mail modifiée
activity-profile_changed = Profil modifié
activity-data_exported = Données téléchargées

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = Saisissez votre prénom et votre nom.
full_name_too_short = Le nom doit comporter au moins { $min } caractères.
full_name_too_long = Le nom ne doit pas dépasser { $max } caractères.
full_name_format = Le nom ne doit pas contenir de caractères de contrôle.
email_missing = Saisissez une adresse e-mail.
email_format = Saisissez une adresse e-mail au bon format, par exemple nom@example.com.
email_too_long = L’adresse e-mail ne doit pas dépasser { $max } caractères.
email_taken = Il existe déjà un compte avec cette adresse e-mail. Si vous venez de le créer, vous n’avez plus rien à faire ; sinon, saisissez une autre adresse.
username_missing = Saisissez un nom d’utilisateur.
username_format = Le nom d’utilisateur ne peut contenir que des lettres de a à z, des chiffres et les signes « . », « _ » et « - », et doit commencer par une lettre ou un chiffre.
username_too_long = Le nom d’utilisateur ne doit pas dépasser { $max } caractères.
username_reserved = Ce nom d’utilisateur est réservé au service. Saisissez-en un autre.
username_taken = Il existe déjà un compte avec ce nom d’utilisateur. Saisissez-en un autre.
password_missing = Saisissez un mot de passe.
password_nul = Le mot de passe ne doit pas contenir le caractère U+0000.
password_too_short = { $min ->
    [1] Le mot de passe doit comporter au moins 1 caractère.
   *[other] Le mot de passe doit comporter au moins { $min } caractères.
}
password_too_long = Le mot de passe ne doit pas dépasser { $max } caractères.
password_common = Ce mot de passe est facile à deviner. Choisissez-en un plus long ou quelques mots sans rapport entre eux.
password_like_identifier = { $identifier ->
    [username] Le mot de passe ne doit pas reprendre votre nom d’utilisateur. Choisissez quelques mots sans rapport entre eux.
   *[email] Le mot de passe ne doit pas reprendre votre adresse e-mail. Choisissez quelques mots sans rapport entre eux.
}
terms_missing = Acceptez les conditions d’utilisation pour créer un compte.
code_missing = Saisissez le code reçu par e-mail.
code_format = Saisissez les 6 chiffres du code.
code_wrong = Ce n’est pas le code que nous avons envoyé, ou il ne fonctionne plus. Vérifiez-le ou demandez-en un nouveau.
identifier_missing = Saisissez votre adresse e-mail ou votre nom d’utilisateur.
password_wrong = Ce n’est pas le mot de passe de ce compte. Vérifiez-le, puis réessayez.
current_password_missing = Saisissez votre mot de passe actuel.
current_password_wrong = Ce n’est pas votre mot de passe actuel. Vérifiez-le, puis réessayez.
confirm_missing = Cochez la case pour supprimer votre compte.
token_missing = Ouvrez le lien complet reçu par e-mail.
token_expired = Ce lien ne fonctionne plus. Demandez-en un nouveau.
token_used = Ce lien a déjà été utilisé. Demandez-en un nouveau.
token_replaced = Un e-mail plus récent a été envoyé depuis. Ouvrez le lien qu’il contient.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = L’adresse e-mail est déjà enregistrée
taken-username = Le nom d’utilisateur est déjà enregistré
taken-user-email = L’adresse e-mail de l’utilisateur est déjà enregistrée.
check-inbox = Consultez la boîte de réception de cette adresse : nous avons envoyé un e-mail.
forgot-accepted = S’il existe un compte avec cette adresse, un e-mail contenant un lien pour choisir un nouveau mot de passe est en route.
resend-accepted = Si cette adresse reste à confirmer, un e-mail contenant un nouveau lien est en route.
problem-taken = Un compte existe déjà
problem-input = Les données n’ont pas été acceptées

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = La demande n’a pas pu être lue
    .detail = Le corps n’est pas du JSON ou n’est pas un objet, ou bien un membre y figure deux fois ou n’a pas le bon type.
    .advice = Le formulaire n’est pas arrivé correctement et rien n’a été enregistré. Rouvrez la page et remplissez-le à nouveau.
error-malformed_host = La demande n’a pas pu être lue
    .detail = Envoyez un en-tête Host, et un seul.
    .advice = Utilisez l’adresse que le responsable de ce service vous a donnée.
error-cross_site = Ce formulaire vient d’un autre site
    .detail = Rien n’a été enregistré. Envoyez les formulaires depuis la page de ce service.
    .advice = Rien n’a été enregistré. Ouvrez la page sur ce site et remplissez-y le formulaire.
error-unauthenticated = Aucune session n’est ouverte
    .detail = Requête non authentifiée
    .advice = Connectez-vous, puis réessayez.
error-not_found = Page introuvable
    .detail = Il n’y a rien à cette adresse. Vérifiez qu’elle a été saisie ou copiée en entier.
    .advice = Il n’y a rien à cette adresse. Vérifiez qu’elle a été saisie ou copiée en entier.
error-method_not_allowed = Cette page ne s’utilise pas ainsi
    .detail = Cette adresse n’accepte pas cette méthode. L’en-tête Allow indique celles qu’elle accepte.
    .advice = Rien n’a été enregistré. Allez à la page d’inscription et commencez par là.
error-request_timeout = La demande a mis trop de temps à arriver
    .detail = Rien n’a été enregistré. Vérifiez la connexion et renvoyez la requête.
    .advice = Rien n’a été enregistré. Vérifiez votre connexion et renvoyez le formulaire.
error-uri_too_long = Cette adresse est trop longue
    .detail = Rien n’a été fait. Utilisez une adresse de 8 KiB au maximum.
    .advice = Rien n’a été fait. Vérifiez le lien que vous avez suivi, ou saisissez l’adresse à nouveau.
error-body_too_large = C’est trop long pour ce formulaire
    .detail = Rien n’a été enregistré. Envoyez 16 KiB au maximum.
    .advice = Rien n’a été enregistré. Utilisez un nom, une adresse e-mail ou un mot de passe plus court.
error-unsupported_media_type = La demande n’a pas pu être lue
    .detail = Envoyez application/json ou, là où il y a un formulaire, application/x-www-form-urlencoded, en UTF-8.
    .advice = Le formulaire n’est pas arrivé correctement et rien n’a été enregistré. Rouvrez la page et remplissez-le à nouveau.
error-misdirected_request = Ce n’est pas l’adresse de ce service
    .detail = Envoyez les requêtes à l’hôte de PUBLIC_URL, ou ajoutez celui-ci à ALLOWED_HOSTS.
    .advice = Utilisez l’adresse que le responsable de ce service vous a donnée.
error-too_many_requests = Il y a eu trop d’essais
    .detail = Trop d’essais. Rien n’a été enregistré. Réessayez dans { $minutes ->
        [1] une minute
       *[other] { $minutes } minutes
    }.
    .advice = Rien n’a été enregistré. Réessayez dans { $minutes ->
        [1] une minute
       *[other] { $minutes } minutes
    }.
    .notice = Il y a eu trop d’essais. Rien n’a été enregistré. Réessayez dans { $minutes ->
        [1] une minute
       *[other] { $minutes } minutes
    }. Votre mot de passe n’est pas conservé : saisissez-le à nouveau.
error-busy = Nous sommes très sollicités en ce moment
    .detail = Rien n’a été enregistré. Patientez quelques secondes, puis réessayez.
    .advice = Rien n’a été enregistré. Patientez quelques secondes, puis réessayez.
    .notice = Nous sommes très sollicités en ce moment. Rien n’a été enregistré. Patientez quelques secondes, puis réessayez. Votre mot de passe n’est pas conservé : saisissez-le à nouveau.
error-outcome_unknown = Nous ne savons pas si l’enregistrement a abouti
    .detail = Aucune réponse n’est arrivée à temps : l’enregistrement a peut-être abouti, peut-être pas. Réessayez dans quelques secondes.
    .advice = Vos données ont peut-être été enregistrées, peut-être pas. Réessayez dans quelques secondes.
    .notice = Nous ne savons pas si l’enregistrement a abouti. Vos données ont peut-être été enregistrées, peut-être pas. Réessayez dans quelques secondes. Votre mot de passe n’est pas conservé : saisissez-le à nouveau.
error-incorrect_credentials = La connexion n’a pas abouti
    .detail = Adresse e-mail ou mot de passe incorrect
    .advice = Vérifiez l’adresse e-mail ou le nom d’utilisateur, ainsi que le mot de passe, puis réessayez.
error-mail_off = Ce service ne peut pas envoyer d’e-mails
    .detail = Aucun serveur de messagerie n’est configuré : rien n’a donc été envoyé. Écrivez au responsable de ce service.
    .advice = Il n’a pas de serveur de messagerie : rien n’a donc été envoyé. Écrivez au responsable de ce service.
error-starting = Nous sommes à vous dans un instant
    .detail = Le service démarre. Réessayez dans quelques secondes.
    .advice = Le service démarre. Réessayez dans quelques secondes.
error-internal_error = Un problème est survenu de notre côté
    .detail = Votre requête n’est pas en cause. Réessayez ; si cela se reproduit, communiquez l’identifiant de la requête au responsable de ce service.
    .advice = Votre saisie n’est pas en cause. Réessayez ; si cela se reproduit, communiquez cette référence au responsable de ce service.
error-page-reference = Référence : { $reference }
error-page-back = Aller à la page d’inscription

body-member-text = Le membre « { $name } » doit être du texte.
body-member-boolean = Le membre « { $name } » doit valoir true ou false.
body-member-twice = Un membre figure deux fois.
body-no-object = Le corps doit être un objet JSON.
body-not-json = Le corps n’est pas du JSON : la lecture s’est arrêtée à la ligne { $line }, colonne { $column }.
body-not-utf8 = Le formulaire n’est pas en UTF-8.
body-ended-early = Le corps s’est terminé trop tôt.

## Every mail

mail-from = Envoyé par { $brand }
mail-support = Des questions ? Écrivez à { $support }.
mail-link-as-text = Si le bouton ne fonctionne pas, ouvrez cette adresse :

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } est votre code pour { $brand }
mail-verify-email-heading = Confirmez votre adresse e-mail
mail-verify-email-why = Quelqu’un, sans doute vous, a créé un compte { $brand } avec cette adresse e-mail.
mail-verify-email-action = Confirmer l’adresse
mail-verify-email-code = Ou saisissez ce code sur la page où vous avez créé votre compte :
mail-verify-email-expiry = Le lien est valable { $hours } heures, le code { $minutes } minutes.
mail-verify-email-not-you = Ce n’était pas vous ? Vous n’avez rien à faire : sans cette confirmation, l’adresse n’est pas utilisée.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = Vous avez déjà un compte { $brand }
mail-account-exists-heading = Vous avez déjà un compte
mail-account-exists-why = Quelqu’un, sans doute vous, a voulu créer un compte { $brand } avec cette adresse e-mail. Il en existe déjà un, et rien n’a été modifié.
mail-account-exists-action = Choisir un nouveau mot de passe
mail-account-exists-hint = Si vous connaissez votre mot de passe, utilisez-le pour vous connecter. Sinon, choisissez-en un nouveau.
mail-account-exists-not-you = Ce n’était pas vous ? Vous n’avez rien à faire.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = Choisissez un nouveau mot de passe pour { $brand }
mail-reset-password-heading = Choisissez un nouveau mot de passe
mail-reset-password-why = Quelqu’un, sans doute vous, a indiqué avoir oublié le mot de passe de votre compte { $brand }.
mail-reset-password-action = Choisir un nouveau mot de passe
mail-reset-password-expiry = Le lien fonctionne une seule fois, pendant { $minutes } minutes. Votre ancien mot de passe fonctionne jusqu’à ce que vous en choisissiez un nouveau.
mail-reset-password-not-you = Ce n’était pas vous ? Vous n’avez rien à faire : votre mot de passe reste le même.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = Votre mot de passe { $brand } a été modifié
mail-password-changed-heading = Votre mot de passe a été modifié
mail-password-changed-what = Le mot de passe de votre compte { $brand } a été modifié le { $time }. Toutes vos autres sessions ont été fermées.
mail-password-changed-not-you = Ce n’était pas vous ? Choisissez immédiatement un nouveau mot de passe, puis vérifiez votre compte.
mail-password-changed-action = Choisir un nouveau mot de passe

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = Votre adresse e-mail pour { $brand } a été modifiée
mail-email-changed-heading = Votre adresse e-mail a été modifiée
mail-email-changed-what = Le { $time }, l’adresse e-mail de votre compte { $brand } a été remplacée par { $address }. L’ancienne adresse ne recevra plus rien.
mail-email-changed-not-you = Ce n’était pas vous ? Prévenez immédiatement le responsable de ce service.

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = Confirmez votre nouvelle adresse e-mail pour { $brand }
mail-confirm-new-email-heading = Confirmez votre nouvelle adresse e-mail
mail-confirm-new-email-why = Quelqu’un, sans doute vous, souhaite utiliser cette adresse e-mail pour un compte { $brand }.
mail-confirm-new-email-action = Confirmer l’adresse
mail-confirm-new-email-expiry = Le lien est valable { $hours } heures. Rien ne change tant que vous ne l’avez pas ouvert.
mail-confirm-new-email-not-you = Ce n’était pas vous ? Vous n’avez rien à faire : sans cette confirmation, l’adresse n’est pas utilisée.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = Votre compte { $brand } a été supprimé
mail-account-deleted-heading = Votre compte a été supprimé
mail-account-deleted-what = Votre compte { $brand } a été supprimé le { $time }. Plus rien ne sera envoyé à cette adresse.
mail-account-deleted-not-you = Ce n’était pas vous ? Prévenez immédiatement le responsable de ce service.
