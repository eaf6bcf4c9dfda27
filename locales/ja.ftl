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
register-leave-empty = この欄は空のままにしてください

## The sign-up page while a proof is asked for: /_gallery/register/proof-asked and its neighbours

proof-asked = アカウントを作成する前に、もう一つ確認が必要です。まだ何も保存されていません。パスワードは保持されないため、入力し直して、もう一度送信してください。
proof-expired = 確認が古すぎたか、別のメールアドレスのものだったため、新しい確認を用意しました。まだ何も保存されていません。パスワードは保持されないため、入力し直して、もう一度送信してください。
proof-failed = 確認がうまくいかなかったため、新しい確認を用意しました。まだ何も保存されていません。パスワードは保持されないため、入力し直して、もう一度送信してください。
proof-unanswered = ブラウザーで確認が行われず、代わりにメールを送ることもできません。何も保存されていません。JavaScriptを有効にしてもう一度送信するか、後でもう一度お試しください。
proof-crowd = ただいま大変混み合っているため、確認をもう一つ行います。まだ何も保存されていません。ブラウザーの確認が終わったら、フォームをもう一度送信してください。パスワードがある場合は、もう一度入力してください。
proof-by-mail = もう一度送信すると、コードをメールでお送りします。コードを入力するとアカウントが使えるようになります。
proof-needs-script = この確認にはJavaScriptが必要です。有効にしてもう一度送信するか、後でもう一度お試しください。
proof-working = ブラウザーが短い計算をしています。そのまま入力を続けられます。
proof-waiting = 確認はまだ終わっていません。終わると自動的に送信されます。
proof-done = 確認が終わりました。送信できます。
proof-wait = お待ちください…
proof-progress = 確認の進み具合

## The page after a sign-up: /_gallery/welcome/plain

welcome-title = アカウントの作成完了
welcome-heading = アカウントができました
welcome-made-for = 登録したメールアドレスは{ $address }です。
welcome-close = このページは閉じて構いません。
welcome-sign-in = ログイン
welcome-account = アカウントページへ
welcome-confirm = メールアドレスを確認するためのメールを送信しました。
welcome-confirm-link = 今すぐ確認する

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
verify-link-heading = { $address }がご自身のアドレスであることを確認してください。
verify-password-hint = アカウントの作成時に設定したパスワードです。ほかの人が作成したアカウントを、気づかずに確認してしまうのを防ぎます。
verify-unknown-password = パスワードがわからない場合：
verify-new-password = 新しいパスワードを設定
verify-done-title = メールアドレスの確認完了
verify-done = { $address }を確認しました。このページは閉じて構いません。
verify-dead-title = このリンクはもう使えません
verify-dead = { $reason ->
    [used] このリンクはすでに使われています。ご自身で使った場合は、メールアドレスの確認は済んでいます。
    [replaced] その後、新しいメールをお送りしました。そちらのリンクを開いてください。
   *[expired] リンクが使えるのは{ $hours }時間です。メールを再送信してください。
}

## The page to have that mail sent again, for another browser: /_gallery/resend/empty

resend-title = 確認メールの再送信
resend-explain = 登録したメールアドレスを入力してください。確認用のリンクをもう一度お送りします。
resend-sent-title = 受信トレイをご確認ください
resend-sent = { $address }の確認がまだ済んでいない場合は、リンクを記載したメールが届きます。届くまで数分かかることがあります。届かない場合は、迷惑メールフォルダーを確認し、アドレスに間違いがないかもお確かめください。
no-mail = このサービスからはメールを送信できないため、ここでは手続きできません。
no-mail-support = { $support }までご連絡ください。
no-mail-ask = このサービスの運営者にご連絡ください。

## The page to sign in: /_gallery/login/empty

login-title = ログイン
login-action = ログイン
login-identifier = メールアドレスまたはユーザー名
login-password = パスワード
login-wrong = メールアドレス（またはユーザー名）かパスワードが正しくありません。両方を確認して、もう一度お試しください。
login-forgot = パスワードをお忘れですか？
login-not-there = メールアドレスの確認メールが届かない場合：
login-resend = メールを再送信
login-no-account = アカウントをお持ちでない場合：
login-register = アカウントを作成

## The page of somebody who forgot a password: /_gallery/forgot_password/empty

