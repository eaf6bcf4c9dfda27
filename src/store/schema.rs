// @generated automatically by Diesel CLI.

diesel::table! {
    installation_secrets (name) {
        name -> Text,
        value -> Binary,
        created_at -> Timestamp,
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
    }
}

diesel::allow_tables_to_appear_in_same_query!(installation_secrets, users,);
