//! `/api/students`.

use crate::server::{PASSWORD, Server};
use acurate_shared::testing::until;
use poem::http::Method;
use serde_json::{Value, json};

fn record(number: &str) -> Value {
    json!({ "student_number": number, "email": format!("s{number}@ata.edu.tr"), "first_name": "Ece", "last_name": "Ak" })
}

/// A department with a program in the only institution: both ids.
async fn department(server: &Server, code: &str) -> (i64, i64) {
    let department = "INSERT INTO departments (institution_id, code, name) SELECT id, $1, $1 FROM institutions RETURNING id";
    let department = server.number(department, [code.into()]).await;
    let program = "
        INSERT INTO programs (institution_id, department_id, code, name) SELECT institution_id, id, code, code FROM departments
        WHERE id = $1 RETURNING id";
    (department, server.number(program, [department.into()]).await)
}

#[tokio::test]
async fn an_administrator_makes_finds_and_lists_them() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let (department, program) = department(&server, "CENG").await;
    let mut order = record("007");
    order["program_id"] = program.into();
    order["year_of_study"] = 2.into();
    order["entry_year"] = 2023.into();

    let answer = server.post("/api/students", &admin, order).await;

    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let student = answer.expect(201);
    assert_eq!(location, format!("/api/students/{}", student["id"]));
    assert_eq!(student["student_number"], "007");
    assert_eq!(student["department_id"], department);
    assert_eq!(student["program_id"], program);
    assert_eq!(student["year_of_study"], 2);
    assert_eq!(student["phone"], Value::Null);
    assert!(student.get("password_hash").is_none() && student.get("credential_nonce").is_none());
    assert_eq!(server.get(&location, &admin).await.expect(200), student);
    server.post("/api/students", &admin, record("107")).await.expect(201);
    for (query, total) in [
        ("", 2),
        ("?search=00", 1),
        ("?search=S107@", 1),
        ("?search=ece%20a", 2),
        (&format!("?program_id={program}"), 1),
        (&format!("?department_id={department}&is_active=false"), 0),
    ] {
        let list = server.get(&format!("/api/students{query}"), &admin).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    let second = server.get("/api/students?page=2&page_size=1", &admin).await.expect(200);
    assert_eq!(second["items"][0]["student_number"], "107");
}

#[tokio::test]
async fn what_is_wrong_with_one_is_told() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    server.post("/api/students", &admin, record("1")).await.expect(201);
    let again = server.post("/api/students", &admin, record("1")).await;
    assert_eq!(again.problem(), (409, "email_in_use".to_owned()));
    let mut other = record("1");
    other["email"] = "other@ata.edu.tr".into();
    let again = server.post("/api/students", &admin, other).await;
    assert_eq!(again.problem(), (409, "student_number_in_use".to_owned()));

    let mut bad = record("1;2");
    bad["first_name"] = " ".into();
    bad["year_of_study"] = 9.into();
    bad["program_id"] = 0.into();
    let refused = server.post("/api/students", &admin, bad).await;
    assert_eq!(
        refused.problem(),
        (
            422,
            "invalid student_number=invalid_student_number email=invalid_email first_name=required year_of_study=out_of_range \
             program_id=unknown_program"
                .to_owned()
        )
    );
    let unreadable = server.post("/api/students", &admin, json!({ "student_number": 7 })).await.problem();
    assert_eq!(unreadable.0, 400);
}

#[tokio::test]
async fn a_change_touches_what_is_named_and_null_empties() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let (_, ceng) = department(&server, "CENG").await;
    let (math, math_program) = department(&server, "MATH").await;
    let mut order = record("1");
    order["phone"] = "555".into();
    order["program_id"] = ceng.into();
    order["entry_year"] = 2023.into();
    let before = server.post("/api/students", &admin, order).await.expect(201);
    let path = format!("/api/students/{}", before["id"]);

    let body = json!({ "last_name": "Öz", "phone": null, "program_id": math_program });
    let after = server.patch(&path, &admin, body).await.expect(200);

    let mut expected = before.clone();
    expected["last_name"] = "Öz".into();
    expected["phone"] = Value::Null;
    expected["program_id"] = math_program.into();
    expected["department_id"] = math.into();
    expected["updated_at"] = after["updated_at"].clone();
    expected["version"] = json!(before["version"].as_i64().unwrap() + 1);
    assert_eq!(after, expected);
    let marks = "SELECT count(*) AS id FROM achievement_marks WHERE student_id = $1";
    assert_eq!(server.number(marks, [before["id"].as_i64().into()]).await, 1);

    let refused = server.patch(&path, &admin, json!({ "department_id": null })).await;
    assert_eq!(refused.problem(), (422, "invalid department_id=required_by_program".to_owned()));
    assert_eq!(server.patch(&path, &admin, json!({})).await.expect(200), after);
}

