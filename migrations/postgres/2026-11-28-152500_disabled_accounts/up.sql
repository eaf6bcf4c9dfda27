-- An account that is disabled loses its sessions and links for good, whoever sets `is_active`: enabling it again revives none.
-- With the rights of its owner, since an application may have been granted `users` alone; so it takes the tables from where
-- `users` is, and no others of the same names.
CREATE FUNCTION users_end_sessions_when_disabled() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('DELETE FROM %I.sessions WHERE user_id = $1', TG_TABLE_SCHEMA) USING OLD.id;
    EXECUTE format(
        'UPDATE %I.mail_tokens SET state = ''replaced'' WHERE user_id = $1 AND state = ''live''', TG_TABLE_SCHEMA
    ) USING OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER users_end_sessions_when_disabled AFTER UPDATE OF is_active ON users
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION users_end_sessions_when_disabled();
DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE NOT is_active);
UPDATE mail_tokens SET state = 'replaced'
WHERE state = 'live' AND user_id IN (SELECT id FROM users WHERE NOT is_active);