forgot-title = パスワードをお忘れですか？
forgot-explain = アカウントのメールアドレスを入力してください。新しいパスワードを設定するためのリンクをお送りします。ユーザー名だけで作成したアカウントにはメールアドレスがないため、この方法は使えません。
forgot-action = リンクを送信
forgot-sent-title = 受信トレイをご確認ください
forgot-sent = { $address }のアカウントがある場合は、リンクを記載したメールが届きます。届くまで数分かかることがあります。届かない場合は、迷惑メールフォルダーを確認し、アドレスに間違いがないかもお確かめください。

## The page that the link for a new password leads to: /_gallery/reset_password/empty

reset-title = 新しいパスワードの設定
reset-for = { $address }のアカウントのパスワードを設定します。
reset-signs-out = 変更すると、すべての端末とブラウザーからログアウトします。
reset-password = 新しいパスワード
reset-action = パスワードを変更
reset-done-title = パスワードの変更完了
reset-done = すべての端末とブラウザーからログアウトしました。新しいパスワードでログインしてください。
reset-dead-title = このリンクはもう使えません
reset-dead = { $reason ->
    [used] このリンクはすでに使われています。パスワードをもう一度変更するには、新しいリンクを受け取ってください。
    [replaced] その後、新しいメールをお送りしました。そちらのリンクを開いてください。
   *[expired] パスワードを設定するリンクが使えるのは{ $minutes }分間です。新しいリンクを受け取ってください。
}
forgot-again = 新しいリンクを受け取る
reset-cookies-title = Cookieを有効にしてください
reset-cookies = このページではCookieを使います。このサイトのCookieを有効にしてから、メールのリンクをもう一度開いてください。

## The page of somebody's own account: /_gallery/account/furnished

account-title = アカウント
account-signed-in = { $account }としてログインしています。
account-sign-out = ログアウト
account-profile = プロフィール
account-username = ユーザー名は{ $username }です。
account-profile-action = 保存
account-email = メールアドレス
account-email-confirmed = { $address }は確認済みです。
account-email-unconfirmed = { $address }の確認はまだ済んでいません。
account-email-confirm = 今すぐ確認する
account-email-none = このアカウントにはメールアドレスが登録されていません。パスワードを忘れると、ログインし直す方法がありません。
account-email-add = メールアドレスを追加すると、新しいパスワードを設定するためのリンクを受け取れるようになります。
account-email-pending = { $address }に送信したリンクを開くと、このアドレスがアカウントのメールアドレスになります。
account-email-new = 新しいメールアドレス
account-email-hint = このアドレスにリンクを送信します。リンクを開くまで、何も変更されません。
account-email-action = リンクを送信
account-email-no-mail = このサービスからはメールを送信できないため、ここではメールアドレスを変更できません。
account-current-password = 現在のパスワード
account-password = パスワード
account-password-what = パスワードを変更しても、このブラウザーではログインしたままです。ほかの端末やブラウザーからはすべてログアウトします。
account-sessions = ログイン中の端末とブラウザー
account-session-current = このブラウザー
account-session-token = アクセストークンを使うプログラム
account-device-unknown = 不明な端末
account-session-since = ログイン日時：{ $time }
account-session-seen = 最終アクセス日時：{ $time }
account-peer = IPアドレス：{ $peer }
account-sign-out-others = ほかのすべての端末とブラウザーからログアウト
account-activity = アカウントの履歴
account-activity-none = 履歴はまだありません。
account-activity-failed = 失敗
account-data = データ
account-data-what = このサービスに保存されているご自身のデータを、1つのファイルにまとめたものです。
account-data-link = データをダウンロード
account-delete = アカウントの削除
account-delete-what = アカウントは、氏名、メールアドレス、パスワードとともに直ちに削除され、すべての端末とブラウザーからログアウトします。元に戻すことは誰にもできません。アカウントの履歴は、保存期間が終わるまで残ります。
account-delete-confirm = アカウントを完全に削除します
account-delete-action = アカウントを削除
account-saved-profile = プロフィールを保存しました。
account-saved-email = { $address }にメールを送信しました。アドレスを変更するには、メールのリンクを開いてください。
account-saved-password = パスワードを変更しました。ほかの端末やブラウザーからはすべてログアウトしました。
account-saved-session = 選択した端末からログアウトしました。
account-saved-sessions = ほかの端末やブラウザーからはすべてログアウトしました。
email-changed-title = メールアドレスの変更完了
email-changed-done = アカウントのメールアドレスを{ $address }に変更しました。
email-taken-title = このメールアドレスのアカウントはすでにあります
email-taken-now = 確認が済むまでの間に{ $address }のアカウントが作成されたため、メールアドレスは変更されていません。別のメールアドレスを使ってください。
account-deleted-title = アカウントの削除完了
account-deleted = アカウントを削除しました。このページは閉じて構いません。
notice-sign-in = ログイン
notice-account = アカウントページへ