#[tokio::test]
async fn a_student_sees_itself_only_until_it_is_deactivated() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let one = server.post("/api/students", &admin, record("1")).await.expect(201);
    let two = server.post("/api/students", &admin, record("2")).await.expect(201);
    let own = server.settle(&one).await;
    let path = format!("/api/students/{}", one["id"]);

    assert_eq!(server.get(&path, &own).await.expect(200)["student_number"], "1");
    let other = server.get(&format!("/api/students/{}", two["id"]), &own).await;
    assert_eq!(other.problem(), (403, "not_your_record".to_owned()));
    for refused in [
        server.get("/api/students", &own).await,
        server.patch(&path, &own, json!({ "first_name": "X" })).await,
        server.post("/api/students", &own, record("3")).await,
    ] {
        assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    }

    server.patch(&path, &admin, json!({ "is_active": false })).await.expect(200);
    until("the student to be refused", || async {
        (server.get(&path, &own).await.status == 401).then_some(())
    })
    .await;
    let refused = server.sign_in("s1@ata.edu.tr", PASSWORD).await;
    assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn they_are_hidden_from_other_institutions() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let student = server.post("/api/students", &admin, record("1")).await.expect(201);
    let path = format!("/api/students/{}", student["id"]);

    assert_eq!(server.get(&path, &rival).await.problem(), (404, "not_found".to_owned()));
    let change = server.patch(&path, &rival, json!({ "first_name": "X" })).await;
    assert_eq!(change.problem(), (404, "not_found".to_owned()));
    assert_eq!(server.get("/api/students", &rival).await.expect(200)["total"], 0);
    assert_eq!(server.get(&path, &admin).await.expect(200), student);
}

#[tokio::test]
async fn a_list_is_filtered_by_year_and_sorted_as_wished() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    for (number, year, entry) in [("1", 1, 2024), ("2", 2, 2023), ("3", 2, 2022)] {
        let mut order = record(number);
        order["year_of_study"] = json!(year);
        order["entry_year"] = json!(entry);
        server.post("/api/students", &admin, order).await.expect(201);
    }
    for (query, numbers) in [
        ("?sort=-student_number", vec!["3", "2", "1"]),
        ("?sort=entry_year", vec!["3", "2", "1"]),
        ("?year_of_study=2&sort=-entry_year", vec!["2", "3"]),
        ("?entry_year=2024", vec!["1"]),
    ] {
        let list = server.get(&format!("/api/students{query}"), &admin).await.expect(200);
        let found: Vec<&str> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|student| student["student_number"].as_str().unwrap())
            .collect();
        assert_eq!(found, numbers, "{query}");
    }
    let refused = server.get("/api/students?sort=password_hash", &admin).await;
    assert_eq!(refused.problem(), (422, "invalid sort=unknown_sort".to_owned()));
}

#[tokio::test]
async fn one_without_grades_is_deleted_with_its_enrollments() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let student = server.post("/api/students", &admin, record("1")).await.expect(201);
    let path = format!("/api/students/{}", student["id"]);
    let department = server
        .post("/api/departments", &admin, json!({ "code": "CENG", "name": "CENG" }))
        .await
        .expect(201);
    let order = json!({ "code": "C1", "title": "C1", "department_id": department["id"], "credits": 5, "academic_year": "2024-2025", "semester": "fall" });
    let course = server.post("/api/courses", &admin, order).await.expect(201);
    let enrollments = format!("/api/courses/{}/enrollments", course["id"]);
    let enrollment = json!({ "student_id": student["id"] });
    server.post(&enrollments, &admin, enrollment).await.expect(201);
    let order = json!({ "title": "Final", "assessment_type": "final", "weight": 100 });
    let assessments = format!("/api/courses/{}/assessments", course["id"]);
    let assessment = server.post(&assessments, &admin, order).await.expect(201);
    let grade = format!("/api/assessments/{}/grades/{}", assessment["id"], student["id"]);
    let put = server
        .ask(Method::PUT, &grade, Some(&admin), Some(json!({ "status": "absent" })))
        .await;
    assert!(put.status.is_success(), "{}", put.body);

    assert_eq!(server.delete(&path, &rival).await.problem(), (404, "not_found".to_owned()));
    let refused = server.delete(&path, &admin).await;
    assert_eq!(refused.problem(), (409, "student_has_grades".to_owned()));
    assert!(server.delete(&grade, &admin).await.status.is_success());
    assert_eq!(server.delete(&path, &admin).await.status, 204);
    assert_eq!(server.get(&path, &admin).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(server.get(&enrollments, &admin).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_change_for_an_older_version_is_refused() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let student = server.post("/api/students", &admin, record("1")).await.expect(201);
    let path = format!("/api/students/{}", student["id"]);
    let read = server.get(&path, &admin).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let headers = [("if-match", tag.as_str())];
    for (name, status) in [("Nur", 200), ("Su", 412)] {
        let change = json!({ "first_name": name });
        let answer = server.ask_with(Method::PATCH, &path, Some(&admin), &headers, Some(change)).await;
        assert_eq!(answer.status.as_u16(), status);
    }
}
