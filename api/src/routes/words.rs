//! Closed sets of words on the wire, the same as in the database.

use acurate_shared::kinds;
use poem_openapi::Enum;

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", remote = "kinds::Role")]
pub enum Role {
    /// Owns the platform; belongs to no institution.
    SuperAdmin,
    /// Manages one institution.
    InstitutionAdmin,
    /// Teaches courses.
    Teacher,
    /// Is graded.
    Student,
}

/// Language of an institution's mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", remote = "kinds::Locale")]
pub enum Locale {
    /// Turkish.
    Tr,
    /// English.
    En,
}
