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

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Account created
welcome-heading = Your account is ready
# { $address } is the email address.
welcome-made-for = It was made for { $address }.
welcome-close = You can close this page.
welcome-sign-in = Sign in

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
verify-link-heading = Confirm that { $address } is yours
verify-done-title = Email address confirmed
verify-done = { $address } is confirmed. You can close this page.
verify-dead-title = This link no longer works
verify-dead = { $reason ->
    [used] It was used before. If that was you, your address is confirmed.
    [replaced] A newer email was sent since. Open the link in that one.
   *[expired] Links work for { $hours } hours. Have a new one sent.
}

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
code_wrong = This is not the code we sent. Check it, or have a new one sent.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = Email already registered
taken-username = Username already registered
taken-user-email = User email is already registered.
# Titles of problem documents (RFC 9457).
problem-taken = There is already an account
problem-input = The input was not accepted

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = The request could not be read
    .detail = The body is not JSON or no object, or a member is given twice or has the wrong type.
    .advice = The form did not arrive as it should, and nothing was saved. Open the sign-up page and fill it in again.
error-malformed_host = The request could not be read
    .detail = Send exactly one Host header.
    .advice = Use the address that the operator of this service gave you.
error-cross_site = This form came from another site
    .detail = Nothing was saved. Send forms from this service's own page.
    .advice = Nothing was saved. Open the sign-up page on this site and fill in the form there.
error-not_found = Page not found
    .detail = Nothing is at this address. Check that it is typed or copied in full.
    .advice = Nothing is at this address. Check that it is typed or copied in full.
error-method_not_allowed = This page cannot be used like that
    .detail = This address does not take that method. The Allow header lists those it takes.
    .advice = Nothing was saved. Go to the sign-up page and start there.
error-request_timeout = The request took too long to arrive
    .detail = Nothing was saved. Check the connection and send it again.
    .advice = Nothing was saved. Check your connection and send the form again.
error-body_too_large = That was more than fits in the form
    .detail = Nothing was saved. Send 16 KiB or less.
    .advice = Nothing was saved. Use a shorter name, email address or password.
error-unsupported_media_type = The request could not be read
    .detail = Send application/json, or where there is a form application/x-www-form-urlencoded, in UTF-8.
    .advice = The form did not arrive as it should, and nothing was saved. Open the sign-up page and fill it in again.
error-misdirected_request = This is not the address of this service
    .detail = Send requests to the host of PUBLIC_URL.
    .advice = Use the address that the operator of this service gave you.
# .notice stands above the form that comes back: /_gallery/register/busy
error-busy = We are busy right now
    .detail = Nothing was saved. Wait a few seconds, then try again.
    .advice = Nothing was saved. Wait a few seconds, then try again.
    .notice = We are busy right now. Nothing was saved. Wait a few seconds, then try again. Your password is not kept, so enter it again.
error-outcome_unknown = We could not tell whether it was saved
    .detail = The database stopped answering, so it may have been saved or not. Try again in a few seconds.
    .advice = It may have been saved or not. Try again in a few seconds.
    .notice = We could not tell whether it was saved. It may have been saved or not. Try again in a few seconds. Your password is not kept, so enter it again.
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
