//! What every request can reach: the pool, the settings, the keys, the transport.

use crate::config::{HttpSettings, Settings};
use crate::extract::RequestContext;
use crate::routes::answers::Created;
use crate::token::AccessTokens;
use acurate_shared::actor::Actor;
use acurate_shared::config::{IdentitySettings, JobSettings};
use acurate_shared::db::{Database, Work};
use acurate_shared::error::Result;
#[cfg(debug_assertions)]
use acurate_shared::fault;
use acurate_shared::idempotency::{self, RecordedAnswer};
use acurate_shared::identity::{HashSettings, PasswordHasher, Portraits};
use acurate_shared::ids::UserId;
use acurate_shared::jobs::{Dispatched, outbox, send_within};
use acurate_shared::secret::SecretString;
use acurate_shared::transport::{Transport, TransportSettings};
use moka::future::Cache;
use poem::http::StatusCode;
use poem_openapi::types::ToJSON;
use std::sync::Arc;
use uuid::Uuid;

/// Sign-ins kept in memory at most.
const ACTORS: u64 = 50_000;

/// Shared by all requests; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub transport: Transport,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// Password hashing, bounded.
    pub hasher: PasswordHasher,
    /// The secret that temporary passwords are derived from.
    pub server_secret: SecretString,
    /// Makes profile pictures, bounded.
    pub portraits: Portraits,
    /// Sign-in settings.
    pub identity: Arc<IdentitySettings>,
    /// Job settings.
    pub jobs: Arc<JobSettings>,
    /// HTTP settings.
    pub http: Arc<HttpSettings>,
    /// Who is signed in, for a few seconds: spares each request a query.
    pub actors: Cache<(UserId, Uuid), Actor>,
}

impl AppState {
    /// Connects to nothing yet: PostgreSQL and Redis may both be away.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub async fn new(settings: &Settings) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self {
            database: Database::open(&settings.database).await?,
            transport: Transport::connect(&TransportSettings::from(&settings.redis)).await?,
            tokens: AccessTokens::new(&settings.identity),
            hasher: PasswordHasher::new(HashSettings::default())?,
            portraits: Portraits::default(),
            server_secret: settings.identity.secret.clone(),
            identity: Arc::new(settings.identity.clone()),
            jobs: Arc::new(settings.jobs.clone()),
            http: Arc::new(settings.http.clone()),
            actors: Cache::builder()
                .max_capacity(ACTORS)
                .time_to_live(settings.identity.actor_cache)
                .build(),
        })
    }

    /// Opens a unit of work for a request.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self, context: &RequestContext) -> Result<Work> {
        let work = Work::begin(&self.database, &self.jobs).await?.with_fast_path();
        Ok(work.for_request(Some(context.request_id.clone()), Some(context.trace_parent.clone())))
    }

    /// Commits, then hands the new jobs to Redis without making the caller wait for it.
    ///
    /// # Errors
    /// When the database refuses; then nothing has happened.
    pub async fn commit(&self, work: Work) -> Result<()> {
        let committed = work.commit().await?;
        if !committed.jobs.is_empty() {
            #[cfg(debug_assertions)]
            fault::reach(fault::Point::ApiCommitted).await;
            tokio::spawn(self.clone().send(committed.jobs));
        }
        Ok(())
    }

    /// Commits what was made and answers with it; keeps the answer for a client that sends the request again.
    ///
    /// # Errors
    /// When the database refuses, or an equal request was faster; then nothing has happened.
    pub async fn create<T: ToJSON>(
        &self,
        context: &RequestContext,
        work: Work,
        location: String,
        body: impl Into<T>,
    ) -> Result<Created<T>> {
        let body: T = body.into();
        self.commit_answer(context, work, StatusCode::CREATED, &location, &body).await?;
        Ok(Created::at(location, body))
    }

    /// Commits, keeping the answer that the caller is about to give.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub async fn commit_answer<T: ToJSON>(
        &self,
        context: &RequestContext,
        work: Work,
        status: StatusCode,
        location: &str,
        body: &T,
    ) -> Result<()> {
        if let Some(key) = &context.key {
            let answer = RecordedAnswer {
                status: i16::try_from(status.as_u16()).unwrap_or(i16::MAX),
                location: location.to_owned(),
                body: body.to_json_string(),
            };
            idempotency::record(&work, key, &answer).await?;
        }
        self.commit(work).await
    }

    /// Lets this replica notice at once that sessions of a user have ended; others notice within seconds.
    pub async fn forget(&self, user_id: UserId, ended: &[Uuid]) {
        for family in ended {
            self.actors.invalidate(&(user_id, *family)).await;
        }
    }

    /// What cannot be sent is given back to the dispatcher of the workers.
    async fn send(self, jobs: Vec<Dispatched>) {
        let Err(unsent) = send_within(&self.transport, &jobs, self.jobs.window).await else {
            return;
        };
        tracing::debug!(reason = unsent.reason, jobs = unsent.jobs.len(), "left to the dispatcher");
        if let Err(error) = outbox::give_back(&self.database, &unsent.jobs).await {
            tracing::warn!(%error, "messages count as lost and will be sent again");
        }
    }
}
