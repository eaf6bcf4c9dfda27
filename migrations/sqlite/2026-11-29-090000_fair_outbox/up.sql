-- Mails are limited by mailbox, since one mailbox has many addresses, and leave in turns by what caused them. A new mail waits
-- for a moment that its cause does not choose.
ALTER TABLE outbox ADD COLUMN mailbox TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN not_before TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE outbox SET mailbox = recipient;
CREATE INDEX outbox_mailbox_idx ON outbox (mailbox, kind);
CREATE INDEX outbox_cause_idx ON outbox (cause, next_attempt_at) WHERE state = 'pending' AND attempts = 0;
