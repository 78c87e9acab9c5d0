DROP TABLE contact_requests, activity_log;
DROP FUNCTION ensure_activity_partition;
