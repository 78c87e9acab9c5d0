//! What learning outcomes and program outcomes have in common on the wire.

use super::partial::patch;
use acurate_shared::curriculum;
use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};
use std::convert::identity;

/// An outcome to be made.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct NewOutcome {
    /// Unique within the course or program; 1 to 20 characters.
    code: String,
    /// What is to be reached, 1 to 200 characters.
    title: String,
    /// At most 5000 characters.
    description: Option<String>,
    /// From which percentage it counts as met: 0 to 100, at most two decimal places; default 70.
    target_percentage: Option<f64>,
    /// Whether results are computed for it; default true.
    is_active: Option<bool>,
}

impl Example for NewOutcome {
    fn example() -> Self {
        Self {
            code: "LO1".to_owned(),
            title: "Designs a relational schema in third normal form".to_owned(),
            description: None,
            target_percentage: Some(60.0),
            is_active: None,
        }
    }
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields)]
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
