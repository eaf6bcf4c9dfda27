-- Accounts that let nobody in before their address is proven, whatever the settings say: sign-ups that were proven by mail
-- rather than by a script.
ALTER TABLE users ADD COLUMN must_prove BOOLEAN NOT NULL DEFAULT FALSE;
