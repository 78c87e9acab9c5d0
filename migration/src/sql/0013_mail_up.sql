-- Mails: addresses that are known not to work, more kinds of mails, and what a user wants to hear of.

CREATE TABLE email_suppressions (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    address text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    since   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX email_suppressions_since_idx ON email_suppressions (since DESC, user_id);
COMMENT ON TABLE email_suppressions IS 'Addresses that a mail server refused for good: nothing more is sent there until somebody clears the row';
COMMENT ON COLUMN email_suppressions.address IS 'What was refused; the row counts only while this is the address of the account';

ALTER TABLE users
    ADD COLUMN mail_grades boolean NOT NULL DEFAULT false,
    ADD COLUMN earlier_email text CHECK (length(earlier_email) BETWEEN 3 AND 254),
    ADD COLUMN email_changed_at timestamptz,
    ADD CONSTRAINT users_email_changed_check CHECK ((earlier_email IS NULL) = (email_changed_at IS NULL));
COMMENT ON COLUMN users.mail_grades IS 'Whether the user wants a mail about new grades';
COMMENT ON COLUMN users.earlier_email IS 'The address before the changes of the last 30 days: who takes an account over changes the address first, so the mail about a changed password goes there';

-- A new address is a new start. The earlier one counts only when its owner has shown to read its mail, by choosing a password;
-- of several changes in a row it is the one before the first.
CREATE FUNCTION note_new_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM email_suppressions WHERE user_id = OLD.id;
    IF OLD.password_hash IS NULL AND OLD.password_changed_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF OLD.email_changed_at IS NULL OR OLD.email_changed_at < now() - interval '30 days' THEN
        NEW.earlier_email := OLD.email;
    END IF;
    NEW.email_changed_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER new_address BEFORE UPDATE OF email ON users FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION note_new_address();

ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_kind_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_kind_check
    CHECK (kind IN ('welcome', 'access_reset', 'password_reset', 'password_changed', 'grades_posted', 'import_finished'));
ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_state_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_state_check CHECK (state IN ('sending', 'sent', 'failed', 'suppressed'));
-- The log of mails is read newest first, of an institution or of one user.
DROP INDEX email_deliveries_institution_idx;
CREATE INDEX email_deliveries_institution_idx ON email_deliveries (institution_id, id DESC);
DROP INDEX email_deliveries_user_idx;
CREATE INDEX email_deliveries_user_idx ON email_deliveries (user_id, id DESC);

-- Which grades a mail has to name: those since the last one of the same student and course that came to its end.
CREATE INDEX jobs_grades_posted_idx ON jobs (dedupe_key, id) WHERE kind = 'grades_posted_email';
