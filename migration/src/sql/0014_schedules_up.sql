-- When each schedule was last due: the row by which the workers agree who starts what.

CREATE TABLE schedule_ticks (
    name     text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
    tick     timestamptz NOT NULL,
    fired_at timestamptz NOT NULL DEFAULT now(),
    job_id   bigint REFERENCES jobs (id) ON DELETE SET NULL
);
CREATE INDEX schedule_ticks_job_idx ON schedule_ticks (job_id);
COMMENT ON TABLE schedule_ticks IS 'The latest tick of each schedule that was taken; it only ever moves forward, in the transaction of what it starts';
COMMENT ON COLUMN schedule_ticks.tick IS 'The moment that the cron expression names, not the one at which somebody noticed';
COMMENT ON COLUMN schedule_ticks.job_id IS 'The job that it asked for, while that is kept';
