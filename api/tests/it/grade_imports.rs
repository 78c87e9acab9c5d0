//! `/api/imports/grades`, and what is done with imports.

use crate::gradebook::Gradebook;
use serde_json::{Value, json};

const FILE: &str = "student_number;final\n0001;85,5\n0002;GR\n";

impl Gradebook {
    async fn import(&self, token: &str, fields: &[(&str, &str)]) -> crate::server::Answer {
        let course = self.course.to_string();
        let fields: Vec<_> = [("course_id", course.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.server.upload("/api/imports/grades", token, FILE, &fields).await
    }

    async fn seen(&self, token: &str, query: &str) -> Vec<Value> {
        let page = self.server.get(&format!("/api/imports?{query}"), token).await.expect(200);
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|import| import["id"].clone())
            .collect()
    }
}

#[tokio::test]
async fn an_import_of_grades_is_accepted_with_its_job() {
    let book = Gradebook::open().await;
    let accepted = book.import(&book.teacher, &[("mode", "apply"), ("layout", "wide")]).await;
    let location = accepted.headers["location"].to_str().unwrap().to_owned();
    let body = accepted.expect(202);
    let import = &body["import"];
    let facts = [
        "kind",
        "mode",
        "layout",
        "course_id",
        "state",
        "file_name",
        "columns",
        "cancel_requested",
    ]
    .map(|name| import[name].clone());
    let expected = [
        json!("grades"),
        json!("apply"),
        json!("wide"),
        json!(book.course),
        json!("queued"),
        json!("notlar.csv"),
        json!([]),
        json!(false),
    ];
    assert_eq!(facts, expected);
    let job = book.server.get(&location, &book.teacher).await.expect(200);
    assert_eq!((&job["id"], &job["kind"]), (&body["job"]["id"], &json!("grade_import")));
}

#[tokio::test]
async fn wrong_requests_are_named() {
    let book = Gradebook::open().await;
    let student = book.sign_in_student(book.students[0]).await;
    assert_eq!(book.import(&student, &[]).await.problem(), (403, "role_required".to_owned()));
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(book.import(&rival, &[]).await.problem(), (404, "not_found".to_owned()));
    let course = book.course.to_string();
    let upload = |file: &'static str, fields: Vec<(&'static str, String)>| {
        let (server, teacher) = (&book.server, &book.teacher);
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            server.upload("/api/imports/grades", teacher, file, &fields).await.problem()
        }
    };
    let with_course = |more: &[(&'static str, &str)]| {
        let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
        std::iter::once(("course_id", course.clone())).chain(more).collect::<Vec<_>>()
    };
    assert_eq!(upload("", with_course(&[])).await, (422, "invalid file=required".to_owned()));
    assert_eq!(upload(FILE, Vec::new()).await.0, 400);
    assert_eq!(upload(FILE, vec![("course_id", "x".to_owned())]).await.0, 400);
    assert_eq!(upload(FILE, with_course(&[("layout", "tall")])).await.0, 400);
    book.server.execute("UPDATE courses SET teacher_id = NULL", []).await;
    assert_eq!(book.import(&book.teacher, &[]).await.problem(), (403, "not_your_course".to_owned()));
    assert_eq!(book.server.number("SELECT count(*) AS id FROM uploads", []).await, 0);
}

#[tokio::test]
async fn imports_are_listed_by_kind_state_and_course_to_those_who_may_see_them() {
    let book = Gradebook::open().await;
    let body = book.import(&book.teacher, &[]).await.expect(202);
    let id = body["import"]["id"].clone();
    let only = std::slice::from_ref(&id);
    let course = format!("kind=grades&state=queued&course_id={}", book.course);
    for query in ["", "kind=grades", "state=queued", course.as_str()] {
        assert_eq!(book.seen(&book.teacher, query).await, only, "{query}");
        assert_eq!(book.seen(&book.admin, query).await, only, "{query}");
    }
    for query in ["kind=students", "state=failed", "course_id=0"] {
        assert_eq!(book.seen(&book.teacher, query).await, Vec::<Value>::new(), "{query}");
    }
    assert_eq!(book.server.get("/api/imports?state=lost", &book.teacher).await.problem().0, 400);
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(book.server.get(&format!("/api/imports/{id}"), &rival).await.problem().0, 404);
}

#[tokio::test]
async fn an_import_is_cancelled_and_only_once() {
    let book = Gradebook::open().await;
    let body = book.import(&book.teacher, &[]).await.expect(202);
    let path = format!("/api/imports/{}", body["import"]["id"]);
    let cancel = || book.server.post_nothing(&path, "cancel", &book.teacher);
    let import = cancel().await.expect(200);
    assert_eq!((&import["state"], &import["cancel_requested"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(cancel().await.problem(), (409, "import_ended".to_owned()));
    let apply = book.server.post_nothing(&path, "apply", &book.teacher).await;
    assert_eq!(apply.problem(), (409, "dry_run_not_completed".to_owned()));
}

#[tokio::test]
async fn a_dry_run_is_applied_as_a_new_import_of_its_file() {
    let book = Gradebook::open().await;
    let body = book.import(&book.teacher, &[]).await.expect(202);
    let dry_run = &body["import"]["id"];
    let end = "UPDATE imports SET state = 'completed', records_total = 0, finished_at = now()";
    book.server.execute(end, []).await;
    let path = format!("/api/imports/{dry_run}");
    let applied = book.server.post_nothing(&path, "apply", &book.teacher).await.expect(202);
    let import = &applied["import"];
    assert_eq!((&import["mode"], &import["dry_run_id"]), (&json!("apply"), dry_run));
    assert_eq!(book.server.number("SELECT count(*) AS id FROM uploads", []).await, 1);
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    for deed in ["apply", "cancel"] {
        let refused = book.server.post_nothing(&path, deed, &rival).await;
        assert_eq!(refused.problem(), (404, "not_found".to_owned()), "{deed}");
    }
}
