//! Turns every error, ours and the framework's, into a problem document; a panic too.

use crate::extract::RequestContext;
use crate::problem::{Problem, ProblemField};
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::StatusCode;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseMultipartError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct Errors;

/// The endpoint of [`Errors`].
#[derive(Debug)]
pub struct ErrorsEndpoint<E>(E);

impl<E: Endpoint> Middleware<E> for Errors {
    type Output = ErrorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        ErrorsEndpoint(inner)
    }
}

impl<E: Endpoint> Endpoint for ErrorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let request_id = request
            .extensions()
            .get::<RequestContext>()
            .map(|context| context.request_id.clone());
        match self.0.call(request).await {
            Ok(response) => Ok(response.into_response()),
            Err(error) => Ok(problem(error).respond(request_id.as_deref())),
        }
    }
}

fn problem(error: poem::Error) -> Problem {
    let error = match error.downcast::<Problem>() {
        Ok(problem) => return problem,
        Err(error) => error,
    };
    if error.is::<AuthorizationError>() {
        return Problem::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "Send an access token: Authorization: Bearer <token>.",
        );
    }
    if error.is::<NotFoundError>() {
        return Problem::new(
            StatusCode::NOT_FOUND,
            "no_such_path",
            "There is nothing at this path; /docs lists all operations.",
        );
    }
    if error.is::<MethodNotAllowedError>() {
        return Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path does not answer to this method.",
        );
    }
    if error.is::<ContentTypeError>() {
        return Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", error.to_string());
    }
    unreadable(&error).unwrap_or_else(|| unexpected(&error))
}

fn unreadable(error: &poem::Error) -> Option<Problem> {
    let (field, reason) = if let Some(error) = error.downcast_ref::<ParseParamError>() {
        (Some(error.name.to_owned()), error.reason.as_str())
    } else if let Some(error) = error.downcast_ref::<ParsePathError>() {
        (Some(error.name.to_owned()), error.reason.as_str())
    } else if let Some(error) = error.downcast_ref::<ParseRequestPayloadError>() {
        (field_of(&error.reason), error.reason.as_str())
    } else if let Some(error) = error.downcast_ref::<ParseMultipartError>() {
        (field_of(&error.reason), error.reason.as_str())
    } else {
        return None;
    };
    let message = without_type_names(reason);
    let errors = field.map(|field| ProblemField {
        field,
        code: "unreadable".to_owned(),
        message: message.clone(),
    });
    let detail = format!("The request cannot be read: {message}");
    Some(Problem {
        errors: errors.into_iter().collect(),
        ..Problem::new(StatusCode::BAD_REQUEST, "unreadable_request", detail)
    })
}

/// The framework quotes a field as `field "name"`.
fn field_of(reason: &str) -> Option<String> {
    let (_, rest) = reason.rsplit_once("field `").or_else(|| reason.rsplit_once("field \""))?;
    rest.split(['`', '"']).next().map(str::to_owned)
}

/// Drops what only tells names of Rust types: `failed to parse "integer_int64": …`.
fn without_type_names(reason: &str) -> String {
    let mut text = reason;
    while let Some(rest) = text.strip_prefix("failed to parse \"") {
        let Some((_, after)) = rest.split_once("\": ") else { break };
        text = after;
    }
    text.to_owned()
}

fn unexpected(error: &poem::Error) -> Problem {
    let status = error.status();
    if status.is_server_error() {
        let detail = "This is a fault of the service; quote the request id when you report it.";
        return Problem {
            cause: Some(error.to_string()),
            ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
        };
    }
    Problem::new(status, "bad_request", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_see_fields_and_no_type_names() {
        let reason =
            "failed to parse \"CreateCourse\": failed to parse field \"credits\": failed to parse \"integer_int16\": Expected input type";
        assert_eq!(field_of(reason).as_deref(), Some("credits"));
        assert!(without_type_names(reason).starts_with("failed to parse field"));
    }
}
