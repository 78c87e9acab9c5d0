//! News of grades: one mail for what came together, naming every assessment once and no grade.

use crate::workbench::{Answer, Workbench};
use acurate_shared::ids::{CourseId, JobId, UserId};
use acurate_shared::jobs::Job;

/// A student who wants to know, and a course with three assessments.
async fn graded(answer: Answer) -> (Workbench, UserId, CourseId) {
    let bench = Workbench::new(answer).await;
    bench
        .execute(
            "SELECT ensure_grades_partition(2024::smallint);
             INSERT INTO departments (institution_id, code, name) SELECT id, 'D', 'D' FROM institutions;
             INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, mail_grades)
                 SELECT id, 'student', 'ogrenci@acurate.test', 'Çağla', 'Işık', 'x', '1', true FROM institutions;
             INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
                 SELECT id, 'teacher', 'hoca@acurate.test', 'Ümit', 'Er', 'x' FROM institutions;
             INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
                 SELECT d.institution_id, d.id, u.id, 'CENG 213', 'Çizgeler', 5, 2024, 'fall' FROM departments d, users u WHERE u.role = 'teacher';
             INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
                 SELECT institution_id, id, 2024, unnest(ARRAY['Ara sınav', 'Ödev', 'Final']), 'final', 10 FROM courses;
             INSERT INTO enrollments (institution_id, student_id, course_id)
                 SELECT c.institution_id, u.id, c.id FROM courses c, users u WHERE u.role = 'student'",
        )
        .await;
    let student: i64 = bench
        .text("SELECT id::text FROM users WHERE role = 'student'")
        .await
        .parse()
        .unwrap();
    let course: i64 = bench.text("SELECT id::text FROM courses").await.parse().unwrap();
    (bench, UserId(student), CourseId(course))
}

/// Grades an assessment in one transaction with the job, as a teacher does.
async fn grade(bench: &Workbench, title: &str) {
    bench
        .execute(&format!(
            "INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
             SELECT a.institution_id, 2024, a.course_id, u.id, a.id, 'scored', 37 FROM assessments a, users u
             WHERE a.title = '{title}' AND u.role = 'student'"
        ))
        .await;
}

async fn enqueue(bench: &Workbench, student_id: UserId, course_id: CourseId) -> JobId {
    let job = bench.enqueue(Job::GradesPostedEmail { student_id, course_id }).await;
    bench.execute("UPDATE jobs SET run_at = now() WHERE state = 'queued'").await;
    job
}

#[tokio::test]
async fn what_came_together_is_one_mail_without_a_grade_and_what_comes_later_another() {
    let (bench, student, course) = graded(Answer::Take).await;
    let job = enqueue(&bench, student, course).await;
    grade(&bench, "Ara sınav").await;
    grade(&bench, "Ödev").await;
    bench.deliver(job).await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "succeeded");
    let contents = bench.contents();
    assert_eq!(contents.len(), 1);
    let text = contents[0].replace("\r\n", "\n");
    assert!(
        text.contains("CENG 213 Çizgeler") && text.contains("\n- Ara sınav\n- Ödev\n"),
        "{text}"
    );
    assert!(!text.contains("37"), "{text}");

    let job = enqueue(&bench, student, course).await;
    grade(&bench, "Final").await;
    bench.deliver(job).await;
    let text = bench.contents()[1].replace("\r\n", "\n");
    assert!(text.contains("\n- Final\n") && !text.contains("Ödev"), "{text}");
    let ids = bench.taken();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn grades_of_a_job_that_came_to_nothing_are_in_the_next_mail() {
    let (bench, student, course) = graded(Answer::Take).await;
    for (state, title) in [("superseded", "Ara sınav"), ("dead", "Ödev")] {
        let lost = enqueue(&bench, student, course).await;
        grade(&bench, title).await;
        bench
            .execute(&format!("UPDATE jobs SET state = '{state}', finished_at = now() WHERE id = {lost}"))
            .await;
    }
    let job = enqueue(&bench, student, course).await;
    grade(&bench, "Final").await;
    bench.deliver(job).await;
    let text = bench.contents()[0].replace("\r\n", "\n");
    assert!(text.contains("\n- Ara sınav\n- Final\n- Ödev\n"), "{text}");
}

#[tokio::test]
async fn who_has_turned_them_off_and_what_was_taken_back_is_not_mailed() {
    for (change, reason) in [
        (
            "UPDATE users SET mail_grades = false",
            "the student does not want mails about grades any more",
        ),
        ("DELETE FROM grades", "the grades were taken back"),
        ("UPDATE users SET is_active = false", "the account is not active"),
    ] {
        let (bench, student, course) = graded(Answer::Take).await;
        let job = enqueue(&bench, student, course).await;
        grade(&bench, "Final").await;
        bench.execute(change).await;
        bench.deliver(job).await;
        assert_eq!(bench.row(job).await.result.unwrap()["skipped"], reason);
        assert!(bench.taken().is_empty());
    }
}

#[tokio::test]
async fn every_try_is_the_same_mail() {
    let (bench, student, course) = graded(Answer::Wait).await;
    let job = enqueue(&bench, student, course).await;
    grade(&bench, "Final").await;
    for _ in 0..4 {
        bench.deliver(job).await;
        bench.execute("UPDATE jobs SET run_at = now() WHERE state = 'queued'").await;
    }
    assert_eq!(bench.row(job).await.state, "dead");
    let log = "SELECT count(*) || ' ' || max(state) || ' ' || max(attempts) FROM email_deliveries";
    assert_eq!(bench.text(log).await, "1 failed 4");
}
