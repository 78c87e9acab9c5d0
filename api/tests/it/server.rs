//! The API on a database of its own, with a super admin, an institution admin, and ways to ask it.

use acurate_api::app::app;
use acurate_api::config::Settings;
use acurate_api::state::AppState;
use acurate_shared::config::Environment;
use acurate_shared::db::{Work, sql};
use acurate_shared::identity::{CredentialNonce, TemporaryPassword, reset_token, superuser};
use acurate_shared::ids::PasswordResetTokenId;
use acurate_shared::testing::{TestDatabase, password_hasher, redis_prefix, redis_url};
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::test::{TestClient, TestForm, TestFormField};
use poem::{EndpointExt, Response};
use sea_orm::{ConnectionTrait, Value as SqlValue};
use serde_json::{Value, json};

/// The password that everybody chooses.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Server {
    client: TestClient<BoxEndpoint<'static, Response>>,
    state: AppState,
    pub(crate) test: TestDatabase,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// `null` when there is no body, a text when it is no JSON.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.into_vec().await.unwrap();
        let body = match String::from_utf8_lossy(&bytes).as_ref() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
            bytes,
        }
    }

    /// A header that is there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The body of an answer with the given status.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Status and code of a problem, and the fields it names with their codes.
    pub(crate) fn problem(self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["request_id"], self.headers["x-request-id"].to_str().unwrap());
        let mut text = self.body["code"].as_str().unwrap().to_owned();
        for fault in self.body["errors"].as_array().unwrap() {
            text += &format!(" {}={}", fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap());
        }
        (self.status.as_u16(), text)
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let test = TestDatabase::create().await;
        let url = test.url();
        Self::start_on(test, url).await
    }

    /// Starts behind something that leads to the database: it takes the database's URL and gives itself and its own.
    pub(crate) async fn start_behind<T>(relay: impl AsyncFnOnce(String) -> (T, String)) -> (Self, T) {
        let test = TestDatabase::create().await;
        let (relay, url) = relay(test.url()).await;
        (Self::start_on(test, url).await, relay)
    }

    async fn start_on(test: TestDatabase, url: String) -> Self {
        let variables = [
            ("ACURATE_DATABASE_URL", url),
            ("ACURATE_DATABASE_POOL", "5".to_owned()),
            ("ACURATE_REDIS_URL", redis_url()),
            ("ACURATE_REDIS_PREFIX", redis_prefix()),
            ("ACURATE_SECRET", "a secret that only the tests know".to_owned()),
        ];
        let env = Environment::from_variables(variables.map(|(name, value)| (name.to_owned(), value)));
        let settings = Settings::from_environment(env).unwrap();
        let mut state = AppState::new(&settings).await.unwrap();
        state.hasher = password_hasher();
        let server = Self {
            client: TestClient::new(app(state.clone()).boxed()),
            state,
            test,
        };
        server.found().await;
        server
    }

    /// Makes the super admin.
    async fn found(&self) {
        let order = superuser::Order {
            email: "owner@acurate.example".into(),
            first_name: "Olga".into(),
            last_name: "Owner".into(),
            password: PASSWORD.into(),
        };
        let checked = superuser::check(&self.state.hasher, &order).await.unwrap();
        let work = Work::begin(&self.state.database, &self.state.jobs).await.unwrap();
        superuser::create(&work, checked).await.unwrap();
        let _ = work.commit().await.unwrap();
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        self.ask_with(method, path, token, &[], body).await
    }

    /// The same with headers.
    pub(crate) async fn ask_with(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = self.client.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.body_json(&body);
        }
        Answer::read(request.send().await.0).await
    }

    /// Any bytes under any name.
    pub(crate) async fn send_raw(&self, method: Method, path: &str, token: &str, kind: &str, body: Vec<u8>) -> Answer {
        let request = self.client.request(method, path).header("authorization", format!("Bearer {token}"));
        Answer::read(request.header("content-type", kind).body(body).send().await.0).await
    }

    /// Sends a form with one file.
    pub(crate) async fn send_file(&self, method: Method, path: &str, token: &str, file: Vec<u8>) -> Answer {
        let field = TestFormField::bytes(file).name("file").filename("file.bin");
        let form = TestForm::new().field(field);
        let request = self.client.request(method, path).header("authorization", format!("Bearer {token}"));
        Answer::read(request.multipart(form).send().await.0).await
    }

    /// The bytes of an answer that is no JSON.
    pub(crate) async fn download(&self, path: &str, token: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = self.client.get(path).header("authorization", format!("Bearer {token}"));
        let (parts, body) = request.send().await.0.into_parts();
        (parts.status, parts.headers, body.into_vec().await.unwrap())
    }

    /// Posts a form with a file, as browsers do.
    pub(crate) async fn upload(&self, path: &str, token: &str, file: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = TestForm::new().field(TestFormField::text(file).name("file").filename("notlar.csv"));
        for (name, value) in fields {
            form = form.field(TestFormField::text(*value).name(*name));
        }
        let request = self.client.post(path).header("authorization", format!("Bearer {token}"));
        Answer::read(request.multipart(form).send().await.0).await
    }

    /// Posts without a body, e.g. to `cancel` below the path of an import.
    pub(crate) async fn post_nothing(&self, path: &str, deed: &str, token: &str) -> Answer {
        self.ask(Method::POST, &format!("{path}/{deed}"), Some(token), None).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::GET, path, Some(token), None).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(token), Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path, Some(token), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::DELETE, path, Some(token), None).await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.ask(Method::POST, "/api/auth/sign-in", None, Some(body)).await
    }

    /// Access token of the super admin.
    pub(crate) async fn owner(&self) -> String {
        token(&self.sign_in("owner@acurate.example", PASSWORD).await.expect(200))
    }

    /// Access token of the administrator of a new institution.
    pub(crate) async fn admin(&self, name: &str, email: &str) -> String {
        let order = json!({ "name": name, "admin": { "email": email, "first_name": "Ada", "last_name": "Ak" } });
        let created = self.post("/api/institutions", &self.owner().await, order).await.expect(201);
        self.settle(&created["admin"]).await
    }

    /// Access token of somebody who has just been made and now chooses [`PASSWORD`].
    pub(crate) async fn settle(&self, user: &Value) -> String {
        let mailed = self.mailed(user["id"].as_i64().unwrap()).await;
        let first = self.sign_in(user["email"].as_str().unwrap(), &mailed).await.expect(200);
        let change = json!({ "new_password": PASSWORD });
        token(&self.post("/api/auth/change-password", &token(&first), change).await.expect(200))
    }

    /// The password in a user's welcome mail.
    pub(crate) async fn mailed(&self, user: i64) -> String {
        let select = "SELECT id, credential_nonce FROM users WHERE id = $1";
        let row = self
            .state
            .database
            .orm()
            .query_one_raw(sql(select, [user.into()]))
            .await
            .unwrap()
            .unwrap();
        let nonce: Vec<u8> = row.try_get("", "credential_nonce").unwrap();
        let nonce = CredentialNonce::try_from(nonce.as_slice()).unwrap();
        let id = row.try_get("", "id").unwrap();
        TemporaryPassword::derive(&self.state.identity.secret, id, &nonce)
            .grouped()
            .expose()
            .clone()
    }

    /// The token of the link that a user was mailed, if it was; else nothing.
    pub(crate) async fn reset_token(&self, email: &str) -> Option<String> {
        let select = "SELECT t.id, t.nonce FROM password_reset_tokens t JOIN users u ON u.id = t.user_id WHERE u.email = $1";
        let row = self
            .state
            .database
            .orm()
            .query_one_raw(sql(select, [email.into()]))
            .await
            .unwrap()?;
        let id: PasswordResetTokenId = row.try_get("", "id").unwrap();
        let nonce: Vec<u8> = row.try_get("", "nonce").unwrap();
        let nonce = CredentialNonce::try_from(nonce.as_slice()).unwrap();
        let token = reset_token::derive(&self.state.identity.secret, id, &nonce);
        Some(token.encoded().expose().clone())
    }

    /// The one integer that a statement returns as `id`.
    pub(crate) async fn number<const N: usize>(&self, statement: &str, values: [SqlValue; N]) -> i64 {
        let row = self.state.database.orm().query_one_raw(sql(statement, values)).await.unwrap();
        row.unwrap().try_get("", "id").unwrap()
    }

    /// The one text that a statement returns as `id`.
    pub(crate) async fn text<const N: usize>(&self, statement: &str, values: [SqlValue; N]) -> String {
        let row = self.state.database.orm().query_one_raw(sql(statement, values)).await.unwrap();
        row.unwrap().try_get("", "id").unwrap()
    }

    pub(crate) async fn execute<const N: usize>(&self, statement: &str, values: [SqlValue; N]) {
        self.state.database.orm().execute_raw(sql(statement, values)).await.unwrap();
    }
}

/// The access token of an answer to a sign-in.
pub(crate) fn token(tokens: &Value) -> String {
    tokens["access_token"].as_str().unwrap().to_owned()
}
