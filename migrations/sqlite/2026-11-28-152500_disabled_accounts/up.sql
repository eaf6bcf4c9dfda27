-- An account that is disabled loses its sessions and links for good, whoever sets `is_active`: enabling it again revives none.
CREATE TRIGGER users_end_sessions_when_disabled AFTER UPDATE OF is_active ON users
WHEN OLD.is_active AND NOT NEW.is_active
BEGIN
    DELETE FROM sessions WHERE user_id = OLD.id;
    UPDATE mail_tokens SET state = 'replaced' WHERE user_id = OLD.id AND state = 'live';
END;
DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE NOT is_active);
UPDATE mail_tokens SET state = 'replaced'
WHERE state = 'live' AND user_id IN (SELECT id FROM users WHERE NOT is_active);
