-- How often a code was tried by the browser of the sign-up that it was mailed for; `code_tries` are those of everybody else.
ALTER TABLE mail_tokens ADD COLUMN sign_up_tries BIGINT NOT NULL DEFAULT 0;
