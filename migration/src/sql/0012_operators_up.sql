-- What operators see and steer: runs that did not succeed, paused queues, workers; and what keeps one institution's bulk
-- work from holding back another's.

ALTER TABLE jobs ADD COLUMN claimed_at timestamptz;
COMMENT ON COLUMN jobs.claimed_at IS 'When the last run began';

CREATE TABLE job_attempts (
    job_id     bigint NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    attempt    integer NOT NULL CHECK (attempt >= 1),
    worker     text NOT NULL CHECK (length(worker) BETWEEN 1 AND 200),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL DEFAULT now(),
    outcome    text NOT NULL CHECK (outcome IN ('failed', 'released', 'lost', 'cancelled')),
    error      text,
    PRIMARY KEY (job_id, attempt)
);
CREATE INDEX job_attempts_ended_idx ON job_attempts (ended_at);
COMMENT ON TABLE job_attempts IS 'One row for each run that did not succeed; a run that did is the job itself';

CREATE TABLE queue_controls (
    queue     text PRIMARY KEY CHECK (length(queue) BETWEEN 1 AND 60),
    reason    text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    paused_by bigint REFERENCES users (id) ON DELETE SET NULL,
    paused_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX queue_controls_paused_by_idx ON queue_controls (paused_by);
COMMENT ON TABLE queue_controls IS 'Queues of which no job is begun; no row, no pause';

CREATE TABLE workers (
    name        text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    version     text NOT NULL CHECK (length(version) BETWEEN 1 AND 60),
    queues      jsonb NOT NULL CHECK (jsonb_typeof(queues) = 'object'),
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    stopping_at timestamptz
);
COMMENT ON TABLE workers IS 'Worker processes that said lately that they live';
COMMENT ON COLUMN workers.queues IS 'How many jobs of each queue it runs at once';

-- What ended lately, by queue, without a look at the rows.
DROP INDEX jobs_finished_idx;
CREATE INDEX jobs_finished_idx ON jobs (finished_at) INCLUDE (queue, state) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_dead_idx ON jobs (queue, finished_at) WHERE state = 'dead';

-- Bulk work is dispatched institution by institution, and only so much of one institution runs at a time.
CREATE INDEX jobs_heavy_due_idx ON jobs (queue, institution_id, run_at, id)
    WHERE state = 'queued' AND queue IN ('import', 'recalculation');
CREATE INDEX jobs_heavy_sent_idx ON jobs (queue, institution_id)
    WHERE state = 'queued' AND dispatched_at IS NOT NULL AND queue IN ('import', 'recalculation');
CREATE INDEX jobs_heavy_running_idx ON jobs (institution_id)
    WHERE state = 'running' AND queue IN ('import', 'recalculation');
