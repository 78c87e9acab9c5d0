DROP TABLE email_deliveries, import_errors, imports, upload_chunks, uploads, jobs;
DROP FUNCTION notify_due_jobs;
