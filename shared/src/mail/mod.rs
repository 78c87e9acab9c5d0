//! What became of mails ([`deliveries`]), addresses that get none any more ([`suppressions`]), and asking for the mails that
//! follow from a change ([`notices`]).
//!
//! Nothing here writes a mail or knows a mail server: that is the worker's.

pub mod deliveries;
pub(crate) mod notices;
pub mod suppressions;

use crate::actor::Actor;
use crate::error::Result;
use crate::ids::InstitutionId;
use crate::kinds::Role;

/// Whose mails an actor looks after: those of its institution, `None` for everybody's. For administrators.
fn looked_after(actor: &Actor) -> Result<Option<InstitutionId>> {
    actor.require(&[Role::SuperAdmin, Role::InstitutionAdmin])?;
    Ok(actor.institution_id)
}
