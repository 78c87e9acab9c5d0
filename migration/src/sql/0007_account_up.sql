-- What users do with their own account: a picture, and a forgotten password.

ALTER TABLE users ADD COLUMN picture_upload_id bigint CONSTRAINT users_picture_upload_id_fkey REFERENCES uploads (id) ON DELETE SET NULL;
CREATE UNIQUE INDEX users_picture_key ON users (picture_upload_id) WHERE picture_upload_id IS NOT NULL;
COMMENT ON COLUMN users.picture_upload_id IS 'The profile picture; it goes with its reference, whoever changes that';

CREATE FUNCTION drop_picture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM uploads WHERE id = OLD.picture_upload_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION drop_picture IS 'Deletes a picture that nobody shows any more';
CREATE TRIGGER picture_replaced AFTER UPDATE OF picture_upload_id ON users FOR EACH ROW
    WHEN (OLD.picture_upload_id IS NOT NULL AND OLD.picture_upload_id IS DISTINCT FROM NEW.picture_upload_id) EXECUTE FUNCTION drop_picture();
CREATE TRIGGER picture_left AFTER DELETE ON users FOR EACH ROW WHEN (OLD.picture_upload_id IS NOT NULL) EXECUTE FUNCTION drop_picture();

-- A sign-in is no change of the account: it neither raises the version that an If-Match names nor moves updated_at.
DROP TRIGGER touch ON users;
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW
    WHEN (OLD.last_sign_in_at IS NOT DISTINCT FROM NEW.last_sign_in_at) EXECUTE FUNCTION touch_row();

-- Nothing has written this table so far; what was in it could not be derived again for a mail.
DELETE FROM password_reset_tokens;
ALTER TABLE password_reset_tokens
    ADD COLUMN nonce bytea NOT NULL CONSTRAINT password_reset_tokens_nonce_check CHECK (octet_length(nonce) = 16),
    ADD COLUMN email text NOT NULL;
DROP INDEX password_reset_tokens_user_idx;
CREATE UNIQUE INDEX password_reset_tokens_user_key ON password_reset_tokens (user_id);
COMMENT ON INDEX password_reset_tokens_user_key IS 'A new token takes the place of the one before';
COMMENT ON COLUMN password_reset_tokens.nonce IS 'The token is derived from this, the id and the server secret, so that each try of the mail holds the same one';
COMMENT ON COLUMN password_reset_tokens.email IS 'Where it was mailed; it works only while this is the address of the account';

ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_kind_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_kind_check CHECK (kind IN ('welcome', 'password_reset'));
