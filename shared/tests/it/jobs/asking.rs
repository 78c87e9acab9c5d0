//! Asking for jobs: with the change or not at all, equal ones once, and who sends the message.

use super::{Desk, ids, mail, student};
use acurate_shared::db::sql;
use acurate_shared::jobs::{Dispatched, Job, Order, enqueue, enqueue_many};
use acurate_shared::kinds::JobState;
use sea_orm::ConnectionTrait;
use sqlx::postgres::PgListener;

#[tokio::test]
async fn a_change_that_is_rolled_back_leaves_no_job_and_one_that_is_committed_leaves_one() {
    let desk = Desk::open().await;
    let mut dropped = desk.work().await;
    enqueue(&mut dropped, &mail(1), Order::default()).await.unwrap();
    dropped.rollback().await.unwrap();
    let mut forgotten = desk.work().await;
    enqueue(&mut forgotten, &mail(2), Order::default()).await.unwrap();
    drop(forgotten);
    let mut failed = desk.work().await;
    enqueue(&mut failed, &mail(3), Order::default()).await.unwrap();
    failed.tx().execute_raw(sql("SELECT 1 / 0", [])).await.unwrap_err();
    let _ = failed.commit().await;
    let id = desk.enqueue(&mail(4)).await;
    let rows = desk.rows().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id, rows[0].state), (id, JobState::Queued));
    assert_eq!(Job::read(&rows[0].kind, &rows[0].payload).unwrap(), mail(4));
}

#[tokio::test]
async fn a_job_knows_what_it_is_and_for_whom() {
    let desk = Desk::open().await;
    let institution = desk.value("INSERT INTO institutions (name) VALUES ('X') RETURNING id", []).await;
    let person = "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash) VALUES ($1, 'teacher', 'a@b.edu', 'A', 'B', 'x') RETURNING id";
    let person = desk.value(person, [sea_orm::Value::from(institution)]).await;
    let order = Order {
        institution_id: Some(institution),
        created_by: Some(person),
    };
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let mut work = desk.work().await.for_request(None, Some(trace.to_owned()));
    let id = enqueue(&mut work, &student(7), order).await.unwrap();
    let _ = work.commit().await.unwrap();
    let claim = desk.claim(id).await;
    assert_eq!(claim.job().unwrap(), student(7));
    assert_eq!((claim.institution_id, claim.created_by), (Some(institution), Some(person)));
    assert_eq!((claim.queue.as_str(), claim.trace_parent.as_deref()), ("achievement", Some(trace)));
    assert_eq!((claim.attempt, claim.failures, claim.max_attempts), (1, 0, 3));
}

#[tokio::test]
async fn a_burst_of_equal_jobs_waits_as_one() {
    let desk = Desk::open().await;
    let first = desk.enqueue(&student(1)).await;
    for _ in 0..5 {
        assert_eq!(desk.enqueue(&student(1)).await, first);
    }
    let mut work = desk.work().await;
    assert_eq!(enqueue(&mut work, &student(1), Order::default()).await.unwrap(), first);
    assert_eq!(enqueue(&mut work, &student(1), Order::default()).await.unwrap(), first);
    let _ = work.commit().await.unwrap();
    let others = desk.enqueue_many(&[student(2), student(1), student(2), student(1)]).await;
    assert_eq!(others.len(), 2);
    assert!(others.contains(&first));
    assert_eq!(desk.rows().await.len(), 2);
}

#[tokio::test]
async fn jobs_without_a_key_are_never_taken_for_one() {
    let desk = Desk::open().await;
    assert_eq!(desk.enqueue_many(&[mail(1), mail(1), mail(2)]).await.len(), 3);
    desk.enqueue(&mail(1)).await;
    assert_eq!(desk.rows().await.len(), 4);
}

#[tokio::test]
async fn a_finished_job_does_not_stand_in_for_a_new_one() {
    let desk = Desk::open().await;
    for end in ["succeeded", "dead", "cancelled", "superseded"] {
        let id = desk.enqueue(&student(1)).await;
        desk.execute(
            "UPDATE jobs SET state = $2, finished_at = now() WHERE id = $1",
            [id.into(), end.into()],
        )
        .await;
    }
    desk.enqueue(&student(1)).await;
    assert_eq!(desk.rows().await.len(), 5);
}

#[tokio::test]
async fn nothing_and_several_kinds_at_once_are_told_apart() {
    let desk = Desk::open().await;
    let mut work = desk.work().await;
    assert_eq!(enqueue_many(&mut work, &[], Order::default()).await.unwrap(), []);
    let refused = enqueue_many(&mut work, &[mail(1), student(1)], Order::default()).await;
    assert!(refused.unwrap_err().to_string().contains("several kinds"));
}

#[tokio::test]
async fn a_caller_that_promised_to_send_gets_messages_of_number_one() {
    let desk = Desk::open().await;
    let mut work = desk.sending_work().await;
    let id = enqueue(&mut work, &mail(1), Order::default()).await.unwrap();
    let expected = Dispatched {
        job_id: id,
        queue: "email".to_owned(),
        dispatch: 1,
    };
    assert_eq!(work.commit().await.unwrap().jobs, [expected]);
    let row = desk.row(id).await;
    assert_eq!(row.dispatches, 1);
    assert!(row.dispatched_at.is_some());
}

