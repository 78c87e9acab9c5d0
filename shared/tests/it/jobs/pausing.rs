//! A paused queue: nothing of it begins or is sent, what is asked for waits, and all goes on when it is resumed.

use super::{Desk, ids, mail, student};
use acurate_shared::actor::Actor;
use acurate_shared::error::Error;
use acurate_shared::ids::UserId;
use acurate_shared::jobs::queues::{self, QueueView};
use acurate_shared::jobs::workers::{self, Presence};
use acurate_shared::jobs::{ledger, outbox};
use acurate_shared::kinds::{JobState, Role};
use acurate_shared::transport::Queue;
use std::time::Duration;

impl Desk {
    /// The owner of the platform.
    async fn owner(&self) -> Actor {
        let insert = "
            INSERT INTO users (role, email, first_name, last_name, password_hash) VALUES ('super_admin', 'owner@acurate.test', 'Olga', 'Owner', '-')
            ON CONFLICT (email) DO UPDATE SET first_name = 'Olga' RETURNING id";
        Actor {
            user_id: self.value(insert, []).await,
            role: Role::SuperAdmin,
            institution_id: None,
        }
    }

    async fn pause(&self, queue: Queue) {
        let work = self.work().await;
        queues::pause(&work, &self.owner().await, queue, " The mail server moves. ")
            .await
            .unwrap();
        let _ = work.commit().await.unwrap();
    }

    async fn resume(&self, queue: Queue) {
        let work = self.work().await;
        queues::resume(&work, &self.owner().await, queue).await.unwrap();
        let _ = work.commit().await.unwrap();
    }

    async fn queue(&self, queue: Queue) -> QueueView {
        let lease = Duration::from_secs(15);
        let mut views = queues::list(self.database().orm(), &self.owner().await, &Queue::ALL, lease)
            .await
            .unwrap();
        assert_eq!(views.len(), Queue::ALL.len());
        views.retain(|view| view.name == queue.as_str());
        views.remove(0)
    }
}

#[tokio::test]
async fn nothing_of_a_paused_queue_begins_and_all_of_it_when_it_is_resumed() {
    let desk = Desk::open().await;
    let running = desk.claimed(&mail(1)).await;
    desk.pause(Queue::Email).await;
    let (waiting, other) = (desk.enqueue(&mail(2)).await, desk.enqueue(&student(1)).await);
    desk.execute(
        "UPDATE jobs SET dispatched_at = now(), dispatches = 1 WHERE id = $1",
        [waiting.into()],
    )
    .await;
    assert!(desk.try_claim(waiting).await.is_none());
    assert!(desk.try_claim(other).await.is_some(), "other queues go on");
    let take = async || outbox::take_due(desk.database(), &desk.settings, "email", 10).await.unwrap();
    assert_eq!(take().await, []);
    assert!(
        ledger::succeed(desk.database().orm(), &running, serde_json::json!({}))
            .await
            .unwrap()
    );

    desk.resume(Queue::Email).await;
    assert_eq!(
        ids(&take().await),
        [waiting],
        "at once: the refused message does not count as on its way"
    );
    assert_eq!(desk.claim(waiting).await.attempt, 1);
}

#[tokio::test]
async fn a_paused_queue_of_bulk_work_is_not_sent_either() {
    let desk = Desk::open().await;
    let job = acurate_shared::jobs::Job::Recalculation {
        student_ids: vec![UserId(1)],
    };
    let id = desk.enqueue(&job).await;
    desk.pause(Queue::Recalculation).await;
    let take = async || {
        outbox::take_due(desk.database(), &desk.settings, "recalculation", 10)
            .await
            .unwrap()
    };
    assert_eq!(take().await, []);
    assert!(desk.try_claim(id).await.is_none());
    desk.resume(Queue::Recalculation).await;
    assert_eq!(ids(&take().await), [id]);
}

#[tokio::test]
async fn a_waiting_job_of_a_paused_queue_can_still_be_cancelled() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&mail(1)).await;
    desk.pause(Queue::Email).await;
    desk.request_cancel(id).await;
    assert!(desk.try_claim(id).await.is_none());
    assert_eq!(desk.state(id).await, JobState::Cancelled);
}

#[tokio::test]
async fn a_pause_tells_why_and_pausing_again_changes_the_reason_only() {
    let desk = Desk::open().await;
    assert_eq!(desk.queue(Queue::Email).await.paused_at, None);
    desk.pause(Queue::Email).await;
    let first = desk.queue(Queue::Email).await;
    assert_eq!(first.pause_reason.as_deref(), Some("The mail server moves."));
    let owner = desk.owner().await;
    let work = desk.work().await;
    queues::pause(&work, &owner, Queue::Email, "Still.").await.unwrap();
    let empty = queues::pause(&work, &owner, Queue::Email, "  ").await;
    assert!(matches!(empty, Err(Error::Invalid(_))), "{empty:?}");
    let _ = work.commit().await.unwrap();
    let second = desk.queue(Queue::Email).await;
    assert_eq!(
        (second.pause_reason.as_deref(), second.paused_at),
        (Some("Still."), first.paused_at)
    );
    desk.resume(Queue::Email).await;
    desk.resume(Queue::Email).await;
    assert_eq!(desk.queue(Queue::Email).await.paused_at, None);
    let deeds = "SELECT string_agg(action || ' ' || (detail ->> 'queue'), ', ' ORDER BY id) FROM activity_log WHERE object_type = 'queue'";
    let deeds: String = desk.value(deeds, []).await;
    assert_eq!(deeds, "queue.paused email, queue.paused email, queue.resumed email");
}

