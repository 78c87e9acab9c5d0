//! Jobs go a while after their end; what refers to them stays right.

use super::{House, at};
use acurate_shared::maintenance::Task;

const NOW: &str = "2027-03-01T01:00:00Z";

/// Jobs by kind, which is their name here. `old` is 31 days before [`NOW`], `new` is 29.
const JOBS: &str = "
    INSERT INTO jobs (kind, queue, payload, max_attempts, state, worker, lease_until, created_at, finished_at, result)
    SELECT name, 'email', '{}', 3, state, CASE state WHEN 'running' THEN 'w' END, CASE state WHEN 'running' THEN now() END,
        '2027-01-01', ended, result::jsonb
    FROM (VALUES
        ('old-succeeded', 'succeeded', timestamptz '2027-01-29', NULL),
        ('old-cancelled', 'cancelled', '2027-01-29', NULL),
        ('old-superseded', 'superseded', '2027-01-29', NULL),
        ('old-dead', 'dead', '2027-01-29', NULL),
        ('old-queued', 'queued', NULL, NULL),
        ('old-running', 'running', NULL, NULL),
        ('old-mailed', 'succeeded', '2027-01-29', '{\"message_id\": \"m\"}'),
        ('old-imported', 'succeeded', '2027-01-29', NULL),
        ('new-succeeded', 'succeeded', '2027-01-31', NULL)
    ) AS j (name, state, ended, result)";

#[tokio::test]
async fn jobs_go_thirty_days_after_a_good_end_and_dead_ones_wait_for_an_operator() {
    let house = House::open().await;
    house.execute(JOBS).await;
    house
        .execute(
            "INSERT INTO imports (institution_id, kind, job_id, mode, on_existing, send_welcome)
             SELECT 1, 'students', id, 'apply', 'skip', false FROM jobs WHERE kind = 'old-imported';
             INSERT INTO email_deliveries (institution_id, user_id, job_id, kind, message_id, state, sent_at)
             SELECT 1, 1, id, 'welcome', 'm', 'sent', '2027-01-29' FROM jobs WHERE kind = 'old-mailed';
             INSERT INTO schedule_ticks (name, tick, job_id) SELECT 'partitions', '2027-01-29', id FROM jobs WHERE kind = 'old-succeeded';
             UPDATE institutions SET is_active = false, deletion_requested_at = now(),
                deletion_job_id = (SELECT id FROM jobs WHERE kind = 'old-cancelled')",
        )
        .await;
    assert_eq!(house.purge(Task::FinishedJobs, at(NOW)).await, [4]);
    assert_eq!(
        house.line("kind", "jobs").await,
        "new-succeeded old-dead old-imported old-queued old-running"
    );
    let left = house
        .line("message_id || '=' || state || COALESCE(job_id::text, '')", "email_deliveries")
        .await;
    assert_eq!(left, "m=sent", "the mail is known without its job");
    assert_eq!(
        house.line("name || COALESCE(job_id::text, '')", "schedule_ticks").await,
        "partitions"
    );
    assert_eq!(
        house.line("name || COALESCE(deletion_job_id::text, '')", "institutions").await,
        "Atatürk"
    );
}

/// What the institution's going on looks for (`institutions::resume`).
#[tokio::test]
async fn a_mail_that_was_held_back_is_known_by_its_job_until_the_institution_goes_on() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO jobs (kind, queue, payload, max_attempts, state, institution_id, finished_at, result)
             VALUES ('welcome_email', 'email', '{\"user_id\": 1}', 3, 'succeeded', 1, '2026-01-01', '{\"skipped\": \"the institution is suspended\"}');
             UPDATE institutions SET is_active = false, suspended_at = '2025-12-31'",
        )
        .await;
    assert_eq!(house.purge(Task::FinishedJobs, at(NOW)).await, [0; 0]);
    house.execute("UPDATE institutions SET is_active = true, suspended_at = NULL").await;
    assert_eq!(house.purge(Task::FinishedJobs, at(NOW)).await, [1]);
}

#[tokio::test]
async fn many_jobs_go_in_batches() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO jobs (kind, queue, payload, max_attempts, state, finished_at)
             SELECT 'x', 'email', '{}', 3, 'succeeded', '2026-01-01' FROM generate_series(1, 2300)",
        )
        .await;
    assert_eq!(house.purge(Task::FinishedJobs, at(NOW)).await, [1000, 1000, 300]);
}
