//! The main job: an institution is made, students are imported and welcomed, a teacher's grades arrive, and the worker
//! computes what everybody reached.

use crate::client::Client;
use crate::product::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "a password chosen by somebody";

/// An institution of one test, with everybody signed in.
pub(crate) struct Campus {
    pub(crate) admin: Client,
    teacher: Client,
    pub(crate) domain: String,
    department: i64,
    program: i64,
}

impl Campus {
    pub(crate) async fn found(product: &Product) -> Self {
        let domain = format!("{}.edu.tr", uuid::Uuid::new_v4().simple());
        let admin_email = format!("yonetici@{domain}");
        let institution = json!({
            "name": format!("Deneme Üniversitesi {domain}"), "locale": "tr", "time_zone": "Europe/Istanbul",
            "admin": { "email": admin_email, "first_name": "Işıl", "last_name": "Yönetici" },
        });
        product
            .owner()
            .await
            .post("/api/institutions", institution, StatusCode::CREATED)
            .await;
        let admin = welcomed(product, &admin_email).await;
        let department = admin
            .create("/api/departments", json!({ "code": "BM", "name": "Bilgisayar Mühendisliği" }))
            .await;
        let program = json!({ "department_id": department, "code": "BM-LIS", "name": "Bilgisayar Mühendisliği Lisans" });
        let program = admin.create("/api/programs", program).await;
        let teacher_email = format!("ogretmen@{domain}");
        let teacher = json!({ "email": teacher_email, "first_name": "Çağla", "last_name": "Öğretmen", "department_id": department });
        admin.create("/api/teachers", teacher).await;
        let teacher = welcomed(product, &teacher_email).await;
        Self {
            admin,
            teacher,
            domain,
            department,
            program,
        }
    }

    pub(crate) fn student_file(&self, numbers: std::ops::Range<u32>) -> Vec<u8> {
        let mut file = "\u{feff}Student_Number;EMAIL;first_name;last_name;department_code;program_code;year_of_study\r\n".to_owned();
        for number in numbers {
            file.push_str(&format!(
                "00{number};IREM.{number}@{};İrem;\"Şık, \"\"{number}\"\"\";BM;BM-LIS;2\r\n",
                self.domain.to_uppercase()
            ));
        }
        file.into_bytes()
    }

    async fn student_id(&self, number: &str) -> i64 {
        let page = self.admin.get(&format!("/api/students?search={number}")).await;
        page["items"][0]["id"]
            .as_i64()
            .unwrap_or_else(|| panic!("no student {number} in {page}"))
    }
}

/// Signs in with the temporary password of the welcome mail and chooses one.
pub(crate) async fn welcomed(product: &Product, email: &str) -> Client {
    let mail = product.mailbox.first_to(email).await;
    Client::sign_in(&product.base_url, email, &mail.temporary_password())
        .await
        .choose_password(PASSWORD)
        .await
}

fn percentages(achievements: &Value, outcomes: &str) -> Vec<(String, Option<f64>, Option<bool>)> {
    let outcomes = achievements[outcomes].as_array().unwrap();
    outcomes
        .iter()
        .map(|outcome| {
            (
                outcome["code"].as_str().unwrap().to_owned(),
                outcome["percentage"].as_f64(),
                outcome["met"].as_bool(),
            )
        })
        .collect()
}

