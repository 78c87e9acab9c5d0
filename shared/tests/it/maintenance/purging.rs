//! What has expired goes, and nothing else.

use super::{House, at};
use acurate_shared::maintenance::Task;
use acurate_shared::maintenance::purge::{Keep, Purge};
use std::time::Duration;

const NOW: &str = "2027-03-01T01:00:00Z";

/// Families: `d`ead, `l`ong-lived, `h`alf a day dead, `f`resh. Each row is known by its user agent.
const SESSIONS: &str = "
    INSERT INTO sessions (family, user_id, token_hash, created_at, expires_at, used_at, revoked_at, user_agent)
    SELECT family::uuid, 1, sha256(agent::bytea), expires - interval '14 days', expires, used, revoked, agent
    FROM (VALUES
        ('00000000-0000-4000-8000-00000000000d', 'd1', timestamptz '2027-02-01', timestamptz '2027-01-20', NULL::timestamptz),
        ('00000000-0000-4000-8000-00000000000d', 'd2', '2027-02-28 00:59:59+00', NULL, '2027-02-20'),
        ('00000000-0000-4000-8000-000000000001', 'l1', '2027-01-01', '2026-12-20', NULL),
        ('00000000-0000-4000-8000-000000000001', 'l2', '2027-02-02', '2027-01-20', NULL),
        ('00000000-0000-4000-8000-000000000001', 'l3', '2027-03-10', NULL, NULL),
        ('00000000-0000-4000-8000-000000000002', 'h1', '2027-02-01', '2027-01-20', NULL),
        ('00000000-0000-4000-8000-000000000002', 'h2', '2027-02-28 13:00:00+00', NULL, NULL),
        ('00000000-0000-4000-8000-000000000003', 'f1', '2027-03-15', NULL, NULL)
    ) AS s (family, agent, expires, used, revoked) ORDER BY agent";

#[tokio::test]
async fn sessions_go_a_day_after_their_end_but_a_living_one_keeps_its_beginning() {
    let house = House::open().await;
    house.execute(SESSIONS).await;
    assert_eq!(house.purge(Task::ExpiredSessions, at(NOW)).await, [3]);
    assert_eq!(house.line("user_agent", "sessions").await, "f1 h1 h2 l1 l3");
    assert_eq!(house.purge(Task::ExpiredSessions, at("2027-03-01T13:00:01Z")).await, [2]);
    assert_eq!(house.line("user_agent", "sessions").await, "f1 l1 l3");
}

#[tokio::test]
async fn reset_tokens_go_a_day_after_their_end_used_or_not() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
             SELECT 1, 'teacher', n || '@ata.edu.tr', 'A', 'B', 'x' FROM unnest(ARRAY['old', 'used', 'late', 'fresh']) AS n;
             INSERT INTO password_reset_tokens (user_id, token_hash, nonce, email, created_at, expires_at, used_at)
             SELECT u.id, sha256(u.email::bytea), decode(repeat('ab', 16), 'hex'), u.email, t.expires - interval '15 minutes', t.expires, t.used
             FROM (VALUES
                ('old@ata.edu.tr', timestamptz '2027-02-28 00:59:59+00', NULL::timestamptz),
                ('used@ata.edu.tr', '2027-02-01', '2027-01-31'),
                ('late@ata.edu.tr', '2027-02-28 01:00:01+00', NULL),
                ('fresh@ata.edu.tr', '2027-03-01 01:10:00+00', NULL)
             ) AS t (email, expires, used) JOIN users u USING (email)",
        )
        .await;
    assert_eq!(house.purge(Task::ExpiredResetTokens, at(NOW)).await, [2]);
    assert_eq!(
        house.line("email", "password_reset_tokens").await,
        "fresh@ata.edu.tr late@ata.edu.tr"
    );
}

#[tokio::test]
async fn answers_go_when_they_are_not_given_again_any_more() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO idempotency_keys (user_id, key, fingerprint, status, location, body, created_at)
             SELECT 1, key, sha256(key::bytea), 201, '/', '{}', made
             FROM (VALUES ('old', timestamptz '2027-02-28 01:00:00+00'), ('fresh', '2027-02-28 01:00:01+00')) AS k (key, made)",
        )
        .await;
    assert_eq!(house.purge(Task::ExpiredIdempotencyKeys, at(NOW)).await, [1]);
    assert_eq!(house.line("key", "idempotency_keys").await, "fresh");
}

#[tokio::test]
async fn a_batch_is_bounded_and_passes_over_what_somebody_works_on() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO idempotency_keys (user_id, key, fingerprint, status, location, body, created_at)
             SELECT 1, n, sha256('x'), 201, '/', '{}', '2027-01-01' FROM generate_series(1, 1201) AS n",
        )
        .await;
    let mut holder = house.database().pool().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM idempotency_keys WHERE key = '7' FOR UPDATE")
        .execute(&mut *holder)
        .await
        .unwrap();
    assert_eq!(house.purge(Task::ExpiredIdempotencyKeys, at(NOW)).await, [500, 500, 200]);
    assert_eq!(house.line("key", "idempotency_keys").await, "7");
    holder.rollback().await.unwrap();
    assert_eq!(house.purge(Task::ExpiredIdempotencyKeys, at(NOW)).await, [1]);
}

#[test]
fn tasks_that_remove_nothing_have_nothing_to_remove() {
    let keep = Keep {
        jobs: Duration::ZERO,
        files: Duration::ZERO,
    };
    let without: Vec<Task> = Task::ALL.into_iter().filter(|task| Purge::of(*task, keep).is_none()).collect();
    assert_eq!(without, [Task::Partitions, Task::AchievementCheck]);
}
