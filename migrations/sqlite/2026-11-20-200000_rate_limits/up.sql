-- How much of a limit is used up, and which ids were used once. `key` is an HMAC of the rule and of whom it is about; `tat` the
-- theoretical arrival time of the generic cell rate algorithm, in microseconds since 1970 (UTC). A row that is over means
-- nothing.
CREATE TABLE rate_limits (
    key BLOB   NOT NULL PRIMARY KEY,
    tat BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX rate_limits_tat_idx ON rate_limits (tat);
