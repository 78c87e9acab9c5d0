//! Putting grades into cells and reading them.

use crate::classroom::Classroom;
use acurate_shared::db::PageRequest;
use acurate_shared::error::{Error, Result};
use acurate_shared::grading::bulk::MAX_CELLS;
use acurate_shared::grading::list::{Filter, list};
use acurate_shared::grading::{Entry, NewCell, Written, put, single};
use acurate_shared::ids::{AssessmentId, CourseId, UserId};
use acurate_shared::kinds::{GradeStatus, Role};

pub(crate) fn score(score: f64) -> Entry {
    Entry {
        score: Some(score),
        ..Entry::default()
    }
}

fn status(status: GradeStatus) -> Entry {
    Entry {
        status: Some(status),
        ..Entry::default()
    }
}

fn clear() -> Entry {
    Entry {
        clear: true,
        ..Entry::default()
    }
}

pub(crate) fn cell(assessment_id: AssessmentId, student: UserId, entry: Entry) -> NewCell {
    NewCell {
        assessment_id,
        student_id: Some(student),
        student_number: None,
        entry,
    }
}

/// Puts cells as the teacher and commits.
pub(crate) async fn put_cells(room: &Classroom, course: CourseId, cells: &[NewCell]) -> Result<Written> {
    let mut work = room.work().await;
    let written = put(&mut work, &room.teacher, course, cells).await?;
    let _ = work.commit().await?;
    Ok(written)
}

fn faults(result: Result<Written>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

fn counts(written: Written) -> (usize, usize, usize, usize, usize) {
    (
        written.created,
        written.updated,
        written.unchanged,
        written.cleared,
        written.students_marked,
    )
}

/// A course with two assessments and three enrolled students.
async fn small_course(room: &Classroom) -> (CourseId, [AssessmentId; 2], [UserId; 3]) {
    let course = room.course(2024).await;
    let assessments = [room.assessment(course, "100").await, room.assessment(course, "50").await];
    let students = [room.student("001").await, room.student("002").await, room.student("003").await];
    for student in students {
        room.enroll(student, course).await;
    }
    (course, assessments, students)
}

#[tokio::test]
async fn counts_tell_what_became_of_each_cell_and_only_moved_students_are_marked() {
    let room = Classroom::open().await;
    let (course, [a, b], [x, y, z]) = small_course(&room).await;
    let first = [
        cell(a, x, score(80.0)),
        cell(b, x, score(0.0)),
        cell(a, y, score(55.55)),
        cell(a, z, status(GradeStatus::Absent)),
    ];
    assert_eq!(counts(put_cells(&room, course, &first).await.unwrap()), (4, 0, 0, 0, 2));
    room.execute("DELETE FROM achievement_marks", []).await;
    let second = [
        cell(a, x, score(80.0)),
        cell(b, x, clear()),
        cell(
            a,
            y,
            Entry {
                feedback: Some("good".to_owned()),
                ..score(55.55)
            },
        ),
        cell(a, z, status(GradeStatus::Excused)),
        cell(b, z, clear()),
    ];
    assert_eq!(counts(put_cells(&room, course, &second).await.unwrap()), (0, 2, 2, 1, 1));
    let marked: Vec<i64> = room.value("SELECT array_agg(student_id) FROM achievement_marks", []).await;
    assert_eq!(marked, [x.0]);
    let versions: Vec<i32> = room
        .value("SELECT array_agg(version ORDER BY student_id, assessment_id) FROM grades", [])
        .await;
    assert_eq!(versions, [1, 2, 2], "what did not change was not written");
    let deeds: Vec<String> = room
        .value(
            "SELECT array_agg(detail::text ORDER BY id) FROM activity_log WHERE action = 'grades.put'",
            [],
        )
        .await;
    assert_eq!(deeds.len(), 2, "one activity a request");
    assert!(deeds[1].contains("\"cleared\": 1"), "{}", deeds[1]);
}

#[tokio::test]
async fn a_request_that_changes_nothing_leaves_no_trace() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, ..]) = small_course(&room).await;
    room.score(a, x, 50.0).await.unwrap();
    room.execute("DELETE FROM achievement_marks", []).await;
    let again = put_cells(&room, course, &[cell(a, x, score(50.0))]).await.unwrap();
    assert_eq!(counts(again), (0, 0, 1, 0, 0));
    assert_eq!(room.value::<i64>("SELECT count(*) FROM achievement_marks", []).await, 0);
    assert_eq!(
        room.value::<i64>("SELECT count(*) FROM activity_log WHERE action = 'grades.put'", [])
            .await,
        1
    );
}

