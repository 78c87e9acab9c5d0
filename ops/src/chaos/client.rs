//! A client that does not give up: it sends a request again, under the same `Idempotency-Key`, until the API has accepted it.

use super::promise::Ledger;
use crate::failure::{Failure, Result};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(15);

/// A request that is not accepted after this is given up: no fault of a run lasts as long.
const PATIENCE: Duration = Duration::from_secs(240);

/// Longest wait between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// An administrator who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    ledger: Arc<Ledger>,
}

impl Client {
    /// Signs in.
    ///
    /// # Errors
    /// When the API refuses.
    pub(crate) async fn sign_in(base_url: &str, email: &str, password: &str, ledger: Arc<Ledger>) -> Result<Self> {
        let base = format!("{base_url}/api");
        // A connection for each request: whether an old one still works is not what is tested here.
        let http = reqwest::Client::builder().timeout(ANSWER).pool_max_idle_per_host(0).build();
        let http = http.map_err(no_answer("client"))?;
        let mut client = Self {
            http,
            base,
            token: String::new(),
            ledger,
        };
        let order = json!({ "email": email, "password": password });
        let session: Value = client
            .accepted(Method::POST, "/auth/sign-in", |request| request.json(&order))
            .await?;
        client.token = session.get("access_token").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(client)
    }

    /// Reads.
    ///
    /// # Errors
    /// When the API refuses or gives no answer for minutes.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.accepted(Method::GET, path, |request| request).await
    }

    /// Sends a request until it is accepted, and counts it. `body` is called for each try.
    ///
    /// # Errors
    /// When the API refuses or gives no answer for minutes; also noted as a failure of the run.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T> {
        let accepted = self.accepted(method, path, body).await;
        match &accepted {
            Ok(_) => self.ledger.lock().requests += 1,
            Err(failure) => self.ledger.lock().failures.push(failure.to_string()),
        }
        accepted
    }

    async fn accepted<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T> {
        let call = format!("{method} {path}");
        let key = format!("chaos-{:032x}", rand::random::<u128>());
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(50);
        loop {
            let request = self.http.request(method.clone(), format!("{}{path}", self.base));
            let request = body(request.bearer_auth(&self.token).header("Idempotency-Key", &key));
            let failure = match self.once(&call, request).await {
                Ok(answer) => return Ok(answer),
                Err(Try::Final(failure)) => return Err(failure),
                Err(Try::Again(failure)) => failure,
            };
            if Instant::now() > deadline {
                return Err(failure);
            }
            tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
            pause = (pause * 2).min(PAUSE);
        }
    }

    async fn once<T: DeserializeOwned>(&self, call: &str, request: RequestBuilder) -> Result<T, Try> {
        let again = |source| Try::Again(no_answer(call)(source));
        let response: Response = request.send().await.map_err(again)?;
        let status = response.status();
        let body = response.bytes().await.map_err(again)?;
        if status.is_success() {
            // What is accepted without a word is read as null.
            let body: &[u8] = if body.is_empty() { b"null" } else { &body };
            return serde_json::from_slice(body).map_err(|error| Try::Final(Failure::Stopped(format!("{call}: {error}"))));
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let code = problem.get("code").and_then(Value::as_str).unwrap_or_default();
        let failure = Failure::Refused {
            call: call.to_owned(),
            status: status.as_u16(),
            problem: problem.to_string(),
        };
        let is_transient = status.is_server_error()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
            || code == "idempotency_key_in_use";
        Err(if is_transient { Try::Again(failure) } else { Try::Final(failure) })
    }
}

/// Why a try brought nothing.
enum Try {
    /// The next one may.
    Again(Failure),
    /// No other one will.
    Final(Failure),
}

fn no_answer(call: &str) -> impl FnOnce(reqwest::Error) -> Failure {
    let call = call.to_owned();
    move |source| Failure::NoAnswer { call, source }
}