## What happened to an account, in its list of activity: /_gallery/account/every-activity

activity-account_registered = アカウントの作成
activity-account_claimed = このメールアドレスでの再登録の操作
activity-email_verified = メールアドレスの確認
activity-login = ログイン
activity-login_failed = ログインの試行
activity-logout = ログアウト
activity-session_revoked = ほかの端末やブラウザーからのログアウト
activity-password_reset_requested = 新しいパスワードを設定するリンクの依頼
activity-password_reset = リンクからの新しいパスワードの設定
activity-password_changed = パスワードの変更
activity-password_change_failed = 現在のパスワードの入力間違い
activity-email_change_requested = 新しいメールアドレスの入力
activity-email_changed = メールアドレスの変更
activity-profile_changed = プロフィールの変更
activity-data_exported = データのダウンロード

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
code_wrong = お送りしたコードと一致しないか、そのコードはもう使えません。コードを確認するか、メールを再送信してください。
identifier_missing = メールアドレスまたはユーザー名を入力してください。
password_wrong = このアカウントのパスワードと一致しません。確認して、もう一度お試しください。
current_password_missing = 現在のパスワードを入力してください。
current_password_wrong = 現在のパスワードと一致しません。確認して、もう一度お試しください。
confirm_missing = アカウントを削除するには、チェックを入れてください。
token_missing = メールに記載のリンク全体を開いてください。
token_expired = このリンクはもう使えません。新しいリンクを受け取ってください。
token_used = このリンクはすでに使われています。新しいリンクを受け取ってください。
token_replaced = その後、新しいメールをお送りしました。そちらのリンクを開いてください。

## What programs are told when somebody has the identifier. The English texts are fixed: other software compares them.

taken-email = メールアドレスは登録済みです
taken-username = ユーザー名は登録済みです
taken-user-email = ユーザーのメールアドレスはすでに登録されています。
check-inbox = メールを送信しました。このアドレスの受信トレイを確認してください。
forgot-accepted = このアドレスのアカウントがある場合は、新しいパスワードを設定するためのリンクを記載したメールが届きます。
resend-accepted = このアドレスの確認がまだ済んでいない場合は、新しいリンクを記載したメールが届きます。
problem-taken = アカウントはすでに存在します
problem-input = 入力は受け付けられませんでした

## Error pages: /_gallery/error/KEY. The text is the heading; .advice is for people, .detail for programs.

error-malformed_body = リクエストを読み取れませんでした
    .detail = 本文がJSONまたはオブジェクトではないか、メンバーの重複または型の誤りがあります。
    .advice = フォームが正しく届かなかったため、何も保存されていません。ページを開き直して、もう一度入力してください。
error-malformed_host = リクエストを読み取れませんでした
    .detail = Hostヘッダーを1つだけ送信してください。
    .advice = このサービスの運営者から案内されたURLを使ってください。
error-cross_site = このフォームは別のサイトから送信されました
    .detail = 何も保存されていません。フォームは、このサービスのページから送信してください。
    .advice = 何も保存されていません。このサイトのページを開き、そこでフォームに入力してください。
error-unauthenticated = ログインしていません
    .detail = 認証されていません
    .advice = ログインしてから、もう一度お試しください。
error-not_found = ページが見つかりません
    .detail = このURLには何もありません。最後まで正しく入力またはコピーされているか確認してください。
    .advice = このURLには何もありません。最後まで正しく入力またはコピーされているか確認してください。
