//! Deleting teachers and students: never a result along with them.

use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Role;
use acurate_shared::people::{students, teachers};

async fn delete_teacher(room: &Classroom, actor: &Actor, id: UserId) -> Result<()> {
    let work = room.work().await;
    teachers::delete(&work, actor, id).await?;
    let _ = work.commit().await?;
    Ok(())
}

async fn delete_student(room: &Classroom, actor: &Actor, id: UserId) -> Result<()> {
    let work = room.work().await;
    students::delete(&work, actor, id).await?;
    let _ = work.commit().await?;
    Ok(())
}

async fn exists(room: &Classroom, id: UserId) -> bool {
    room.value("SELECT EXISTS (SELECT FROM users WHERE id = $1)", [id.into()]).await
}

/// The sentence of a conflict.
fn sentence(result: Result<()>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_teacher_with_courses_stays_however_old_they_are() {
    let room = Classroom::open().await;
    let course = room.course(2019).await;
    room.execute("UPDATE courses SET is_active = false", []).await;
    let teacher = room.teacher.user_id;
    let refused = delete_teacher(&room, &room.admin, teacher).await;
    assert!(sentence(refused).contains("1 course;"));
    room.course(2020).await;
    let refused = delete_teacher(&room, &room.admin, teacher).await;
    assert!(sentence(refused).contains("2 courses;"));
    assert_eq!(refusal(delete_teacher(&room, &room.admin, teacher).await), "teacher_has_courses");

    let successor = room.person(Role::Teacher).await.user_id;
    room.execute("UPDATE courses SET teacher_id = $1", [successor.into()]).await;
    delete_teacher(&room, &room.admin, teacher).await.unwrap();
    assert!(!exists(&room, teacher).await);
    let of: UserId = room.value("SELECT teacher_id FROM courses WHERE id = $1", [course.into()]).await;
    assert_eq!(of, successor);
}

#[tokio::test]
async fn marks_of_a_teacher_who_left_stay() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let assessment = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    room.score(assessment, student, 80.0).await.unwrap();
    room.execute("UPDATE courses SET teacher_id = NULL", []).await;
    delete_teacher(&room, &room.admin, room.teacher.user_id).await.unwrap();
    let marks: i64 = room
        .value("SELECT count(*) FROM grades WHERE score = 80 AND graded_by IS NULL", [])
        .await;
    assert_eq!(marks, 1);
}

#[tokio::test]
async fn a_student_with_grades_stays_with_all_of_them() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let assessment = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    room.score(assessment, student, 0.0).await.unwrap();
    let refused = delete_student(&room, &room.admin, student).await;
    assert!(sentence(refused).contains("1 grade,"));
    assert_eq!(refusal(delete_student(&room, &room.admin, student).await), "student_has_grades");
    let kept: i64 = room
        .value("SELECT (SELECT count(*) FROM grades) + (SELECT count(*) FROM enrollments)", [])
        .await;
    assert_eq!(kept, 2);
}

/// A student that the old system could never delete: enrolled in a course that serves a program outcome.
#[tokio::test]
async fn a_student_without_grades_goes_with_enrollments_and_computed_outcomes() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let (lo, po) = (room.lo(course, "70").await, room.po("70").await);
    room.serves(lo, po, "1").await;
    room.measures(room.assessment(course, "100").await, lo, "1").await;
    let (student, other) = (room.student("1").await, room.student("2").await);
    room.enroll(student, course).await;
    room.enroll(other, course).await;
    room.recompute(&[student, other]).await;

    delete_student(&room, &room.admin, student).await.unwrap();

    assert!(!exists(&room, student).await);
    let left = "SELECT (SELECT count(*) FROM enrollments) || ' ' || (SELECT count(DISTINCT student_id) FROM student_lo_achievements)";
    assert_eq!(room.value::<String>(left, []).await, "1 1");
    // A job that was asked for before finds nobody, and that is no error.
    room.recompute(&[student, other]).await;
    let detail: String = room
        .value("SELECT detail::text FROM activity_log WHERE action = 'student.deleted'", [])
        .await;
    assert_eq!(detail, r#"{"enrollments": 1}"#);
}

#[tokio::test]
async fn a_grade_that_is_being_written_keeps_the_student() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let assessment = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let grading = room.work().await;
    let insert = "
        INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
        VALUES ($1, 2024, $2, $3, $4, 'scored', 50)";
    let values = [room.institution.into(), course.into(), student.into(), assessment.into()];
    sea_orm::ConnectionTrait::execute_raw(grading.tx(), acurate_shared::db::sql(insert, values))
        .await
        .unwrap();
    let committing = async {
        room.wait_for_blocked(1).await;
        let _ = grading.commit().await.unwrap();
    };
    let (deleted, ()) = tokio::join!(delete_student(&room, &room.admin, student), committing);
    assert_eq!(refusal(deleted), "student_has_grades");
}

#[tokio::test]
async fn somebody_elses_people_and_other_roles_are_not_found() {
    let room = Classroom::open().await;
    let (student, teacher) = (room.student("1").await, room.teacher.user_id);
    let mut rival = room.admin.clone();
    rival.institution_id = Some(acurate_shared::ids::InstitutionId(999_999));
    assert_eq!(refusal(delete_student(&room, &rival, student).await), "no student");
    assert_eq!(refusal(delete_teacher(&room, &rival, teacher).await), "no teacher");
    assert_eq!(refusal(delete_student(&room, &room.admin, teacher).await), "no student");
    assert_eq!(refusal(delete_teacher(&room, &room.admin, student).await), "no teacher");
    assert_eq!(refusal(delete_teacher(&room, &room.admin, room.admin.user_id).await), "no teacher");
    assert_eq!(refusal(delete_student(&room, &room.teacher, student).await), "role_required");
    assert!(exists(&room, student).await && exists(&room, teacher).await);
}
