//! `/api/grading-schemes` and `/api/academic-policy`.

use super::fields;
use crate::gradebook::Gradebook;
use crate::server::Answer;
use poem::http::Method;
use serde_json::{Value, json};

impl Gradebook {
    async fn put(&self, path: &str, version: &str, body: Value) -> Answer {
        let headers = [("if-match", version)];
        self.server
            .ask_with(Method::PUT, path, Some(&self.admin), &headers, Some(body))
            .await
    }
}

fn scheme(name: &str, valid_from: &str) -> Value {
    json!({ "name": name, "valid_from": valid_from, "steps": [
        { "letter": "A", "points": 4.0, "lower_edge": 80.0, "is_passing": true },
        { "letter": "F", "points": 0.0, "lower_edge": 0.0, "is_passing": false },
    ] })
}

#[tokio::test]
async fn letters_follow_the_grading_scheme_at_once() {
    let book = Gradebook::class_of_five().await;
    let list = book.server.get("/api/grading-schemes", &book.teacher).await.expect(200);
    let paths = ["/total", "/items/0/name", "/items/0/valid_from", "/items/0/valid_until"];
    assert_eq!(fields(&list, &paths), json!([1, "AA-FF", "1950-1951", null]));
    let path = format!("/api/grading-schemes/{}", list["items"][0]["id"]);
    let found = book.server.get(&path, &book.teacher).await;
    let version = found.header("etag").to_owned();
    assert_eq!(found.body, list["items"][0]);

    let replaced = book.put(&path, &version, scheme("Two letters", "1950-1951")).await;
    assert_ne!(replaced.header("etag"), version);
    assert_eq!(replaced.expect(200)["steps"], scheme("", "")["steps"]);
    let counted = book.server.get("/api/analytics/grade-distribution", &book.admin).await.expect(200);
    let letters = json!([{ "letter": "A", "count": 2 }, { "letter": "F", "count": 3 }]);
    assert_eq!((&counted["letters"], &counted["pass_rate"]), (&letters, &json!(40.0)));
    let late = book.put(&path, &version, scheme("Too late", "1950-1951")).await;
    assert_eq!(late.problem(), (412, "outdated".to_owned()));
}

#[tokio::test]
async fn schemes_do_not_overlap_and_their_faults_are_named() {
    let book = Gradebook::open().await;
    let overlap = book
        .server
        .post("/api/grading-schemes", &book.admin, scheme("New", "2030-2031"))
        .await;
    assert_eq!(overlap.status, 409, "{}", overlap.body);
    let list = book.server.get("/api/grading-schemes", &book.admin).await.expect(200);
    let mut ended = scheme("Old", "1950-1951");
    ended["valid_until"] = "2029-2030".into();
    let path = format!("/api/grading-schemes/{}", list["items"][0]["id"]);
    book.put(&path, "*", ended).await.expect(200);
    let made = book
        .server
        .post("/api/grading-schemes", &book.admin, scheme("New", "2030-2031"))
        .await;
    let location = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!(location, format!("/api/grading-schemes/{}", made["id"]));
    assert_eq!(book.server.get(&location, &book.admin).await.expect(200), made);
    let list = book.server.get("/api/grading-schemes", &book.admin).await.expect(200);
    assert_eq!(
        fields(&list, &["/items/0/name", "/items/1/name"]),
        json!(["New", "Old"]),
        "the newest first"
    );

    let mut wrong = scheme("", "2030");
    wrong["steps"][1]["lower_edge"] = 5.into();
    let faults = "invalid name=required valid_from=invalid_academic_year steps[1].lower_edge=gap";
    assert_eq!(
        book.server.post("/api/grading-schemes", &book.admin, wrong).await.problem(),
        (422, faults.to_owned())
    );
    let refused = book
        .server
        .post("/api/grading-schemes", &book.teacher, scheme("Mine", "2040-2041"))
        .await;
    assert_eq!(refused.status, 403);
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(book.server.get(&path, &rival).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn thresholds_are_read_by_all_and_changed_by_administrators() {
    let book = Gradebook::class_of_five().await;
    let found = book.server.get("/api/academic-policy", &book.teacher).await;
    let version = found.header("etag").to_owned();
    found.expect(200);
    let policy = json!({
        "pass_percentage": 50.0, "at_risk_percentage": 65.5, "at_risk_missed": 3, "at_risk_unmet_percentage": 100.0,
        "course_pass_rate": 0.0,
    });
    let changed = book.put("/api/academic-policy", &version, policy.clone()).await.expect(200);
    for (name, value) in policy.as_object().unwrap() {
        assert_eq!(&changed[name], value);
    }
    let at_risk = book.server.get("/api/analytics/students-at-risk", &book.admin).await.expect(200);
    assert_eq!(at_risk["total"], 2, "40 and 60 are below 65.5");
    let late = book.put("/api/academic-policy", &version, policy.clone()).await;
    assert_eq!(late.problem(), (412, "outdated".to_owned()));
    let mut wrong = policy.clone();
    wrong["pass_percentage"] = 101.into();
    wrong["at_risk_missed"] = 0.into();
    let faults = "invalid pass_percentage=out_of_range at_risk_missed=out_of_range";
    assert_eq!(
        book.put("/api/academic-policy", "*", wrong).await.problem(),
        (422, faults.to_owned())
    );
    let path = "/api/academic-policy";
    let refused = book.server.ask(Method::PUT, path, Some(&book.teacher), Some(policy)).await;
    assert_eq!(refused.status, 403);
}
