-- What maintenance deletes and what the mail worker takes is found by an index, however large its table has become. Partial
-- indexes hold what is looked for alone: accounts that wait for a proof, mails that wait to be sent.
CREATE INDEX IF NOT EXISTS users_proof_due_idx ON users (must_prove, proof_due) WHERE proof_due IS NOT NULL;
CREATE INDEX IF NOT EXISTS claims_created_at_idx ON claims (created_at);
CREATE INDEX IF NOT EXISTS mail_tokens_expires_at_idx ON mail_tokens (expires_at);
CREATE INDEX IF NOT EXISTS sessions_expires_at_idx ON sessions (expires_at);
CREATE INDEX IF NOT EXISTS sessions_last_seen_at_idx ON sessions (kind, last_seen_at);
CREATE INDEX IF NOT EXISTS outbox_done_at_idx ON outbox (state, done_at) WHERE done_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_lease_until_idx ON outbox (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_attempts_idx ON outbox (attempts, next_attempt_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS outbox_user_id_idx ON outbox (user_id) WHERE state = 'pending';
