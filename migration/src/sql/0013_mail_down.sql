DROP INDEX jobs_grades_posted_idx;
DELETE FROM jobs WHERE kind IN ('password_changed_email', 'grades_posted_email', 'import_finished_email') AND state IN ('queued', 'running');

DROP INDEX email_deliveries_user_idx;
CREATE INDEX email_deliveries_user_idx ON email_deliveries (user_id);
DROP INDEX email_deliveries_institution_idx;
CREATE INDEX email_deliveries_institution_idx ON email_deliveries (institution_id);
DELETE FROM email_deliveries WHERE state = 'suppressed' OR kind NOT IN ('welcome', 'password_reset');
ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_state_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_state_check CHECK (state IN ('sending', 'sent', 'failed'));
ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_kind_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_kind_check CHECK (kind IN ('welcome', 'password_reset'));

DROP TRIGGER new_address ON users;
DROP FUNCTION note_new_address;
ALTER TABLE users DROP CONSTRAINT users_email_changed_check, DROP COLUMN email_changed_at, DROP COLUMN earlier_email, DROP COLUMN mail_grades;
DROP TABLE email_suppressions;