#[tokio::test]
async fn one_wrong_cell_keeps_all_others_out_and_each_wrong_one_is_named() {
    let room = Classroom::open().await;
    let (course, [a, b], [x, y, z]) = small_course(&room).await;
    let foreign = room.assessment(room.course(2024).await, "100").await;
    let stranger = room.student("004").await;
    room.execute("UPDATE enrollments SET is_active = false WHERE student_id = $1", [z.into()])
        .await;
    room.execute("UPDATE assessments SET is_active = false WHERE id = $1", [b.into()])
        .await;
    let by_number = |number: &str| NewCell {
        student_id: None,
        student_number: Some(number.to_owned()),
        ..cell(a, x, score(1.0))
    };
    let cells = [
        cell(a, x, score(100.0)),
        cell(a, y, score(100.01)),
        cell(b, x, score(1.0)),
        cell(foreign, x, score(1.0)),
        cell(a, z, score(1.0)),
        cell(a, stranger, score(1.0)),
        cell(a, room.teacher.user_id, score(1.0)),
        by_number("01"),
        by_number("001"),
    ];
    let expected = [
        ("cells[1].score", "out_of_range"),
        ("cells[2].assessment_id", "assessment_inactive"),
        ("cells[3].assessment_id", "unknown_assessment"),
        ("cells[4].student_id", "enrollment_inactive"),
        ("cells[5].student_id", "not_enrolled"),
        ("cells[6].student_id", "unknown_student"),
        ("cells[7].student_number", "unknown_student"),
        ("cells[8].assessment_id", "duplicate_cell"),
    ];
    let expected: Vec<_> = expected.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect();
    assert_eq!(faults(put_cells(&room, course, &cells).await), expected);
    assert_eq!(room.value::<i64>("SELECT count(*) FROM grades", []).await, 0);
}

#[tokio::test]
async fn another_institutions_students_and_courses_do_not_exist() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, ..]) = small_course(&room).await;
    let insert = "
        WITH i AS (INSERT INTO institutions (name) VALUES ('Elsewhere') RETURNING id)
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT id, 'student', 'e@x.edu', 'A', 'B', 'x', '001' FROM i RETURNING id";
    let foreigner = UserId(room.value(insert, []).await);
    let found = faults(put_cells(&room, course, &[cell(a, foreigner, score(1.0))]).await);
    assert_eq!(found, [("cells[0].student_id".to_owned(), "unknown_student")]);
    let mut outsider = room.admin.clone();
    outsider.institution_id = Some(room.value("SELECT institution_id FROM users WHERE email = 'e@x.edu'", []).await);
    let mut work = room.work().await;
    let bulk = put(&mut work, &outsider, course, &[cell(a, x, score(1.0))]).await;
    assert!(matches!(bulk, Err(Error::NotFound("course"))));
    let one = single::put(&mut work, &outsider, a, x, score(1.0)).await;
    assert!(matches!(one, Err(Error::NotFound("assessment"))));
    let read = list(work.tx(), &outsider, course, Filter::default(), PageRequest::new(1, 20)).await;
    assert!(matches!(read, Err(Error::NotFound("course"))));
}

