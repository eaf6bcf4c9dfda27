-- Of each kind of line an account keeps the newest; those that are too many are found by an index.
--
-- As with the indexes of maintenance, the same statement with CONCURRENTLY builds it before the upgrade (docs/operations/database.md).
CREATE INDEX IF NOT EXISTS audit_log_kind_idx ON audit_log (user_id, event, succeeded, at);
