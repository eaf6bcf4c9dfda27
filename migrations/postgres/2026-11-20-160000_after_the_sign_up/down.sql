DROP TABLE audit_log;
DROP FUNCTION audit_log_is_append_only;
DROP TABLE outbox;
DROP TABLE sessions;
DROP TABLE mail_tokens;
DROP TABLE claims;
ALTER TABLE users DROP COLUMN proof_due;
ALTER TABLE users DROP COLUMN owner_since;
ALTER TABLE users DROP COLUMN language;
