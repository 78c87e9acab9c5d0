//! Outcomes from grades: the numbers, what moves them, and computing while they change.

use crate::classroom::Classroom;
use acurate_shared::achievement::read::of_student;
use acurate_shared::db::sql;
use acurate_shared::error::{Error, constraint};
use acurate_shared::ids::{AssessmentId, CourseId, LearningOutcomeId, UserId};
use acurate_shared::jobs::definitions::ACHIEVEMENT_BATCH;
use acurate_shared::kinds::Role;
use sea_orm::ConnectionTrait;

/// A course with three assessments of 75, 60 and 10 points on one outcome, weighing 30, 50 and 20.
pub(crate) async fn three_assessments(room: &Classroom) -> (CourseId, LearningOutcomeId, [AssessmentId; 3]) {
    let course = room.course(2024).await;
    let lo = room.lo(course, "43.34").await;
    let mut assessments = [AssessmentId(0); 3];
    for (assessment, (max_score, weight)) in assessments.iter_mut().zip([("75", "30"), ("60", "50"), ("10", "20")]) {
        *assessment = room.assessment(course, max_score).await;
        room.measures(*assessment, lo, weight).await;
    }
    (course, lo, assessments)
}

pub(crate) async fn graded_student(room: &Classroom, course: CourseId, marks: &[(AssessmentId, f64)]) -> UserId {
    let student = room.student("0001").await;
    room.enroll(student, course).await;
    for (assessment, score) in marks {
        room.score(*assessment, student, *score).await.unwrap();
    }
    student
}

#[tokio::test]
async fn a_zero_counts_a_missing_mark_does_not_and_both_say_how_many_they_count() {
    let room = Classroom::open().await;
    let (course, lo, [a, b, c]) = three_assessments(&room).await;
    let po = room.po("50").await;
    room.serves(lo, po, "3").await;
    let student = graded_student(&room, course, &[(a, 25.0), (b, 40.0)]).await;
    room.recompute(&[student]).await;
    let first = room.achievements(student).await;
    assert_eq!(first.learning_outcomes[0].reached.percentage.unwrap().to_string(), "54.17");
    assert_eq!(
        (
            first.learning_outcomes[0].reached.graded_count,
            first.learning_outcomes[0].reached.total_count
        ),
        (2, 3)
    );
    assert_eq!(first.learning_outcomes[0].reached.met, Some(true));
    assert_eq!(
        (
            first.program_outcomes[0].reached.graded_count,
            first.program_outcomes[0].reached.total_count
        ),
        (1, 1)
    );
    room.score(c, student, 0.0).await.unwrap();
    assert!(room.achievements(student).await.stale);
    room.recompute(&[student]).await;
    let second = room.achievements(student).await;
    assert!(!second.stale);
    assert_eq!(second.learning_outcomes[0].reached.percentage.unwrap().to_string(), "43.33");
    assert_eq!(second.learning_outcomes[0].reached.met, Some(false), "43.33… is below 43.34");
    assert_eq!(second.program_outcomes[0].reached.percentage.unwrap().to_string(), "43.33");
    assert!(second.computed_at > first.computed_at);
}

#[tokio::test]
async fn program_outcomes_take_learning_outcomes_unrounded_over_all_courses() {
    let room = Classroom::open().await;
    let (course, lo, [a, b, c]) = three_assessments(&room).await;
    let po = room.po("66.53").await;
    room.serves(lo, po, "2").await;
    let student = graded_student(&room, course, &[(a, 25.0), (b, 40.0), (c, 0.0)]).await;
    for (score, weight) in [(77.5, "3"), (80.0, "1")] {
        let course = room.course(2025).await;
        let lo = room.lo(course, "70").await;
        let exam = room.assessment(course, "100").await;
        room.measures(exam, lo, "100").await;
        room.serves(lo, po, weight).await;
        room.enroll(student, course).await;
        room.score(exam, student, score).await.unwrap();
    }
    room.recompute(&[student]).await;
    let reached = &room.achievements(student).await.program_outcomes[0].reached;
    assert_eq!(reached.percentage.unwrap().to_string(), "66.53");
    assert_eq!(reached.met, Some(false), "66.527… is below 66.53");
}

