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

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Cuenta creada
welcome-heading = Su cuenta está lista
welcome-made-for = Se ha creado para { $address }.
welcome-close = Ya puede cerrar esta página.
welcome-sign-in = Iniciar sesión

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
verify-link-heading = Confirme que { $address } es su dirección
verify-done-title = Dirección de correo confirmada
verify-done = La dirección { $address } está confirmada. Ya puede cerrar esta página.
verify-dead-title = Este enlace ya no funciona
verify-dead = { $reason ->
    [used] Ya se ha utilizado. Si así confirmó su dirección, no tiene que hacer nada más.
    [replaced] Después se ha enviado un correo más reciente. Abra el enlace que contiene.
   *[expired] Los enlaces funcionan durante { $hours } horas. Solicite uno nuevo.
}

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
code_wrong = Este no es el código que hemos enviado. Revíselo o solicite uno nuevo.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = La dirección de correo ya está registrada
taken-username = El nombre de usuario ya está registrado
taken-user-email = La dirección de correo del usuario ya está registrada.
problem-taken = Ya existe una cuenta
problem-input = No se han aceptado los datos

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = No se ha podido leer la solicitud
    .detail = El cuerpo no es JSON o no es un objeto, o bien un miembro aparece dos veces o no tiene el tipo correcto.
    .advice = El formulario no ha llegado bien y no se ha guardado nada. Abra la página de registro y complételo de nuevo.
error-malformed_host = No se ha podido leer la solicitud
    .detail = Envíe exactamente un encabezado Host.
    .advice = Use la dirección facilitada por el responsable de este servicio.
error-cross_site = Este formulario procede de otro sitio
    .detail = No se ha guardado nada. Envíe los formularios desde la propia página de este servicio.
    .advice = No se ha guardado nada. Abra la página de registro de este sitio y complete allí el formulario.
error-not_found = Página no encontrada
    .detail = No hay nada en esta dirección. Compruebe que esté escrita o copiada por completo.
    .advice = No hay nada en esta dirección. Compruebe que esté escrita o copiada por completo.
error-method_not_allowed = Esta página no se puede usar así
    .detail = Esta dirección no admite ese método. El encabezado Allow indica los que admite.
    .advice = No se ha guardado nada. Vaya a la página de registro y empiece desde allí.
error-request_timeout = La solicitud ha tardado demasiado en llegar
    .detail = No se ha guardado nada. Compruebe la conexión y envíe la solicitud de nuevo.
    .advice = No se ha guardado nada. Compruebe su conexión y envíe el formulario de nuevo.
error-body_too_large = Es más de lo que cabe en el formulario
    .detail = No se ha guardado nada. Envíe 16 KiB como máximo.
    .advice = No se ha guardado nada. Use un nombre, una dirección de correo o una contraseña más breves.
error-unsupported_media_type = No se ha podido leer la solicitud
    .detail = Envíe application/json o, donde haya un formulario, application/x-www-form-urlencoded, en UTF-8.
    .advice = El formulario no ha llegado bien y no se ha guardado nada. Abra la página de registro y complételo de nuevo.
error-misdirected_request = Esta no es la dirección de este servicio
    .detail = Envíe las solicitudes al host de PUBLIC_URL.
    .advice = Use la dirección facilitada por el responsable de este servicio.
error-busy = Hay mucha actividad en este momento
    .detail = No se ha guardado nada. Espere unos segundos e inténtelo de nuevo.
    .advice = No se ha guardado nada. Espere unos segundos e inténtelo de nuevo.
    .notice = Hay mucha actividad en este momento. No se ha guardado nada. Espere unos segundos e inténtelo de nuevo. La contraseña no se conserva, así que introdúzcala otra vez.
error-outcome_unknown = No sabemos si se han guardado los datos
    .detail = La base de datos ha dejado de responder, así que puede que los datos se hayan guardado o puede que no. Inténtelo de nuevo en unos segundos.
    .advice = Puede que los datos se hayan guardado o puede que no. Inténtelo de nuevo en unos segundos.
    .notice = No sabemos si se han guardado los datos. Puede que sí o puede que no. Inténtelo de nuevo en unos segundos. La contraseña no se conserva, así que introdúzcala otra vez.
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
