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
    request_id: Option<String>,
    trace_parent: Option<String>,
}

/// A committed unit of work: the jobs that the caller may hand to Redis now.
#[derive(Debug)]
#[must_use = "hand the jobs to the transport, or they wait for the dispatcher"]
pub struct Committed {
    /// Jobs whose first message the caller is expected to send.
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

    /// Remembers a job that was enqueued in this transaction for sending after the commit.
    pub(crate) fn remember(&mut self, job: Dispatched) {
        self.dispatched.push(job);
    }

    /// Makes everything permanent.
    ///
    /// # Errors
    /// When the database refuses; then nothing has happened.
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
