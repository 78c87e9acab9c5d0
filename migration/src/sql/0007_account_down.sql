DELETE FROM email_deliveries WHERE kind = 'password_reset';
ALTER TABLE email_deliveries DROP CONSTRAINT email_deliveries_kind_check;
ALTER TABLE email_deliveries ADD CONSTRAINT email_deliveries_kind_check CHECK (kind IN ('welcome'));

DROP INDEX password_reset_tokens_user_key;
CREATE INDEX password_reset_tokens_user_idx ON password_reset_tokens (user_id, expires_at);
ALTER TABLE password_reset_tokens DROP COLUMN nonce, DROP COLUMN email;

DROP TRIGGER touch ON users;
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_row();

DROP TRIGGER picture_left ON users;
DROP TRIGGER picture_replaced ON users;
DROP FUNCTION drop_picture;
DELETE FROM uploads WHERE purpose = 'profile_picture';
ALTER TABLE users DROP COLUMN picture_upload_id;
