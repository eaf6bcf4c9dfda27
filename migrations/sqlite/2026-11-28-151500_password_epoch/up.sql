-- Since when an account has had the same password, and of which hash that is said: a hash that is renewed changes nothing
-- of it. What is said of another hash than the one that is stored means nothing: another password was set.
ALTER TABLE users ADD COLUMN password_epoch TEXT;
