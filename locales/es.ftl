# Vestibule in Spanish. See en.ftl for where each text is seen.

## Every page

title-with-error = Error: { $title }
error-prefix = Error:
summary-heading = Hay un problema
field-optional = (opcional)
password-show = Mostrar
    .label = Mostrar la contraseña
    .status = Su contraseña está visible
password-hide = Ocultar
    .label = Ocultar la contraseña
    .status = Su contraseña está oculta
languages-label = Idioma
links-label = Acerca de este sitio
link-home = Inicio
link-terms = Condiciones de uso
link-privacy = Privacidad
link-imprint = Aviso legal
link-support = Ayuda y contacto

## The sign-up page: /_gallery/register/empty

register-title = Crear una cuenta
register-action = Crear cuenta
register-full-name = Nombre completo
register-email = Correo electrónico
register-password = Elija una contraseña
register-password-hint = { $min ->
    [1] Sirve cualquier longitud. Varias palabras sin relación entre sí son fáciles de recordar y difíciles de adivinar.
   *[other] Al menos { $min } caracteres. Varias palabras sin relación entre sí son fáciles de recordar y difíciles de adivinar.
}
register-terms = Acepto las condiciones de uso
register-terms-link = Leer las condiciones de uso
register-have-account = ¿Ya tiene una cuenta?
register-sign-in = Iniciar sesión
register-leave-empty = Deje este campo vacío

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = Falta una comprobación antes de crear la cuenta. Todavía no se ha guardado nada. La contraseña no se conserva: introdúzcala otra vez y vuelva a enviar el formulario.
proof-expired = La comprobación era demasiado antigua o para otra dirección de correo; aquí tiene una nueva. Todavía no se ha guardado nada. La contraseña no se conserva: introdúzcala otra vez y vuelva a enviar el formulario.
proof-failed = La comprobación no ha salido bien; aquí tiene una nueva. Todavía no se ha guardado nada. La contraseña no se conserva: introdúzcala otra vez y vuelva a enviar el formulario.
proof-unanswered = Su navegador no ha hecho la comprobación y no podemos enviarle un correo en su lugar. No se ha guardado nada. Active JavaScript y vuelva a enviar el formulario, o inténtelo más tarde.
proof-crowd = Ahora mismo hay muchísima gente aquí, así que necesitamos una comprobación más. Aún no se ha guardado nada. Envía el formulario otra vez cuando tu navegador la haya hecho; si tiene contraseña, escríbela de nuevo.
proof-by-mail = Vuelva a enviar el formulario y le enviaremos un código por correo. Su cuenta se abrirá en cuanto lo introduzca.
proof-needs-script = Esta comprobación necesita JavaScript. Actívelo y vuelva a enviar el formulario, o inténtelo más tarde.
proof-working = Su navegador está haciendo un breve cálculo. Puede seguir escribiendo.
proof-waiting = La comprobación sigue en marcha. El formulario se enviará solo cuando termine.
proof-done = La comprobación ha terminado. Puede enviar el formulario.
proof-wait = Espere…
proof-progress = Progreso de la comprobación

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Cuenta creada
welcome-heading = Su cuenta está lista
welcome-made-for = Se ha creado para { $address }.
welcome-close = Ya puede cerrar esta página.
welcome-sign-in = Iniciar sesión
welcome-account = Ir a su cuenta
welcome-confirm = Hemos enviado un correo para confirmar la dirección.
welcome-confirm-link = Confirmarla ahora

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = Confirme su dirección de correo
verify-sent = Hemos enviado un enlace y un código a { $address }.
verify-either = Abra el enlace o introduzca el código aquí. El código funciona durante { $minutes ->
    [1] un minuto
   *[other] { $minutes } minutos
}.
verify-code = Código recibido por correo
verify-code-hint = 6 dígitos
verify-action = Confirmar dirección
verify-not-there = ¿No ha llegado nada? Revise la carpeta de correo no deseado o solicite un nuevo envío.
verify-resend = Enviar de nuevo
verify-resent = Hemos enviado un nuevo correo. Ahora solo funcionan el enlace y el código que contiene.
verify-link-heading = Confirme que { $address } es su dirección.
verify-password-hint = La contraseña que se eligió al crear la cuenta. Así nadie puede hacer que usted confirme una cuenta ajena.
verify-unknown-password = ¿No la sabe?
verify-new-password = Elegir contraseña nueva
verify-done-title = Dirección de correo confirmada
verify-done = La dirección { $address } está confirmada. Ya puede cerrar esta página.
verify-dead-title = Este enlace ya no funciona
verify-dead = { $reason ->
    [used] Ya se ha utilizado. Si así confirmó su dirección, no tiene que hacer nada más.
    [replaced] Después se ha enviado un correo más reciente. Abra el enlace que contiene.
   *[expired] Los enlaces funcionan durante { $hours } horas. Solicite uno nuevo.
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = Solicitar de nuevo el correo de confirmación
resend-explain = Introduzca la dirección de correo con la que creó la cuenta y le enviaremos de nuevo el enlace de confirmación.
resend-sent-title = Revise su bandeja de entrada
resend-sent = Si la dirección { $address } está pendiente de confirmación, recibirá un correo con un enlace. Puede tardar unos minutos. ¿No ha llegado nada? Revise la carpeta de correo no deseado y compruebe que la dirección sea correcta.
no-mail = Este servicio no puede enviar correos, así que no es posible hacerlo aquí.
no-mail-support = Escriba a { $support }.
no-mail-ask = Consulte al responsable de este servicio.

## The page to sign in: /_gallery/login/empty

login-title = Iniciar sesión
login-action = Iniciar sesión
login-identifier = Correo electrónico o nombre de usuario
login-password = Contraseña
login-wrong = Los datos de acceso no son correctos. Compruebe el correo o nombre de usuario y la contraseña, e inténtelo de nuevo.
login-forgot = ¿Ha olvidado su contraseña?
login-not-there = ¿No ha recibido el correo para confirmar su dirección?
login-resend = Solicitarlo de nuevo
login-no-account = ¿Aún no tiene una cuenta?
login-register = Crear una cuenta

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = ¿Ha olvidado su contraseña?
forgot-explain = Introduzca la dirección de correo de su cuenta y le enviaremos un enlace para elegir una contraseña nueva. Las cuentas creadas solo con un nombre de usuario no tienen dirección de correo, así que esta opción no sirve para ellas.
forgot-action = Enviar enlace
forgot-sent-title = Revise su bandeja de entrada
forgot-sent = Si existe una cuenta con la dirección { $address }, recibirá un correo con un enlace. Puede tardar unos minutos. ¿No ha llegado nada? Revise la carpeta de correo no deseado y compruebe que la dirección sea correcta.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = Elija una contraseña nueva
reset-for = Es para la cuenta de { $address }.
reset-signs-out = Se cerrarán todas sus sesiones.
reset-password = Contraseña nueva
reset-action = Cambiar contraseña
reset-done-title = Contraseña cambiada
reset-done = Se han cerrado todas sus sesiones. Inicie sesión con su contraseña nueva.
reset-dead-title = Este enlace ya no funciona
reset-dead = { $reason ->
    [used] Ya se ha utilizado. Para elegir otra contraseña, solicite un enlace nuevo.
    [replaced] Después se ha enviado un correo más reciente. Abra el enlace que contiene.
   *[expired] Los enlaces para elegir una contraseña nueva funcionan durante { $minutes } minutos. Solicite uno nuevo.
}
forgot-again = Solicitar un enlace nuevo
reset-cookies-title = Active las cookies
reset-cookies = Esta página necesita una cookie para continuar. Active las cookies para este sitio y vuelva a abrir el enlace del correo.

## The page of somebody's own account: /_gallery/account/furnished

account-title = Su cuenta
account-signed-in = Ha iniciado sesión como { $account }.
account-sign-out = Cerrar sesión
account-profile = Perfil
account-username = Su nombre de usuario es { $username }.
account-profile-action = Guardar
account-email = Correo electrónico
account-email-confirmed = La dirección { $address } está confirmada.
account-email-unconfirmed = La dirección { $address } aún no está confirmada.
account-email-confirm = Confirmarla ahora
account-email-none = Su cuenta no tiene dirección de correo: si olvida la contraseña, nadie podrá ayudarle a recuperar el acceso.
account-email-add = Añada una dirección y podrá recibir en ella un enlace para elegir una contraseña nueva.
account-email-pending = { $address } será la dirección de su cuenta cuando abra el enlace que le hemos enviado allí.
account-email-new = Nueva dirección de correo
account-email-hint = Le enviaremos un enlace a esa dirección. Nada cambiará hasta que lo abra.
account-email-action = Enviar enlace
account-email-no-mail = Este servicio no puede enviar correos, así que la dirección no se puede cambiar aquí.
account-current-password = Contraseña actual
account-password = Contraseña
account-password-what = Si la cambia, esta sesión seguirá abierta y se cerrarán todas las demás.
account-sessions = Sesiones abiertas
account-session-current = Esta sesión
account-session-token = Programa con token de acceso
account-device-unknown = Dispositivo desconocido
account-session-since = Sesión iniciada el { $time }
account-session-seen = Última actividad: { $time }
account-peer = Dirección de red: { $peer }
account-sign-out-others = Cerrar todas las demás sesiones
account-activity = Actividad de la cuenta
account-activity-none = Aún no hay actividad.
account-activity-failed = Sin éxito
account-data = Sus datos
account-data-what = Los datos que este servicio guarda sobre usted, en un solo archivo.
account-data-link = Descargar sus datos
account-delete = Eliminar su cuenta
account-delete-what = Su cuenta se elimina de inmediato, junto con su nombre, su dirección y su contraseña, y se cierran todas sus sesiones. Nadie podrá recuperar la cuenta. El registro de su actividad se guarda hasta que termine su plazo de conservación.
account-delete-confirm = Eliminar mi cuenta para siempre
account-delete-action = Eliminar cuenta
account-saved-profile = Se ha guardado su perfil.
account-saved-email = Hemos enviado un correo a { $address }. Abra el enlace que contiene para cambiar la dirección.
account-saved-password = Se ha cambiado su contraseña. Se han cerrado todas las demás sesiones.
account-saved-session = Se ha cerrado esa sesión.
account-saved-sessions = Se han cerrado todas las demás sesiones.
email-changed-title = Dirección de correo cambiada
email-changed-done = { $address } es ahora la dirección de su cuenta.
email-taken-title = Esta dirección ya tiene una cuenta
email-taken-now = Mientras tanto se ha creado otra cuenta con { $address }, así que la dirección de la suya no se ha cambiado. Use una diferente.
account-deleted-title = Cuenta eliminada
account-deleted = Se ha eliminado su cuenta. Ya puede cerrar esta página.
notice-sign-in = Iniciar sesión
notice-account = Ir a su cuenta

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = Cuenta creada
activity-account_claimed = Nuevo registro con esta dirección de correo
activity-email_verified = Dirección de correo confirmada
activity-login = Sesión iniciada
activity-login_failed = Intento de inicio de sesión
activity-logout = Sesión cerrada
activity-session_revoked = Sesión cerrada desde otro lugar
activity-password_reset_requested = Enlace solicitado para elegir una contraseña nueva
activity-password_reset = Contraseña nueva elegida mediante un enlace
activity-password_changed = Contraseña cambiada
activity-password_change_failed = Contraseña actual incorrecta
activity-email_change_requested = Nueva dirección de correo introducida
activity-email_changed = Dirección de correo cambiada
activity-profile_changed = Perfil cambiado
activity-data_exported = Datos descargados

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = Introduzca su nombre completo.
full_name_too_short = El nombre debe tener al menos { $min } caracteres.
full_name_too_long = El nombre puede tener como máximo { $max } caracteres.
full_name_format = El nombre no debe contener caracteres de control.
email_missing = Introduzca una dirección de correo electrónico.
email_format = Introduzca una dirección de correo con el formato correcto, por ejemplo, nombre@example.com.
email_too_long = La dirección de correo puede tener como máximo { $max } caracteres.
email_taken = Ya existe una cuenta con esta dirección de correo. Si acaba de crearla, no tiene que hacer nada más; si no, introduzca otra dirección.
username_missing = Introduzca un nombre de usuario.
username_format = El nombre de usuario solo puede contener letras de la a a la z, dígitos y los signos “.”, “_” y “-”, y debe empezar por una letra o un dígito.
username_too_long = El nombre de usuario puede tener como máximo { $max } caracteres.
username_reserved = Este nombre de usuario está reservado para el servicio. Introduzca otro.
username_taken = Ya existe una cuenta con este nombre de usuario. Introduzca otro.
password_missing = Introduzca una contraseña.
password_nul = La contraseña no debe contener el carácter U+0000.
password_too_short = { $min ->
    [1] La contraseña debe tener al menos 1 carácter.
   *[other] La contraseña debe tener al menos { $min } caracteres.
}
password_too_long = La contraseña puede tener como máximo { $max } caracteres.
password_common = Esta contraseña es fácil de adivinar. Elija una más larga o varias palabras sin relación entre sí.
password_like_identifier = { $identifier ->
    [username] La contraseña no debe basarse en su nombre de usuario. Elija varias palabras sin relación entre sí.
   *[email] La contraseña no debe basarse en su dirección de correo. Elija varias palabras sin relación entre sí.
}
terms_missing = Acepte las condiciones de uso para crear una cuenta.
code_missing = Introduzca el código recibido por correo.
code_format = Introduzca los 6 dígitos del código.
code_wrong = Este no es el código que hemos enviado, o ya no funciona. Revíselo o solicite uno nuevo.
identifier_missing = Introduzca su dirección de correo o su nombre de usuario.
password_wrong = Esta no es la contraseña de esta cuenta. Revísela e inténtelo de nuevo.
current_password_missing = Introduzca su contraseña actual.
current_password_wrong = Esta no es su contraseña actual. Revísela e inténtelo de nuevo.
confirm_missing = Marque la casilla para eliminar su cuenta.
token_missing = Abra el enlace completo del correo.
token_expired = Este enlace ya no funciona. Solicite uno nuevo.
token_used = Este enlace ya se ha utilizado. Solicite uno nuevo.
token_replaced = Se ha enviado un correo más reciente. Abra el enlace que contiene.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = La dirección de correo ya está registrada
taken-username = El nombre de usuario ya está registrado
taken-user-email = La dirección de correo del usuario ya está registrada.
check-inbox = Revise la bandeja de entrada de esta dirección: hemos enviado un correo.
forgot-accepted = Si existe una cuenta con esta dirección, recibirá un correo con un enlace para elegir una contraseña nueva.
resend-accepted = Si esta dirección está pendiente de confirmación, recibirá un correo con un enlace nuevo.
problem-taken = Ya existe una cuenta
problem-input = No se han aceptado los datos

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = No se ha podido leer la solicitud
    .detail = El cuerpo no es JSON o no es un objeto, o bien un miembro aparece dos veces o no tiene el tipo correcto.
    .advice = El formulario no ha llegado bien y no se ha guardado nada. Abra de nuevo la página y vuelva a completarlo.
error-malformed_host = No se ha podido leer la solicitud
    .detail = Envíe exactamente un encabezado Host.
    .advice = Use la dirección facilitada por el responsable de este servicio.
error-cross_site = Este formulario procede de otro sitio
    .detail = No se ha guardado nada. Envíe los formularios desde la propia página de este servicio.
    .advice = No se ha guardado nada. Abra la página en este sitio y complete allí el formulario.
error-unauthenticated = No ha iniciado sesión
    .detail = Sin autenticación
    .advice = Inicie sesión e inténtelo de nuevo.
error-not_found = Página no encontrada
    .detail = No hay nada en esta dirección. Compruebe que esté escrita o copiada por completo.
    .advice = No hay nada en esta dirección. Compruebe que esté escrita o copiada por completo.
error-method_not_allowed = Esta página no se puede usar así
    .detail = Esta dirección no admite ese método. El encabezado Allow indica los que admite.
    .advice = No se ha guardado nada. Vaya a la página de registro y empiece desde allí.
error-request_timeout = La solicitud ha tardado demasiado en llegar
    .detail = No se ha guardado nada. Compruebe la conexión y envíe la solicitud de nuevo.
    .advice = No se ha guardado nada. Compruebe su conexión y envíe el formulario de nuevo.
error-uri_too_long = Esa dirección es demasiado larga
    .detail = No se ha hecho nada. Use una dirección de 8 KiB como máximo.
    .advice = No se ha hecho nada. Compruebe el enlace que ha seguido o escriba la dirección de nuevo.
error-body_too_large = Es más de lo que cabe en el formulario
    .detail = No se ha guardado nada. Envíe 16 KiB como máximo.
    .advice = No se ha guardado nada. Use un nombre, una dirección de correo o una contraseña más breves.
error-unsupported_media_type = No se ha podido leer la solicitud
    .detail = Envíe application/json o, donde haya un formulario, application/x-www-form-urlencoded, en UTF-8.
    .advice = El formulario no ha llegado bien y no se ha guardado nada. Abra de nuevo la página y vuelva a completarlo.
error-misdirected_request = Esta no es la dirección de este servicio
    .detail = Envíe las solicitudes al host de PUBLIC_URL o añada este a ALLOWED_HOSTS.
    .advice = Use la dirección facilitada por el responsable de este servicio.
error-too_many_requests = Ha habido demasiados intentos
    .detail = Demasiados intentos. No se ha guardado nada. Inténtelo de nuevo dentro de { $minutes ->
        [1] un minuto
       *[other] { $minutes } minutos
    }.
    .advice = No se ha guardado nada. Inténtelo de nuevo dentro de { $minutes ->
        [1] un minuto
       *[other] { $minutes } minutos
    }.
    .notice = Ha habido demasiados intentos. No se ha guardado nada. Inténtelo de nuevo dentro de { $minutes ->
        [1] un minuto
       *[other] { $minutes } minutos
    }. La contraseña no se conserva, así que introdúzcala otra vez.
error-busy = Hay mucha actividad en este momento
    .detail = No se ha guardado nada. Espere unos segundos e inténtelo de nuevo.
    .advice = No se ha guardado nada. Espere unos segundos e inténtelo de nuevo.
    .notice = Hay mucha actividad en este momento. No se ha guardado nada. Espere unos segundos e inténtelo de nuevo. La contraseña no se conserva, así que introdúzcala otra vez.
error-outcome_unknown = No sabemos si se han guardado los datos
    .detail = No ha llegado ninguna respuesta a tiempo, así que puede que los datos se hayan guardado o puede que no. Inténtelo de nuevo en unos segundos.
    .advice = Puede que los datos se hayan guardado o puede que no. Inténtelo de nuevo en unos segundos.
    .notice = No sabemos si se han guardado los datos. Puede que sí o puede que no. Inténtelo de nuevo en unos segundos. La contraseña no se conserva, así que introdúzcala otra vez.
error-incorrect_credentials = No se ha podido iniciar sesión
    .detail = Correo electrónico o contraseña incorrectos
    .advice = Compruebe el correo o nombre de usuario y la contraseña, e inténtelo de nuevo.
error-mail_off = Este servicio no puede enviar correos
    .detail = No hay ningún servidor de correo configurado, así que no se ha enviado nada. Escriba al responsable de este servicio.
    .advice = No tiene servidor de correo, así que no se ha enviado nada. Escriba al responsable del servicio.
error-starting = El servicio estará listo en un momento
    .detail = El servicio se está iniciando. Inténtelo de nuevo en unos segundos.
    .advice = El servicio se está iniciando. Inténtelo de nuevo en unos segundos.
error-internal_error = Algo ha fallado en nuestro sistema
    .detail = La causa no está en lo que se ha enviado. Inténtelo de nuevo; si vuelve a ocurrir, indique el identificador de la solicitud al responsable del servicio.
    .advice = La causa no está en los datos introducidos. Inténtelo de nuevo; si vuelve a ocurrir, indique esta referencia al responsable del servicio.
error-page-reference = Referencia: { $reference }
error-page-back = Ir a la página de registro

body-member-text = El miembro “{ $name }” debe ser texto.
body-member-boolean = El miembro “{ $name }” debe ser true o false.
body-member-twice = Un miembro aparece dos veces.
body-no-object = El cuerpo debe ser un objeto JSON.
body-not-json = El cuerpo no es JSON: la lectura se ha detenido en la línea { $line }, columna { $column }.
body-not-utf8 = El formulario no está en UTF-8.
body-ended-early = El cuerpo ha terminado antes de tiempo.

## Every mail

mail-from = Enviado por { $brand }
mail-support = ¿Tiene preguntas? Escriba a { $support }.
mail-link-as-text = Si el botón no funciona, abra esta dirección:

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } es su código para { $brand }
mail-verify-email-heading = Confirme su dirección de correo
mail-verify-email-why = Recibe este mensaje porque se ha creado una cuenta en { $brand } con esta dirección de correo.
mail-verify-email-action = Confirmar dirección
mail-verify-email-code = O introduzca este código en la página donde creó la cuenta:
mail-verify-email-expiry = El enlace funciona durante { $hours } horas; el código, durante { $minutes } minutos.
mail-verify-email-not-you = ¿No ha creado esta cuenta? Entonces no tiene que hacer nada: sin esta confirmación, la dirección no se utiliza.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = Ya tiene una cuenta en { $brand }
mail-account-exists-heading = Ya tiene una cuenta
mail-account-exists-why = Recibe este mensaje porque se ha intentado crear una cuenta en { $brand } con esta dirección de correo. Ya existe una y no se ha cambiado nada.
mail-account-exists-action = Elegir contraseña nueva
mail-account-exists-hint = Si recuerda su contraseña, inicie sesión con ella. Si no, elija una nueva.
mail-account-exists-not-you = ¿No reconoce este intento? Entonces no tiene que hacer nada.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = Elija una contraseña nueva para { $brand }
mail-reset-password-heading = Elija una contraseña nueva
mail-reset-password-why = Recibe este mensaje porque se ha solicitado cambiar la contraseña olvidada de su cuenta en { $brand }.
mail-reset-password-action = Elegir contraseña nueva
mail-reset-password-expiry = El enlace funciona una sola vez, durante { $minutes } minutos. Su contraseña anterior funciona hasta que elija una nueva.
mail-reset-password-not-you = ¿No lo ha solicitado? Entonces no tiene que hacer nada: su contraseña sigue siendo la misma.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = Se ha cambiado su contraseña en { $brand }
mail-password-changed-heading = Se ha cambiado su contraseña
mail-password-changed-what = La contraseña de su cuenta en { $brand } se cambió el { $time }. Se han cerrado todas las demás sesiones.
mail-password-changed-not-you = ¿No ha hecho este cambio? Elija de inmediato una contraseña nueva y después revise su cuenta.
mail-password-changed-action = Elegir contraseña nueva

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = Se ha cambiado su dirección de correo en { $brand }
mail-email-changed-heading = Se ha cambiado su dirección de correo
mail-email-changed-what = El { $time }, la dirección de correo de su cuenta en { $brand } se cambió por { $address }. A la dirección anterior ya no se enviará nada.
mail-email-changed-not-you = ¿No ha hecho este cambio? Avise de inmediato al responsable de este servicio.

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = Confirme su nueva dirección de correo para { $brand }
mail-confirm-new-email-heading = Confirme su nueva dirección de correo
mail-confirm-new-email-why = Recibe este mensaje porque se ha solicitado usar esta dirección de correo para una cuenta en { $brand }.
mail-confirm-new-email-action = Confirmar dirección
mail-confirm-new-email-expiry = El enlace funciona durante { $hours } horas. Nada cambiará hasta que lo abra.
mail-confirm-new-email-not-you = ¿No lo ha solicitado? Entonces no tiene que hacer nada: sin esta confirmación, la dirección no se utiliza.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = Se ha eliminado su cuenta en { $brand }
mail-account-deleted-heading = Se ha eliminado su cuenta
mail-account-deleted-what = Su cuenta en { $brand } se eliminó el { $time }. A esta dirección ya no se enviará nada más.
mail-account-deleted-not-you = ¿No ha eliminado usted la cuenta? Avise de inmediato al responsable de este servicio.
