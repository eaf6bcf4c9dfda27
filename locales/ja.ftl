# Vestibule in Japanese. See en.ftl for where each text is seen.

## Every page

title-with-error = エラー：{ $title }
error-prefix = エラー：
summary-heading = 次の内容をご確認ください
field-optional = （任意）
password-show = 表示
    .label = パスワードを表示する
    .status = パスワードが表示されています
password-hide = 非表示
    .label = パスワードを非表示にする
    .status = パスワードは非表示です
languages-label = 言語
links-label = このサイトについて
link-home = トップページ
link-terms = 利用規約
link-privacy = プライバシー
link-imprint = 運営者情報
link-support = お問い合わせ

## The sign-up page: /_gallery/register/empty

register-title = アカウントの作成
register-action = アカウントを作成
register-full-name = 氏名
register-email = メールアドレス
register-password = パスワードを設定
register-password-hint = { $min ->
    [1] 長さは自由です。関連のない単語をいくつか組み合わせると、覚えやすく、推測されにくくなります。
   *[other] { $min }文字以上。関連のない単語をいくつか組み合わせると、覚えやすく、推測されにくくなります。
}
register-terms = 利用規約に同意します
register-terms-link = 利用規約を読む
register-have-account = すでにアカウントをお持ちですか？
register-sign-in = ログイン

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = アカウントの作成完了
welcome-heading = アカウントができました
welcome-made-for = 登録したメールアドレスは{ $address }です。
welcome-close = このページは閉じて構いません。
welcome-sign-in = ログイン

## The page to confirm an email address: /_gallery/verify_email/sent

verify-title = メールアドレスの確認
verify-sent = { $address }にリンクとコードを送信しました。
verify-either = リンクを開くか、ここにコードを入力してください。コードは{ $minutes ->
   *[other] { $minutes }分間
}使えます。
verify-code = メールに記載のコード
verify-code-hint = 6桁の数字
verify-action = メールアドレスを確認
verify-not-there = 届かない場合は、迷惑メールフォルダーを確認するか、メールを再送信してください。
verify-resend = メールを再送信
verify-resent = 新しいメールを送信しました。使えるのは、最新のリンクとコードだけです。
verify-link-heading = { $address }がご自身のアドレスであることを確認してください
verify-done-title = メールアドレスの確認完了
verify-done = { $address }を確認しました。このページは閉じて構いません。
verify-dead-title = このリンクはもう使えません
verify-dead = { $reason ->
    [used] このリンクはすでに使われています。ご自身で使った場合は、メールアドレスの確認は済んでいます。
    [replaced] その後、新しいメールをお送りしました。そちらのリンクを開いてください。
   *[expired] リンクが使えるのは{ $hours }時間です。メールを再送信してください。
}

## Errors at a field; the key is the code that programs get. Seen at /_gallery/register/KEY

full_name_missing = 氏名を入力してください。
full_name_too_short = 氏名は{ $min }文字以上で入力してください。
full_name_too_long = 氏名は{ $max }文字以内で入力してください。
full_name_format = 氏名に制御文字は使えません。
email_missing = メールアドレスを入力してください。
email_format = メールアドレスを正しい形式で入力してください（例：name@example.com）。
email_too_long = メールアドレスは{ $max }文字以内で入力してください。
email_taken = このメールアドレスのアカウントはすでにあります。たった今ご自身で作成した場合は、これで完了です。そうでない場合は、別のメールアドレスを入力してください。
username_missing = ユーザー名を入力してください。
username_format = ユーザー名は半角の英字（a～z）または数字で始め、半角の英数字と「.」「_」「-」だけを使ってください。
username_too_long = ユーザー名は{ $max }文字以内で入力してください。
username_reserved = このユーザー名はサービス専用です。別のユーザー名を入力してください。
username_taken = このユーザー名のアカウントはすでにあります。別のユーザー名を入力してください。
password_missing = パスワードを入力してください。
password_nul = パスワードにU+0000の文字は使えません。
password_too_short = { $min ->
   *[other] パスワードは{ $min }文字以上で入力してください。
}
password_too_long = パスワードは{ $max }文字以内で入力してください。
password_common = このパスワードは簡単に推測されます。もっと長くするか、関連のない単語をいくつか組み合わせてください。
password_like_identifier = { $identifier ->
    [username] ユーザー名をもとにしたパスワードは使えません。関連のない単語をいくつか組み合わせてください。
   *[email] メールアドレスをもとにしたパスワードは使えません。関連のない単語をいくつか組み合わせてください。
}
terms_missing = アカウントを作成するには、利用規約に同意してください。
code_missing = メールに記載のコードを入力してください。
code_format = コードは6桁の数字で入力してください。
code_wrong = お送りしたコードと一致しません。コードを確認するか、メールを再送信してください。

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = メールアドレスは登録済みです
taken-username = ユーザー名は登録済みです
taken-user-email = ユーザーのメールアドレスはすでに登録されています。
problem-taken = アカウントはすでに存在します
problem-input = 入力は受け付けられませんでした

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = リクエストを読み取れませんでした
    .detail = 本文がJSONまたはオブジェクトではないか、メンバーの重複または型の誤りがあります。
    .advice = フォームが正しく届かなかったため、何も保存されていません。登録ページを開いて、もう一度入力してください。
