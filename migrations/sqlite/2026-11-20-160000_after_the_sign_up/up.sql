-- What happens to an account after the sign-up. Times are UTC; tokens are kept as SHA-256 alone.

-- The language of mails; whose account it has been since when, if not since it was made; until when the address has to
-- be proven, for accounts made where a login needs that.
ALTER TABLE users ADD COLUMN language TEXT;
ALTER TABLE users ADD COLUMN owner_since TIMESTAMP;
ALTER TABLE users ADD COLUMN proof_due TIMESTAMP;

-- Later sign-ups for an address that nobody has proven yet: whoever proves it gets the account, with these.
CREATE TABLE claims (
    id            INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id       BIGINT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_hash TEXT      NOT NULL,
    full_name     TEXT,
    language      TEXT,
    created_at    TIMESTAMP NOT NULL
);
CREATE INDEX claims_user_id_idx ON claims (user_id);

-- What was mailed to prove an address, or that it is the owner who asks. `state` keeps why a link is dead.
CREATE TABLE mail_tokens (
    id              INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash      BLOB      NOT NULL,
    purpose         TEXT      NOT NULL CHECK (purpose IN ('verify_email', 'change_email', 'reset_password')),
    user_id         BIGINT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        BIGINT    REFERENCES claims (id) ON DELETE CASCADE,
    sent_to         TEXT      NOT NULL,
    code_mac        BLOB,
    code_expires_at TIMESTAMP,
    code_tries      BIGINT    NOT NULL DEFAULT 0,
    state           TEXT      NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'used', 'replaced')),
    created_at      TIMESTAMP NOT NULL,
    expires_at      TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX mail_tokens_token_hash_key ON mail_tokens (token_hash);
CREATE INDEX mail_tokens_user_id_idx ON mail_tokens (user_id);
CREATE INDEX mail_tokens_claim_id_idx ON mail_tokens (claim_id);

-- Who is signed in: browsers by cookie, programs by bearer token.
CREATE TABLE sessions (
    id           INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash   BLOB      NOT NULL,
    kind         TEXT      NOT NULL CHECK (kind IN ('browser', 'token')),
    user_id      BIGINT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    peer         TEXT,
    user_agent   TEXT,
    created_at   TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

-- Mails that are to be sent, written with what caused them. No tokens: those are made when the mail is.
CREATE TABLE outbox (
    id              INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id      TEXT      NOT NULL,
    kind            TEXT      NOT NULL,
    detail          TEXT      NOT NULL,
    user_id         BIGINT,
    recipient       TEXT      NOT NULL,
    language        TEXT,
    peer            TEXT,
    user_agent      TEXT,
    state           TEXT      NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dropped', 'dead')),
    attempts        BIGINT    NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMP NOT NULL,
    lease_until     TIMESTAMP,
    last_error      TEXT,
    created_at      TIMESTAMP NOT NULL,
    done_at         TIMESTAMP
);
CREATE INDEX outbox_next_attempt_at_idx ON outbox (next_attempt_at) WHERE state = 'pending';
CREATE INDEX outbox_recipient_idx ON outbox (recipient, kind);

-- What happened to accounts. Rows are added, and taken away once they are old; never changed. They outlive the account.
CREATE TABLE audit_log (
    id         INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT,
    event      TEXT      NOT NULL,
    succeeded  BOOLEAN   NOT NULL,
    peer       TEXT,
    user_agent TEXT,
    at         TIMESTAMP NOT NULL
);
CREATE INDEX audit_log_user_id_idx ON audit_log (user_id, at);
CREATE INDEX audit_log_at_idx ON audit_log (at);
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
