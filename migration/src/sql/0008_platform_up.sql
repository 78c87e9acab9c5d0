-- The platform as its owner sees it: what an institution is, its suspension and its end, and quick ways to delete.

ALTER TABLE institutions
    ADD COLUMN institution_type text NOT NULL DEFAULT 'university'
        CHECK (institution_type IN ('university', 'faculty', 'school', 'training', 'company', 'other')),
    ADD COLUMN city text CHECK (length(btrim(city)) BETWEEN 1 AND 100),
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
    ADD COLUMN address text CHECK (length(address) BETWEEN 1 AND 500),
    ADD COLUMN website text CHECK (length(website) <= 500 AND website ~ '^https?://'),
    ADD COLUMN contact_email text CHECK (length(contact_email) BETWEEN 3 AND 254),
    ADD COLUMN contact_phone text CHECK (length(contact_phone) BETWEEN 1 AND 20),
    ADD COLUMN description text CHECK (length(description) BETWEEN 1 AND 5000),
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN deletion_requested_at timestamptz,
    ADD COLUMN deletion_job_id bigint REFERENCES jobs (id) ON DELETE SET NULL,
    ADD CONSTRAINT institutions_deletion_job_key UNIQUE (deletion_job_id),
    ADD CONSTRAINT institutions_deletion_check CHECK (deletion_requested_at IS NULL OR NOT is_active);
COMMENT ON COLUMN institutions.country IS 'ISO 3166-1 alpha-2';
COMMENT ON COLUMN institutions.is_active IS 'False while the institution is suspended: nobody of it can sign in';
COMMENT ON COLUMN institutions.deletion_requested_at IS 'Set for good: what a job has begun to delete can only be deleted to its end';
UPDATE institutions SET suspended_at = updated_at WHERE NOT is_active;

-- Whoever deletes a row looks for those that refer to it; without these indexes each look reads a whole table.
CREATE INDEX grades_graded_by_idx ON grades (graded_by);
CREATE INDEX jobs_created_by_idx ON jobs (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX uploads_institution_idx ON uploads (institution_id);
CREATE INDEX uploads_created_by_idx ON uploads (created_by);
CREATE INDEX imports_upload_idx ON imports (upload_id);
CREATE INDEX imports_created_by_idx ON imports (created_by);
CREATE INDEX email_deliveries_institution_idx ON email_deliveries (institution_id);
CREATE INDEX email_deliveries_job_idx ON email_deliveries (job_id);

-- Reading the log: by action, newest first. Pages go on behind a time and an id.
CREATE INDEX activity_log_action_idx ON activity_log (action, created_at DESC);
CREATE INDEX contact_requests_email_idx ON contact_requests (contact_email, created_at DESC);
