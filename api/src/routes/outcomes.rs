//! What program outcomes and learning outcomes have in common on the wire.

use super::partial::patch;
use acurate_shared::curriculum;
use poem_openapi::Object;
use poem_openapi::types::MaybeUndefined;
use std::convert::identity;

/// An outcome to be made.
#[derive(Debug, Object)]
pub(super) struct NewOutcome {
    /// 1 to 20 characters, unique in its program or course.
    code: String,
    /// 1 to 200 characters.
    title: String,
    /// At most 5000 characters.
    description: Option<String>,
    /// 0 to 100, at most two decimal places; default 70.
    target_percentage: Option<f64>,
    /// Default true; an inactive outcome is not computed.
    is_active: Option<bool>,
}

/// What changes; absent fields stay, `null` empties.
#[derive(Debug, Object)]
pub(super) struct OutcomeChange {
    /// As for a new outcome.
    code: Option<String>,
    /// As for a new outcome.
    title: Option<String>,
    /// As for a new outcome.
    description: MaybeUndefined<String>,
    /// As for a new outcome.
    target_percentage: Option<f64>,
    /// As for a new outcome.
    is_active: Option<bool>,
}

impl From<NewOutcome> for curriculum::NewOutcome {
    fn from(body: NewOutcome) -> Self {
        Self {
            code: body.code,
            title: body.title,
            description: body.description,
            target_percentage: body.target_percentage,
            is_active: body.is_active,
        }
    }
}

impl From<OutcomeChange> for curriculum::OutcomePatch {
    fn from(body: OutcomeChange) -> Self {
        Self {
            code: body.code,
            title: body.title,
            description: patch(body.description, identity),
            target_percentage: body.target_percentage,
            is_active: body.is_active,
        }
    }
}
