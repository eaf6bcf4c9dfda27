# Every word of Vestibule, in English, the language the others are made from.
#
# Written in Fluent (https://projectfluent.org): `key = text`, `{ $name }` is filled in, a line that begins with spaces
# goes on with the text above. A message's comment says where it is seen; /_gallery (ENVIRONMENT=local) shows it there.
# Say what to do. Leave out "invalid", "please", "sorry", "oops", "required", "forbidden".

## Every page

# Title of the browser's tab when the form came back. Seen at /_gallery/register/all-missing.
title-with-error = Error: { $title }
# Read by screen readers before the error at a field.
error-prefix = Error:
# Heading above the list of errors.
summary-heading = There is a problem
# Beside the label of a field that may be left empty.
field-optional = (optional)
# On the button beside a password, and what screen readers say of it.
password-show = Show
    .label = Show password
    .status = Your password is shown
password-hide = Hide
    .label = Hide password
    .status = Your password is hidden
# Names of the two groups of links at the foot of every page, for screen readers.
languages-label = Language
links-label = About this site
# Links at the foot of every page; an operator chooses which are there.
link-home = Home page
link-terms = Terms of service
link-privacy = Privacy
link-imprint = Legal notice
link-support = Contact support

## The sign-up page: /_gallery/register/empty

register-title = Create an account
register-action = Create account
register-full-name = Full name
register-email = Email address
register-password = Create a password
register-password-hint = { $min ->
    [1] Any length will do; a few unrelated words are easy to remember and hard to guess.
   *[other] { $min } characters or more. A few unrelated words are easy to remember and hard to guess.
}
# A checkbox, where the operator asks for consent, and the link below it.
register-terms = I accept the terms of service
register-terms-link = Read the terms of service
# Below the form, where the operator has a sign-in page.
register-have-account = Already have an account?
register-sign-in = Sign in
# On an input that nobody sees but programs, and readers of pages without styles.
register-leave-empty = Leave this field empty

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

