-- `users` is a public table: other applications may read it, so its column names stay.
-- `email` and `username_key` hold canonical forms (see accounts/email.rs and accounts/username.rs), so plain
-- unique indexes decide who was first. Times are UTC.
CREATE TABLE users (
    id            INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    email         TEXT,
    username      TEXT,
    username_key  TEXT,
    password_hash TEXT      NOT NULL,
    full_name     TEXT,
    is_active     BOOLEAN   NOT NULL DEFAULT TRUE,
    is_verified   BOOLEAN   NOT NULL DEFAULT FALSE,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    CONSTRAINT users_have_an_identifier CHECK (email IS NOT NULL OR username IS NOT NULL),
    CONSTRAINT users_username_has_key CHECK ((username IS NULL) = (username_key IS NULL))
);
CREATE UNIQUE INDEX users_email_key ON users (email);
CREATE UNIQUE INDEX users_username_key_key ON users (username_key);

-- Secrets the installation makes for itself at its first start, such as the key that signs cookies.
CREATE TABLE installation_secrets (
    name       TEXT      NOT NULL PRIMARY KEY,
    value      BLOB      NOT NULL,
    created_at TIMESTAMP NOT NULL
);
