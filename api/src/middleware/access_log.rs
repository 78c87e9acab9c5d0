//! Gives each request its context and writes one line about it when it ends.
//!
//! Never a body, a query string, a token or an address of a person.

use crate::extract::RequestContext;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::time::Instant;
use tracing::Instrument;

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog {
    /// Proxies in front of this server.
    pub trusted_proxies: usize,
}

/// The endpoint of [`AccessLog`].
#[derive(Debug)]
pub struct AccessLogEndpoint<E> {
    inner: E,
    trusted_proxies: usize,
}

impl<E: Endpoint> Middleware<E> for AccessLog {
    type Output = AccessLogEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        AccessLogEndpoint {
            inner,
            trusted_proxies: self.trusted_proxies,
        }
    }
}

impl<E: Endpoint> Endpoint for AccessLogEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let context = RequestContext::read(&request, self.trusted_proxies);
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let span = tracing::info_span!("request", id = %context.request_id, trace = %context.trace_parent);
        let request_id = context.request_id.clone();
        request.extensions_mut().insert(context);
        let mut response = self.inner.call(request).instrument(span.clone()).await?.into_response();
        if let Ok(value) = request_id.parse() {
            response.headers_mut().insert("x-request-id", value);
        }
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        span.in_scope(|| tracing::info!(%method, path, status = response.status().as_u16(), milliseconds, "request"));
        Ok(response)
    }
}