#[tokio::test]
async fn imported_students_are_welcomed_graded_and_told_what_they_reached() {
    let product = Product::start().await;
    let campus = Campus::found(&product).await;
    let outcome = json!({ "code": "PÇ1", "title": "Mühendislik bilgisi", "target_percentage": 60 });
    let po = campus
        .admin
        .create(&format!("/api/programs/{}/outcomes", campus.program), outcome)
        .await;

    // A dry run tells what would happen and changes nothing.
    let mut file = campus.student_file(1..6);
    file.extend_from_slice("0007;no-address;=HYPERLINK(\"x\");;BM;YOK;9\r\n".as_bytes());
    let dry = campus.admin.import_students(file.clone(), &[("mode", "dry_run")]).await;
    let dry = campus.admin.finished_import(&dry).await;
    assert_eq!(
        (dry["state"].as_str(), &dry["counts"]["created"], &dry["counts"]["rejected"]),
        (Some("completed"), &json!(5), &json!(1)),
        "{dry}"
    );
    assert_eq!(campus.admin.get("/api/students").await["total"], 0);

    let accepted = campus
        .admin
        .import_students(file, &[("mode", "apply"), ("send_welcome", "true")])
        .await;
    let import = campus.admin.finished_import(&accepted).await;
    assert_eq!(
        import["counts"],
        json!({ "total": 6, "read": 6, "created": 5, "updated": 0, "unchanged": 0, "rejected": 1 }),
        "{import}"
    );
    let errors = campus.admin.get(&format!("/api/imports/{}/errors", import["id"])).await;
    let codes: Vec<&str> = errors["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"invalid_email") && codes.contains(&"empty_required"), "{errors}");
    assert!(
        errors["items"].as_array().unwrap().iter().all(|error| error["record"] == 7),
        "{errors}"
    );
    let csv = campus.admin.get(&format!("/api/imports/{}/errors?format=csv", import["id"])).await;
    assert!(csv.as_str().unwrap().starts_with("\u{feff}record,column"), "{csv}");

    // Every student got exactly one mail, whose password leads to the change of it and to nothing else.
    let address = format!("irem.1@{}", campus.domain);
    let mail = product.mailbox.first_to(&address).await;
    assert!(
        mail.subject.contains("AcuRate") || mail.subject.contains("Deneme"),
        "{}",
        mail.subject
    );
    assert!(mail.html.contains(&mail.temporary_password()) && mail.message_id.starts_with("welcome."));
    let newcomer = Client::sign_in(&product.base_url, &address, &mail.temporary_password()).await;
    newcomer.send(Method::GET, "/api/auth/me", None, StatusCode::FORBIDDEN).await;
    let student = newcomer.choose_password(PASSWORD).await;
    assert_eq!(student.get("/api/auth/me").await["email"], address.as_str());
    for number in 2..6 {
        product.mailbox.first_to(&format!("irem.{number}@{}", campus.domain)).await;
    }

    // domain.md's example: 25/75 at weight 30, 40/60 at weight 50, 0/10 at weight 20 is 43.33; the third missing, 54.17.
    let course = json!({
        "code": "BM101", "title": "Programlamaya Giriş", "department_id": campus.department, "credits": 4,
        "academic_year": "2026-2027", "semester": "fall",
    });
    let course = campus.teacher.create("/api/courses", course).await;
    let lo = json!({ "code": "ÖÇ1", "title": "Program yazar", "target_percentage": 50 });
    let lo = campus.teacher.create(&format!("/api/courses/{course}/learning-outcomes"), lo).await;
    let mapping = json!({ "items": [{ "program_outcome_id": po, "weight": 2 }] });
    campus
        .teacher
        .put(&format!("/api/learning-outcomes/{lo}/program-outcomes"), mapping, StatusCode::OK)
        .await;
    let mut assessments = Vec::new();
    for (title, max_score, weight) in [("Ara sınav", 75, 30), ("Final", 60, 50), ("Ödev", 10, 20)] {
        let assessment = json!({ "title": title, "assessment_type": "other", "weight": weight, "max_score": max_score });
        let id = campus
            .teacher
            .create(&format!("/api/courses/{course}/assessments"), assessment)
            .await;
        let mapping = json!({ "items": [{ "learning_outcome_id": lo, "weight": weight }] });
        campus
            .teacher
            .put(&format!("/api/assessments/{id}/learning-outcomes"), mapping, StatusCode::OK)
            .await;
        assessments.push(id);
    }
    let numbers: Vec<String> = (1..6).map(|number| format!("00{number}")).collect();
    let enrolled = json!({ "student_numbers": numbers });
    let enrolled = campus
        .teacher
        .post(&format!("/api/courses/{course}/enrollments/bulk"), enrolled, StatusCode::OK)
        .await;
    assert_eq!(enrolled["enrolled"], 5, "{enrolled}");

    // All or nothing: one cell over the maximum, and nothing is stored.
    let cell = |assessment: i64, number: &str, score: f64| json!({ "assessment_id": assessment, "student_number": number, "score": score });
    let grades = format!("/api/courses/{course}/grades");
    let wrong = json!({ "cells": [cell(assessments[0], "001", 25.0), cell(assessments[1], "001", 60.5)] });
    let problem = campus.teacher.put(&grades, wrong, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(problem["errors"][0]["field"], "cells[1].score", "{problem}");
    let right = json!({ "cells": [
        cell(assessments[0], "001", 25.0), cell(assessments[1], "001", 40.0), cell(assessments[2], "001", 0.0),
        cell(assessments[0], "002", 25.0), cell(assessments[1], "002", 40.0),
        { "assessment_id": assessments[0], "student_number": "003", "status": "absent" },
    ] });
    let stored = campus.teacher.put(&grades, right, StatusCode::OK).await;
    assert_eq!(stored["created"], 6, "{stored}");

    let (first, second, third) = (
        campus.student_id("001").await,
        campus.student_id("002").await,
        campus.student_id("003").await,
    );
    let reached = student.fresh_achievements(first).await;
    assert_eq!(
        percentages(&reached, "learning_outcomes"),
        [("ÖÇ1".to_owned(), Some(43.33), Some(false))],
        "{reached}"
    );
    assert_eq!(
        percentages(&reached, "program_outcomes"),
        [("PÇ1".to_owned(), Some(43.33), Some(false))],
        "{reached}"
    );
    let reached = campus.teacher.fresh_achievements(second).await;
    assert_eq!(
        percentages(&reached, "learning_outcomes"),
        [("ÖÇ1".to_owned(), Some(54.17), Some(true))],
        "{reached}"
    );
    assert_eq!(
        (
            &reached["learning_outcomes"][0]["graded_count"],
            &reached["learning_outcomes"][0]["total_count"]
        ),
        (&json!(2), &json!(3))
    );
    // Absent is a fact and no zero: nothing was assessed.
    let reached = campus.admin.fresh_achievements(third).await;
    assert_eq!(
        percentages(&reached, "learning_outcomes"),
        [("ÖÇ1".to_owned(), None, None)],
        "{reached}"
    );

    // A changed maximum moves the result without anybody's help; what others own is not there.
    campus
        .teacher
        .patch(&format!("/api/assessments/{}", assessments[2]), json!({ "is_active": false }))
        .await;
    let reached = campus.admin.fresh_achievements(first).await;
    assert_eq!(percentages(&reached, "learning_outcomes")[0].1, Some(54.17), "{reached}");
    student
        .send(
            Method::GET,
            &format!("/api/students/{second}/achievements"),
            None,
            StatusCode::FORBIDDEN,
        )
        .await;
    for number in 1..6 {
        assert_eq!(
            product.mailbox.all_to(&format!("irem.{number}@{}", campus.domain)).len(),
            1,
            "one mail for student {number}"
        );
    }
}

#[tokio::test]
async fn an_import_outlives_its_worker() {
    let mut product = Product::start().await;
    let campus = Campus::found(&product).await;
    let accepted = campus
        .admin
        .import_students(campus.student_file(1..20_001), &[("mode", "apply"), ("send_welcome", "false")])
        .await;
    let path = format!("/api/imports/{}", accepted["import"]["id"]);
    acurate_shared::testing::until("the import to have begun", || async {
        (campus.admin.get(&path).await["counts"]["read"].as_i64() > Some(0)).then_some(())
    })
    .await;
    product.kill_worker();
    product.start_worker();
    let import = campus.admin.finished_import(&accepted).await;
    assert_eq!(
        import["counts"],
        json!({ "total": 20_000, "read": 20_000, "created": 20_000, "updated": 0, "unchanged": 0, "rejected": 0 })
    );
    assert_eq!(campus.admin.get("/api/students").await["total"], 20_000);
}