error-malformed_host = リクエストを読み取れませんでした
    .detail = Hostヘッダーを1つだけ送信してください。
    .advice = このサービスの運営者から案内されたURLを使ってください。
error-cross_site = このフォームは別のサイトから送信されました
    .detail = 何も保存されていません。フォームは、このサービスのページから送信してください。
    .advice = 何も保存されていません。このサイトの登録ページを開き、そこでフォームに入力してください。
error-not_found = ページが見つかりません
    .detail = このURLには何もありません。最後まで正しく入力またはコピーされているか確認してください。
    .advice = このURLには何もありません。最後まで正しく入力またはコピーされているか確認してください。
error-method_not_allowed = このページはその方法では使えません
    .detail = このURLはそのメソッドを受け付けません。受け付けるメソッドはAllowヘッダーに記載されています。
    .advice = 何も保存されていません。登録ページを開いて、そこから始めてください。
error-request_timeout = リクエストが届くまでに時間がかかりすぎました
    .detail = 何も保存されていません。接続を確認して、もう一度送信してください。
    .advice = 何も保存されていません。接続を確認して、フォームをもう一度送信してください。
error-body_too_large = 入力内容がフォームに収まりません
    .detail = 何も保存されていません。16 KiB以下で送信してください。
    .advice = 何も保存されていません。氏名、メールアドレス、またはパスワードを短くしてください。
error-unsupported_media_type = リクエストを読み取れませんでした
    .detail = application/json、またはフォームがある場合はapplication/x-www-form-urlencodedを、UTF-8で送信してください。
    .advice = フォームが正しく届かなかったため、何も保存されていません。登録ページを開いて、もう一度入力してください。
error-misdirected_request = このURLはこのサービスのものではありません
    .detail = リクエストはPUBLIC_URLのホストに送信してください。
    .advice = このサービスの運営者から案内されたURLを使ってください。
error-busy = ただいま混み合っています
    .detail = 何も保存されていません。数秒待ってから、もう一度お試しください。
    .advice = 何も保存されていません。数秒待ってから、もう一度お試しください。
    .notice = ただいま混み合っています。何も保存されていません。数秒待ってから、もう一度お試しください。パスワードは保持されないため、入力し直してください。
error-outcome_unknown = 保存されたかどうか確認できませんでした
    .detail = データベースが応答しなくなったため、保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。
    .advice = 保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。
    .notice = 保存されたかどうか確認できませんでした。保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。パスワードは保持されないため、入力し直してください。
error-starting = まもなくご利用いただけます
    .detail = サービスを起動しています。数秒後にもう一度お試しください。
    .advice = サービスを起動しています。数秒後にもう一度お試しください。