#[tokio::test]
async fn administrators_and_the_courses_teacher_grade_and_nobody_else() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, ..]) = small_course(&room).await;
    let colleague = room.person(Role::Teacher).await;
    let cells = [cell(a, x, score(1.0))];
    let mut work = room.work().await;
    let other = put(&mut work, &colleague, course, &cells).await;
    assert!(matches!(
        other,
        Err(Error::Forbidden {
            code: "not_your_course",
            ..
        })
    ));
    let student = put(&mut work, &room.as_student(x), course, &cells).await;
    assert!(matches!(student, Err(Error::Forbidden { code: "role_required", .. })));
    assert!(put(&mut work, &room.admin, course, &cells).await.is_ok());
}

#[tokio::test]
async fn a_request_holds_one_to_five_thousand_cells() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, ..]) = small_course(&room).await;
    assert_eq!(faults(put_cells(&room, course, &[]).await), [("cells".to_owned(), "required")]);
    let many = vec![cell(a, x, score(1.0)); MAX_CELLS + 1];
    assert_eq!(faults(put_cells(&room, course, &many).await), [("cells".to_owned(), "too_many")]);
}

#[tokio::test]
async fn five_thousand_cells_are_written_at_once_and_written_again_unchanged() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let mut assessments = Vec::new();
    for _ in 0..10 {
        assessments.push(room.assessment(course, "100").await);
    }
    let students = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT $1, 'student', n || '@y.edu', 'A', 'B', 'x', 'n' || n FROM generate_series(1, 500) n";
    room.execute(students, [room.institution.into()]).await;
    let enroll =
        "INSERT INTO enrollments (institution_id, student_id, course_id) SELECT institution_id, id, $1 FROM users WHERE role = 'student'";
    room.execute(enroll, [course.into()]).await;
    let cells: Vec<NewCell> = (0..MAX_CELLS)
        .map(|i| NewCell {
            assessment_id: assessments[i % 10],
            student_id: None,
            student_number: Some(format!("n{}", i / 10 + 1)),
            entry: score((i % 101) as f64),
        })
        .collect();
    assert_eq!(counts(put_cells(&room, course, &cells).await.unwrap()), (5000, 0, 0, 0, 500));
    let jobs: i64 = room.value("SELECT count(*) FROM jobs WHERE kind = 'recalculation'", []).await;
    assert_eq!(jobs, 1, "500 students are one job");
    assert_eq!(counts(put_cells(&room, course, &cells).await.unwrap()), (0, 0, 5000, 0, 0));
    let sum: i64 = room.value("SELECT sum(score)::bigint FROM grades", []).await;
    assert_eq!(sum, (0..5000).map(|i| i % 101).sum::<i64>());
}

#[tokio::test]
async fn a_single_cell_is_put_and_cleared_with_plain_field_names() {
    let room = Classroom::open().await;
    let (_, [a, b], [x, ..]) = small_course(&room).await;
    let stranger = room.student("009").await;
    let grade = room.score(b, x, 49.5).await.unwrap();
    assert_eq!(
        (grade.score.unwrap().to_string().as_str(), grade.graded_by),
        ("49.50", Some(room.teacher.user_id))
    );
    let mut work = room.work().await;
    let wrong = single::put(&mut work, &room.teacher, b, x, score(50.01)).await;
    assert!(matches!(wrong, Err(Error::Invalid(faults)) if faults[0].field == "score" && faults[0].message.contains("50")));
    let wrong = single::put(&mut work, &room.teacher, b, stranger, score(1.0)).await;
    assert!(matches!(wrong, Err(Error::Invalid(faults)) if faults[0].code == "not_enrolled"));
    let wrong = single::put(&mut work, &room.teacher, b, UserId(0), score(1.0)).await;
    assert!(matches!(wrong, Err(Error::NotFound("student"))));
    let wrong = single::clear(&mut work, &room.teacher, a, x).await;
    assert!(matches!(wrong, Err(Error::NotFound("grade"))));
    single::clear(&mut work, &room.teacher, b, x).await.unwrap();
    let _ = work.commit().await.unwrap();
    assert_eq!(room.value::<i64>("SELECT count(*) FROM grades", []).await, 0);
}

