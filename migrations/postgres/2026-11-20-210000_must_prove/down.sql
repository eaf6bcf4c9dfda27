ALTER TABLE users DROP COLUMN must_prove;
