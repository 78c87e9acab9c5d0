//! Claims jobs for the messages of this process: those that arrive while a statement is under way share the next one.
//!
//! Nobody waits for company: a message that finds nothing under way is claimed at once. A job that the common statement did not
//! get (somebody touches its row, it is bulk work that is counted, or it is done) is asked for alone, which may wait.

use crate::context::Context;
use acurate_shared::error::Result;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Claim};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Mutex as Turn, oneshot};

/// Someone who waits for a claim; told whether the common statement got it.
type Asker = oneshot::Sender<Option<Claim>>;

/// The messages that wait for a claim.
#[derive(Debug, Default)]
pub(super) struct Claims {
    asked: Mutex<Vec<(JobId, Asker)>>,
    /// Held during the common statement.
    turn: Turn<()>,
}

impl Claims {
    /// Takes a queued job, as [`ledger::claim`] does.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn claim(&self, context: &Context, id: JobId) -> Result<Option<Claim>> {
        let (asker, mut answer) = oneshot::channel();
        self.asked().push((id, asker));
        loop {
            tokio::select! {
                biased;
                answered = &mut answer => match answered {
                    Ok(Some(claim)) => return Ok(Some(claim)),
                    // Not got; or nobody knows, because the statement failed or was dropped with the run that sent it.
                    Ok(None) | Err(_) => return ledger::claim(&context.database, &context.jobs, id, &context.worker).await,
                },
                _turn = self.turn.lock() => self.claim_all(context).await?,
            }
        }
    }

    /// Claims for everybody who has asked, the caller included.
    async fn claim_all(&self, context: &Context) -> Result<()> {
        let asked = std::mem::take(&mut *self.asked());
        // Two messages of one job at once: the second is told that it was not got, and asks alone.
        let mut ids: Vec<JobId> = asked.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        let claims = ledger::claim_free(&context.database, &context.jobs, &ids, &context.worker).await?;
        let mut claims: HashMap<JobId, Claim> = claims.into_iter().map(|claim| (claim.id, claim)).collect();
        let unwanted: Vec<Claim> = asked
            .into_iter()
            .filter_map(|(id, asker)| asker.send(claims.remove(&id)).err().flatten())
            .collect();
        // Whoever asked for them was ended meanwhile.
        for claim in unwanted {
            ledger::release(&context.database, &claim).await?;
        }
        Ok(())
    }

    /// A panic while the lock was held leaves a list that is still right.
    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<(JobId, Asker)>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