error-internal_error = サービス側で問題が発生しました
    .detail = 送信された内容が原因ではありません。もう一度お試しください。再び発生する場合は、リクエストIDを運営者にお知らせください。
    .advice = 入力された内容が原因ではありません。もう一度お試しください。再び発生する場合は、このお問い合わせ番号を運営者にお知らせください。
error-page-reference = お問い合わせ番号：{ $reference }
error-page-back = 登録ページへ

body-member-text = メンバー「{ $name }」は文字列にしてください。
body-member-boolean = メンバー「{ $name }」はtrueまたはfalseにしてください。
body-member-twice = 同じメンバーが2回指定されています。
body-no-object = 本文はJSONオブジェクトにしてください。
body-not-json = 本文がJSONではありません。{ $line }行目の{ $column }列目で読み取りが止まりました。
body-not-utf8 = フォームがUTF-8ではありません。
body-ended-early = 本文が途中で終わっています。

## Every mail

mail-from = 送信元：{ $brand }
mail-support = ご質問は{ $support }までご連絡ください。
mail-link-as-text = ボタンが機能しない場合は、次のURLを開いてください：

## Mail to a new address: /_gallery/mail_verify_email/plain

mail-verify-email-subject = { $code }は{ $brand }の確認コードです
mail-verify-email-heading = メールアドレスの確認
mail-verify-email-why = このメールアドレスで{ $brand }のアカウントが作成されました。おそらくご本人の操作によるものです。
mail-verify-email-action = メールアドレスを確認
mail-verify-email-code = または、登録したページで次のコードを入力してください：
mail-verify-email-expiry = リンクは{ $hours }時間、コードは{ $minutes }分間使えます。
mail-verify-email-not-you = お心当たりがない場合、操作は不要です。確認されないかぎり、このアドレスが使われることはありません。

## Mail to somebody who signs up with an address that has an account: /_gallery/mail_account_exists/plain

mail-account-exists-subject = { $brand }のアカウントをすでにお持ちです
mail-account-exists-heading = アカウントをすでにお持ちです
mail-account-exists-why = このメールアドレスで{ $brand }のアカウントを作成する操作がありました。おそらくご本人によるものです。このアドレスのアカウントはすでにあるため、何も変更されていません。
mail-account-exists-action = 新しいパスワードを設定
mail-account-exists-hint = パスワードがわかる場合は、そのパスワードでログインしてください。わからない場合は、新しいパスワードを設定してください。
mail-account-exists-not-you = お心当たりがない場合、操作は不要です。

## Mail to somebody who forgot a password: /_gallery/mail_reset_password/plain

mail-reset-password-subject = { $brand }の新しいパスワードを設定してください
mail-reset-password-heading = 新しいパスワードの設定
mail-reset-password-why = { $brand }のアカウントのパスワードを忘れたとのご連絡がありました。おそらくご本人によるものです。
mail-reset-password-action = 新しいパスワードを設定
mail-reset-password-expiry = リンクは{ $minutes }分間、1回だけ使えます。新しいパスワードを設定するまでは、今のパスワードを使えます。
mail-reset-password-not-you = お心当たりがない場合、操作は不要です。パスワードは今のまま変わりません。

## Notice that a password was changed: /_gallery/mail_password_changed/plain

mail-password-changed-subject = { $brand }のパスワードが変更されました
mail-password-changed-heading = パスワードが変更されました
mail-password-changed-what = { $time }に、{ $brand }のアカウントのパスワードが変更されました。ほかの端末やブラウザーからはすべてログアウトしました。
mail-password-changed-not-you = お心当たりがない場合は、すぐに新しいパスワードを設定し、アカウントの内容を確認してください。
mail-password-changed-action = 新しいパスワードを設定

## Notice to the old address that it was replaced: /_gallery/mail_email_changed/plain

mail-email-changed-subject = { $brand }に登録したメールアドレスが変更されました
mail-email-changed-heading = メールアドレスが変更されました
mail-email-changed-what = { $time }に、{ $brand }のアカウントのメールアドレスが{ $address }に変更されました。変更前のこのアドレスには、今後何も送信されません。
mail-email-changed-not-you = お心当たりがない場合は、すぐにこのサービスの運営者にご連絡ください。
