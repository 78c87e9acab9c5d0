DROP INDEX jobs_finished_idx, jobs_dead_idx, jobs_heavy_due_idx, jobs_heavy_sent_idx, jobs_heavy_running_idx;
CREATE INDEX jobs_finished_idx ON jobs (finished_at) WHERE finished_at IS NOT NULL;
DROP TABLE workers, queue_controls, job_attempts;
ALTER TABLE jobs DROP COLUMN claimed_at;
