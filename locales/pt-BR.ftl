# Vestibule in Brazilian Portuguese. See en.ftl for where each text is seen.

## Every page

title-with-error = Erro: { $title }
error-prefix = Erro:
summary-heading = Há um problema
field-optional = (opcional)
password-show = Mostrar
    .label = Mostrar senha
    .status = Sua senha está visível
password-hide = Ocultar
    .label = Ocultar senha
    .status = Sua senha está oculta
languages-label = Idioma
links-label = Sobre este site
link-home = Página inicial
link-terms = Termos de uso
link-privacy = Privacidade
link-imprint = Aviso legal
link-support = Falar com o suporte

## The sign-up page: /_gallery/register/empty

register-title = Crie sua conta
register-action = Criar conta
register-full-name = Nome completo
register-email = E-mail
register-password = Crie uma senha
register-password-hint = { $min ->
    [1] Pode ter qualquer tamanho; algumas palavras sem relação entre si são fáceis de lembrar e difíceis de adivinhar.
   *[other] Pelo menos { $min } caracteres. Algumas palavras sem relação entre si são fáceis de lembrar e difíceis de adivinhar.
}
register-terms = Aceito os termos de uso
register-terms-link = Ler os termos de uso
register-have-account = Já tem uma conta?
register-sign-in = Entrar

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Conta criada
welcome-heading = Sua conta está pronta
welcome-made-for = Ela foi criada com o e-mail { $address }.
welcome-close = Você já pode fechar esta página.
welcome-sign-in = Entrar

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = Confirme seu e-mail
verify-sent = Enviamos um link e um código para { $address }.
verify-either = Abra o link ou digite o código aqui. O código vale por { $minutes ->
    [1] um minuto
   *[other] { $minutes } minutos
}.
verify-code = Código recebido por e-mail
verify-code-hint = 6 dígitos
verify-action = Confirmar e-mail
verify-not-there = Não chegou? Procure na pasta de spam ou peça um novo envio.
verify-resend = Enviar de novo
verify-resent = Enviamos um novo e-mail. Só o link e o código mais recentes funcionam.
verify-link-heading = Confirme que { $address } é seu e-mail
verify-done-title = E-mail confirmado
verify-done = O e-mail { $address } foi confirmado. Você já pode fechar esta página.
verify-dead-title = Este link não funciona mais
verify-dead = { $reason ->
    [used] Ele já foi usado. Se foi você quem usou, seu e-mail está confirmado.
    [replaced] Enviamos um e-mail mais recente. Abra o link que está nele.
   *[expired] O link vale por { $hours } horas. Peça um novo.
}

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = Digite seu nome completo.
full_name_too_short = O nome completo deve ter pelo menos { $min } caracteres.
full_name_too_long = O nome completo deve ter no máximo { $max } caracteres.
full_name_format = O nome completo não pode conter caracteres de controle.
email_missing = Digite seu e-mail.
email_format = Digite seu e-mail no formato correto, como nome@example.com.
email_too_long = O e-mail deve ter no máximo { $max } caracteres.
email_taken = Já existe uma conta com este e-mail. Se você acabou de criá-la, está tudo pronto; se não, digite outro e-mail.
username_missing = Digite um nome de usuário.
username_format = O nome de usuário deve começar com uma letra de “a” a “z” ou um número e ter só essas letras, números, “.”, “_” e “-”.
username_too_long = O nome de usuário deve ter no máximo { $max } caracteres.
username_reserved = Este nome de usuário é reservado para o próprio serviço. Digite outro.
username_taken = Já existe uma conta com este nome de usuário. Digite outro.
password_missing = Digite uma senha.
password_nul = A senha não pode conter o caractere U+0000.
password_too_short = { $min ->
    [1] A senha deve ter pelo menos 1 caractere.
   *[other] A senha deve ter pelo menos { $min } caracteres.
}
password_too_long = A senha deve ter no máximo { $max } caracteres.
password_common = Esta senha é fácil de adivinhar. Use uma mais longa ou algumas palavras sem relação entre si.
password_like_identifier = { $identifier ->
    [username] A senha não pode se basear no seu nome de usuário. Use algumas palavras sem relação entre si.
   *[email] A senha não pode se basear no seu e-mail. Use algumas palavras sem relação entre si.
}
terms_missing = Aceite os termos de uso para criar uma conta.
code_missing = Digite o código recebido por e-mail.
code_format = Digite os 6 dígitos do código.
code_wrong = Este não é o código que enviamos. Confira o código ou peça um novo.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = E-mail já cadastrado
taken-username = Nome de usuário já cadastrado
taken-user-email = O e-mail do usuário já está cadastrado.
problem-taken = Já existe uma conta
problem-input = Os dados enviados não foram aceitos

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = Não foi possível ler a solicitação
    .detail = O corpo não é JSON ou não é um objeto, ou um membro está repetido ou tem o tipo errado.
    .advice = O formulário não chegou como deveria, e nada foi salvo. Abra a página de cadastro e preencha de novo.
error-malformed_host = Não foi possível ler a solicitação
    .detail = Envie exatamente um cabeçalho Host.
    .advice = Use o endereço informado pelo responsável por este serviço.
error-cross_site = Este formulário veio de outro site
    .detail = Nada foi salvo. Envie formulários a partir da página deste serviço.
    .advice = Nada foi salvo. Abra a página de cadastro deste site e preencha o formulário por lá.
error-not_found = Página não encontrada
    .detail = Não há nada neste endereço. Confira se ele foi digitado ou copiado por inteiro.
    .advice = Não há nada neste endereço. Confira se ele foi digitado ou copiado por inteiro.
