//! The worst caller of every operation: whatever it sends, it gets a clear problem, and nothing breaks.

use crate::server::{Answer, Server};
use poem::http::Method;
use serde_json::{Value, json};

/// An operation that takes JSON, with the example of the document.
struct Target {
    id: String,
    method: Method,
    path: String,
    example: Value,
}

fn document() -> Value {
    serde_json::from_str(&acurate_api::document::document()).unwrap()
}

/// Operations with a JSON body. Ids in paths are 1: things of the first institution, or none.
fn targets(document: &Value) -> Vec<Target> {
    let mut targets = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, definition) in methods.as_object().unwrap() {
            let Some(content) = definition.pointer("/requestBody/content").and_then(Value::as_object) else {
                continue;
            };
            let Some((_, body)) = content.iter().find(|(kind, _)| kind.starts_with("application/json")) else {
                continue;
            };
            let id = definition["operationId"].as_str().unwrap().to_owned();
            let schema = body["schema"]["$ref"]
                .as_str()
                .unwrap_or_else(|| panic!("{id} takes no named schema"));
            let name = schema.rsplit('/').next().unwrap();
            let example = document["components"]["schemas"][name]["example"].clone();
            assert!(example.is_object(), "{name} has no example");
            targets.push(Target {
                id,
                method: method.to_uppercase().parse().unwrap(),
                path: format!("/api{}{}", with_ids(path, "1"), required_query(definition)),
                example,
            });
        }
    }
    assert!(targets.len() > 15);
    targets
}

/// What the operation wants behind the path.
fn required_query(definition: &Value) -> String {
    let parameters = definition["parameters"].as_array().into_iter().flatten();
    let required = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    required
        .map(|parameter| format!("?{}=1", parameter["name"].as_str().unwrap()))
        .collect()
}

fn with_ids(path: &str, id: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// Somebody who may do what the operation does, as far as anybody may.
struct Caller {
    server: Server,
    owner: String,
    admin: String,
}

impl Caller {
    async fn new() -> Self {
        let server = Server::start().await;
        Self {
            owner: server.owner().await,
            admin: server.admin("Atatürk", "admin@ata.edu.tr").await,
            server,
        }
    }

    fn token(&self, path: &str) -> &str {
        let is_platform = path.starts_with("/api/institutions") || path.starts_with("/api/contact");
        if is_platform { &self.owner } else { &self.admin }
    }

    async fn send(&self, target: &Target, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let token = self.token(&target.path);
        self.server
            .send_raw(target.method.clone(), &target.path, token, kind, body.into())
            .await
    }

    async fn send_json(&self, target: &Target, body: &Value) -> Answer {
        self.send(target, "application/json", body.to_string()).await
    }
}

/// Faults of an answer that must be a problem: of the caller, and told as a document.
fn fault(answer: &Answer, what: &str) -> Option<String> {
    let status = answer.status.as_u16();
    let is_problem = answer
        .headers
        .get("content-type")
        .is_some_and(|kind| kind == "application/problem+json");
    let is_told = (400..500).contains(&status) && is_problem && answer.body["detail"].as_str().is_some_and(|text| !text.is_empty());
    (!is_told).then(|| format!("{what}: {status} {}", answer.body.to_string().chars().take(200).collect::<String>()))
}

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_of_the_operation_is_told() {
    let caller = Caller::new().await;
    let mut faults = Vec::new();
    for target in targets(&document()) {
        let twice = |text: String| format!("{{\"x\": 1, \"x\": 2, {}", &text[1..]);
        let bodies: [(&str, Vec<u8>); 8] = [
            ("nothing", Vec::new()),
            ("half an object", b"{\"a\": ".to_vec()),
            ("an array", b"[]".to_vec()),
            ("a text", b"\"text\"".to_vec()),
            ("NaN", b"{\"score\": NaN}".to_vec()),
            ("bytes that are no UTF-8", b"{\"a\": \"\xff\xfe\"}".to_vec()),
            ("endless depth", "[".repeat(100_000).into_bytes()),
            ("a key twice", twice(target.example.to_string()).into_bytes()),
        ];
        for (what, body) in bodies {
            let answer = caller.send(&target, "application/json", body).await;
            faults.extend(fault(&answer, &format!("{} with {what}", target.id)));
        }
        let answer = caller.send(&target, "text/plain", target.example.to_string()).await;
        if answer.status.as_u16() != 415 {
            faults.push(format!("{} takes text/plain: {}", target.id, answer.status));
        }
    }
    none(faults);
}

/// Every place in a body where a value stands, as a pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| places(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => items.iter().take(1).for_each(|value| places(value, &format!("{at}/0"), found)),
        _ => {}
    }
    if !at.is_empty() {
        found.push(at.to_owned());
    }
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_told() {
    let caller = Caller::new().await;
    let mut faults = Vec::new();
    for target in targets(&document()) {
        let mut found = Vec::new();
        places(&target.example, "", &mut found);
        for place in found {
            let wrong = match target.example.pointer(&place).unwrap() {
                Value::Null => continue,
                // The framework takes a number for its digits.
                Value::String(_) => vec![json!({}), json!([])],
                Value::Number(_) => vec![json!("five"), json!(true), json!([1])],
                Value::Bool(_) => vec![json!("true"), json!(1)],
                Value::Array(_) => vec![json!({}), json!("x")],
                Value::Object(_) => vec![json!([]), json!("x")],
            };
            for value in wrong {
                let mut body = target.example.clone();
                *body.pointer_mut(&place).unwrap() = value.clone();
                let answer = caller.send_json(&target, &body).await;
                faults.extend(fault(&answer, &format!("{} {place} = {value}", target.id)));
            }
        }
    }
    none(faults);
}

