//! A database that does not answer, as after the loss of its machine: nothing of a worker waits for it for ever.

use crate::workbench::{Answer, Workbench};
use acurate_shared::error::Error;
use acurate_shared::jobs::{Job, ledger};
use acurate_shared::testing::until;
use acurate_worker::executor::execute;
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::sync::Arc;
use std::time::Duration;

/// The claim may have been made all the same; its lease runs out, because nobody knows of it.
#[tokio::test]
async fn a_claim_without_an_answer_is_given_up_and_the_job_is_done_later() {
    let mut bench = Workbench::new(Answer::Take).await;
    let mut jobs = (*bench.context.jobs).clone();
    jobs.lease = Duration::from_secs(1);
    Arc::get_mut(&mut bench.context).unwrap().jobs = Arc::new(jobs);
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    let silence = bench.database.database().orm().begin().await.unwrap();
    silence.execute_unprepared("SELECT FROM jobs FOR UPDATE").await.unwrap();

    let outcome = execute(Arc::clone(&bench.context), Arc::clone(&bench.running), job).await;

    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    assert_eq!(bench.running.count(), 0);
    silence.rollback().await.unwrap();
    until("the job to be done", || async {
        ledger::rescue(bench.database.database(), 10).await.unwrap();
        bench.deliver(job).await;
        (bench.row(job).await.state == "succeeded").then_some(())
    })
    .await;
    assert_eq!(bench.taken().len(), 1);
}
