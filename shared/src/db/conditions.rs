//! Conditions of a list: only those that are asked for reach the database, so that each combination gets a plan of its own.

use sea_orm::Value;

/// Conditions, all of which must hold, and their parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a parameter and returns its name, e.g. `$3`.
    pub(crate) fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds `column operator value` when there is a value.
    pub(crate) fn compare<V: Into<Value>>(&mut self, column_and_operator: &str, value: Option<V>) {
        if let Some(value) = value {
            let parameter = self.parameter(value);
            self.texts.push(format!("{column_and_operator} {parameter}"));
        }
    }

    /// Adds a condition whose parameters were added before.
    pub(crate) fn push(&mut self, text: String) {
        self.texts.push(text);
    }

    /// What follows `WHERE`.
    pub(crate) fn text(&self) -> String {
        if self.texts.is_empty() {
            return "true".to_owned();
        }
        self.texts.join(" AND ")
    }

    /// The parameters in their order.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}
