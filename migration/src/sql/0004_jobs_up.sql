-- Work for the worker, and what it works on: jobs, uploaded files, imports, mails.

CREATE TABLE jobs (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind                text NOT NULL CHECK (length(kind) BETWEEN 1 AND 60),
    queue               text NOT NULL CHECK (length(queue) BETWEEN 1 AND 60),
    payload             jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    state               text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'dead', 'cancelled', 'superseded')),
    attempt             integer NOT NULL DEFAULT 0,
    failures            integer NOT NULL DEFAULT 0,
    lost_leases         integer NOT NULL DEFAULT 0,
    max_attempts        integer NOT NULL CHECK (max_attempts >= 1),
    run_at              timestamptz NOT NULL DEFAULT now(),
    dedupe_key          text CHECK (length(dedupe_key) <= 200),
    lease_until         timestamptz,
    worker              text,
    progress_done       bigint NOT NULL DEFAULT 0 CHECK (progress_done >= 0),
    progress_total      bigint CHECK (progress_total >= 0),
    result              jsonb,
    error               text,
    cancel_requested_at timestamptz,
    institution_id      bigint REFERENCES institutions (id),
    created_by          bigint REFERENCES users (id) ON DELETE SET NULL,
    trace_parent        text CHECK (length(trace_parent) <= 100),
    dispatches          integer NOT NULL DEFAULT 0,
    dispatched_at       timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    started_at          timestamptz,
    finished_at         timestamptz,
    CONSTRAINT jobs_attempts_check CHECK (failures <= max_attempts),
    CONSTRAINT jobs_lease_check CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT jobs_worker_check CHECK (state <> 'running' OR worker IS NOT NULL),
    CONSTRAINT jobs_finished_check CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX jobs_dedupe_key ON jobs (dedupe_key) WHERE state = 'queued';
CREATE INDEX jobs_due_idx ON jobs (queue, run_at) WHERE state = 'queued';
CREATE INDEX jobs_lease_idx ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_institution_idx ON jobs (institution_id, created_at DESC);
CREATE INDEX jobs_finished_idx ON jobs (finished_at) WHERE finished_at IS NOT NULL;
COMMENT ON TABLE jobs IS 'The truth about background work; Redis only carries ids';
COMMENT ON COLUMN jobs.attempt IS 'Claims so far; with the worker''s name it fences a stale run off';
COMMENT ON COLUMN jobs.failures IS 'Runs that ended in an error; dead at max_attempts';
COMMENT ON COLUMN jobs.lost_leases IS 'Runs whose worker vanished since the last progress';

-- Wakes the dispatchers for rows that no fast path has taken to Redis already.
CREATE FUNCTION notify_due_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh WHERE dispatched_at IS NULL AND run_at <= now()) THEN
        PERFORM pg_notify('acurate_jobs', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_due AFTER INSERT ON jobs REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notify_due_jobs();

CREATE TABLE uploads (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id bigint REFERENCES institutions (id),
    created_by     bigint REFERENCES users (id) ON DELETE SET NULL,
    purpose        text NOT NULL CHECK (purpose IN ('student_import', 'grade_import', 'profile_picture')),
    file_name      text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
    content_type   text CHECK (length(content_type) <= 255),
    size_bytes     bigint NOT NULL CHECK (size_bytes >= 0),
    sha256         bytea NOT NULL CHECK (octet_length(sha256) = 32),
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE upload_chunks (
    upload_id bigint NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    seq       integer NOT NULL CHECK (seq >= 0),
    data      bytea NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 1048576),
    PRIMARY KEY (upload_id, seq)
);
COMMENT ON TABLE upload_chunks IS 'The bytes of an upload, in pieces that any worker can stream';

CREATE TABLE imports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id  bigint NOT NULL REFERENCES institutions (id),
    kind            text NOT NULL CHECK (kind IN ('students', 'grades')),
    upload_id       bigint REFERENCES uploads (id) ON DELETE SET NULL,
    job_id          bigint NOT NULL REFERENCES jobs (id),
    created_by      bigint REFERENCES users (id) ON DELETE SET NULL,
    mode            text NOT NULL CHECK (mode IN ('dry_run', 'apply')),
    on_existing     text NOT NULL CHECK (on_existing IN ('skip', 'update')),
    send_welcome    boolean NOT NULL,
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    encoding        text,
    delimiter       text,
    mapping         jsonb NOT NULL DEFAULT '{}',
    warnings        jsonb NOT NULL DEFAULT '[]',
    failure         jsonb,
    records_total   bigint,
    records_read    bigint NOT NULL DEFAULT 0,
    created_count   bigint NOT NULL DEFAULT 0 CHECK (created_count >= 0),
    updated_count   bigint NOT NULL DEFAULT 0 CHECK (updated_count >= 0),
    unchanged_count bigint NOT NULL DEFAULT 0 CHECK (unchanged_count >= 0),
    rejected_count  bigint NOT NULL DEFAULT 0 CHECK (rejected_count >= 0),
    last_record     bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    CONSTRAINT imports_counts_check CHECK (created_count + updated_count + unchanged_count + rejected_count = records_read),
    CONSTRAINT imports_complete_check CHECK (state <> 'completed' OR records_read IS NOT DISTINCT FROM records_total),
    CONSTRAINT imports_job_key UNIQUE (job_id)
);
CREATE INDEX imports_institution_idx ON imports (institution_id, created_at DESC);
COMMENT ON COLUMN imports.last_record IS 'Number of the last record whose batch is committed; the header is record 1';

CREATE TABLE import_errors (
    import_id   bigint NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    record      bigint NOT NULL CHECK (record >= 1),
    seq         integer NOT NULL CHECK (seq >= 0),
    column_name text,
    value       text CHECK (length(value) <= 200),
    code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
    message_tr  text NOT NULL,
    message_en  text NOT NULL,
    PRIMARY KEY (import_id, record, seq)
);

CREATE TABLE email_deliveries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id   bigint REFERENCES institutions (id),
    user_id          bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id           bigint REFERENCES jobs (id) ON DELETE SET NULL,
    kind             text NOT NULL CHECK (kind IN ('welcome')),
    message_id       text NOT NULL CHECK (length(message_id) <= 200),
    state            text NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    attempts         integer NOT NULL DEFAULT 1,
    last_error       text CHECK (length(last_error) <= 1000),
    created_at       timestamptz NOT NULL DEFAULT now(),
    sent_at          timestamptz,
    CONSTRAINT email_deliveries_message_id_key UNIQUE (message_id),
    CONSTRAINT email_deliveries_sent_check CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX email_deliveries_user_idx ON email_deliveries (user_id);
COMMENT ON TABLE email_deliveries IS 'One row per mail, whatever the number of tries; holds no address and no content';
