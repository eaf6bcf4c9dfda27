-- Which `SECRET_KEY` instances run with: a derivation of each, from which it cannot be found, and when an instance last said so.
CREATE TABLE key_fingerprints (
    fingerprint  BLOB      NOT NULL PRIMARY KEY,
    last_seen_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