#[tokio::test]
async fn a_threshold_is_compared_before_rounding() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let exactly = room.lo(course, "50").await;
    let below = room.lo(course, "50").await;
    let [a, b, c] = [
        room.assessment(course, "30").await,
        room.assessment(course, "30").await,
        room.assessment(course, "100").await,
    ];
    room.measures(a, exactly, "50").await;
    room.measures(b, exactly, "50").await;
    room.measures(c, below, "1").await;
    room.measures(a, below, "0").await;
    let student = graded_student(&room, course, &[(a, 10.0), (b, 20.0), (c, 49.99)]).await;
    room.execute("UPDATE assessments SET max_score = 99.99 WHERE id = $1", [c.into()])
        .await;
    room.execute("UPDATE grades SET score = 49.99 WHERE assessment_id = $1", [c.into()])
        .await;
    room.recompute(&[student]).await;
    let all = room.achievements(student).await.learning_outcomes;
    let shown = |i: usize| (all[i].reached.percentage.unwrap().to_string(), all[i].reached.met);
    assert_eq!(shown(0), ("50.00".to_owned(), Some(true)), "10/30 and 20/30 are exactly one half");
    assert_eq!(shown(1), ("49.99".to_owned(), Some(false)), "49.99/99.99 is 49.994…");
    room.execute("UPDATE assessments SET max_score = 9999.99 WHERE id = $1", [c.into()])
        .await;
    room.execute("UPDATE grades SET score = 4999.99 WHERE assessment_id = $1", [c.into()])
        .await;
    room.recompute(&[student]).await;
    let below = &room.achievements(student).await.learning_outcomes[1].reached;
    assert_eq!(below.percentage.unwrap().to_string(), "50.00");
    assert_eq!(below.met, Some(false), "49.99995 is shown as 50.00 and is below 50");
}

#[tokio::test]
async fn weights_of_any_sum_are_normalised_and_zero_weights_give_no_value() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let [of_75, of_130, zero] = [
        room.lo(course, "70").await,
        room.lo(course, "70").await,
        room.lo(course, "70").await,
    ];
    let mut marks = Vec::new();
    for (score, weights) in [(80.0, ["25", "65", "0"]), (70.0, ["25", "65", "0"]), (90.0, ["25", "0", "0"])] {
        let assessment = room.assessment(course, "100").await;
        for (lo, weight) in [of_75, of_130, zero].into_iter().zip(weights) {
            room.measures(assessment, lo, weight).await;
        }
        marks.push((assessment, score));
    }
    let student = graded_student(&room, course, &marks).await;
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["80.00", "75.00", "-"]);
    let none = &room.achievements(student).await.learning_outcomes[2].reached;
    assert_eq!((none.met, none.graded_count, none.total_count), (None, 3, 3));
}

#[tokio::test]
async fn absent_excused_and_not_graded_are_never_zero() {
    let room = Classroom::open().await;
    let (course, _, [a, b, c]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 75.0), (b, 60.0), (c, 10.0)]).await;
    let change = "UPDATE grades SET status = $2, score = NULL WHERE assessment_id = $1";
    room.execute(change, [b.into(), "absent".into()]).await;
    room.execute(change, [c.into(), "excused".into()]).await;
    room.recompute(&[student]).await;
    let reached = &room.achievements(student).await.learning_outcomes[0].reached;
    assert_eq!(reached.percentage.unwrap().to_string(), "100.00");
    assert_eq!((reached.graded_count, reached.total_count), (1, 3));
}

#[tokio::test]
async fn whatever_is_switched_off_leaves_the_results_and_comes_back() {
    let room = Classroom::open().await;
    let (course, lo, [a, b, _]) = three_assessments(&room).await;
    let po = room.po("70").await;
    room.serves(lo, po, "1").await;
    let student = graded_student(&room, course, &[(a, 75.0), (b, 0.0)]).await;
    let numbers = |lo: &[&str], po: &[&str]| {
        let text = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        (text(lo), text(po))
    };
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await, numbers(&["37.50"], &["37.50"]));
    for (table, id, expected) in [
        ("assessments", b.0, numbers(&["100.00"], &["100.00"])),
        ("learning_outcomes", lo.0, numbers(&[], &["-"])),
        ("courses", course.0, numbers(&[], &["-"])),
        ("program_outcomes", po.0, numbers(&["37.50"], &[])),
    ] {
        let switch = format!("UPDATE {table} SET is_active = NOT is_active WHERE id = $1");
        room.execute(&switch, [id.into()]).await;
        room.recompute(&[student]).await;
        assert_eq!(room.percentages(student).await, expected, "without {table}");
        room.execute(&switch, [id.into()]).await;
    }
    room.execute("UPDATE enrollments SET is_active = false", []).await;
    assert_eq!(room.recompute(&[student]).await.removed, 1);
    assert_eq!(room.percentages(student).await, numbers(&[], &["-"]));
    assert_eq!(room.value::<i64>("SELECT count(*) FROM grades", []).await, 2, "the marks stay");
    room.execute("UPDATE enrollments SET is_active = true", []).await;
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await, numbers(&["37.50"], &["37.50"]));
}

