//! A frontend: signs in, sends JSON, expects a status.

use acurate_shared::testing::until;
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base_url: String,
    token: String,
    /// The answer to the sign-in.
    pub(crate) session: Value,
}

impl Client {
    pub(crate) async fn sign_in(base_url: &str, email: &str, password: &str) -> Self {
        let http = reqwest::Client::new();
        let answer = http
            .post(format!("{base_url}/api/auth/sign-in"))
            .json(&json!({ "email": email, "password": password }))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let session: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{email}: {session}");
        let token = session["access_token"].as_str().unwrap().to_owned();
        Self {
            http,
            base_url: base_url.to_owned(),
            token,
            session,
        }
    }

    /// Changes the temporary password, as the first sign-in demands, and goes on with the new session.
    pub(crate) async fn choose_password(self, password: &str) -> Self {
        assert_eq!(self.session["must_change_password"], true);
        let session = self
            .post("/api/auth/change-password", json!({ "new_password": password }), StatusCode::OK)
            .await;
        let token = session["access_token"].as_str().unwrap().to_owned();
        Self { token, session, ..self }
    }

    /// The access token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None, StatusCode::OK).await
    }

    /// Creates something and returns its id.
    pub(crate) async fn create(&self, path: &str, body: Value) -> i64 {
        let created = self.post(path, body, StatusCode::CREATED).await;
        created["id"].as_i64().unwrap_or_else(|| panic!("no id in {created}"))
    }

    pub(crate) async fn post(&self, path: &str, body: Value, expected: StatusCode) -> Value {
        self.send(Method::POST, path, Some(body), expected).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value, expected: StatusCode) -> Value {
        self.send(Method::PUT, path, Some(body), expected).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.send(Method::PATCH, path, Some(body), StatusCode::OK).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>, expected: StatusCode) -> Value {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base_url))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, expected, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// Uploads a file of students; returns the accepted import.
    pub(crate) async fn import_students(&self, file: Vec<u8>, options: &[(&'static str, &'static str)]) -> Value {
        let part = multipart::Part::bytes(file).file_name("students.csv").mime_str("text/csv").unwrap();
        let form = options
            .iter()
            .fold(multipart::Form::new().part("file", part), |form, (name, value)| {
                form.text(*name, *value)
            });
        let url = format!("{}/api/imports/students", self.base_url);
        let answer = self.http.post(url).bearer_auth(&self.token).multipart(form).send().await.unwrap();
        let status = answer.status();
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        assert_eq!(location, Some(format!("/api/jobs/{}", body["job"]["id"])));
        body
    }

    /// Tries to upload a file of new students under an `Idempotency-Key`; `None`: there was no answer.
    pub(crate) async fn try_to_import(&self, file: Vec<u8>, key: &str) -> Option<Value> {
        let part = multipart::Part::bytes(file).file_name("students.csv");
        let form = multipart::Form::new().part("file", part).text("mode", "apply");
        let url = format!("{}/api/imports/students", self.base_url);
        let request = self.http.post(url).bearer_auth(&self.token).header("Idempotency-Key", key);
        let answer = request.multipart(form).send().await.ok()?;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        answer.json().await.ok()
    }

    /// Follows an import to its end and returns it.
    pub(crate) async fn finished_import(&self, accepted: &Value) -> Value {
        let path = format!("/api/imports/{}", accepted["import"]["id"]);
        until("the import to end", || async {
            let import = self.get(&path).await;
            (!matches!(import["state"].as_str(), Some("queued" | "running"))).then_some(import)
        })
        .await
    }

    /// A student's achievements once nothing is out of date.
    pub(crate) async fn fresh_achievements(&self, student: i64) -> Value {
        let path = format!("/api/students/{student}/achievements");
        until("the achievements to be computed", || async {
            let achievements = self.get(&path).await;
            (achievements["stale"] == false).then_some(achievements)
        })
        .await
    }
}