error-method_not_allowed = このページはその方法では使えません
    .detail = このURLはそのメソッドを受け付けません。受け付けるメソッドはAllowヘッダーに記載されています。
    .advice = 何も保存されていません。登録ページを開いて、そこから始めてください。
error-request_timeout = リクエストが届くまでに時間がかかりすぎました
    .detail = 何も保存されていません。接続を確認して、もう一度送信してください。
    .advice = 何も保存されていません。接続を確認して、フォームをもう一度送信してください。
error-uri_too_long = アドレスが長すぎます
    .detail = 何も行われていません。8 KiB以下のアドレスを使用してください。
    .advice = 何も行われていません。開いたリンクを確認するか、アドレスを入力し直してください。
error-body_too_large = 入力内容がフォームに収まりません
    .detail = 何も保存されていません。16 KiB以下で送信してください。
    .advice = 何も保存されていません。氏名、メールアドレス、またはパスワードを短くしてください。
error-unsupported_media_type = リクエストを読み取れませんでした
    .detail = application/json、またはフォームがある場合はapplication/x-www-form-urlencodedを、UTF-8で送信してください。
    .advice = フォームが正しく届かなかったため、何も保存されていません。ページを開き直して、もう一度入力してください。
error-misdirected_request = このURLはこのサービスのものではありません
    .detail = リクエストはPUBLIC_URLのホストに送信するか、このホストをALLOWED_HOSTSに追加してください。
    .advice = このサービスの運営者から案内されたURLを使ってください。
error-too_many_requests = 試行回数が多すぎます
    .detail = 試行回数が多すぎます。何も保存されていません。{ $minutes ->
       *[other] { $minutes }分後
    }にもう一度お試しください。
    .advice = 何も保存されていません。{ $minutes ->
       *[other] { $minutes }分後
    }にもう一度お試しください。
    .notice = 試行回数が多すぎます。何も保存されていません。{ $minutes ->
       *[other] { $minutes }分後
    }にもう一度お試しください。パスワードは保持されないため、入力し直してください。
error-busy = ただいま混み合っています
    .detail = 何も保存されていません。数秒待ってから、もう一度お試しください。
    .advice = 何も保存されていません。数秒待ってから、もう一度お試しください。
    .notice = ただいま混み合っています。何も保存されていません。数秒待ってから、もう一度お試しください。パスワードは保持されないため、入力し直してください。
error-outcome_unknown = 保存されたかどうか確認できませんでした
    .detail = 時間内に応答がなかったため、保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。
    .advice = 保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。
    .notice = 保存されたかどうか確認できませんでした。保存された可能性も、されていない可能性もあります。数秒後にもう一度お試しください。パスワードは保持されないため、入力し直してください。
error-incorrect_credentials = ログインできませんでした
    .detail = メールアドレスまたはパスワードが正しくありません
    .advice = メールアドレス（またはユーザー名）とパスワードを確認して、もう一度お試しください。
error-mail_off = このサービスからはメールを送信できません
    .detail = 運営者がメールサーバーを設定していないため、何も送信されていません。このサービスの運営者にご連絡ください。
    .advice = メールサーバーが設定されていないため、何も送信されていません。このサービスの運営者にご連絡ください。
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

## Mail to a new address for an account that exists: /_gallery/mail_confirm_new_email/plain

mail-confirm-new-email-subject = { $brand }の新しいメールアドレスを確認してください
mail-confirm-new-email-heading = 新しいメールアドレスの確認
mail-confirm-new-email-why = { $brand }のアカウントでこのメールアドレスを使う操作がありました。おそらくご本人によるものです。
mail-confirm-new-email-action = メールアドレスを確認
mail-confirm-new-email-expiry = リンクは{ $hours }時間使えます。リンクを開くまで、何も変更されません。
mail-confirm-new-email-not-you = お心当たりがない場合、操作は不要です。確認されないかぎり、このアドレスが使われることはありません。

## Notice that an account was deleted: /_gallery/mail_account_deleted/plain

mail-account-deleted-subject = { $brand }のアカウントが削除されました
mail-account-deleted-heading = アカウントが削除されました
mail-account-deleted-what = { $time }に、{ $brand }のアカウントが削除されました。このアドレスには、今後何も送信されません。
mail-account-deleted-not-you = お心当たりがない場合は、すぐにこのサービスの運営者にご連絡ください。
