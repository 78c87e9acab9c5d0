//! A signed-in client: JSON in, JSON out, its tokens renewed before they end.

use super::documents::{Page, SignedIn};
use super::problem;
use super::session::Session;
use crate::failure::{Failure, Result};
use reqwest::{Method, RequestBuilder, multipart};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Longest wait for one answer; the largest requests take seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The most items that a page holds.
const PAGE_SIZE: usize = 100;

/// One user of the API.
#[derive(Debug)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    session: Mutex<Session>,
}

impl Api {
    /// Signs in. With a temporary password, `new_password` is chosen in its place.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn sign_in(base_url: &str, email: &str, password: &str, new_password: Option<&str>) -> Result<Self> {
        let base = format!("{}/api", base_url.trim_end_matches('/'));
        let client = reqwest::Client::builder().timeout(TIMEOUT).build();
        let call = || "client".to_owned();
        let http = client.map_err(|source| Failure::NoAnswer { call: call(), source })?;
        let mut asked = Instant::now();
        let request = http
            .post(format!("{base}/auth/sign-in"))
            .json(&json!({"email": email, "password": password}));
        let mut tokens: SignedIn = answer("POST", "/auth/sign-in", request).await?;
        if tokens.must_change_password {
            let Some(new_password) = new_password else {
                return Err(Failure::Stopped(format!("{email} must choose a password of its own first")));
            };
            asked = Instant::now();
            let request = http.post(format!("{base}/auth/change-password")).bearer_auth(&tokens.access_token);
            tokens = answer(
                "POST",
                "/auth/change-password",
                request.json(&json!({"new_password": new_password})),
            )
            .await?;
        }
        Ok(Self {
            http,
            base,
            session: Mutex::new(Session::new(tokens, asked)),
        })
    }

    /// Reads.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        answer("GET", path, self.request(Method::GET, path).await?).await
    }

    /// Reads a whole list, page by page. `path` has no query.
    ///
    /// # Errors
    /// When the API is away or refuses, or the pages hold fewer items than they say.
    pub(crate) async fn all_pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        for number in 1.. {
            let page: Page<T> = self.get(&format!("{path}?page={number}&page_size={PAGE_SIZE}")).await?;
            let last = page.items.len() < PAGE_SIZE;
            items.extend(page.items);
            if items.len() >= page.total {
                break;
            }
            if last {
                let (found, total) = (items.len(), page.total);
                return Err(Failure::Stopped(format!("GET {path}: the pages hold {found} items of {total}")));
            }
        }
        Ok(items)
    }

    /// Creates, or asks for something to be done.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T> {
        answer("POST", path, self.request(Method::POST, path).await?.json(body)).await
    }

    /// Replaces. What the API says about it is not read.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn put(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<()> {
        accepted("PUT", path, self.request(Method::PUT, path).await?.json(body))
            .await
            .map(drop)
    }

    /// Replaces, and reads what the API says about it.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn put_for<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T> {
        answer("PUT", path, self.request(Method::PUT, path).await?.json(body)).await
    }

    /// Sends a form with a file.
    ///
    /// # Errors
    /// When the API is away or refuses.
    pub(crate) async fn post_form<T: DeserializeOwned>(&self, path: &str, form: multipart::Form) -> Result<T> {
        answer("POST", path, self.request(Method::POST, path).await?.multipart(form)).await
    }

    async fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let token = self.access_token().await?;
        Ok(self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token))
    }

    /// The token, renewed where it is about to end; those who come meanwhile wait for the new one.
    async fn access_token(&self) -> Result<String> {
        let mut session = self.session.lock().await;
        if session.wants_renewal(Instant::now()) {
            let asked = Instant::now();
            let request = self.http.post(format!("{}/auth/refresh", self.base));
            let tokens: SignedIn = answer(
                "POST",
                "/auth/refresh",
                request.json(&json!({"refresh_token": session.refresh_token})),
            )
            .await?;
            *session = Session::new(tokens, asked);
        }
        Ok(session.access_token.clone())
    }
}

/// Sends, and reads the answer's JSON.
async fn answer<T: DeserializeOwned>(method: &str, path: &str, request: RequestBuilder) -> Result<T> {
    let response = accepted(method, path, request).await?;
    let call = format!("{method} {path}");
    let body = response.bytes().await;
    let body = body.map_err(|source| Failure::NoAnswer {
        call: call.clone(),
        source,
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let shown: String = String::from_utf8_lossy(&body).chars().take(300).collect();
        Failure::Stopped(format!("{call} answered something else than expected: {error}; it was: {shown}"))
    })
}

/// Sends; a refusal is an error.
async fn accepted(method: &str, path: &str, request: RequestBuilder) -> Result<reqwest::Response> {
    let call = format!("{method} {path}");
    let no_answer = |source| Failure::NoAnswer {
        call: call.clone(),
        source,
    };
    let response = request.send().await.map_err(no_answer)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.text().await.map_err(no_answer)?;
    Err(Failure::Refused {
        call,
        status: status.as_u16(),
        problem: problem::in_words(&body),
    })
}

#[cfg(test)]
mod tests;
