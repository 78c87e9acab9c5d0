//! Answers a creating request that is sent again with its first answer: `Idempotency-Key`.
//!
//! Looks before the handler, and again when the handler fails, because an equal request may have been faster. The answer is
//! written by [`AppState::create`], in the transaction of what it tells of.

use crate::extract;
use crate::problem::Problem;
use crate::state::AppState;
use crate::token::Purpose;
use acurate_shared::idempotency::{self, RecordedAnswer, RequestKey};
use poem::http::{Method, StatusCode};
use poem::web::headers::{Authorization, HeaderMapExt, authorization::Bearer};
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};
use sha2::{Digest, Sha256};

/// Longest key, in characters.
const KEY_LIMIT: usize = 255;

/// The middleware.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// Where answers are kept, and who the caller is.
    pub state: AppState,
}

/// The endpoint of [`Idempotency`].
#[derive(Debug)]
pub struct IdempotencyEndpoint<E> {
    inner: E,
    state: AppState,
}

impl<E: Endpoint> Middleware<E> for Idempotency {
    type Output = IdempotencyEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        IdempotencyEndpoint {
            inner,
            state: self.state.clone(),
        }
    }
}

impl<E: Endpoint> Endpoint for IdempotencyEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let Some(key) = self.key(&mut request).await? else {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        };
        if let Some(answer) = self.recorded(&key).await? {
            return Ok(again(answer));
        }
        request.extensions_mut().insert(key.clone());
        let result = self.inner.call(request).await.map(IntoResponse::into_response);
        match result {
            Ok(response) if response.status().is_success() => Ok(response),
            failed => match self.recorded(&key).await? {
                Some(answer) => Ok(again(answer)),
                None => failed,
            },
        }
    }
}

impl<E> IdempotencyEndpoint<E> {
    async fn recorded(&self, key: &RequestKey) -> Result<Option<RecordedAnswer>> {
        let found = idempotency::find(self.state.database.orm(), key).await;
        Ok(found.map_err(Problem::from)?)
    }

    /// The key of a signed-in user's POST that has one. Who is not signed in gets no further than the handler's own answer.
    async fn key(&self, request: &mut Request) -> Result<Option<RequestKey>> {
        let Some(header) = request
            .headers()
            .get("idempotency-key")
            .filter(|_| request.method() == Method::POST)
        else {
            return Ok(None);
        };
        let key = header.to_str().unwrap_or_default().trim().to_owned();
        if key.is_empty() || key.len() > KEY_LIMIT {
            let detail = "Idempotency-Key takes 1 to 255 ASCII characters, for example a UUID.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "unreadable_idempotency_key", detail).into());
        }
        let bearer = request.headers().typed_get::<Authorization<Bearer>>();
        let Some(claims) = bearer.and_then(|bearer| self.state.tokens.read(bearer.token()).ok()) else {
            return Ok(None);
        };
        if claims.purpose != Purpose::Access || extract::actor(&self.state, &claims).await.is_err() {
            return Ok(None);
        }
        Ok(Some(RequestKey {
            user_id: claims.sub,
            key,
            fingerprint: fingerprint(request).await?,
        }))
    }
}

/// SHA-256 of method, path and body. A form with files goes without its body: clients draw a new boundary each time.
async fn fingerprint(request: &mut Request) -> Result<Vec<u8>> {
    let mut digest = Sha256::new();
    digest.update(request.method().as_str());
    digest.update([0]);
    digest.update(request.original_uri().path().trim_end_matches('/'));
    digest.update([0]);
    if !request.content_type().is_some_and(|kind| kind.starts_with("multipart/")) {
        let body = request.take_body().into_bytes().await?;
        digest.update(&body);
        request.set_body(Body::from_bytes(body));
    }
    Ok(digest.finalize().to_vec())
}

fn again(answer: RecordedAnswer) -> Response {
    let status = u16::try_from(answer.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    Response::builder()
        .status(status.unwrap_or(StatusCode::OK))
        .content_type("application/json; charset=utf-8")
        .header("Location", answer.location)
        .header("Idempotency-Replayed", "true")
        .body(answer.body)
}
