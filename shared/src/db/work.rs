//! A unit of work: one transaction in which a domain change, its activity and its jobs stand or fall together.
//!
//! Nothing but SQL happens between [`Work::begin`] and [`Work::commit`].

use super::Database;
use crate::config::JobSettings;
use crate::error::Result;
use crate::jobs::Dispatched;
use sea_orm::{DatabaseTransaction, TransactionTrait};
use std::sync::Arc;

/// An open transaction and the jobs enqueued in it.
#[derive(Debug)]
pub struct Work {
    tx: DatabaseTransaction,
    settings: Arc<JobSettings>,
    dispatched: Vec<Dispatched>,
    sends_messages: bool,
    request_id: Option<String>,
    trace_parent: Option<String>,
}

/// A committed unit of work: the jobs that the caller may hand to Redis now.
#[derive(Debug)]
#[must_use = "hand the jobs to the transport, or they wait for the dispatcher"]
pub struct Committed {
    /// Messages that the caller promised to send by [`Work::with_fast_path`]; empty without.
    pub jobs: Vec<Dispatched>,
}

impl Work {
    /// Opens the transaction.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(database: &Database, settings: &Arc<JobSettings>) -> Result<Self> {
        let tx = database.orm().begin().await?;
        Ok(Self {
            tx,
            settings: Arc::clone(settings),
            dispatched: Vec::new(),
            sends_messages: false,
            request_id: None,
            trace_parent: None,
        })
    }

    /// Names the request that the work is done for: it goes into the activity log and into jobs.
    #[must_use]
    pub fn for_request(mut self, request_id: Option<String>, trace_parent: Option<String>) -> Self {
        self.request_id = request_id;
        self.trace_parent = trace_parent;
        self
    }

    /// The caller sends the first messages of a few new jobs itself, right after the commit. Without this promise all
    /// jobs are left to the dispatcher, which hears of them at once: a promise that nobody keeps costs a job the wait
    /// for a lost message.
    #[must_use]
    pub fn with_fast_path(mut self) -> Self {
        self.sends_messages = true;
        self
    }

    /// The transaction.
    #[must_use]
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// How the jobs enqueued here are retried.
    #[must_use]
    pub fn job_settings(&self) -> &JobSettings {
        &self.settings
    }

    /// Id of the request, if any.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Trace context (W3C `traceparent`) of the request, if any.
    #[must_use]
    pub fn trace_parent(&self) -> Option<&str> {
        self.trace_parent.as_deref()
    }

    /// Whether the caller sends messages after the commit.
    pub(crate) fn sends_messages(&self) -> bool {
        self.sends_messages
    }

    /// How many messages there are to send.
    pub(crate) fn messages(&self) -> usize {
        self.dispatched.len()
    }

    /// Remembers a message for after the commit. A job that was asked for twice needs one.
    pub(crate) fn remember(&mut self, job: Dispatched) {
        if !self.dispatched.contains(&job) {
            self.dispatched.push(job);
        }
    }

    /// Makes everything permanent.
    ///
    /// # Errors
    /// When the database refuses; then nothing has happened. When the connection breaks before the answer; then
    /// everything has happened or nothing, jobs included, and the dispatcher sends what exists.
    pub async fn commit(self) -> Result<Committed> {
        self.tx.commit().await?;
        Ok(Committed { jobs: self.dispatched })
    }

    /// Drops everything.
    ///
    /// # Errors
    /// When the connection is gone; then the server drops it by itself.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
