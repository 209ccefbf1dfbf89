ALTER TABLE quarantine ADD COLUMN layout TEXT;