# Above the form: why it came back.
proof-asked = We need one more check before we create the account. Nothing was saved yet. Your password is not kept, so enter it again, then send the form once more.
proof-expired = The check was too old or for another email address, so here is a new one. Nothing was saved yet. Your password is not kept, so enter it again, then send the form once more.
proof-failed = The check did not come out right, so here is a new one. Nothing was saved yet. Your password is not kept, so enter it again, then send the form once more.
# Without JavaScript, where no mail can be sent.
proof-unanswered = Your browser did not do the check, and we cannot send you an email instead. Nothing was saved. Turn JavaScript on and send the form again, or try again later.
# Any form, where the limit for everybody together is reached
proof-crowd = Very many people are here just now, so we need one more check. Nothing was saved yet. Send the form again once your browser has done it; if it has a password, enter that again.
# In a box above the button. The first two are seen without JavaScript alone; the others follow one another.
proof-by-mail = Send the form again, and we will email you a code. Your account opens once you have entered it.
proof-needs-script = This check needs JavaScript. Turn it on and send the form again, or try again later.
proof-working = Your browser is doing a short calculation. You can go on typing.
proof-waiting = The check is still running. The form is sent by itself when it is done.
proof-done = The check is done. You can send the form.
# On the button, while the form waits to be sent.
proof-wait = One moment…
# Read aloud.
proof-progress = Progress of the check

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Account created
welcome-heading = Your account is ready
# { $address } is the email address.
welcome-made-for = It was made for { $address }.
welcome-close = You can close this page.
welcome-sign-in = Sign in
# To somebody who is signed in already: /_gallery/welcome/signed-in
welcome-account = Go to your account
# Where the address is still to be confirmed: /_gallery/welcome/confirms
welcome-confirm = We sent an email to confirm the address.
welcome-confirm-link = Confirm it now

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = Confirm your email address
verify-sent = We sent a link and a code to { $address }.
verify-either = Open the link, or enter the code here. The code works for { $minutes ->
    [1] one minute
   *[other] { $minutes } minutes
}.
verify-code = Code from the email
verify-code-hint = 6 digits
verify-action = Confirm address
verify-not-there = Nothing there? Look in the spam folder, or have it sent again.
verify-resend = Send it again
# Said once a new mail is on its way.
verify-resent = We sent a new email. Only the newest link and code work.
# The page that a link leads to: it confirms nothing until the button is used.
verify-link-heading = Confirm that { $address } is yours.
# Where the password is asked for as well: /_gallery/verify_link/password
verify-password-hint = The password that was chosen when the account was created: so nobody can make you confirm an account of theirs.
verify-unknown-password = You do not know it?
verify-new-password = Choose a new password
verify-done-title = Email address confirmed
verify-done = { $address } is confirmed. You can close this page.
verify-dead-title = This link no longer works
verify-dead = { $reason ->
    [used] It was used before. If that was you, your address is confirmed.
    [replaced] A newer email was sent since. Open the link in that one.
   *[expired] Links work for { $hours } hours. Have a new one sent.
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = Have the email sent again
resend-explain = Enter the email address you signed up with, and we send the link that confirms it once more.
# The page after that, whether or not there is such an account: /_gallery/notice/resent
resend-sent-title = Look in your inbox
resend-sent = If { $address } is still to be confirmed, an email with a link is on its way. It can take a few minutes. Nothing there? Look in the spam folder, and check that the address is right.
# Instead of the form where the service sends no mail: /_gallery/resend/no-mail, /_gallery/forgot_password/no-mail
no-mail = This service cannot send mail, so it cannot be done here.
# { $support } is an email address.
no-mail-support = Write to { $support }.
no-mail-ask = Ask the people who run this service.

## The page to sign in: /_gallery/login/empty

login-title = Sign in
login-action = Sign in
login-identifier = Email address or username
login-password = Password
# Above the form. It does not tell which of the two is wrong.
login-wrong = The email address or username, or the password, is not right. Check both, then try again.
# Below the form: /_gallery/login/furnished
login-forgot = Forgot your password?
login-not-there = Did not get the email that confirms your address?
login-resend = Have it sent again
login-no-account = No account yet?
login-register = Create an account

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = Forgot your password?
forgot-explain = Enter the email address of your account, and we send a link to choose a new password. An account made with a username alone has no address, so this does not work for it.
forgot-action = Send the link
# The page after that, whether or not there is such an account: /_gallery/notice/forgot-sent
forgot-sent-title = Look in your inbox
forgot-sent = If there is an account for { $address }, an email with a link is on its way. It can take a few minutes. Nothing there? Look in the spam folder, and check that the address is right.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = Choose a new password
reset-for = It is for the account of { $address }.
reset-signs-out = You will be signed out everywhere.
reset-password = New password
reset-action = Change password
reset-done-title = Password changed
reset-done = You were signed out everywhere. Sign in with your new password.
reset-dead-title = This link no longer works
reset-dead = { $reason ->
    [used] It was used before. To choose another password, have a new link sent.
    [replaced] A newer email was sent since. Open the link in that one.
   *[expired] Links to choose a new password work for { $minutes } minutes. Have a new one sent.
}
forgot-again = Have a new link sent
reset-cookies-title = Turn on cookies
reset-cookies = This page needs a cookie to go on. Turn on cookies for this site, then open the link in the email again.

## The page of somebody's own account: /_gallery/account/furnished

account-title = Your account
# { $account } is an email address or a username.
account-signed-in = You are signed in as { $account }.
account-sign-out = Sign out
account-profile = Profile
account-username = Your username is { $username }.
account-profile-action = Save
account-email = Email address
account-email-confirmed = { $address } is confirmed.
account-email-unconfirmed = { $address } is not confirmed yet.
account-email-confirm = Confirm it now
account-email-none = Your account has no email address: if you forget your password, nobody can help you back in.
account-email-add = Add an address, and you can have a link for a new password sent there.
account-email-pending = { $address } becomes the address of your account when you open the link that we sent there.
account-email-new = New email address
account-email-hint = We send a link there. Nothing changes until you open it.
account-email-action = Send the link
account-email-no-mail = This service cannot send mail, so the address cannot be changed here.
# At each form that changes something that matters.
account-current-password = Current password
account-password = Password
account-password-what = When you change it, you stay signed in here and are signed out everywhere else.
account-sessions = Where you are signed in
# The place where the page is shown.
account-session-current = This one
account-session-token = A program with an access token
account-device-unknown = Unknown device
# { $time } is a date and a time in UTC.
account-session-since = Signed in on { $time }
account-session-seen = Last seen on { $time }
# { $peer } is a network address, such as 192.0.2.7.
account-peer = Network address { $peer }
account-sign-out-others = Sign out everywhere else
account-activity = What happened
account-activity-none = Nothing so far.
# Beside what somebody tried in vain.
account-activity-failed = Not successful
account-data = Your data
account-data-what = What this service keeps about you, in one file.
account-data-link = Download your data
account-delete = Delete your account
account-delete-what = Your account is deleted at once, with your name, your address and your password, and you are signed out everywhere. Nobody can bring it back. The log of what happened to it is kept until its time is over.
account-delete-confirm = Delete my account for good
account-delete-action = Delete account
# Above everything else, once it is done. Seen at /_gallery/account/saved-profile and its neighbours.
account-saved-profile = Your profile is saved.
account-saved-email = We sent an email to { $address }. Open the link in it to change the address.
account-saved-password = Your password is changed. You were signed out everywhere else.
account-saved-session = It is signed out there.
account-saved-sessions = You are signed out everywhere else.
# The pages that are seen after a change: /_gallery/notice/email-changed and its neighbours.
email-changed-title = Email address changed
email-changed-done = { $address } is now the address of your account.
email-taken-title = This address has an account
email-taken-now = Somebody created an account with { $address } in the meantime, so the address of yours was not changed. Use a different one.
account-deleted-title = Account deleted
account-deleted = Your account was deleted. You can close this page.
# Links on such pages.
notice-sign-in = Sign in
notice-account = Go to your account

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = Account created
# Somebody signed up with the address of an account that was there already.
activity-account_claimed = Somebody signed up with this email address again
activity-email_verified = Email address confirmed
activity-login = Signed in
activity-login_failed = Somebody tried to sign in
activity-logout = Signed out
activity-session_revoked = Signed out from another place
activity-password_reset_requested = Link for a new password asked for
activity-password_reset = New password chosen by a link
activity-password_changed = Password changed
# At any form that asks for the current password.
activity-password_change_failed = A wrong current password was entered
activity-email_change_requested = New email address entered
activity-email_changed = Email address changed
activity-profile_changed = Profile changed
activity-data_exported = Data downloaded

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = Enter a full name.
full_name_too_short = Full name must be { $min } characters or more.
full_name_too_long = Full name must be { $max } characters or fewer.
full_name_format = Full name must not contain control characters.
email_missing = Enter an email address.
email_format = Enter an email address in the correct format, like name@example.com.
email_too_long = Email address must be { $max } characters or fewer.
email_taken = There is already an account with this email address. If you have just made it, you are done; otherwise enter a different one.
username_missing = Enter a username.
username_format = Username must start with a letter from a to z or a digit, and use only those and “.”, “_” and “-”.
username_too_long = Username must be { $max } characters or fewer.
username_reserved = This username is kept for the service itself. Enter a different one.
username_taken = There is already an account with this username. Enter a different one.
password_missing = Enter a password.
password_nul = Password must not contain the character U+0000.
password_too_short = { $min ->
    [1] Password must be 1 character or more.
   *[other] Password must be { $min } characters or more.
}
password_too_long = Password must be { $max } characters or fewer.
password_common = This password is easy to guess. Use a longer one or a few unrelated words.
# { $identifier } is "email" or "username", whichever the account is named by.
password_like_identifier = { $identifier ->
    [username] Password must not be made of your username. Use a few unrelated words.
   *[email] Password must not be made of your email address. Use a few unrelated words.
}
terms_missing = Accept the terms of service to create an account.
code_missing = Enter the code from the email.
code_format = Enter the 6 digits of the code.
code_wrong = This is not the code we sent, or it no longer works. Check it, or have a new one sent.
identifier_missing = Enter your email address or username.
# At a link that was opened from a mail; see also account-current-password.
password_wrong = This is not the password of this account. Check it, then try again.
current_password_missing = Enter your current password.
current_password_wrong = This is not your current password. Check it, then try again.
confirm_missing = Tick the box to delete your account.
# What a link in a mail holds; programs send it by itself.
token_missing = Open the link in the email in full.
token_expired = This link no longer works. Have a new one sent.
token_used = This link was used before. Have a new one sent.
token_replaced = A newer email was sent since. Open the link in that one.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = Email already registered
taken-username = Username already registered
taken-user-email = User email is already registered.
# Said whether or not there is an account, so they must not tell.
check-inbox = Check the inbox of this address: we sent an email.
forgot-accepted = If there is an account for this address, an email with a link to choose a new password is on its way.
resend-accepted = If this address is still to be confirmed, an email with a new link is on its way.
# Titles of problem documents (RFC 9457).
problem-taken = There is already an account
problem-input = The input was not accepted

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = The request could not be read
    .detail = The body is not JSON or no object, or a member is given twice or has the wrong type.
    .advice = The form did not arrive as it should, and nothing was saved. Open the page again and fill it in anew.
error-malformed_host = The request could not be read
    .detail = Send exactly one Host header.
    .advice = Use the address that the operator of this service gave you.
error-cross_site = This form came from another site
    .detail = Nothing was saved. Send forms from this service's own page.
    .advice = Nothing was saved. Open the page on this site and fill in the form there.
# The .detail is fixed in English too.
error-unauthenticated = You are not signed in
    .detail = Not authenticated
    .advice = Sign in, then try again.
error-not_found = Page not found
    .detail = Nothing is at this address. Check that it is typed or copied in full.
    .advice = Nothing is at this address. Check that it is typed or copied in full.
error-method_not_allowed = This page cannot be used like that
    .detail = This address does not take that method. The Allow header lists those it takes.
    .advice = Nothing was saved. Go to the sign-up page and start there.
error-request_timeout = The request took too long to arrive
    .detail = Nothing was saved. Check the connection and send it again.
    .advice = Nothing was saved. Check your connection and send the form again.
error-uri_too_long = That address is too long
    .detail = Nothing was done. Use an address of 8 KiB or less.
    .advice = Nothing was done. Check the link you followed, or type the address again.
error-body_too_large = That was more than fits in the form
    .detail = Nothing was saved. Send 16 KiB or less.
    .advice = Nothing was saved. Use a shorter name, email address or password.
error-unsupported_media_type = The request could not be read
    .detail = Send application/json, or where there is a form application/x-www-form-urlencoded, in UTF-8.
    .advice = The form did not arrive as it should, and nothing was saved. Open the page again and fill it in anew.
error-misdirected_request = This is not the address of this service
    .detail = Send requests to the host of PUBLIC_URL, or name this one in ALLOWED_HOSTS.
    .advice = Use the address that the operator of this service gave you.
# .notice stands above the form that comes back: /_gallery/login/too_many_requests
error-too_many_requests = That was too many tries
    .detail = Too many tries. Nothing was saved. Try again in { $minutes ->
        [1] one minute
       *[other] { $minutes } minutes
    }.
    .advice = Nothing was saved. Try again in { $minutes ->
        [1] one minute
       *[other] { $minutes } minutes
    }.
    .notice = That was too many tries. Nothing was saved. Try again in { $minutes ->
        [1] one minute
       *[other] { $minutes } minutes
    }. Your password is not kept, so enter it again.
# .notice stands above the form that comes back: /_gallery/register/busy
error-busy = We are busy right now
    .detail = Nothing was saved. Wait a few seconds, then try again.
    .advice = Nothing was saved. Wait a few seconds, then try again.
    .notice = We are busy right now. Nothing was saved. Wait a few seconds, then try again. Your password is not kept, so enter it again.
error-outcome_unknown = We could not tell whether it was saved
    .detail = No answer came in time, so it may have been saved or not. Try again in a few seconds.
    .advice = It may have been saved or not. Try again in a few seconds.
    .notice = We could not tell whether it was saved. It may have been saved or not. Try again in a few seconds. Your password is not kept, so enter it again.
# A login that was refused; the .detail is fixed in English.
error-incorrect_credentials = You could not be signed in
    .detail = Incorrect email or password
    .advice = Check the email address or username and the password, then try again.
error-mail_off = This service cannot send mail
    .detail = The operator has set no mail server, so nothing was sent. Write to the people who run this service.
    .advice = It has no mail server, so nothing was sent. Write to the people who run it.
error-starting = We will be there in a moment
    .detail = The service is starting. Try again in a few seconds.
    .advice = The service is starting. Try again in a few seconds.
error-internal_error = Something went wrong on our side
    .detail = Nothing you sent was the cause. Try again; if it happens again, tell the operator the request id.
    .advice = Nothing you typed was the cause. Try again; if it happens again, tell the operator this reference.
error-page-reference = Reference: { $reference }
error-page-back = Go to the sign-up page

# Why a body could not be read; for programs. { $name } is a member of the JSON object.
body-member-text = The member "{ $name }" must be text.
body-member-boolean = The member "{ $name }" must be true or false.
body-member-twice = A member is given twice.
body-no-object = The body must be a JSON object.
body-not-json = The body is not JSON: reading stopped at line { $line }, column { $column }.
body-not-utf8 = The form is not in UTF-8.
body-ended-early = The body ended early.

## Every mail

# At the foot; { $brand } is the name of the service.
mail-from = Sent by { $brand }
mail-support = Questions? Write to { $support }.
# Above the address in full, for mail programs that show no buttons.
mail-link-as-text = If the button does not work, open this address:

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } is your code for { $brand }
mail-verify-email-heading = Confirm your email address
mail-verify-email-why = Somebody, most likely you, created an account at { $brand } with this email address.
mail-verify-email-action = Confirm address
mail-verify-email-code = Or enter this code on the page where you signed up:
mail-verify-email-expiry = The link works for { $hours } hours, the code for { $minutes } minutes.
mail-verify-email-not-you = That was not you? Then do nothing: without this confirmation the address is not used.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = You already have an account at { $brand }
mail-account-exists-heading = You already have an account
mail-account-exists-why = Somebody, most likely you, tried to create an account at { $brand } with this email address. It has one already, and nothing was changed.
mail-account-exists-action = Choose a new password
mail-account-exists-hint = If you know your password, sign in with it. If not, choose a new one.
mail-account-exists-not-you = That was not you? Then do nothing.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = Choose a new password for { $brand }
mail-reset-password-heading = Choose a new password
mail-reset-password-why = Somebody, most likely you, said that the password of your account at { $brand } is forgotten.
mail-reset-password-action = Choose a new password
mail-reset-password-expiry = The link works once, for { $minutes } minutes. Your old password works until you choose a new one.
mail-reset-password-not-you = That was not you? Then do nothing: your password stays as it is.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = Your password at { $brand } was changed
mail-password-changed-heading = Your password was changed
# { $time } is a date and a time in UTC.
mail-password-changed-what = The password of your account at { $brand } was changed on { $time }. You were signed out everywhere else.
mail-password-changed-not-you = That was not you? Choose a new password at once, then look through your account.
mail-password-changed-action = Choose a new password

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = Your email address at { $brand } was changed
mail-email-changed-heading = Your email address was changed
# { $address } is the new email address, with most of its letters hidden.
mail-email-changed-what = On { $time } the email address of your account at { $brand } was changed to { $address }. Nothing more is sent to this one.
mail-email-changed-not-you = That was not you? Then tell the people who run this service at once.

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = Confirm your new email address for { $brand }
mail-confirm-new-email-heading = Confirm your new email address
mail-confirm-new-email-why = Somebody, most likely you, wants to use this email address for an account at { $brand }.
mail-confirm-new-email-action = Confirm address
mail-confirm-new-email-expiry = The link works for { $hours } hours. Nothing changes until you open it.
mail-confirm-new-email-not-you = That was not you? Then do nothing: without this confirmation the address is not used.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = Your account at { $brand } was deleted
mail-account-deleted-heading = Your account was deleted
mail-account-deleted-what = Your account at { $brand } was deleted on { $time }. Nothing more is sent to this address.
mail-account-deleted-not-you = That was not you? Then tell the people who run this service at once.
