//! Headers that tell browsers to be careful with answers of an API.

use poem::http::HeaderValue;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

/// Header and value, set where the handler did not.
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct SecurityHeaders;

/// The endpoint of [`SecurityHeaders`].
#[derive(Debug)]
pub struct SecurityHeadersEndpoint<E>(E);

impl<E: Endpoint> Middleware<E> for SecurityHeaders {
    type Output = SecurityHeadersEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        SecurityHeadersEndpoint(inner)
    }
}

impl<E: Endpoint> Endpoint for SecurityHeadersEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut response = self.0.call(request).await?.into_response();
        for (name, value) in HEADERS {
            response.headers_mut().entry(*name).or_insert(HeaderValue::from_static(value));
        }
        Ok(response)
    }
}
