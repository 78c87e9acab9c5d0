//! Puts routes and middleware together.

use crate::middleware::{AccessLog, BodyLimit, Errors, Idempotency, SecurityHeaders};
use crate::routes;
use crate::state::AppState;
use poem::middleware::{CatchPanic, NormalizePath, TrailingSlash};
use poem::{Endpoint, EndpointExt, Response, Route};

/// The whole application: `/api`, the document at `/openapi.json`, Swagger UI at `/docs`.
///
/// Middleware from the outside in: the access log sees everything, also errors; errors become problem documents with
/// the id that the log gave; panics count as errors; then the body limit, and next to the handlers the answers of requests that are sent again.
pub fn app(state: AppState) -> impl Endpoint<Output = Response> {
    let service = routes::service();
    let document = service.spec();
    let docs = service.swagger_ui();
    let body_limit = BodyLimit {
        bytes: state.http.body_limit,
    };
    let access_log = AccessLog {
        trusted_proxies: state.http.trusted_proxies,
    };
    Route::new()
        .nest("/api", service)
        .nest("/docs", docs)
        .at(
            "/openapi.json",
            poem::endpoint::make_sync(move |_| Response::builder().content_type("application/json").body(document.clone())),
        )
        .with(Idempotency { state: state.clone() })
        .data(state)
        .with(body_limit)
        .with(CatchPanic::new())
        .with(Errors)
        .with(SecurityHeaders)
        .with(access_log)
        .with(NormalizePath::new(TrailingSlash::Trim))
        .map_to_response()
}
