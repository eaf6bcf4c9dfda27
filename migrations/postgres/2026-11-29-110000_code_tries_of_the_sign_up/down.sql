ALTER TABLE mail_tokens DROP COLUMN sign_up_tries;
