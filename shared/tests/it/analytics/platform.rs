//! The dashboard of the platform's owner: sizes, background work and activity, and no grade.

use super::views::PAGE;
use crate::classroom::Classroom;
use acurate_shared::actor::Actor;
use acurate_shared::analytics::platform::{self, PlatformDashboard};
use acurate_shared::db::PageRequest;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::{JobState, Role};
use sea_orm::ConnectionTrait;

impl Classroom {
    async fn platform(&self, request: PageRequest) -> PlatformDashboard {
        let owner = Actor {
            user_id: UserId(0),
            role: Role::SuperAdmin,
            institution_id: None,
        };
        platform::own(self.db(), &owner, request).await.unwrap()
    }
}

#[tokio::test]
async fn institutions_are_listed_with_their_sizes() {
    let room = Classroom::open().await;
    room.class(2024, &["90", "50"]).await;
    let script = "
        INSERT INTO institutions (name, is_active) VALUES ('Aachen', false);
        UPDATE users SET is_active = false WHERE student_number LIKE '%-1';
        UPDATE users SET last_sign_in_at = now() - interval '2 days' WHERE role = 'teacher';
        UPDATE users SET last_sign_in_at = now() - interval '10 days' WHERE role = 'institution_admin'";
    room.db().execute_unprepared(script).await.unwrap();
    let found = room.platform(PAGE).await;
    let totals = &found.totals;
    assert_eq!((totals.institutions, totals.inactive_institutions), (1, 1));
    assert_eq!((totals.students, totals.teachers, totals.institution_admins), (1, 1, 1));
    assert_eq!(
        (totals.signed_in_last_day, totals.signed_in_last_week, totals.signed_in_last_month),
        (0, 1, 2)
    );
    let [closed, open] = &found.institutions.items[..] else {
        panic!("two institutions")
    };
    assert_eq!(
        (closed.name.as_str(), closed.is_active, closed.students, closed.courses),
        ("Aachen", false, 0, 0)
    );
    assert_eq!(
        (open.institution_id, open.students, open.teachers, open.courses),
        (room.institution, 1, 1, 1)
    );
    assert_eq!((closed.last_sign_in_at, open.last_sign_in_at.is_some()), (None, true));
    let second = room.platform(PageRequest::new(2, 1)).await;
    assert_eq!(
        (second.institutions.total, &second.institutions.items[..]),
        (2, std::slice::from_ref(open))
    );
}

#[tokio::test]
async fn jobs_are_counted_by_state_and_queues_by_what_waits() {
    let room = Classroom::open().await;
    let script = "
        DELETE FROM jobs;
        INSERT INTO jobs (kind, queue, payload, max_attempts, state, run_at, finished_at, worker, lease_until) VALUES
            ('a', 'mail', '{}', 5, 'queued', now() - interval '1 minute', NULL, NULL, NULL),
            ('a', 'mail', '{}', 5, 'queued', now() - interval '1 hour', NULL, NULL, NULL),
            ('a', 'mail', '{}', 5, 'queued', now() + interval '1 day', NULL, NULL, NULL),
            ('b', 'import', '{}', 5, 'running', now(), NULL, 'w', now() + interval '1 hour'),
            ('b', 'import', '{}', 5, 'dead', now(), now() - interval '6 days', NULL, NULL),
            ('b', 'import', '{}', 5, 'dead', now(), now() - interval '8 days', NULL, NULL)";
    room.db().execute_unprepared(script).await.unwrap();
    let found = room.platform(PAGE).await;
    let jobs: Vec<_> = found.jobs.iter().map(|job| (job.kind.as_str(), job.state, job.count)).collect();
    assert_eq!(
        jobs,
        [("a", JobState::Queued, 3), ("b", JobState::Dead, 1), ("b", JobState::Running, 1)]
    );
    let queues: Vec<_> = found
        .queues
        .iter()
        .map(|queue| (queue.queue.as_str(), queue.due, queue.later, queue.running))
        .collect();
    assert_eq!(queues, [("import", 0, 0, 1), ("mail", 2, 1, 0)]);
    assert_eq!(found.queues[0].oldest_due_seconds, None);
    assert!(found.queues[1].oldest_due_seconds.unwrap() >= 3600);
}

#[tokio::test]
async fn activity_is_counted_by_action_and_age() {
    let room = Classroom::open().await;
    let script = "
        DELETE FROM activity_log;
        INSERT INTO activity_log (action, object_type, created_at)
        SELECT action, 'x', now() - age::interval FROM (VALUES
            ('often', '1 hour'), ('often', '2 days'), ('often', '20 days'), ('seldom', '3 days'), ('long_ago', '40 days')) AS deed (action, age)";
    room.db().execute_unprepared(script).await.unwrap();
    let found = room.platform(PAGE).await;
    let row = |action: &str| {
        found
            .activity
            .iter()
            .find(|row| row.action == action)
            .map(|row| (row.last_day, row.last_week, row.last_month))
    };
    assert_eq!(
        (row("often"), row("seldom"), row("long_ago")),
        (Some((1, 2, 3)), Some((0, 1, 1)), None)
    );
    assert_eq!(found.activity[0].action, "often");
}
