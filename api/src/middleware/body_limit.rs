//! Ends requests whose body is larger than the limit, by the bytes really read.

use crate::problem::Problem;
use futures::StreamExt;
use poem::http::StatusCode;
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    /// Largest body, in bytes.
    pub bytes: u64,
}

/// The endpoint of [`BodyLimit`].
#[derive(Debug)]
pub struct BodyLimitEndpoint<E> {
    inner: E,
    bytes: u64,
}

impl<E: Endpoint> Middleware<E> for BodyLimit {
    type Output = BodyLimitEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        BodyLimitEndpoint { inner, bytes: self.bytes }
    }
}

impl<E: Endpoint> Endpoint for BodyLimitEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let announced = request.header("content-length").and_then(|text| text.parse::<u64>().ok());
        if announced.is_some_and(|bytes| bytes > self.bytes) {
            return Err(too_large(self.bytes).into());
        }
        let exceeded = Arc::new(AtomicBool::new(false));
        let body = request.take_body();
        request.set_body(limited(body, self.bytes, Arc::clone(&exceeded)));
        let result = self.inner.call(request).await;
        if exceeded.load(Ordering::Relaxed) {
            return Err(too_large(self.bytes).into());
        }
        result.map(IntoResponse::into_response)
    }
}

fn limited(body: Body, limit: u64, exceeded: Arc<AtomicBool>) -> Body {
    let mut read = 0_u64;
    Body::from_bytes_stream(body.into_bytes_stream().map(move |chunk| {
        let chunk = chunk?;
        read = read.saturating_add(chunk.len() as u64);
        if read > limit {
            exceeded.store(true, Ordering::Relaxed);
            return Err(io::Error::other("the body is larger than the limit"));
        }
        Ok(chunk)
    }))
}

fn too_large(limit: u64) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("The request body may have at most {limit} bytes; send less, or in parts."),
    )
}
