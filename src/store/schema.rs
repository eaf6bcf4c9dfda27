// @generated automatically by Diesel CLI.

diesel::table! {
    audit_log (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        event -> Text,
        succeeded -> Bool,
        peer -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    claims (id) {
        id -> BigInt,
        user_id -> BigInt,
        password_hash -> Text,
        full_name -> Nullable<Text>,
        language -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    installation_secrets (name) {
        name -> Text,
        value -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    key_fingerprints (fingerprint) {
        fingerprint -> Binary,
        last_seen_at -> Timestamp,
    }
}

diesel::table! {
    mail_tokens (id) {
        id -> BigInt,
        token_hash -> Binary,
        purpose -> Text,
        user_id -> BigInt,
        claim_id -> Nullable<BigInt>,
        sent_to -> Text,
        code_mac -> Nullable<Binary>,
        code_expires_at -> Nullable<Timestamp>,
        code_tries -> BigInt,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        sign_up_tries -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        message_id -> Text,
        kind -> Text,
        detail -> Text,
        user_id -> Nullable<BigInt>,
        recipient -> Text,
        language -> Nullable<Text>,
        peer -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        done_at -> Nullable<Timestamp>,
        mailbox -> Text,
        cause -> Text,
        not_before -> Timestamp,
    }
}

diesel::table! {
    rate_limits (key) {
        key -> Binary,
        tat -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Binary,
        kind -> Text,
        user_id -> BigInt,
        peer -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Nullable<Text>,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        password_hash -> Text,
        full_name -> Nullable<Text>,
        is_active -> Bool,
        is_verified -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        language -> Nullable<Text>,
        owner_since -> Nullable<Timestamp>,
        proof_due -> Nullable<Timestamp>,
        must_prove -> Bool,
        password_epoch -> Nullable<Text>,
    }
}

diesel::joinable!(claims -> users (user_id));
diesel::joinable!(mail_tokens -> claims (claim_id));
diesel::joinable!(mail_tokens -> users (user_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_log,
    claims,
    installation_secrets,
    key_fingerprints,
    mail_tokens,
    outbox,
    rate_limits,
    sessions,
    users,
);
