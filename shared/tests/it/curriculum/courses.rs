//! Courses.

use super::{PAGE, School, home};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::courses::{self, CourseFilter, CoursePatch, NewCourse};
use acurate_shared::db::Expected;
use acurate_shared::entity::course::Model;
use acurate_shared::error::{Error, Result};
use acurate_shared::ids::{CourseId, DepartmentId, UserId};
use acurate_shared::kinds::Semester;

async fn update(school: &School, actor: &Actor, id: CourseId, patch: CoursePatch) -> Result<Model> {
    if let Some(year) = &patch.academic_year {
        courses::prepare(school.campus.db(), actor, year).await?;
    }
    school
        .write(async |work| courses::update(work, actor, id, &Expected::Any, patch).await)
        .await
}

#[tokio::test]
async fn a_course_brings_the_partition_of_its_year() {
    let school = School::open().await;
    let mut order = school.new_course("HIST1");
    order.academic_year = "1999-2000".into();
    order.section = Some("A".into());
    let made = school.make_course(school.admin(), order).await.unwrap();
    assert_eq!(
        (made.academic_year.first(), made.section.as_str(), made.teacher_id),
        (1999, "A", None)
    );
    let partition = "SELECT to_regclass('grades_1999') IS NOT NULL AS id";
    assert!(school.campus.value::<bool, 0>(partition, []).await);
    assert_eq!(school.deeds("course", made.id.0).await, ["course.created"]);
}

#[tokio::test]
async fn a_year_that_was_not_prepared_is_a_fault_of_ours() {
    let school = School::open().await;
    let mut order = school.new_course("HIST1");
    order.academic_year = "1998-1999".into();
    let made = school.write(async |work| courses::create(work, school.admin(), order).await).await;
    assert!(matches!(made, Err(Error::Internal(what, None)) if what.contains("grades_1998")));
}

#[tokio::test]
async fn a_course_that_a_teacher_makes_is_its_own() {
    let school = School::open().await;
    let made = school.make_course(&school.teacher, school.new_course("CENG102")).await.unwrap();
    assert_eq!((made.teacher_id, made.section.as_str()), (Some(school.teacher.user_id), "1"));
    let mut order = school.new_course("CENG103");
    order.teacher_id = Some(school.colleague.user_id);
    let refused = school.make_course(&school.teacher, order.clone()).await;
    assert_eq!(refusal(refused), "not_your_course");
    let made = school.make_course(school.admin(), order).await.unwrap();
    assert_eq!(made.teacher_id, Some(school.colleague.user_id));
}

#[tokio::test]
async fn every_fault_of_a_course_is_named() {
    let school = School::open().await;
    let order = NewCourse {
        code: String::new(),
        title: " ".into(),
        description: Some("x".repeat(5001)),
        department_id: DepartmentId(999_999),
        teacher_id: Some(UserId(999_999)),
        credits: 31,
        academic_year: "2024".into(),
        semester: Semester::Fall,
        section: Some("x".repeat(11)),
    };
    assert_eq!(
        refusal(school.make_course(school.admin(), order).await),
        "academic_year: invalid_academic_year, department_id: unknown_department, teacher_id: unknown_teacher, code: required, \
         title: required, description: too_long, credits: out_of_range, section: too_long"
    );
}

#[tokio::test]
async fn its_department_and_teacher_are_of_the_institution() {
    let school = School::open().await;
    let (foreign, _) = school.campus.department(home(&school.campus.rival), "BIO").await;
    let student = school.student("1").await;
    let mut order = school.new_course("CENG104");
    order.department_id = foreign;
    order.teacher_id = Some(student);
    let expected = "department_id: unknown_department, teacher_id: unknown_teacher";
    assert_eq!(refusal(school.make_course(school.admin(), order.clone()).await), expected);
    order.department_id = school.department;
    order.teacher_id = Some(school.campus.rival.user_id);
    assert_eq!(
        refusal(school.make_course(school.admin(), order.clone()).await),
        "teacher_id: unknown_teacher"
    );
    let close = "UPDATE users SET is_active = false WHERE id = $1";
    school.campus.execute(close, [school.colleague.user_id.into()]).await;
    order.teacher_id = Some(school.colleague.user_id);
    assert_eq!(
        refusal(school.make_course(school.admin(), order).await),
        "teacher_id: inactive_teacher"
    );
}

