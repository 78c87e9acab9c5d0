//! What learning outcomes and program outcomes have in common: code, text, target.

use super::{CODE_LIMIT, DESCRIPTION_LIMIT, TITLE_LIMIT};
use crate::error::Result;
use crate::validation::Checks;
use rust_decimal::Decimal;

/// The target of an outcome that names none, in percent.
const DEFAULT_TARGET: Decimal = Decimal::from_parts(70, 0, 0, false, 0);

/// An outcome to be made.
#[derive(Clone, Debug, Default)]
pub struct NewOutcome {
    /// Unique within the course or program; 1 to 20 characters.
    pub code: String,
    /// 1 to 200 characters.
    pub title: String,
    /// At most 5000 characters.
    pub description: Option<String>,
    /// What is to be reached, 0 to 100 percent with at most two decimal places; 70 when absent.
    pub target_percentage: Option<f64>,
    /// Whether results are computed for it; true when absent.
    pub is_active: Option<bool>,
}

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct OutcomePatch {
    /// As in [`NewOutcome`].
    pub code: Option<String>,
    /// As in [`NewOutcome`].
    pub title: Option<String>,
    /// As in [`NewOutcome`].
    pub description: Option<Option<String>>,
    /// As in [`NewOutcome`].
    pub target_percentage: Option<f64>,
    /// As in [`NewOutcome`].
    pub is_active: Option<bool>,
}

/// Which outcomes a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct OutcomeFilter {
    /// The beginning of the code, or a part of the title.
    pub search: Option<String>,
    /// Whether results are computed for it.
    pub is_active: Option<bool>,
    /// The wanted order, see [`Sort`](crate::db::Sort); by default by code.
    pub sort: Option<String>,
}

/// An outcome as it may be stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) target_percentage: Decimal,
    pub(super) is_active: bool,
}

impl NewOutcome {
    /// # Errors
    /// `Invalid`, naming every fault.
    pub(super) fn check(self) -> Result<Outcome> {
        let blank = Outcome {
            code: String::new(),
            title: String::new(),
            description: None,
            target_percentage: DEFAULT_TARGET,
            is_active: true,
        };
        let all = OutcomePatch {
            code: Some(self.code),
            title: Some(self.title),
            description: Some(self.description),
            target_percentage: self.target_percentage,
            is_active: self.is_active,
        };
        all.check(blank)
    }
}

impl OutcomePatch {
    /// The outcome with the change.
    ///
    /// # Errors
    /// `Invalid`, naming every fault.
    pub(super) fn check(self, before: Outcome) -> Result<Outcome> {
        let mut checks = Checks::default();
        let mut outcome = before;
        if let Some(code) = self.code {
            outcome.code = checks.text("code", &code, CODE_LIMIT);
        }
        if let Some(title) = self.title {
            outcome.title = checks.text("title", &title, TITLE_LIMIT);
        }
        if let Some(description) = self.description {
            outcome.description = checks.optional_prose("description", description.as_deref(), DESCRIPTION_LIMIT);
        }
        if let Some(target) = self.target_percentage {
            outcome.target_percentage = checks.decimal("target_percentage", target, Decimal::ZERO, Decimal::ONE_HUNDRED);
        }
        if let Some(is_active) = self.is_active {
            outcome.is_active = is_active;
        }
        checks.finish()?;
        Ok(outcome)
    }
}
