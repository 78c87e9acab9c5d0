//! Errors on the wire: `application/problem+json` (RFC 9457), and the one place where errors of use cases get a status.
//!
//! The caller sees a code, a sentence and a request id; causes go to the log only.

use acurate_shared::error::{Error, FieldError};
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

/// The media type of errors.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Seconds after which a caller may try again when the database is away.
const RETRY_AFTER: &str = "2";

/// An error as the caller gets it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Problem", example)]
pub struct ProblemBody {
    /// A URI that names the kind of error; `about:blank#<code>`.
    #[oai(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence for people that says what to do.
    pub detail: String,
    /// A stable word for programs.
    pub code: String,
    /// The faults of the input, one by one.
    pub errors: Vec<ProblemField>,
    /// Id of the request: quote it when asking for help.
    pub request_id: Option<String>,
}

impl poem_openapi::types::Example for ProblemBody {
    fn example() -> Self {
        Self {
            kind: "about:blank#invalid".to_owned(),
            title: "Unprocessable Entity".to_owned(),
            status: 422,
            detail: "The input breaks 1 rule.".to_owned(),
            code: "invalid".to_owned(),
            errors: vec![ProblemField {
                field: "email".to_owned(),
                code: "invalid_email".to_owned(),
                message: "is not an e-mail address".to_owned(),
            }],
            request_id: Some("8c1f7a52d7f04f3b9d9ef6a3a3c0b5a1".to_owned()),
        }
    }
}

/// One fault of the input.
#[derive(Clone, Debug, Object)]
pub struct ProblemField {
    /// Path of the field, e.g. `cells[3].score`.
    pub field: String,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl From<FieldError> for ProblemField {
    fn from(fault: FieldError) -> Self {
        Self {
            field: fault.field,
            code: fault.code.to_owned(),
            message: fault.message,
        }
    }
}

/// An error on its way out.
#[derive(Debug, thiserror::Error)]
#[error("{status} {code}: {detail}")]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
    /// Faults of the input.
    pub errors: Vec<ProblemField>,
    /// What only the log may know.
    pub cause: Option<String>,
}

impl Problem {
    /// A problem without field faults.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// The response, naming the request.
    #[must_use]
    pub fn respond(self, request_id: Option<&str>) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(code = self.code, status = self.status.as_u16(), cause, "request failed");
        }
        let body = ProblemBody {
            kind: format!("about:blank#{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.to_owned(),
            errors: self.errors,
            request_id: request_id.map(str::to_owned),
        };
        let json = poem_openapi::types::ToJSON::to_json_string(&body);
        let response = Response::builder().status(self.status).content_type(CONTENT_TYPE);
        match self.status {
            StatusCode::UNAUTHORIZED => response.header("WWW-Authenticate", "Bearer").body(json),
            StatusCode::SERVICE_UNAVAILABLE => response.header("Retry-After", RETRY_AFTER).body(json),
            _ => response.body(json),
        }
    }
}

impl poem::error::ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status
    }

    /// Only reached outside the error middleware.
    fn as_response(&self) -> Response {
        (self.status, self.detail.clone()).into_response()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let chain = || {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text.push_str(": ");
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            Some(text)
        };
        match &error {
            Error::Unavailable(_) => {
                let detail = "The service cannot reach its database just now; try again in a moment.";
                Self {
                    cause: chain(),
                    ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
                }
            }
            Error::Internal(..) => {
                let detail = "This is a fault of the service; quote the request id when you report it.";
                Self {
                    cause: chain(),
                    ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
                }
            }
            Error::NotFound(what) => Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}.")),
            Error::Unauthorized { code, message } => Self::new(StatusCode::UNAUTHORIZED, code, *message),
            Error::Forbidden { code, message } => Self::new(StatusCode::FORBIDDEN, code, message.clone()),
            Error::Conflict { code, message } => Self::new(StatusCode::CONFLICT, code, message.clone()),
            Error::Outdated => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "outdated",
                "Somebody has changed this since you read it; read it again and decide whether your change still fits.",
            ),
            Error::Invalid(faults) => {
                let detail = if faults.len() == 1 {
                    "The input breaks 1 rule.".to_owned()
                } else {
                    format!("The input breaks {} rules.", faults.len())
                };
                let errors = faults.iter().cloned().map(ProblemField::from).collect();
                Self {
                    errors,
                    ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
                }
            }
        }
    }
}

/// Declares an error type of operations that documents the statuses they can answer.
macro_rules! problem_sets {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(pub Problem);

        impl poem_openapi::ApiResponse for $name {
            fn meta() -> MetaResponses {
                MetaResponses { responses: vec![$(describe($status)),+] }
            }

            fn register(registry: &mut Registry) {
                ProblemBody::register(registry);
            }
        }

        impl<E: Into<Problem>> From<E> for $name {
            fn from(error: E) -> Self {
                Self(error.into())
            }
        }

        impl From<$name> for poem::Error {
            fn from(problem: $name) -> Self {
                Self::from(problem.0)
            }
        }
    )+};
}

problem_sets! {
    /// Errors of an operation that reads.
    ReadProblem: 400 401 403 404 422 503;
    /// Errors of an operation that writes.
    WriteProblem: 400 401 403 404 409 412 413 415 422 503;
    /// Errors of an operation that needs no sign-in.
    OpenProblem: 400 401 413 415 422 503;
}

fn describe(status: u16) -> MetaResponse {
    let description = match status {
        400 => "The request cannot be read.",
        401 => "Not signed in, or not any more.",
        403 => "Signed in, but not allowed.",
        404 => "There is no such thing, or it belongs to another institution.",
        409 => "Contradicts what is stored.",
        412 => "Somebody has changed it since the version that `If-Match` names.",
        413 => "The request body is larger than the limit.",
        415 => "The content type is not supported.",
        422 => "The input breaks a rule; `errors` names each field.",
        _ => "The service cannot work just now; try again after `Retry-After` seconds.",
    };
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: CONTENT_TYPE,
            schema: ProblemBody::schema_ref(),
        }],
        headers: vec![],
    }
}