#[tokio::test]
async fn words_stay_until_others_or_empty_ones_are_given() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, ..]) = small_course(&room).await;
    let with = |words: &str, points: f64| Entry {
        feedback: Some(words.to_owned()),
        ..score(points)
    };
    let stored = "SELECT COALESCE(feedback, '-') FROM grades";
    for (entry, expected) in [
        (with("İyi iş\nDevam", 60.0), "İyi iş\nDevam"),
        (score(70.0), "İyi iş\nDevam"),
        (with("  ", 70.0), "-"),
    ] {
        put_cells(&room, course, &[cell(a, x, entry)]).await.unwrap();
        assert_eq!(room.value::<String>(stored, []).await, expected);
    }
}

#[tokio::test]
async fn the_grade_book_is_read_by_pages_of_students() {
    let room = Classroom::open().await;
    let (course, [a, b], [x, y, z]) = small_course(&room).await;
    let cells = [
        cell(a, x, score(1.0)),
        cell(b, x, score(2.0)),
        cell(b, z, status(GradeStatus::Absent)),
    ];
    put_cells(&room, course, &cells).await.unwrap();
    room.execute("UPDATE enrollments SET is_active = false WHERE student_id = $1", [z.into()])
        .await;
    let db = room.test.database().orm();
    let read = async |filter, page| {
        let page = list(db, &room.teacher, course, filter, PageRequest::new(page, 2)).await.unwrap();
        let lines: Vec<_> = page
            .items
            .iter()
            .map(|line| (line.student.student_id, line.student.is_active, line.grades.len()))
            .collect();
        (lines, page.total)
    };
    assert_eq!(read(Filter::default(), 1).await, (vec![(x, true, 2), (y, true, 0)], 3));
    assert_eq!(read(Filter::default(), 2).await, (vec![(z, false, 1)], 3));
    let only_b = Filter {
        assessment_id: Some(b),
        ..Filter::default()
    };
    assert_eq!(read(only_b, 1).await, (vec![(x, true, 1), (y, true, 0)], 3));
    let only_z = Filter {
        student_id: Some(z),
        ..Filter::default()
    };
    assert_eq!(read(only_z, 1).await, (vec![(z, false, 1)], 1));
}

#[tokio::test]
async fn a_student_reads_its_own_grades_only_and_a_teacher_those_of_its_own_courses() {
    let room = Classroom::open().await;
    let (course, [a, _], [x, y, _]) = small_course(&room).await;
    let stranger = room.student("009").await;
    put_cells(&room, course, &[cell(a, x, score(1.0)), cell(a, y, score(2.0))])
        .await
        .unwrap();
    let db = room.test.database().orm();
    let all = PageRequest::new(1, 100);
    let own = list(db, &room.as_student(x), course, Filter::default(), all).await.unwrap();
    assert_eq!((own.total, own.items[0].student.student_id, own.items[0].grades.len()), (1, x, 1));
    let other = Filter {
        student_id: Some(y),
        ..Filter::default()
    };
    let colleague = room.person(Role::Teacher).await;
    let refused = list(db, &colleague, course, Filter::default(), all).await;
    assert!(matches!(
        refused,
        Err(Error::Forbidden {
            code: "not_your_course",
            ..
        })
    ));
    let refused = list(db, &room.as_student(x), course, other, all).await;
    assert!(matches!(refused, Err(Error::Forbidden { code: "not_yours", .. })));
    let outside = list(db, &room.as_student(stranger), course, Filter::default(), all).await;
    assert!(matches!(outside, Err(Error::NotFound("course"))));
}