error-method_not_allowed = Esta página não pode ser usada assim
    .detail = Este endereço não aceita esse método. O cabeçalho Allow lista os que ele aceita.
    .advice = Nada foi salvo. Vá para a página de cadastro e comece por lá.
error-request_timeout = A solicitação demorou demais para chegar
    .detail = Nada foi salvo. Verifique a conexão e envie de novo.
    .advice = Nada foi salvo. Verifique sua conexão e envie o formulário de novo.
error-body_too_large = Isso é mais do que cabe no formulário
    .detail = Nada foi salvo. Envie no máximo 16 KiB.
    .advice = Nada foi salvo. Encurte o nome, o e-mail ou a senha.
error-unsupported_media_type = Não foi possível ler a solicitação
    .detail = Envie application/json ou, onde houver um formulário, application/x-www-form-urlencoded, em UTF-8.
    .advice = O formulário não chegou como deveria, e nada foi salvo. Abra a página de cadastro e preencha de novo.
error-misdirected_request = Este não é o endereço deste serviço
    .detail = Envie as solicitações ao host de PUBLIC_URL.
    .advice = Use o endereço informado pelo responsável por este serviço.
error-busy = Estamos com muitos acessos agora
    .detail = Nada foi salvo. Aguarde alguns segundos e tente de novo.
    .advice = Nada foi salvo. Aguarde alguns segundos e tente de novo.
    .notice = Estamos com muitos acessos agora. Nada foi salvo. Aguarde alguns segundos e tente de novo. Sua senha não fica guardada, então digite-a de novo.
error-outcome_unknown = Não sabemos se os dados foram salvos
    .detail = O banco de dados parou de responder, e os dados podem ter sido salvos ou não. Tente de novo em alguns segundos.
    .advice = Eles podem ter sido salvos ou não. Tente de novo em alguns segundos.
    .notice = Não sabemos se os dados foram salvos. Eles podem ter sido salvos ou não. Tente de novo em alguns segundos. Sua senha não fica guardada, então digite-a de novo.
error-starting = Estaremos prontos em instantes
    .detail = O serviço está iniciando. Tente de novo em alguns segundos.
    .advice = O serviço está iniciando. Tente de novo em alguns segundos.
error-internal_error = Algo deu errado do nosso lado
    .detail = A causa não foi nada que você enviou. Tente de novo; se acontecer outra vez, informe o ID da solicitação ao responsável pelo serviço.
    .advice = A causa não foi nada que você digitou. Tente de novo; se acontecer outra vez, informe esta referência ao responsável pelo serviço.
error-page-reference = Referência: { $reference }
error-page-back = Ir para o cadastro

body-member-text = O membro “{ $name }” deve ser um texto.
body-member-boolean = O membro “{ $name }” deve ser true ou false.
body-member-twice = Um membro está repetido.
body-no-object = O corpo deve ser um objeto JSON.
body-not-json = O corpo não é JSON: a leitura parou na linha { $line }, coluna { $column }.
body-not-utf8 = O formulário não está em UTF-8.
body-ended-early = O corpo terminou antes do esperado.

## Every mail

mail-from = Enviado por { $brand }
mail-support = Dúvidas? Escreva para { $support }.
mail-link-as-text = Se o botão não funcionar, abra este endereço:

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code } é seu código de { $brand }
mail-verify-email-heading = Confirme seu e-mail
mail-verify-email-why = Alguém, provavelmente você, criou uma conta em { $brand } com este e-mail.
mail-verify-email-action = Confirmar e-mail
mail-verify-email-code = Ou digite este código na página em que você se cadastrou:
mail-verify-email-expiry = O link vale por { $hours } horas; o código, por { $minutes } minutos.
mail-verify-email-not-you = Não foi você? Então não precisa fazer nada: sem esta confirmação, o endereço não será usado.

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = Você já tem uma conta em { $brand }
mail-account-exists-heading = Você já tem uma conta
mail-account-exists-why = Alguém, provavelmente você, tentou criar uma conta em { $brand } com este e-mail. Já existe uma conta com ele, e nada foi alterado.
mail-account-exists-action = Criar nova senha
mail-account-exists-hint = Se você sabe sua senha, entre com ela. Se não, crie uma nova.
mail-account-exists-not-you = Não foi você? Então não precisa fazer nada.

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = Crie uma nova senha para { $brand }
mail-reset-password-heading = Crie uma nova senha
mail-reset-password-why = Alguém, provavelmente você, informou que esqueceu a senha da sua conta em { $brand }.
mail-reset-password-action = Criar nova senha
mail-reset-password-expiry = O link funciona uma única vez e vale por { $minutes } minutos. Sua senha atual continua valendo até você criar uma nova.
mail-reset-password-not-you = Não foi você? Então não precisa fazer nada: sua senha continua a mesma.

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = Sua senha em { $brand } foi alterada
mail-password-changed-heading = Sua senha foi alterada
mail-password-changed-what = A senha da sua conta em { $brand } foi alterada em { $time }. Todas as outras sessões foram encerradas.
mail-password-changed-not-you = Não foi você? Crie uma nova senha agora mesmo e depois confira os dados da sua conta.
mail-password-changed-action = Criar nova senha

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = Seu e-mail em { $brand } foi alterado
mail-email-changed-heading = Seu e-mail foi alterado
mail-email-changed-what = Em { $time }, o e-mail da sua conta em { $brand } foi alterado para { $address }. Não enviaremos mais nada para este endereço antigo.
mail-email-changed-not-you = Não foi você? Avise agora mesmo o responsável por este serviço.
