DROP INDEX contact_requests_email_idx, activity_log_action_idx, email_deliveries_job_idx, email_deliveries_institution_idx, imports_created_by_idx,
    imports_upload_idx, uploads_created_by_idx, uploads_institution_idx, jobs_created_by_idx, grades_graded_by_idx;
ALTER TABLE institutions
    DROP CONSTRAINT institutions_deletion_check,
    DROP COLUMN deletion_job_id, DROP COLUMN deletion_requested_at, DROP COLUMN suspended_at, DROP COLUMN description, DROP COLUMN contact_phone,
    DROP COLUMN contact_email, DROP COLUMN website, DROP COLUMN address, DROP COLUMN country, DROP COLUMN city, DROP COLUMN institution_type;
COMMENT ON COLUMN institutions.is_active IS NULL;
