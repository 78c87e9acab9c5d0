//! `ETag` and `If-Match`: nobody's change is overwritten unseen.

use crate::server::{Answer, Server};
use poem::http::Method;
use serde_json::{Value, json};

struct Course {
    server: Server,
    admin: String,
    path: String,
}

impl Course {
    async fn open() -> Self {
        let server = Server::start().await;
        let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
        let order = json!({ "code": "CENG", "name": "Computer Engineering" });
        let department = server.post("/api/departments", &admin, order).await.expect(201);
        let order = json!({
            "code": "CENG301", "title": "Databases", "department_id": department["id"], "credits": 4,
            "academic_year": "2024-2025", "semester": "fall"
        });
        let made = server.post("/api/courses", &admin, order).await;
        let path = made.headers["location"].to_str().unwrap().to_owned();
        Self { server, admin, path }
    }

    async fn tag(&self) -> String {
        let answer = self.server.get(&self.path, &self.admin).await;
        let tag = answer.headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(tag, format!("\"{}\"", answer.body["version"]));
        tag
    }

    async fn change(&self, tag: &str, change: Value) -> Answer {
        let headers = [("if-match", tag)];
        self.server
            .ask_with(Method::PATCH, &self.path, Some(&self.admin), &headers, Some(change))
            .await
    }
}

#[tokio::test]
async fn of_two_who_change_what_both_have_read_the_second_is_told() {
    let course = Course::open().await;
    let read = course.tag().await;
    let first = course.change(&read, json!({ "title": "Database Systems" })).await;
    assert_ne!(first.headers["etag"].to_str().unwrap(), read);
    assert_eq!(first.headers["etag"].to_str().unwrap(), course.tag().await);

    let second = course.change(&read, json!({ "credits": 6 })).await;

    assert_eq!(second.problem(), (412, "outdated".into()));
    let now = course.server.get(&course.path, &course.admin).await.expect(200);
    assert_eq!((&now["title"], &now["credits"]), (&"Database Systems".into(), &4.into()));
    course.change(&course.tag().await, json!({ "credits": 6 })).await.expect(200);
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_version() {
    let course = Course::open().await;
    let tag = course.tag().await;
    course.change(&tag, json!({ "credits": 4 })).await.expect(200);
    assert_eq!(course.tag().await, tag);
}

#[tokio::test]
async fn a_star_and_no_demand_at_all_take_what_is_there() {
    let course = Course::open().await;
    course.change("*", json!({ "credits": 5 })).await.expect(200);
    let change = json!({ "credits": 6 });
    course.server.patch(&course.path, &course.admin, change).await.expect(200);
}

#[tokio::test]
async fn a_demand_that_cannot_be_read_changes_nothing() {
    let course = Course::open().await;
    let tag = course.tag().await;
    let answer = course.change("3", json!({ "credits": 6 })).await;
    assert_eq!(answer.problem(), (400, "unreadable_if_match".into()));
    assert_eq!(course.tag().await, tag);
}
