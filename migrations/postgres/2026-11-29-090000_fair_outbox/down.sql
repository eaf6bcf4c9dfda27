DROP INDEX outbox_cause_idx;
DROP INDEX outbox_mailbox_idx;
ALTER TABLE outbox DROP COLUMN not_before;
ALTER TABLE outbox DROP COLUMN cause;
ALTER TABLE outbox DROP COLUMN mailbox;
