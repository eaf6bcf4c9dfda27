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
register-leave-empty = Deixe este campo vazio

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = Falta uma verificação antes de criarmos a conta. Nada foi salvo ainda. Sua senha não fica guardada: digite-a de novo e envie o formulário mais uma vez.
proof-expired = A verificação era antiga demais ou para outro e-mail, então aqui está uma nova. Nada foi salvo ainda. Sua senha não fica guardada: digite-a de novo e envie o formulário mais uma vez.
proof-failed = A verificação não deu certo, então aqui está uma nova. Nada foi salvo ainda. Sua senha não fica guardada: digite-a de novo e envie o formulário mais uma vez.
proof-unanswered = Seu navegador não fez a verificação, e não podemos enviar um e-mail no lugar dela. Nada foi salvo. Ative o JavaScript e envie o formulário de novo, ou tente mais tarde.
proof-crowd = Há muita gente aqui neste momento, então precisamos de mais uma verificação. Nada foi salvo ainda. Envie o formulário de novo quando o navegador terminar; se ele tiver senha, digite-a outra vez.
proof-by-mail = Envie o formulário de novo e mandaremos um código por e-mail. Sua conta será liberada assim que você o digitar.
proof-needs-script = Esta verificação precisa de JavaScript. Ative-o e envie o formulário de novo, ou tente mais tarde.
proof-working = Seu navegador está fazendo um cálculo rápido. Você pode continuar digitando.
proof-waiting = A verificação ainda está em andamento. O formulário será enviado sozinho quando ela terminar.
proof-done = A verificação terminou. Você já pode enviar o formulário.
proof-wait = Aguarde…
proof-progress = Andamento da verificação

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = Conta criada
welcome-heading = Sua conta está pronta
welcome-made-for = Ela foi criada com o e-mail { $address }.
welcome-close = Você já pode fechar esta página.
welcome-sign-in = Entrar
welcome-account = Ir para sua conta
welcome-confirm = Enviamos um e-mail para você confirmar o endereço.
welcome-confirm-link = Confirmar agora

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
verify-link-heading = Confirme que { $address } é seu e-mail.
verify-password-hint = A senha escolhida quando a conta foi criada. Assim, ninguém leva você a confirmar uma conta que não é sua.
verify-unknown-password = Não sabe a senha?
verify-new-password = Criar nova senha
verify-done-title = E-mail confirmado
verify-done = O e-mail { $address } foi confirmado. Você já pode fechar esta página.
verify-dead-title = Este link não funciona mais
verify-dead = { $reason ->
    [used] Ele já foi usado. Se foi você quem usou, seu e-mail está confirmado.
    [replaced] Enviamos um e-mail mais recente. Abra o link que está nele.
   *[expired] O link vale por { $hours } horas. Peça um novo.
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = Peça de novo o e-mail de confirmação
resend-explain = Digite o e-mail que você usou no cadastro, e enviaremos de novo o link de confirmação.
resend-sent-title = Confira sua caixa de entrada
resend-sent = Se ainda falta confirmar { $address }, você receberá um e-mail com um link. Isso pode levar alguns minutos. Não chegou? Procure na pasta de spam e confira se o endereço está certo.
no-mail = Este serviço não consegue enviar e-mails, por isso não dá para fazer isso aqui.
no-mail-support = Escreva para { $support }.
no-mail-ask = Fale com o responsável por este serviço.

## The page to sign in: /_gallery/login/empty

login-title = Entrar
login-action = Entrar
login-identifier = E-mail ou nome de usuário
login-password = Senha
login-wrong = Os dados de acesso não estão corretos. Confira o e-mail ou nome de usuário e a senha e tente de novo.
login-forgot = Esqueceu sua senha?
login-not-there = Não recebeu o e-mail de confirmação?
login-resend = Pedir de novo
login-no-account = Ainda não tem uma conta?
login-register = Criar conta

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = Esqueceu sua senha?
forgot-explain = Digite o e-mail da sua conta, e enviaremos um link para você criar uma nova senha. Contas criadas só com nome de usuário não têm e-mail, então esta opção não funciona para elas.
forgot-action = Enviar link
forgot-sent-title = Confira sua caixa de entrada
forgot-sent = Se existe uma conta com o e-mail { $address }, você receberá um e-mail com um link. Isso pode levar alguns minutos. Não chegou? Procure na pasta de spam e confira se o endereço está certo.

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = Crie uma nova senha
reset-for = É para a conta de { $address }.
reset-signs-out = Todas as suas sessões serão encerradas.
reset-password = Nova senha
reset-action = Alterar senha
reset-done-title = Senha alterada
reset-done = Todas as suas sessões foram encerradas. Entre com sua nova senha.
reset-dead-title = Este link não funciona mais
reset-dead = { $reason ->
    [used] Ele já foi usado. Para criar outra senha, peça um novo link.
    [replaced] Enviamos um e-mail mais recente. Abra o link que está nele.
   *[expired] O link para criar uma nova senha vale por { $minutes } minutos. Peça um novo.
}
forgot-again = Pedir um novo link
reset-cookies-title = Ative os cookies
reset-cookies = Esta página precisa de um cookie para continuar. Ative os cookies para este site e abra de novo o link do e-mail.

## The page of somebody's own account: /_gallery/account/furnished

account-title = Sua conta
account-signed-in = Você entrou como { $account }.
account-sign-out = Encerrar sessão
account-profile = Perfil
account-username = Seu nome de usuário é { $username }.
account-profile-action = Salvar
account-email = E-mail
account-email-confirmed = O e-mail { $address } está confirmado.
account-email-unconfirmed = O e-mail { $address } ainda não foi confirmado.
account-email-confirm = Confirmar agora
account-email-none = Sua conta não tem e-mail: se você esquecer a senha, ninguém poderá ajudar você a recuperar o acesso.
account-email-add = Adicione um e-mail, e você poderá receber nele um link para criar uma nova senha.
account-email-pending = { $address } será o e-mail da sua conta quando você abrir o link que enviamos para lá.
account-email-new = Novo e-mail
account-email-hint = Enviaremos um link para esse e-mail. Nada muda até você abrir o link.
account-email-action = Enviar link
account-email-no-mail = Este serviço não consegue enviar e-mails, por isso não dá para alterar o endereço aqui.
account-current-password = Senha atual
account-password = Senha
account-password-what = Quando você altera a senha, esta sessão continua aberta e todas as outras são encerradas.
account-sessions = Sessões abertas
account-session-current = Esta sessão
account-session-token = Programa com token de acesso
account-device-unknown = Dispositivo desconhecido
account-session-since = Sessão iniciada em { $time }
account-session-seen = Última atividade: { $time }
account-peer = Endereço de rede: { $peer }
account-sign-out-others = Encerrar todas as outras sessões
account-activity = Atividade da conta
account-activity-none = Nenhuma atividade até agora.
account-activity-failed = Sem sucesso
account-data = Seus dados
account-data-what = Os dados que este serviço guarda sobre você, em um só arquivo.
account-data-link = Baixar seus dados
account-delete = Excluir sua conta
account-delete-what = Sua conta é excluída na hora, com seu nome, seu e-mail e sua senha, e todas as suas sessões são encerradas. Ninguém poderá recuperar a conta. O registro de atividade dela fica guardado até o fim do prazo de retenção.
account-delete-confirm = Excluir minha conta para sempre
account-delete-action = Excluir conta
account-saved-profile = Seu perfil foi salvo.
account-saved-email = Enviamos um e-mail para { $address }. Abra o link que está nele para alterar o endereço.
account-saved-password = Sua senha foi alterada. Todas as outras sessões foram encerradas.
account-saved-session = Essa sessão foi encerrada.
account-saved-sessions = Todas as outras sessões foram encerradas.
email-changed-title = E-mail alterado
email-changed-done = { $address } agora é o e-mail da sua conta.
email-taken-title = Este e-mail já tem uma conta
email-taken-now = Nesse meio-tempo, alguém criou uma conta com { $address }, por isso o e-mail da sua conta não foi alterado. Use outro.
account-deleted-title = Conta excluída
account-deleted = Sua conta foi excluída. Você já pode fechar esta página.
notice-sign-in = Entrar
notice-account = Ir para sua conta

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = Conta criada
activity-account_claimed = Novo cadastro com este e-mail
activity-email_verified = E-mail confirmado
activity-login = Sessão iniciada
activity-login_failed = Tentativa de acesso
activity-logout = Sessão encerrada
activity-session_revoked = Sessão encerrada a partir de outro lugar
activity-password_reset_requested = Link para nova senha solicitado
activity-password_reset = Nova senha criada por um link
activity-password_changed = Senha alterada
activity-password_change_failed = Senha atual incorreta
activity-email_change_requested = Novo e-mail informado
activity-email_changed = E-mail alterado
activity-profile_changed = Perfil alterado
activity-data_exported = Dados baixados

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
code_wrong = Este não é o código que enviamos, ou ele não funciona mais. Confira o código ou peça um novo.
identifier_missing = Digite seu e-mail ou nome de usuário.
password_wrong = Esta não é a senha desta conta. Confira a senha e tente de novo.
current_password_missing = Digite sua senha atual.
current_password_wrong = Esta não é sua senha atual. Confira a senha e tente de novo.
confirm_missing = Marque a caixa para excluir sua conta.
token_missing = Abra o link completo que está no e-mail.
token_expired = Este link não funciona mais. Peça um novo.
token_used = Este link já foi usado. Peça um novo.
token_replaced = Enviamos um e-mail mais recente. Abra o link que está nele.

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = E-mail já cadastrado
taken-username = Nome de usuário já cadastrado
taken-user-email = O e-mail do usuário já está cadastrado.
check-inbox = Confira a caixa de entrada deste endereço: enviamos um e-mail.
forgot-accepted = Se existe uma conta com este endereço, você receberá um e-mail com um link para criar uma nova senha.
resend-accepted = Se ainda falta confirmar este endereço, você receberá um e-mail com um novo link.
problem-taken = Já existe uma conta
problem-input = Os dados enviados não foram aceitos

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = Não foi possível ler a solicitação
    .detail = O corpo não é JSON ou não é um objeto, ou um membro está repetido ou tem o tipo errado.
    .advice = O formulário não chegou como deveria, e nada foi salvo. Abra a página de novo e preencha outra vez.
error-malformed_host = Não foi possível ler a solicitação
    .detail = Envie exatamente um cabeçalho Host.
    .advice = Use o endereço informado pelo responsável por este serviço.
error-cross_site = Este formulário veio de outro site
    .detail = Nada foi salvo. Envie formulários a partir da página deste serviço.
    .advice = Nada foi salvo. Abra a página neste site e preencha o formulário por lá.
error-unauthenticated = Você não entrou na sua conta
    .detail = Sem autenticação
    .advice = Entre e tente de novo.
error-not_found = Página não encontrada
    .detail = Não há nada neste endereço. Confira se ele foi digitado ou copiado por inteiro.
    .advice = Não há nada neste endereço. Confira se ele foi digitado ou copiado por inteiro.
error-method_not_allowed = Esta página não pode ser usada assim
    .detail = Este endereço não aceita esse método. O cabeçalho Allow lista os que ele aceita.
    .advice = Nada foi salvo. Vá para a página de cadastro e comece por lá.
error-request_timeout = A solicitação demorou demais para chegar
    .detail = Nada foi salvo. Verifique a conexão e envie de novo.
    .advice = Nada foi salvo. Verifique sua conexão e envie o formulário de novo.
error-uri_too_long = Esse endereço é longo demais
    .detail = Nada foi feito. Use um endereço de no máximo 8 KiB.
    .advice = Nada foi feito. Confira o link que você abriu ou digite o endereço de novo.
error-body_too_large = Isso é mais do que cabe no formulário
    .detail = Nada foi salvo. Envie no máximo 16 KiB.
    .advice = Nada foi salvo. Encurte o nome, o e-mail ou a senha.
error-unsupported_media_type = Não foi possível ler a solicitação
    .detail = Envie application/json ou, onde houver um formulário, application/x-www-form-urlencoded, em UTF-8.
    .advice = O formulário não chegou como deveria, e nada foi salvo. Abra a página de novo e preencha outra vez.
error-misdirected_request = Este não é o endereço deste serviço
    .detail = Envie as solicitações ao host de PUBLIC_URL ou inclua este em ALLOWED_HOSTS.
    .advice = Use o endereço informado pelo responsável por este serviço.
error-too_many_requests = Houve tentativas demais
    .detail = Tentativas demais. Nada foi salvo. Tente de novo em { $minutes ->
        [1] um minuto
       *[other] { $minutes } minutos
    }.
    .advice = Nada foi salvo. Tente de novo em { $minutes ->
        [1] um minuto
       *[other] { $minutes } minutos
    }.
    .notice = Houve tentativas demais. Nada foi salvo. Tente de novo em { $minutes ->
        [1] um minuto
       *[other] { $minutes } minutos
    }. Sua senha não fica guardada, então digite-a de novo.
error-busy = Estamos com muitos acessos agora
    .detail = Nada foi salvo. Aguarde alguns segundos e tente de novo.
    .advice = Nada foi salvo. Aguarde alguns segundos e tente de novo.
    .notice = Estamos com muitos acessos agora. Nada foi salvo. Aguarde alguns segundos e tente de novo. Sua senha não fica guardada, então digite-a de novo.
error-outcome_unknown = Não sabemos se os dados foram salvos
    .detail = Nenhuma resposta chegou a tempo, e os dados podem ter sido salvos ou não. Tente de novo em alguns segundos.
    .advice = Eles podem ter sido salvos ou não. Tente de novo em alguns segundos.
    .notice = Não sabemos se os dados foram salvos. Eles podem ter sido salvos ou não. Tente de novo em alguns segundos. Sua senha não fica guardada, então digite-a de novo.
error-incorrect_credentials = Não foi possível entrar
    .detail = E-mail ou senha incorretos
    .advice = Confira o e-mail ou nome de usuário e a senha e tente de novo.
error-mail_off = Este serviço não consegue enviar e-mails
    .detail = Nenhum servidor de e-mail foi configurado, por isso nada foi enviado. Escreva para o responsável por este serviço.
    .advice = Ele não tem servidor de e-mail, por isso nada foi enviado. Escreva para o responsável pelo serviço.
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

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = Confirme seu novo e-mail para { $brand }
mail-confirm-new-email-heading = Confirme seu novo e-mail
mail-confirm-new-email-why = Alguém, provavelmente você, quer usar este e-mail para uma conta em { $brand }.
mail-confirm-new-email-action = Confirmar e-mail
mail-confirm-new-email-expiry = O link vale por { $hours } horas. Nada muda até você abrir o link.
mail-confirm-new-email-not-you = Não foi você? Então não precisa fazer nada: sem esta confirmação, o endereço não será usado.

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = Sua conta em { $brand } foi excluída
mail-account-deleted-heading = Sua conta foi excluída
mail-account-deleted-what = Sua conta em { $brand } foi excluída em { $time }. Não enviaremos mais nada para este endereço.
mail-account-deleted-not-you = Não foi você? Avise agora mesmo o responsável por este serviço.