#[tokio::test]
async fn a_queue_tells_what_waits_runs_died_and_ended_lately_and_who_consumes_it() {
    let desk = Desk::open().await;
    let empty = desk.queue(Queue::Email).await;
    assert_eq!((empty.due, empty.workers, empty.failure_rates()), (0, 0, [None, None]));
    assert!(empty.is_unattended() && empty.oldest_due_seconds.is_none());
    let late = desk.enqueue(&mail(1)).await;
    desk.execute(
        "UPDATE jobs SET run_at = now() - interval '100 seconds' WHERE id = $1",
        [late.into()],
    )
    .await;
    desk.enqueue(&mail(2)).await;
    let delayed = desk.enqueue(&mail(3)).await;
    desk.postpone(delayed).await;
    desk.claimed(&mail(4)).await;
    let dead = desk.claimed(&mail(5)).await;
    ledger::fail(desk.database(), &dead, "refused", None).await.unwrap();
    for user in 6..9 {
        let done = desk.claimed(&mail(user)).await;
        assert!(ledger::succeed(desk.database().orm(), &done, serde_json::json!({})).await.unwrap());
    }
    desk.execute(
        "UPDATE jobs SET finished_at = now() - interval '10 minutes' WHERE id = (SELECT max(id) FROM jobs)",
        [],
    )
    .await;
    for (name, slots) in [("a", 8), ("b", 2)] {
        let presence = Presence {
            name: name.to_owned(),
            version: "1",
            queues: vec![(Queue::Email, slots), (Queue::Import, 1)],
        };
        workers::attend(desk.database(), &presence, false, Duration::from_secs(15))
            .await
            .unwrap();
    }
    let queue = desk.queue(Queue::Email).await;
    assert_eq!((queue.due, queue.delayed, queue.running, queue.dead), (2, 1, 1, 1));
    assert!((100.0..200.0).contains(&queue.oldest_due_seconds.unwrap()), "{queue:?}");
    assert_eq!((queue.succeeded_minute, queue.succeeded_hour), (2, 3));
    assert_eq!((queue.failed_minute, queue.failed_hour), (1, 1));
    assert_eq!(queue.failure_rates(), [Some(1.0 / 3.0), Some(0.25)]);
    assert_eq!((queue.workers, queue.slots), (2, 10));
    assert!(desk.queue(Queue::Achievement).await.is_unattended());
}

#[tokio::test]
async fn only_the_super_admin_sees_and_pauses_queues() {
    let desk = Desk::open().await;
    let admin = Actor {
        role: Role::InstitutionAdmin,
        ..desk.owner().await
    };
    let lease = Duration::from_secs(15);
    let seen = queues::list(desk.database().orm(), &admin, &Queue::ALL, lease).await;
    assert!(matches!(seen, Err(Error::Forbidden { .. })));
    assert!(matches!(
        workers::list(desk.database().orm(), &admin, lease).await,
        Err(Error::Forbidden { .. })
    ));
    let work = desk.work().await;
    let paused = queues::pause(&work, &admin, Queue::Email, "no").await;
    assert!(matches!(paused, Err(Error::Forbidden { .. })));
    assert!(matches!(
        queues::resume(&work, &admin, Queue::Email).await,
        Err(Error::Forbidden { .. })
    ));
}

#[tokio::test]
async fn a_worker_is_on_the_list_while_it_is_heard_and_leaves_it() {
    let desk = Desk::open().await;
    let lease = Duration::from_secs(15);
    let presence = |name: &str| Presence {
        name: name.to_owned(),
        version: "1",
        queues: vec![(Queue::Email, 8)],
    };
    let attend = async |name: &str, stopping| workers::attend(desk.database(), &presence(name), stopping, lease).await.unwrap();
    attend("worker", false).await;
    attend("silent", false).await;
    attend("stopping", false).await;
    attend("stopping", true).await;
    desk.claimed(&mail(1)).await;
    let silent_for = "UPDATE workers SET seen_at = now() - make_interval(secs => $1) WHERE name = 'silent'";
    desk.execute(silent_for, [16.0.into()]).await;
    let owner = desk.owner().await;
    let list = async || workers::list(desk.database().orm(), &owner, lease).await.unwrap();
    let told: Vec<_> = list()
        .await
        .into_iter()
        .map(|worker| (worker.name, worker.is_alive, worker.stopping_at.is_some(), worker.running))
        .collect();
    let expected = [("worker", true, false, 1), ("silent", false, false, 0), ("stopping", true, true, 0)];
    assert_eq!(
        told,
        expected.map(|(name, alive, stopping, running)| (name.to_owned(), alive, stopping, running))
    );

    let attended = |desk: &Desk| {
        let database = desk.database().clone();
        async move { !workers::unattended(database.orm(), lease).await.unwrap().contains(&Queue::Email) }
    };
    assert!(attended(&desk).await);
    workers::leave(desk.database(), "worker").await.unwrap();
    assert!(!attended(&desk).await, "neither the silent nor the stopping one counts");
    desk.execute(silent_for, [61.0.into()]).await;
    attend("stopping", true).await;
    let left: Vec<String> = list().await.into_iter().map(|worker| worker.name).collect();
    assert_eq!(left, ["stopping"], "whoever comes by removes the silent one");
}
