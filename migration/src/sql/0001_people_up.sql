-- Who uses the system: institutions, their structure, their people and how these sign in.

CREATE FUNCTION touch_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION touch_row IS 'Raises version (optimistic locking, ETag) and updated_at on each update';

CREATE TABLE institutions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 255),
    locale     text NOT NULL DEFAULT 'tr' CHECK (locale IN ('tr', 'en')),
    time_zone  text NOT NULL DEFAULT 'Europe/Istanbul' CHECK (length(time_zone) BETWEEN 1 AND 64),
    is_active  boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX institutions_name_key ON institutions (lower(name));
COMMENT ON TABLE institutions IS 'A university or school: the tenant that owns everything else';
COMMENT ON COLUMN institutions.locale IS 'Language of the mails and of sorting: tr or en';
COMMENT ON COLUMN institutions.time_zone IS 'IANA name; times in mails are written in it';

CREATE TABLE departments (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL REFERENCES institutions (id),
    code           text NOT NULL CHECK (length(btrim(code)) BETWEEN 1 AND 20),
    name           text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 150),
    description    text CHECK (length(description) <= 2000),
    contact_email  text CHECK (length(contact_email) <= 254),
    contact_phone  text CHECK (length(contact_phone) <= 20),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT departments_code_key UNIQUE (institution_id, code),
    CONSTRAINT departments_name_key UNIQUE (institution_id, name),
    CONSTRAINT departments_tenant_key UNIQUE (institution_id, id)
);

CREATE TABLE programs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint NOT NULL,
    department_id  bigint NOT NULL,
    code           text NOT NULL CHECK (length(btrim(code)) BETWEEN 1 AND 20),
    name           text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 150),
    is_active      boolean NOT NULL DEFAULT true,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT programs_code_key UNIQUE (institution_id, code),
    CONSTRAINT programs_tenant_key UNIQUE (institution_id, id),
    CONSTRAINT programs_department_key UNIQUE (id, department_id),
    CONSTRAINT programs_department_fkey FOREIGN KEY (institution_id, department_id) REFERENCES departments (institution_id, id)
);
CREATE INDEX programs_department_idx ON programs (department_id);

CREATE TABLE users (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id        bigint REFERENCES institutions (id),
    role                  text NOT NULL CHECK (role IN ('super_admin', 'institution_admin', 'teacher', 'student')),
    email                 text NOT NULL,
    first_name            text NOT NULL CHECK (length(btrim(first_name)) BETWEEN 1 AND 150),
    last_name             text NOT NULL CHECK (length(btrim(last_name)) BETWEEN 1 AND 150),
    phone                 text CHECK (length(phone) BETWEEN 1 AND 20),
    student_number        text CHECK (length(student_number) BETWEEN 1 AND 20),
    department_id         bigint,
    program_id            bigint,
    year_of_study         smallint CHECK (year_of_study BETWEEN 1 AND 6),
    entry_year            smallint CHECK (entry_year BETWEEN 1950 AND 2100),
    is_active             boolean NOT NULL DEFAULT true,
    password_hash         text,
    credential_nonce      bytea CHECK (octet_length(credential_nonce) = 16),
    credential_expires_at timestamptz,
    password_changed_at   timestamptz,
    last_sign_in_at       timestamptz,
    created_by            bigint REFERENCES users (id) ON DELETE SET NULL,
    version               integer NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_student_number_key UNIQUE (institution_id, student_number),
    CONSTRAINT users_tenant_key UNIQUE (institution_id, id),
    CONSTRAINT users_email_check CHECK (email = lower(email COLLATE "C") AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254),
    CONSTRAINT users_tenant_check CHECK ((role = 'super_admin') = (institution_id IS NULL)),
    CONSTRAINT users_student_has_number_check CHECK ((role = 'student') = (student_number IS NOT NULL)),
    CONSTRAINT users_student_only_check CHECK (role = 'student' OR num_nonnulls(program_id, year_of_study, entry_year) = 0),
    CONSTRAINT users_program_department_check CHECK (program_id IS NULL OR department_id IS NOT NULL),
    CONSTRAINT users_one_credential_check CHECK (num_nonnulls(password_hash, credential_nonce) = 1),
    CONSTRAINT users_credential_expiry_check CHECK ((credential_nonce IS NULL) = (credential_expires_at IS NULL)),
    CONSTRAINT users_department_fkey FOREIGN KEY (institution_id, department_id) REFERENCES departments (institution_id, id),
    CONSTRAINT users_program_fkey FOREIGN KEY (program_id, department_id) REFERENCES programs (id, department_id)
);
CREATE INDEX users_role_active_idx ON users (institution_id, role, is_active);
CREATE INDEX users_department_role_idx ON users (department_id, role);
CREATE INDEX users_created_by_idx ON users (created_by);
CREATE INDEX users_program_idx ON users (program_id) WHERE program_id IS NOT NULL;
COMMENT ON COLUMN users.email IS 'Lower case by ASCII rules, so that one address is one spelling in every locale';
COMMENT ON COLUMN users.credential_nonce IS 'A temporary password is derived from this and the server secret; it is set exactly while no password has been chosen';

CREATE TABLE sessions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    family      uuid NOT NULL,
    user_id     bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash  bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    revoked_at  timestamptz,
    ip          text,
    user_agent  text CHECK (length(user_agent) <= 300),
    CONSTRAINT sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT sessions_expiry_check CHECK (expires_at > created_at)
);
CREATE INDEX sessions_family_idx ON sessions (family);
CREATE INDEX sessions_user_idx ON sessions (user_id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);
COMMENT ON TABLE sessions IS 'Refresh tokens; a family is one sign-in, each row one rotation of its token';

CREATE TABLE password_history (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX password_history_user_idx ON password_history (user_id, created_at DESC);

CREATE TABLE password_reset_tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    ip         text,
    CONSTRAINT password_reset_tokens_hash_key UNIQUE (token_hash),
    CONSTRAINT password_reset_tokens_expiry_check CHECK (expires_at > created_at)
);
CREATE INDEX password_reset_tokens_user_idx ON password_reset_tokens (user_id, expires_at);

CREATE TRIGGER touch BEFORE UPDATE ON institutions FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON departments FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON programs FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_row();