#[tokio::test]
async fn a_caller_that_promised_nothing_leaves_its_jobs_to_the_dispatcher_at_once() {
    let desk = Desk::open().await;
    let row = desk.row(desk.enqueue(&mail(1)).await).await;
    assert_eq!((row.dispatches, row.dispatched_at), (0, None));
}

#[tokio::test]
async fn equal_jobs_of_one_change_make_one_message() {
    let desk = Desk::open().await;
    let mut work = desk.sending_work().await;
    let id = enqueue(&mut work, &student(1), Order::default()).await.unwrap();
    enqueue(&mut work, &student(1), Order::default()).await.unwrap();
    assert_eq!(ids(&work.commit().await.unwrap().jobs), [id]);
}

#[tokio::test]
async fn a_job_whose_message_is_on_its_way_gets_no_second_one() {
    let desk = Desk::open().await;
    let mut first = desk.sending_work().await;
    let id = enqueue(&mut first, &student(1), Order::default()).await.unwrap();
    assert_eq!(first.commit().await.unwrap().jobs.len(), 1);
    let mut second = desk.sending_work().await;
    enqueue(&mut second, &student(1), Order::default()).await.unwrap();
    assert_eq!(second.commit().await.unwrap().jobs, []);
    assert_eq!(desk.row(id).await.dispatches, 1);
}

#[tokio::test]
async fn more_than_twenty_messages_of_one_change_are_left_to_the_dispatcher() {
    let desk = Desk::open().await;
    let many: Vec<_> = (0..21).map(mail).collect();
    let mut bulk = desk.sending_work().await;
    enqueue_many(&mut bulk, &many, Order::default()).await.unwrap();
    assert_eq!(bulk.commit().await.unwrap().jobs, []);
    assert!(
        desk.rows()
            .await
            .iter()
            .all(|row| row.dispatched_at.is_none() && row.dispatches == 0)
    );
    let mut one_by_one = desk.sending_work().await;
    for job in &many {
        enqueue(&mut one_by_one, job, Order::default()).await.unwrap();
    }
    assert_eq!(one_by_one.commit().await.unwrap().jobs.len(), 20);
    let mut twenty = desk.sending_work().await;
    enqueue_many(&mut twenty, &many[..20], Order::default()).await.unwrap();
    assert_eq!(twenty.commit().await.unwrap().jobs.len(), 20);
}

#[tokio::test]
async fn the_dispatchers_are_woken_once_by_a_bulk_and_not_by_messages_that_are_sent() {
    let desk = Desk::open().await;
    let mut listener = PgListener::connect(&desk.test.url()).await.unwrap();
    listener.listen("acurate_jobs").await.unwrap();
    let mut sent = desk.sending_work().await;
    enqueue(&mut sent, &mail(1), Order::default()).await.unwrap();
    let _ = sent.commit().await.unwrap();
    desk.execute("SELECT pg_notify('acurate_jobs', 'sent')", []).await;
    let many: Vec<_> = (0..12_000).map(mail).collect();
    assert_eq!(desk.enqueue_many(&many).await.len(), 12_000);
    desk.execute("SELECT pg_notify('acurate_jobs', 'end')", []).await;
    let mut heard = Vec::new();
    while heard.last().map(String::as_str) != Some("end") {
        heard.push(listener.recv().await.unwrap().payload().to_owned());
    }
    assert_eq!(heard, ["sent", "", "end"]);
}

#[tokio::test]
async fn a_job_that_backs_off_is_wanted_now_and_sent_under_a_new_number() {
    let desk = Desk::open().await;
    let mut first = desk.sending_work().await;
    let id = enqueue(&mut first, &student(1), Order::default()).await.unwrap();
    let _ = first.commit().await.unwrap();
    desk.postpone(id).await;
    let mut second = desk.sending_work().await;
    enqueue(&mut second, &student(1), Order::default()).await.unwrap();
    let messages = second.commit().await.unwrap().jobs;
    assert_eq!(
        messages
            .iter()
            .map(|message| (message.job_id, message.dispatch))
            .collect::<Vec<_>>(),
        [(id, 2)]
    );
    assert!(desk.waits(id).await <= 0.0);
    assert_eq!(desk.row(id).await.dispatches, 2);
    desk.claim(id).await;
}

#[tokio::test]
async fn a_job_that_backs_off_and_is_wanted_by_a_bulk_is_left_to_the_dispatcher() {
    let desk = Desk::open().await;
    let mut first = desk.sending_work().await;
    let id = enqueue(&mut first, &student(1), Order::default()).await.unwrap();
    let _ = first.commit().await.unwrap();
    desk.postpone(id).await;
    desk.enqueue(&student(1)).await;
    let row = desk.row(id).await;
    assert_eq!((row.dispatches, row.dispatched_at), (1, None));
    assert!(desk.waits(id).await <= 0.0);
}

#[tokio::test]
async fn asking_again_for_a_job_whose_end_was_asked_for_brings_it_back() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    desk.request_cancel(id).await;
    assert_eq!(desk.enqueue(&student(1)).await, id);
    desk.claim(id).await;
}
