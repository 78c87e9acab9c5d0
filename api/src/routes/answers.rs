//! Answers that several resources give: made, and done without anything to say.

use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;

/// Something was made.
#[derive(Debug, ApiResponse)]
pub enum Created<T: ToJSON> {
    /// Made; `Location` says where it is found.
    #[oai(status = 201)]
    Created(
        Json<T>,
        /// Path of what was made.
        #[oai(header = "Location")]
        String,
    ),
}

impl<T: ToJSON> Created<T> {
    /// The answer about what is found at `location`.
    pub fn at(location: String, body: impl Into<T>) -> Self {
        Self::Created(Json(body.into()), location)
    }
}

/// It was done.
#[derive(Debug, ApiResponse)]
pub enum NoContent {
    /// Done; there is nothing to say.
    #[oai(status = 204)]
    Done,
}
