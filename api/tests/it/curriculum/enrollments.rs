//! Enrollments.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn a_student_is_enrolled_leaves_and_comes_back() {
    let faculty = Faculty::open().await;
    let student = id(&faculty.student("0001").await);
    let path = format!("/api/courses/{}/enrollments", faculty.course);
    let order = json!({ "student_id": student });
    let made = faculty.made_at(&path, &faculty.teacher, order.clone(), "enrollments").await;
    assert_eq!((&made["student_number"], &made["first_name"]), (&json!("0001"), &json!("İrem")));
    assert_eq!((&made["course_id"], &made["is_active"]), (&json!(faculty.course), &json!(true)));
    let again = faculty.server.post(&path, &faculty.teacher, order.clone()).await;
    assert_eq!(again.problem(), problem(409, "already_enrolled"));
    let one = format!("/api/enrollments/{}", made["id"]);
    let left = faculty
        .server
        .patch(&one, &faculty.teacher, json!({ "is_active": false }))
        .await
        .expect(200);
    assert_eq!(left["is_active"], false);
    let back = faculty.server.post(&path, &faculty.teacher, order).await.expect(201);
    assert_eq!((&back["id"], &back["is_active"]), (&made["id"], &json!(true)));
    let stale = "SELECT count(*) AS id FROM achievement_marks WHERE student_id = $1";
    assert_eq!(faculty.server.number(stale, [student.into()]).await, 3);
}

#[tokio::test]
async fn many_are_enrolled_by_number_or_none() {
    let faculty = Faculty::open().await;
    for number in ["0001", "0002"] {
        faculty.student(number).await;
    }
    let path = format!("/api/courses/{}/enrollments", faculty.course);
    let bulk = format!("{path}/bulk");
    let body = json!({ "student_numbers": ["0001", "1", "0002", "0001"] });
    let refused = faculty.server.post(&bulk, &faculty.teacher, body).await;
    let wrong = "invalid student_numbers[1]=unknown_student student_numbers[3]=duplicate";
    assert_eq!(refused.problem(), problem(422, wrong));
    assert_eq!(faculty.server.get(&path, &faculty.teacher).await.expect(200)["total"], 0);

    let body = json!({ "student_numbers": ["0002", "0001"] });
    let counts = faculty.server.post(&bulk, &faculty.teacher, body.clone()).await.expect(200);
    assert_eq!(counts, json!({ "enrolled": 2, "reactivated": 0, "already_enrolled": 0 }));
    let counts = faculty.server.post(&bulk, &faculty.teacher, body).await.expect(200);
    assert_eq!(counts, json!({ "enrolled": 0, "reactivated": 0, "already_enrolled": 2 }));
    let list = faculty
        .server
        .get(&format!("{path}?page_size=1&page=2&is_active=true"), &faculty.teacher)
        .await
        .expect(200);
    assert_eq!((&list["total"], &list["items"][0]["student_number"]), (&json!(2), &json!("0002")));
}

#[tokio::test]
async fn enrollments_are_not_for_students_nor_for_other_institutions() {
    let faculty = Faculty::open().await;
    let student = faculty.student("0001").await;
    let token = faculty.server.settle(&student).await;
    let made = faculty.make("enrollments", json!({ "student_id": id(&student) })).await;
    let one = format!("/api/enrollments/{}", made["id"]);
    let all = format!("/api/courses/{}/enrollments", faculty.course);
    for (token, expected) in [(&token, problem(403, "role_required")), (&faculty.rival, problem(404, "not_found"))] {
        assert_eq!(faculty.server.get(&one, token).await.problem(), expected);
        assert_eq!(faculty.server.get(&all, token).await.problem(), expected);
        let refused = faculty.server.patch(&one, token, json!({ "is_active": false })).await;
        assert_eq!(refused.problem(), expected);
    }
}