#[tokio::test]
async fn changed_maxima_and_weights_are_computed_anew() {
    let room = Classroom::open().await;
    let (course, _, [a, b, _]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 30.0), (b, 0.0)]).await;
    room.execute("UPDATE assessments SET max_score = 30 WHERE id = $1", [a.into()])
        .await;
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["37.50"]);
    room.execute("UPDATE assessment_lo SET weight = 50 WHERE assessment_id = $1", [a.into()])
        .await;
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["50.00"]);
}

#[tokio::test]
async fn only_outcomes_of_the_own_program_count() {
    let mut room = Classroom::open().await;
    let (course, lo, [a, ..]) = three_assessments(&room).await;
    let (own, mine) = (room.program, room.po("70").await);
    room.program = room.program().await;
    let other = room.po("70").await;
    room.program = own;
    room.serves(lo, mine, "1").await;
    room.serves(lo, other, "1").await;
    let student = graded_student(&room, course, &[(a, 75.0)]).await;
    room.recompute(&[student]).await;
    let found = room.achievements(student).await.program_outcomes;
    assert_eq!(found.iter().map(|po| po.program_outcome_id).collect::<Vec<_>>(), [mine]);
}

#[tokio::test]
async fn an_assessment_maps_to_an_outcome_once() {
    let room = Classroom::open().await;
    let (_, lo, [a, ..]) = three_assessments(&room).await;
    let insert = "INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight) SELECT course_id, id, $2, 5 FROM assessments WHERE id = $1";
    let again = sql(insert, [a.into(), lo.into()]);
    let error = room.test.database().orm().execute_raw(again).await.unwrap_err();
    assert_eq!(constraint(&error), Some("assessment_lo_pkey"));
}

#[tokio::test]
async fn staff_and_the_student_itself_see_achievements_and_nobody_else() {
    let room = Classroom::open().await;
    let student = room.student("0001").await;
    let neighbour = room.student("0002").await;
    let db = room.test.database().orm();
    let own = of_student(db, &room.as_student(student), student).await.unwrap();
    assert_eq!((own.stale, own.computed_at, own.learning_outcomes.len()), (false, None, 0));
    let unknown = of_student(db, &room.teacher, student).await;
    assert!(matches!(
        unknown,
        Err(Error::Forbidden {
            code: "not_your_student",
            ..
        })
    ));
    room.enroll(student, room.course(2024).await).await;
    assert!(of_student(db, &room.teacher, student).await.is_ok());
    let colleague = room.person(Role::Teacher).await;
    let stranger = of_student(db, &colleague, student).await;
    assert!(matches!(
        stranger,
        Err(Error::Forbidden {
            code: "not_your_student",
            ..
        })
    ));
    let other = of_student(db, &room.as_student(neighbour), student).await;
    assert!(matches!(other, Err(Error::Forbidden { code: "not_yours", .. })));
    let mut foreign = room.admin.clone();
    foreign.institution_id = Some(
        room.value("INSERT INTO institutions (name) VALUES ('Other') RETURNING id", [])
            .await,
    );
    assert!(matches!(of_student(db, &foreign, student).await, Err(Error::NotFound("student"))));
    let staff = of_student(db, &room.admin, room.teacher.user_id).await;
    assert!(matches!(staff, Err(Error::NotFound("student"))));
}

#[tokio::test]
async fn a_full_batch_is_computed_at_once() {
    let room = Classroom::open().await;
    let (course, _, [a, ..]) = three_assessments(&room).await;
    let mut students = Vec::new();
    for number in 0..20 {
        students.push(room.student(&number.to_string()).await);
    }
    let more = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT $1, 'student', n || '@y.edu', 'A', 'B', 'x', 'n' || n FROM generate_series(21, $2::int) n";
    room.execute(more, [room.institution.into(), (ACHIEVEMENT_BATCH as i32).into()])
        .await;
    room.execute(
        "INSERT INTO enrollments (institution_id, student_id, course_id) SELECT institution_id, id, $1 FROM users WHERE role = 'student'",
        [course.into()],
    )
    .await;
    room.score(a, students[0], 60.0).await.unwrap();
    let ids: Vec<i64> = room.value("SELECT array_agg(id) FROM users WHERE role = 'student'", []).await;
    let all: Vec<UserId> = ids.into_iter().map(UserId).collect();
    assert_eq!(all.len(), ACHIEVEMENT_BATCH);
    let computed = room.recompute(&all).await;
    assert_eq!(
        (computed.learning_outcomes, computed.program_outcomes),
        (ACHIEVEMENT_BATCH as i64, 0)
    );
    assert_eq!(room.percentages(students[0]).await.0, ["80.00"]);
}