#[tokio::test]
async fn texts_and_numbers_beyond_all_bounds_are_told() {
    let caller = Caller::new().await;
    let mut faults = Vec::new();
    for target in targets(&document()) {
        let mut found = Vec::new();
        places(&target.example, "", &mut found);
        for place in found {
            let beyond = match target.example.pointer(&place).unwrap() {
                Value::String(_) => vec![json!("a\u{0}b"), json!("x".repeat(1_000_000)), json!("\u{1b}[31m")],
                Value::Number(_) => vec![json!(-1), json!(1e300), json!(-1e300), json!(i64::MIN), json!(u64::MAX)],
                _ => continue,
            };
            for value in beyond {
                let mut body = target.example.clone();
                *body.pointer_mut(&place).unwrap() = value.clone();
                let answer = caller.send_json(&target, &body).await;
                let value: String = value.to_string().chars().take(30).collect();
                faults.extend(fault(&answer, &format!("{} {place} = {value}", target.id)));
            }
        }
    }
    none(faults);
}

#[tokio::test]
async fn a_field_that_the_operation_does_not_know_is_told() {
    let caller = Caller::new().await;
    let mut faults = Vec::new();
    for target in targets(&document()) {
        let mut body = target.example.clone();
        body["is_superuser"] = true.into();
        let answer = caller.send_json(&target, &body).await;
        faults.extend(fault(&answer, &target.id));
    }
    none(faults);
}

#[tokio::test]
async fn ids_pages_and_filters_that_are_none_are_told() {
    let caller = Caller::new().await;
    let document = document();
    let mut faults = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, definition) in methods.as_object().unwrap() {
            let id = definition["operationId"].as_str().unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            if path.contains('{') {
                for wrong in ["abc", "1.5", "99999999999999999999", "%00", "-"] {
                    let path = format!("/api{}", with_ids(path, wrong));
                    let answer = caller.server.ask(method.clone(), &path, Some(caller.token(&path)), None).await;
                    faults.extend(fault(&answer, &format!("{id} at {path}")));
                }
            }
            if method != Method::GET {
                continue;
            }
            for parameter in definition["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "query")
            {
                let name = parameter["name"].as_str().unwrap();
                let path = format!("/api{}?{name}=%00", with_ids(path, "1"));
                let answer = caller.server.get(&path, caller.token(&path)).await;
                if answer.status.is_server_error() {
                    faults.push(format!("{id} with {name}=%00: {}", answer.status));
                }
                if ["integer", "boolean"].iter().any(|kind| parameter["schema"]["type"] == *kind) {
                    let path = path.replace("%00", "abc");
                    faults.extend(fault(
                        &caller.server.get(&path, caller.token(&path)).await,
                        &format!("{id} with {name}=abc"),
                    ));
                }
            }
        }
    }
    none(faults);
}

#[tokio::test]
async fn a_page_beyond_the_end_is_empty_and_says_how_much_there_is() {
    let caller = Caller::new().await;
    for page in ["7", "9999999999"] {
        let list = caller
            .server
            .get(&format!("/api/departments?page={page}"), &caller.admin)
            .await
            .expect(200);
        assert_eq!((&list["items"], &list["total"]), (&json!([]), &json!(0)));
    }
}

#[tokio::test]
async fn a_body_larger_than_the_limit_is_refused_by_every_operation_that_reads_one() {
    let caller = Caller::new().await;
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(11_000_000));
    for target in targets(&document()).into_iter().take(5) {
        let answer = caller.send(&target, "application/json", large.clone()).await;
        assert_eq!(answer.problem(), (413, "body_too_large".to_owned()), "{}", target.id);
    }
}

#[tokio::test]
async fn markup_and_sql_are_texts_like_any_other() {
    let caller = Caller::new().await;
    for (index, text) in [
        "<script>alert(1)</script>",
        "'; DROP TABLE users; --",
        "{{7*7}} ${7*7} %s %n",
        "=HYPERLINK(\"x\")",
    ]
    .into_iter()
    .enumerate()
    {
        let order = json!({ "code": format!("D{index}"), "name": text, "description": text });
        let made = caller.server.post("/api/departments", &caller.admin, order).await.expect(201);
        let read = caller
            .server
            .get(&format!("/api/departments/{}", made["id"]), &caller.admin)
            .await
            .expect(200);
        assert_eq!((&read["name"], &read["description"]), (&json!(text), &json!(text)));
    }
}
