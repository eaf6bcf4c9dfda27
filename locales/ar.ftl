# Vestibule in Arabic. See en.ftl for where each text is seen.

## Every page

title-with-error = خطأ: { $title }
error-prefix = خطأ:
summary-heading = هناك مشكلة
field-optional = (اختياري)
password-show = إظهار
    .label = إظهار كلمة المرور
    .status = كلمة المرور ظاهرة
password-hide = إخفاء
    .label = إخفاء كلمة المرور
    .status = كلمة المرور مخفية
languages-label = اللغة
links-label = عن هذا الموقع
link-home = الصفحة الرئيسية
link-terms = شروط الخدمة
link-privacy = الخصوصية
link-imprint = الإشعار القانوني
link-support = التواصل مع الدعم

## The sign-up page: /_gallery/register/empty

register-title = إنشاء حساب
register-action = إنشاء الحساب
register-full-name = الاسم الكامل
register-email = البريد الإلكتروني
register-password = أنشئ كلمة مرور
register-password-hint = { $min ->
    [1] يمكنك اختيار أي طول؛ بضع كلمات لا رابط بينها يسهل تذكّرها ويصعب تخمينها.
    [two] حرفان أو أكثر. بضع كلمات لا رابط بينها يسهل تذكّرها ويصعب تخمينها.
    [few] { $min } أحرف أو أكثر. بضع كلمات لا رابط بينها يسهل تذكّرها ويصعب تخمينها.
    [many] { $min } حرفًا أو أكثر. بضع كلمات لا رابط بينها يسهل تذكّرها ويصعب تخمينها.
   *[other] { $min } حرف أو أكثر. بضع كلمات لا رابط بينها يسهل تذكّرها ويصعب تخمينها.
}
register-terms = أوافق على شروط الخدمة
register-terms-link = قراءة شروط الخدمة
register-have-account = لديك حساب بالفعل؟
register-sign-in = تسجيل الدخول
register-leave-empty = اترك هذا الحقل فارغًا

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = نحتاج إلى تحقق إضافي واحد قبل إنشاء الحساب. لم يُحفظ شيء بعد. لا نحتفظ بكلمة مرورك، فأدخلها من جديد ثم أرسل النموذج مرة أخرى.
proof-expired = كان التحقق قديمًا جدًا أو لبريد إلكتروني آخر، لذلك إليك تحققًا جديدًا. لم يُحفظ شيء بعد. لا نحتفظ بكلمة مرورك، فأدخلها من جديد ثم أرسل النموذج مرة أخرى.
proof-failed = لم ينجح التحقق، لذلك إليك تحققًا جديدًا. لم يُحفظ شيء بعد. لا نحتفظ بكلمة مرورك، فأدخلها من جديد ثم أرسل النموذج مرة أخرى.
proof-unanswered = لم يُجرِ متصفحك التحقق، ولا يمكننا إرسال رسالة إليك بدلًا منه. لم يُحفظ شيء. فعّل JavaScript وأرسل النموذج مرة أخرى، أو حاول لاحقًا.
proof-crowd = هناك عدد كبير جدًا من الأشخاص هنا الآن، لذا نحتاج إلى تحقّق إضافي. لم يُحفظ أي شيء بعد. أرسل النموذج مرة أخرى عندما ينتهي متصفحك منه؛ وإن كانت فيه كلمة مرور فأدخلها من جديد.
proof-by-mail = أرسل النموذج مرة أخرى وسنرسل إليك رمزًا بالبريد الإلكتروني. سيُفتح حسابك فور إدخاله.
proof-needs-script = يحتاج هذا التحقق إلى JavaScript. فعّله وأرسل النموذج مرة أخرى، أو حاول لاحقًا.
proof-working = يُجري متصفحك عملية حسابية قصيرة. يمكنك متابعة الكتابة.
proof-waiting = ما زال التحقق جاريًا. سيُرسل النموذج تلقائيًا عند انتهائه.
proof-done = انتهى التحقق. يمكنك إرسال النموذج.
proof-wait = يُرجى الانتظار…
proof-progress = تقدّم التحقق

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = تم إنشاء الحساب
welcome-heading = حسابك جاهز
welcome-made-for = أُنشئ الحساب بالبريد الإلكتروني { $address }.
welcome-close = يمكنك إغلاق هذه الصفحة.
welcome-sign-in = تسجيل الدخول
welcome-account = الانتقال إلى حسابك
welcome-confirm = أرسلنا رسالة لتأكيد هذا العنوان.
welcome-confirm-link = تأكيد العنوان الآن

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = أكّد بريدك الإلكتروني
verify-sent = أرسلنا رابطًا ورمزًا إلى { $address }.
verify-either = افتح الرابط أو أدخل الرمز هنا. يعمل الرمز لمدة { $minutes ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}.
verify-code = الرمز الوارد في الرسالة
verify-code-hint = 6 أرقام
verify-action = تأكيد البريد الإلكتروني
verify-not-there = لم تصلك الرسالة؟ ابحث عنها في مجلد الرسائل غير المرغوب فيها، أو اطلب إرسالها مرة أخرى.
verify-resend = إعادة الإرسال
verify-resent = أرسلنا رسالة جديدة. لا يعمل إلا أحدث رابط وأحدث رمز.
verify-link-heading = أكّد أن العنوان { $address } لك.
verify-password-hint = كلمة المرور التي اختيرت عند إنشاء الحساب، حتى لا يدفعك أحد إلى تأكيد حساب ليس لك.
verify-unknown-password = لا تعرف كلمة المرور؟
verify-new-password = اختيار كلمة مرور جديدة
verify-done-title = تم تأكيد البريد الإلكتروني
verify-done = تم تأكيد العنوان { $address }. يمكنك إغلاق هذه الصفحة.
verify-dead-title = لم يعد هذا الرابط يعمل
verify-dead = { $reason ->
    [used] سبق استخدام هذا الرابط. إن كنت أنت من استخدمه، فقد تم تأكيد عنوانك.
    [replaced] أرسلنا بعده رسالة أحدث. افتح الرابط الوارد فيها.
   *[expired] { $hours ->
        [one] يعمل الرابط لمدة ساعة واحدة. اطلب إرسال رابط جديد.
        [two] يعمل الرابط لمدة ساعتين. اطلب إرسال رابط جديد.
        [few] يعمل الرابط لمدة { $hours } ساعات. اطلب إرسال رابط جديد.
       *[other] يعمل الرابط لمدة { $hours } ساعة. اطلب إرسال رابط جديد.
    }
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = إعادة إرسال رسالة التأكيد
resend-explain = أدخل عنوان البريد الإلكتروني الذي أنشأت به حسابك، وسنرسل إليه رابط التأكيد مرة أخرى.
resend-sent-title = تحقق من بريدك الوارد
resend-sent = إذا لم يكن العنوان { $address } مؤكَّدًا بعد، فستصل إليه رسالة فيها رابط. قد يستغرق ذلك بضع دقائق. لم تصلك الرسالة؟ ابحث عنها في مجلد الرسائل غير المرغوب فيها، وتحقق من صحة العنوان.
no-mail = لا تستطيع هذه الخدمة إرسال رسائل البريد الإلكتروني، لذا لا يمكن إتمام ذلك هنا.
no-mail-support = راسلنا على { $support }.
no-mail-ask = تواصل مع إدارة هذه الخدمة.

## The page to sign in: /_gallery/login/empty

login-title = تسجيل الدخول
login-action = تسجيل الدخول
login-identifier = البريد الإلكتروني أو اسم المستخدم
login-password = كلمة المرور
login-wrong = هناك خطأ في البريد الإلكتروني أو اسم المستخدم، أو في كلمة المرور. تحقق من كليهما ثم حاول مرة أخرى.
login-forgot = نسيت كلمة المرور؟
login-not-there = لم تصلك رسالة تأكيد البريد الإلكتروني؟
login-resend = إعادة الإرسال
login-no-account = ليس لديك حساب بعد؟
login-register = إنشاء حساب

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = نسيت كلمة المرور؟
forgot-explain = أدخل عنوان البريد الإلكتروني لحسابك، وسنرسل إليه رابطًا لاختيار كلمة مرور جديدة. لا تصلح هذه الطريقة للحساب الذي أُنشئ باسم مستخدم فقط، إذ ليس له عنوان بريد.
forgot-action = إرسال الرابط
forgot-sent-title = تحقق من بريدك الوارد
forgot-sent = إذا كان هناك حساب بالعنوان { $address }، فستصل إليه رسالة فيها رابط. قد يستغرق ذلك بضع دقائق. لم تصلك الرسالة؟ ابحث عنها في مجلد الرسائل غير المرغوب فيها، وتحقق من صحة العنوان.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = اختر كلمة مرور جديدة
reset-for = كلمة المرور هذه للحساب المسجَّل بالعنوان { $address }.
reset-signs-out = سيتم تسجيل خروجك من جميع جلساتك.
reset-password = كلمة المرور الجديدة
reset-action = تغيير كلمة المرور
reset-done-title = تم تغيير كلمة المرور
reset-done = تم تسجيل خروجك من جميع جلساتك. سجّل الدخول بكلمة مرورك الجديدة.
reset-dead-title = لم يعد هذا الرابط يعمل
reset-dead = { $reason ->
    [used] سبق استخدام هذا الرابط. لاختيار كلمة مرور أخرى، اطلب إرسال رابط جديد.
    [replaced] أرسلنا بعده رسالة أحدث. افتح الرابط الوارد فيها.
   *[expired] { $minutes ->
        [one] يعمل رابط اختيار كلمة المرور لمدة دقيقة واحدة. اطلب إرسال رابط جديد.
        [two] يعمل رابط اختيار كلمة المرور لمدة دقيقتين. اطلب إرسال رابط جديد.
        [few] يعمل رابط اختيار كلمة المرور لمدة { $minutes } دقائق. اطلب إرسال رابط جديد.
       *[other] يعمل رابط اختيار كلمة المرور لمدة { $minutes } دقيقة. اطلب إرسال رابط جديد.
    }
}
forgot-again = طلب رابط جديد
reset-cookies-title = فعّل ملفات تعريف الارتباط
reset-cookies = تحتاج هذه الصفحة إلى ملف تعريف ارتباط للمتابعة. فعّل ملفات تعريف الارتباط لهذا الموقع، ثم افتح الرابط الوارد في الرسالة مرة أخرى.

## The page of somebody's own account: /_gallery/account/furnished

account-title = حسابك
account-signed-in = تم تسجيل دخولك بالحساب { $account }.
account-sign-out = تسجيل الخروج
account-profile = الملف الشخصي
account-username = اسم المستخدم هو { $username }.
account-profile-action = حفظ
account-email = البريد الإلكتروني
account-email-confirmed = تم تأكيد العنوان { $address }.
account-email-unconfirmed = لم يتم تأكيد العنوان { $address } بعد.
account-email-confirm = تأكيد العنوان الآن
account-email-none = ليس لحسابك عنوان بريد إلكتروني: إن نسيت كلمة مرورك، فلن يتمكن أحد من مساعدتك على الدخول إليه.
account-email-add = أضف عنوانًا حتى نتمكن من إرسال رابط إليه لاختيار كلمة مرور جديدة.
account-email-pending = سيصبح { $address } عنوان البريد الإلكتروني لحسابك بعد فتح الرابط الذي أرسلناه إليه.
account-email-new = البريد الإلكتروني الجديد
account-email-hint = سنرسل رابطًا إلى هذا العنوان. لن يتغيّر شيء حتى تفتحه.
account-email-action = إرسال الرابط
account-email-no-mail = لا تستطيع هذه الخدمة إرسال رسائل البريد الإلكتروني، لذا لا يمكن تغيير العنوان هنا.
account-current-password = كلمة المرور الحالية
account-password = كلمة المرور
account-password-what = عند تغييرها، تبقى جلستك الحالية مفتوحة وتُنهى جميع جلساتك الأخرى.
account-sessions = جلساتك المفتوحة
account-session-current = الجلسة الحالية
account-session-token = برنامج يستخدم رمز وصول
account-device-unknown = جهاز غير معروف
account-session-since = تسجيل الدخول: { $time }
account-session-seen = آخر نشاط: { $time }
account-peer = عنوان IP: { $peer }
account-sign-out-others = إنهاء جميع الجلسات الأخرى
account-activity = سجل النشاط
account-activity-none = لا يوجد شيء حتى الآن.
account-activity-failed = لم تنجح المحاولة
account-data = بياناتك
account-data-what = ما تحتفظ به هذه الخدمة من بيانات عنك، في ملف واحد.
account-data-link = تنزيل بياناتك
account-delete = حذف حسابك
account-delete-what = يُحذف حسابك فورًا، ومعه اسمك وعنوان بريدك الإلكتروني وكلمة مرورك، وتُنهى جميع جلساتك. لا يمكن لأحد استعادة الحساب. ويبقى سجل نشاطه محفوظًا حتى انتهاء مدته.
account-delete-confirm = أريد حذف حسابي نهائيًا
account-delete-action = حذف الحساب
account-saved-profile = تم حفظ ملفك الشخصي.
account-saved-email = أرسلنا رسالة إلى { $address }. افتح الرابط الوارد فيها لتغيير العنوان.
account-saved-password = تم تغيير كلمة مرورك. وأُنهيت جميع جلساتك الأخرى.
account-saved-session = تم تسجيل الخروج من تلك الجلسة.
account-saved-sessions = أُنهيت جميع جلساتك الأخرى.
email-changed-title = تم تغيير البريد الإلكتروني
email-changed-done = أصبح { $address } عنوان البريد الإلكتروني لحسابك.
email-taken-title = يوجد حساب بهذا البريد الإلكتروني
email-taken-now = أُنشئ في هذه الأثناء حساب بالعنوان { $address }، لذا لم يتغيّر عنوان حسابك. استخدم عنوانًا آخر.
account-deleted-title = تم حذف الحساب
account-deleted = تم حذف حسابك. يمكنك إغلاق هذه الصفحة.
notice-sign-in = تسجيل الدخول
notice-account = الانتقال إلى حسابك

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = تم إنشاء الحساب
activity-account_claimed = طلب شخص ما إنشاء حساب بهذا البريد الإلكتروني مرة أخرى
activity-email_verified = تم تأكيد البريد الإلكتروني
activity-login = تم تسجيل الدخول
activity-login_failed = حاول شخص ما تسجيل الدخول
activity-logout = تم تسجيل الخروج
activity-session_revoked = تم تسجيل الخروج من جلسة أخرى
activity-password_reset_requested = طُلب رابط لاختيار كلمة مرور جديدة
activity-password_reset = تم اختيار كلمة مرور جديدة عبر رابط
activity-password_changed = تم تغيير كلمة المرور
activity-password_change_failed = أُدخلت كلمة مرور حالية خاطئة
activity-email_change_requested = أُدخل عنوان بريد إلكتروني جديد
activity-email_changed = تم تغيير البريد الإلكتروني
activity-profile_changed = تم تغيير الملف الشخصي
activity-data_exported = تم تنزيل البيانات

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = أدخل الاسم الكامل.
full_name_too_short = يجب ألا يقل الاسم الكامل عن { $min ->
    [one] حرف واحد
    [two] حرفين
    [few] { $min } أحرف
    [many] { $min } حرفًا
   *[other] { $min } حرف
}.
full_name_too_long = يجب ألا يزيد الاسم الكامل على { $max ->
    [one] حرف واحد
    [two] حرفين
    [few] { $max } أحرف
    [many] { $max } حرفًا
   *[other] { $max } حرف
}.
full_name_format = يجب ألا يحتوي الاسم الكامل على أحرف تحكّم.
email_missing = أدخل عنوان البريد الإلكتروني.
email_format = أدخل عنوان البريد الإلكتروني بالصيغة الصحيحة، مثل name@example.com.
email_too_long = يجب ألا يزيد عنوان البريد الإلكتروني على { $max ->
    [one] حرف واحد
    [two] حرفين
    [few] { $max } أحرف
    [many] { $max } حرفًا
   *[other] { $max } حرف
}.
email_taken = يوجد حساب بهذا البريد الإلكتروني. إن كنت قد أنشأته للتو، فكل شيء جاهز؛ وإلا فأدخل عنوانًا آخر.
username_missing = أدخل اسم المستخدم.
username_format = يجب أن يبدأ اسم المستخدم بحرف من a إلى z أو برقم، وألا يحتوي إلا على هذه الأحرف والأرقام و«.» و«_» و«-».
username_too_long = يجب ألا يزيد اسم المستخدم على { $max ->
    [one] حرف واحد
    [two] حرفين
    [few] { $max } أحرف
    [many] { $max } حرفًا
   *[other] { $max } حرف
}.
username_reserved = اسم المستخدم هذا محجوز للخدمة نفسها. أدخل اسمًا آخر.
username_taken = يوجد حساب باسم المستخدم هذا. أدخل اسمًا آخر.
password_missing = أدخل كلمة مرور.
password_nul = يجب ألا تحتوي كلمة المرور على الحرف U+0000.
password_too_short = { $min ->
    [one] يجب ألا تقل كلمة المرور عن حرف واحد.
    [two] يجب ألا تقل كلمة المرور عن حرفين.
    [few] يجب ألا تقل كلمة المرور عن { $min } أحرف.
    [many] يجب ألا تقل كلمة المرور عن { $min } حرفًا.
   *[other] يجب ألا تقل كلمة المرور عن { $min } حرف.
}
password_too_long = يجب ألا تزيد كلمة المرور على { $max ->
    [one] حرف واحد
    [two] حرفين
    [few] { $max } أحرف
    [many] { $max } حرفًا
   *[other] { $max } حرف
}.
password_common = كلمة المرور هذه سهلة التخمين. استخدم كلمة مرور أطول أو بضع كلمات لا رابط بينها.
password_like_identifier = { $identifier ->
    [username] يجب ألا تكون كلمة المرور مأخوذة من اسم المستخدم. استخدم بضع كلمات لا رابط بينها.
   *[email] يجب ألا تكون كلمة المرور مأخوذة من عنوان بريدك الإلكتروني. استخدم بضع كلمات لا رابط بينها.
}
terms_missing = وافق على شروط الخدمة لإنشاء حساب.
code_missing = أدخل الرمز الوارد في الرسالة.
code_format = أدخل الرمز المكوّن من 6 أرقام.
code_wrong = هذا ليس الرمز الذي أرسلناه، أو أنه لم يعد يعمل. تحقق منه أو اطلب إرسال رمز جديد.
identifier_missing = أدخل بريدك الإلكتروني أو اسم المستخدم.
password_wrong = هذه ليست كلمة مرور هذا الحساب. تحقق منها ثم حاول مرة أخرى.
current_password_missing = أدخل كلمة مرورك الحالية.
current_password_wrong = هذه ليست كلمة مرورك الحالية. تحقق منها ثم حاول مرة أخرى.
confirm_missing = ضع علامة في المربع لحذف حسابك.
token_missing = افتح الرابط الوارد في الرسالة كاملًا.
token_expired = لم يعد هذا الرابط يعمل. اطلب إرسال رابط جديد.
token_used = سبق استخدام هذا الرابط. اطلب إرسال رابط جديد.
token_replaced = أرسلنا بعده رسالة أحدث. افتح الرابط الوارد فيها.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = البريد الإلكتروني مسجَّل بالفعل
taken-username = اسم المستخدم مسجَّل بالفعل
taken-user-email = البريد الإلكتروني للمستخدم مسجَّل بالفعل.
check-inbox = تحقق من البريد الوارد لهذا العنوان: أرسلنا إليه رسالة.
forgot-accepted = إذا كان هناك حساب بهذا العنوان، فستصل إليه رسالة فيها رابط لاختيار كلمة مرور جديدة.
resend-accepted = إذا لم يكن هذا العنوان مؤكَّدًا بعد، فستصل إليه رسالة فيها رابط جديد.
problem-taken = يوجد حساب بالفعل
problem-input = لم تُقبل البيانات المُدخلة

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = تعذّرت قراءة الطلب
    .detail = متن الطلب ليس JSON أو ليس كائنًا، أو فيه حقل مكرر أو حقل من نوع خاطئ.
    .advice = لم يصل النموذج كما ينبغي، ولم يُحفظ شيء. افتح الصفحة مرة أخرى واملأه من جديد.
error-malformed_host = تعذّرت قراءة الطلب
    .detail = أرسل ترويسة Host واحدة فقط.
    .advice = استخدم العنوان الذي حصلت عليه من إدارة هذه الخدمة.
error-cross_site = جاء هذا النموذج من موقع آخر
    .detail = لم يُحفظ شيء. أرسل النماذج من صفحة هذه الخدمة نفسها.
    .advice = لم يُحفظ شيء. افتح الصفحة في هذا الموقع واملأ النموذج هناك.
error-unauthenticated = لم تسجّل الدخول
    .detail = لم تتم المصادقة
    .advice = سجّل الدخول ثم حاول مرة أخرى.
error-not_found = الصفحة غير موجودة
    .detail = لا يوجد شيء في هذا العنوان. تحقق من كتابته أو نسخه كاملًا.
    .advice = لا يوجد شيء في هذا العنوان. تحقق من كتابته أو نسخه كاملًا.
error-method_not_allowed = لا يمكن استخدام هذه الصفحة بهذه الطريقة
    .detail = لا يقبل هذا العنوان هذه الطريقة. تسرد ترويسة Allow الطرق التي يقبلها.
    .advice = لم يُحفظ شيء. انتقل إلى صفحة إنشاء الحساب وابدأ من هناك.
error-request_timeout = استغرق وصول الطلب وقتًا أطول من اللازم
    .detail = لم يُحفظ شيء. تحقق من الاتصال وأرسل الطلب مرة أخرى.
    .advice = لم يُحفظ شيء. تحقق من اتصالك وأرسل النموذج مرة أخرى.
error-uri_too_long = هذا العنوان أطول من اللازم
    .detail = لم يحدث شيء. استخدم عنوانًا لا يتجاوز 8 KiB.
    .advice = لم يحدث شيء. تحقّق من الرابط الذي اتّبعته أو اكتب العنوان من جديد.
error-body_too_large = هذا أكثر مما يتسع له النموذج
    .detail = لم يُحفظ شيء. أرسل 16 KiB أو أقل.
    .advice = لم يُحفظ شيء. استخدم اسمًا أو عنوان بريد إلكتروني أو كلمة مرور أقصر.
error-unsupported_media_type = تعذّرت قراءة الطلب
    .detail = أرسل application/json، أو application/x-www-form-urlencoded حيث يوجد نموذج، بترميز UTF-8.
    .advice = لم يصل النموذج كما ينبغي، ولم يُحفظ شيء. افتح الصفحة مرة أخرى واملأه من جديد.
error-misdirected_request = هذا ليس عنوان هذه الخدمة
    .detail = أرسل الطلبات إلى المضيف المحدد في PUBLIC_URL، أو أضف هذا المضيف إلى ALLOWED_HOSTS.
    .advice = استخدم العنوان الذي حصلت عليه من إدارة هذه الخدمة.
error-too_many_requests = كانت المحاولات أكثر من اللازم
    .detail = كانت المحاولات أكثر من اللازم. لم يُحفظ شيء. حاول مرة أخرى بعد { $minutes ->
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
    .advice = لم يُحفظ شيء. حاول مرة أخرى بعد { $minutes ->
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
    .notice = كانت المحاولات أكثر من اللازم. لم يُحفظ شيء. حاول مرة أخرى بعد { $minutes ->
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }. لا نحتفظ بكلمة مرورك، فأدخلها من جديد.
error-busy = الخدمة مشغولة الآن
    .detail = لم يُحفظ شيء. انتظر بضع ثوانٍ ثم حاول مرة أخرى.
    .advice = لم يُحفظ شيء. انتظر بضع ثوانٍ ثم حاول مرة أخرى.
    .notice = الخدمة مشغولة الآن. لم يُحفظ شيء. انتظر بضع ثوانٍ ثم حاول مرة أخرى. لا نحتفظ بكلمة مرورك، فأدخلها من جديد.
error-outcome_unknown = لم نتمكن من معرفة ما إذا كان الحفظ قد تم
    .detail = لم تصل أي استجابة في الوقت المحدد، فربما تم الحفظ وربما لم يتم. حاول مرة أخرى بعد بضع ثوانٍ.
    .advice = ربما تم الحفظ وربما لم يتم. حاول مرة أخرى بعد بضع ثوانٍ.
    .notice = لم نتمكن من معرفة ما إذا كان الحفظ قد تم. ربما تم وربما لم يتم. حاول مرة أخرى بعد بضع ثوانٍ. لا نحتفظ بكلمة مرورك، فأدخلها من جديد.
error-incorrect_credentials = لم نتمكن من تسجيل دخولك
    .detail = البريد الإلكتروني أو كلمة المرور غير صحيحة
    .advice = تحقق من البريد الإلكتروني أو اسم المستخدم ومن كلمة المرور، ثم حاول مرة أخرى.
error-mail_off = لا تستطيع هذه الخدمة إرسال رسائل البريد الإلكتروني
    .detail = لم تحدّد إدارة الخدمة خادم بريد، لذا لم يُرسَل شيء. تواصل مع إدارة هذه الخدمة.
    .advice = ليس لها خادم بريد، لذا لم يُرسَل شيء. تواصل مع إدارة هذه الخدمة.
error-starting = سنكون جاهزين بعد لحظات
    .detail = يجري بدء تشغيل الخدمة. حاول مرة أخرى بعد بضع ثوانٍ.
    .advice = يجري بدء تشغيل الخدمة. حاول مرة أخرى بعد بضع ثوانٍ.
error-internal_error = حدث خطأ من جانبنا
    .detail = ليس السبب فيما أرسلته. حاول مرة أخرى؛ وإن تكرر ذلك، فأبلغ إدارة الخدمة بمعرّف الطلب.
    .advice = ليس السبب فيما كتبته. حاول مرة أخرى؛ وإن تكرر ذلك، فأبلغ إدارة الخدمة بهذا الرقم المرجعي.
error-page-reference = الرقم المرجعي: { $reference }
error-page-back = إلى صفحة إنشاء الحساب

body-member-text = يجب أن تكون قيمة الحقل «{ $name }» نصًا.
body-member-boolean = يجب أن تكون قيمة الحقل «{ $name }» إما true أو false.
body-member-twice = ورد أحد الحقول مرتين.
body-no-object = يجب أن يكون متن الطلب كائن JSON.
body-not-json = متن الطلب ليس JSON: توقفت القراءة عند السطر { $line }، العمود { $column }.
body-not-utf8 = النموذج ليس بترميز UTF-8.
body-ended-early = انتهى متن الطلب قبل اكتماله.

## Every mail

mail-from = رسالة من { $brand }
mail-support = لديك أسئلة؟ راسلنا على { $support }.
mail-link-as-text = إذا لم يعمل الزر، فافتح هذا العنوان:

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } هو رمزك من { $brand }
mail-verify-email-heading = أكّد بريدك الإلكتروني
mail-verify-email-why = أنشأ شخص ما، والأرجح أنه أنت، حسابًا في { $brand } بهذا البريد الإلكتروني.
mail-verify-email-action = تأكيد البريد الإلكتروني
mail-verify-email-code = أو أدخل هذا الرمز في الصفحة التي أنشأت فيها الحساب:
mail-verify-email-expiry = يعمل الرابط لمدة { $hours ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $hours } ساعات
    [many] { $hours } ساعة
   *[other] { $hours } ساعة
}، والرمز لمدة { $minutes ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}.
mail-verify-email-not-you = إن لم تكن أنت من فعل ذلك، فلا حاجة إلى أي إجراء: لن يُستخدم العنوان من دون هذا التأكيد.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = لديك حساب بالفعل في { $brand }
mail-account-exists-heading = لديك حساب بالفعل
mail-account-exists-why = حاول شخص ما، والأرجح أنه أنت، إنشاء حساب في { $brand } بهذا البريد الإلكتروني. لهذا البريد حساب بالفعل، ولم يتغيّر شيء.
mail-account-exists-action = اختيار كلمة مرور جديدة
mail-account-exists-hint = إن كنت تعرف كلمة مرورك، فسجّل الدخول بها. وإلا فاختر كلمة مرور جديدة.
mail-account-exists-not-you = إن لم تكن أنت من فعل ذلك، فلا حاجة إلى أي إجراء.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = اختر كلمة مرور جديدة لحسابك في { $brand }
mail-reset-password-heading = اختر كلمة مرور جديدة
mail-reset-password-why = أبلغنا شخص ما، والأرجح أنه أنت، بنسيان كلمة مرور حسابك في { $brand }.
mail-reset-password-action = اختيار كلمة مرور جديدة
mail-reset-password-expiry = يعمل الرابط مرة واحدة، ولمدة { $minutes ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}. ستظل كلمة مرورك القديمة تعمل حتى تختار كلمة مرور جديدة.
mail-reset-password-not-you = إن لم تكن أنت من فعل ذلك، فلا حاجة إلى أي إجراء: ستبقى كلمة مرورك كما هي.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = تم تغيير كلمة مرورك في { $brand }
mail-password-changed-heading = تم تغيير كلمة مرورك
mail-password-changed-what = تم تغيير كلمة مرور حسابك في { $brand } بتاريخ { $time }. وأُنهيت جميع جلساتك الأخرى.
mail-password-changed-not-you = إن لم تكن أنت من فعل ذلك، فاختر كلمة مرور جديدة فورًا، ثم راجع حسابك.
mail-password-changed-action = اختيار كلمة مرور جديدة

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = تم تغيير عنوان بريدك الإلكتروني في { $brand }
mail-email-changed-heading = تم تغيير عنوان بريدك الإلكتروني
mail-email-changed-what = بتاريخ { $time }، تم تغيير عنوان البريد الإلكتروني لحسابك في { $brand } إلى { $address }. ولن نرسل بعد الآن شيئًا إلى هذا العنوان القديم.
mail-email-changed-not-you = إن لم تكن أنت من فعل ذلك، فأبلغ إدارة هذه الخدمة فورًا.

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = أكّد بريدك الإلكتروني الجديد في { $brand }
mail-confirm-new-email-heading = أكّد بريدك الإلكتروني الجديد
mail-confirm-new-email-why = يريد شخص ما، والأرجح أنه أنت، استخدام هذا البريد الإلكتروني لحساب في { $brand }.
mail-confirm-new-email-action = تأكيد البريد الإلكتروني
mail-confirm-new-email-expiry = يعمل الرابط لمدة { $hours ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $hours } ساعات
    [many] { $hours } ساعة
   *[other] { $hours } ساعة
}. لن يتغيّر شيء حتى تفتحه.
mail-confirm-new-email-not-you = إن لم تكن أنت من فعل ذلك، فلا حاجة إلى أي إجراء: لن يُستخدم العنوان من دون هذا التأكيد.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = تم حذف حسابك في { $brand }
mail-account-deleted-heading = تم حذف حسابك
mail-account-deleted-what = تم حذف حسابك في { $brand } بتاريخ { $time }. ولن نرسل بعد الآن شيئًا إلى هذا العنوان.
mail-account-deleted-not-you = إن لم تكن أنت من فعل ذلك، فأبلغ إدارة هذه الخدمة فورًا.