#[tokio::test]
async fn a_course_is_taught_once_in_a_semester_and_section() {
    let school = School::open().await;
    let mut order = school.new_course("CENG101");
    assert_eq!(refusal(school.make_course(school.admin(), order.clone()).await), "course_exists");
    order.section = Some("2".into());
    let second = school.make_course(school.admin(), order).await.unwrap();
    let patch = CoursePatch {
        section: Some("1".into()),
        ..CoursePatch::default()
    };
    assert_eq!(refusal(update(&school, school.admin(), second.id, patch).await), "course_exists");
}

#[tokio::test]
async fn students_see_the_courses_that_they_take() {
    let school = School::open().await;
    let other = school.teach("CENG201").await;
    let id = school.enrolled("1").await;
    let student = school.as_student(id);
    let db = school.campus.db();
    let list = async || {
        let page = courses::list(db, &student, &CourseFilter::default(), PAGE).await.unwrap();
        assert_eq!(page.total as usize, page.items.len());
        page.items.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(list().await, [school.course]);
    assert_eq!(courses::find(db, &student, school.course).await.unwrap().code, "CENG101");
    assert_eq!(refusal(courses::find(db, &student, other).await), "no course");
    school.campus.execute("UPDATE enrollments SET is_active = false", []).await;
    assert!(list().await.is_empty());
    assert_eq!(refusal(courses::find(db, &student, school.course).await), "no course");
    assert_eq!(refusal(school.make_course(&student, school.new_course("X")).await), "role_required");
    assert_eq!(refusal(courses::prepare(db, &student, "1970-1971").await), "role_required");
    assert_eq!(
        refusal(update(&school, &student, school.course, CoursePatch::default()).await),
        "role_required"
    );
}

#[tokio::test]
async fn courses_are_listed_by_year_semester_department_teacher_and_words() {
    let school = School::open().await;
    let (math, _) = school.campus.department(home(school.admin()), "MATH").await;
    let mut order = school.new_course("MATH101");
    order.department_id = math;
    order.title = "İstatistik".into();
    order.academic_year = "2025-2026".into();
    order.semester = Semester::Spring;
    school.make_course(school.admin(), order).await.unwrap();
    let list = async |filter: CourseFilter| {
        let page = courses::list(school.campus.db(), &school.colleague, &filter, PAGE).await.unwrap();
        assert_eq!(page.total as usize, page.items.len());
        page.items.into_iter().map(|row| row.code).collect::<Vec<_>>().join(" ")
    };
    let all = CourseFilter::default;
    let search = |text: &str| CourseFilter {
        search: Some(text.into()),
        ..all()
    };
    assert_eq!(list(all()).await, "MATH101 CENG101");
    assert_eq!(list(search("ceng")).await, "CENG101");
    assert_eq!(list(search("istat")).await, "MATH101");
    assert_eq!(list(search("ISTATİSTIK")).await, "MATH101");
    assert_eq!(list(search("101")).await, "CENG101", "the beginning of a code, a part of a title");
    assert_eq!(list(search("%")).await, "");
    let filters = [
        CourseFilter {
            academic_year: Some("2025-2026".into()),
            ..all()
        },
        CourseFilter {
            semester: Some(Semester::Spring),
            ..all()
        },
        CourseFilter {
            department_id: Some(math),
            ..all()
        },
    ];
    for filter in filters {
        assert_eq!(list(filter).await, "MATH101");
    }
    let taught = CourseFilter {
        teacher_id: Some(school.teacher.user_id),
        ..all()
    };
    assert_eq!(list(taught).await, "CENG101");
    let wrong = CourseFilter {
        academic_year: Some("2025".into()),
        search: Some("x".repeat(201)),
        ..all()
    };
    let refused = courses::list(school.campus.db(), school.admin(), &wrong, PAGE).await;
    assert_eq!(refusal(refused), "search: too_long, academic_year: invalid_academic_year");
}

#[tokio::test]
async fn courses_of_another_institution_are_not_found() {
    let school = School::open().await;
    let rival = &school.campus.rival;
    assert_eq!(refusal(courses::find(school.campus.db(), rival, school.course).await), "no course");
    let page = courses::list(school.campus.db(), rival, &CourseFilter::default(), PAGE)
        .await
        .unwrap();
    assert_eq!(page.total, 0);
    let changed = update(&school, rival, school.course, CoursePatch::default()).await;
    assert_eq!(refusal(changed), "no course");
}

#[tokio::test]
async fn teachers_write_their_own_courses_and_keep_them() {
    let school = School::open().await;
    let patch = CoursePatch {
        title: Some("Programming".into()),
        description: Some(Some("In Rust".into())),
        credits: Some(6),
        ..CoursePatch::default()
    };
    let refused = update(&school, &school.colleague, school.course, patch.clone()).await;
    assert_eq!(refusal(refused), "not_your_course");
    let updated = update(&school, &school.teacher, school.course, patch).await.unwrap();
    assert_eq!((updated.title.as_str(), updated.credits), ("Programming", 6));
    let hand_over = |teacher_id| CoursePatch {
        teacher_id: Some(teacher_id),
        ..CoursePatch::default()
    };
    let colleague = Some(school.colleague.user_id);
    let refused = update(&school, &school.teacher, school.course, hand_over(colleague)).await;
    assert_eq!(refusal(refused), "not_your_course");
    let updated = update(&school, school.admin(), school.course, hand_over(colleague)).await.unwrap();
    assert_eq!(updated.teacher_id, colleague);
    let updated = update(&school, school.admin(), school.course, hand_over(None)).await.unwrap();
    assert_eq!(updated.teacher_id, None);
    let nobody = hand_over(Some(UserId(999_999)));
    let refused = update(&school, school.admin(), school.course, nobody).await;
    assert_eq!(refusal(refused), "teacher_id: unknown_teacher");
}

#[tokio::test]
async fn year_and_semester_stay_once_there_are_assessments() {
    let school = School::open().await;
    let year = |text: &str| CoursePatch {
        academic_year: Some(text.into()),
        ..CoursePatch::default()
    };
    let semester = |semester| CoursePatch {
        semester: Some(semester),
        ..CoursePatch::default()
    };
    let moved = update(&school, &school.teacher, school.course, year("2003-2004")).await.unwrap();
    assert_eq!(moved.academic_year.first(), 2003);
    let moved = update(&school, &school.teacher, school.course, semester(Semester::Summer))
        .await
        .unwrap();
    assert_eq!(moved.semester, Semester::Summer);
    school.assessment(school.course, "Final").await;
    for patch in [year("2004-2005"), semester(Semester::Fall)] {
        let refused = update(&school, school.admin(), school.course, patch).await;
        assert_eq!(refusal(refused), "course_has_assessments");
    }
    let same = CoursePatch {
        semester: Some(Semester::Summer),
        ..year("2003-2004")
    };
    assert_eq!(update(&school, school.admin(), school.course, same).await.unwrap(), moved);
}

#[tokio::test]
async fn a_course_that_comes_or_goes_marks_its_students_and_nothing_else_does() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    school.student("2").await;
    let change = CoursePatch {
        code: Some("CENG111".into()),
        title: Some("New title".into()),
        credits: Some(7),
        is_active: Some(true),
        ..CoursePatch::default()
    };
    update(&school, &school.teacher, school.course, change).await.unwrap();
    assert_eq!(school.marked().await, []);
    for is_active in [false, true] {
        let patch = CoursePatch {
            is_active: Some(is_active),
            ..CoursePatch::default()
        };
        update(&school, &school.teacher, school.course, patch).await.unwrap();
        assert_eq!(school.marked().await, [student]);
    }
}
