//! What a department offered.

use super::{PAGE, School, home};
use crate::campus::refusal;
use acurate_shared::curriculum::offerings::{self, OfferedYear};
use acurate_shared::db::PageRequest;
use acurate_shared::kinds::Semester;

/// `2024 fall 5: CENG101/1 (1)`: year, semester, credits, and each course with how many take it.
fn text(years: &[OfferedYear]) -> Vec<String> {
    let mut lines = Vec::new();
    for year in years {
        for part in &year.semesters {
            let course = |course: &offerings::OfferedCourse| format!("{}/{} ({})", course.code, course.section, course.enrollment_count);
            let courses: Vec<_> = part.courses.iter().map(course).collect();
            let year = year.academic_year.first();
            lines.push(format!("{year} {} {}: {}", part.semester, part.credits, courses.join(", ")));
        }
    }
    lines
}

/// The course of the school and, of the same code, a second section and one of the year after.
async fn taught_again() -> School {
    let school = School::open().await;
    let mut section = school.new_course("CENG101");
    section.section = Some("2".into());
    school.make_course(school.admin(), section).await.unwrap();
    let mut later = school.new_course("CENG101");
    later.academic_year = "2025-2026".into();
    later.semester = Semester::Spring;
    let later = school.make_course(school.admin(), later).await.unwrap().id;
    for number in ["1", "2"] {
        let student = school.enrolled(number).await;
        school.enroll(student, later).await;
    }
    let leave = "UPDATE enrollments SET is_active = false WHERE course_id = $1
        AND student_id = (SELECT id FROM users WHERE student_number = '2')";
    school.campus.execute(leave, [later.into()]).await;
    school
}

#[tokio::test]
async fn courses_are_grouped_by_the_year_and_semester_in_which_they_are_taught() {
    let school = taught_again().await;
    let db = school.campus.db();
    let page = offerings::of_department(db, &school.colleague, school.department, None, PAGE)
        .await
        .unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(
        text(&page.items),
        ["2025 spring 5: CENG101/1 (1)", "2024 fall 5: CENG101/1 (2), CENG101/2 (0)"]
    );
    let course = &page.items[1].semesters[0].courses[0];
    assert_eq!(
        (course.teacher_id, course.teacher_name.as_deref()),
        (Some(school.teacher.user_id), Some("Irmak Işık"))
    );
    let second = PageRequest { page: 2, page_size: 1 };
    let page = offerings::of_department(db, school.admin(), school.department, None, second)
        .await
        .unwrap();
    assert_eq!(
        (page.total, text(&page.items).len(), page.items[0].academic_year.first()),
        (2, 1, 2024)
    );
}

#[tokio::test]
async fn a_program_shows_the_courses_that_serve_it() {
    let school = taught_again().await;
    let (taught, promised) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    let db = school.campus.db();
    let of_program = async || {
        let page = offerings::of_department(db, school.admin(), school.department, Some(school.program), PAGE).await;
        let page = page.unwrap();
        (page.total, text(&page.items))
    };
    assert_eq!(of_program().await, (0, vec![]));
    school.serve(taught, promised, 1.0).await;
    assert_eq!(of_program().await, (1, vec!["2024 fall 5: CENG101/1 (2)".to_owned()]));
}

#[tokio::test]
async fn staff_of_the_institution_see_what_its_departments_offered() {
    let school = School::open().await;
    let student = school.as_student(school.enrolled("1").await);
    let (db, rival) = (school.campus.db(), &school.campus.rival);
    let (foreign, foreign_program) = school.campus.department(home(rival), "BIO").await;
    let found = offerings::of_department(db, &student, school.department, None, PAGE).await;
    assert_eq!(refusal(found), "role_required");
    let found = offerings::of_department(db, school.admin(), foreign, None, PAGE).await;
    assert_eq!(refusal(found), "no department");
    let found = offerings::of_department(db, school.admin(), school.department, Some(foreign_program), PAGE).await;
    assert_eq!(refusal(found), "no program");
}
