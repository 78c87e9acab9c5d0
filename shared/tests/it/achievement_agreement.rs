//! The computation in SQL gives what the rules in Rust give, on random curricula and down to the exact threshold; and the
//! nightly check, which reads the same rows in another way, agrees.

use crate::classroom::Classroom;
use acurate_shared::achievement::check::{self, Checked};
use acurate_shared::achievement::rules::{self, Contribution, Exact, Measurement};
use acurate_shared::ids::UserId;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

const COURSES: usize = 3;
const OUTCOMES: usize = 3;
const ASSESSMENTS: usize = 4;
const PROGRAM_OUTCOMES: usize = 4;
const STUDENTS: usize = 24;

/// An outcome of any kind: its target, and whether it is active.
type Outcome = (Decimal, bool);

#[derive(Clone, Debug)]
struct Course {
    active: bool,
    outcomes: Vec<Outcome>,
    /// Maximum, whether active, and the weight on each outcome where mapped.
    assessments: Vec<(Decimal, bool, Vec<Option<Decimal>>)>,
    /// Weight of each outcome on each program outcome, where mapped.
    serves: Vec<Vec<Option<Decimal>>>,
}

/// A student in a course: whether the enrollment is active (`None`: no enrollment), and for each assessment how much of
/// the maximum was reached as a fraction (`None`: not graded; a denominator of 0: absent).
type Seat = (Option<bool>, Vec<Option<(i64, i64)>>);

#[derive(Clone, Debug)]
struct Curriculum {
    program_outcomes: Vec<Outcome>,
    courses: Vec<Course>,
    students: Vec<Vec<Seat>>,
}

fn decimals(texts: &'static [&'static str]) -> impl Strategy<Value = Decimal> + Clone {
    select(texts).prop_map(|text| text.parse().unwrap())
}

fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (
        decimals(&["0", "33.33", "40", "50", "50", "60", "66.67", "70", "80", "100"]),
        mostly(),
    )
}

fn course() -> impl Strategy<Value = Course> {
    let maximum = decimals(&["100", "100", "30", "3", "60", "7", "12.50", "9999.99", "0.03"]);
    let weight = prop::option::weighted(0.7, decimals(&["0", "10", "25", "25", "25", "50", "33.33", "100"]));
    let po_weight = prop::option::weighted(0.5, decimals(&["1", "1", "2", "3", "0.01", "100"]));
    (
        mostly(),
        prop::collection::vec(outcome(), OUTCOMES),
        prop::collection::vec((maximum, mostly(), prop::collection::vec(weight, OUTCOMES)), ASSESSMENTS),
        prop::collection::vec(prop::collection::vec(po_weight, PROGRAM_OUTCOMES), OUTCOMES),
    )
        .prop_map(|(active, outcomes, assessments, serves)| Course {
            active,
            outcomes,
            assessments,
            serves,
        })
}

/// Often all marks of a student in a course are the same fraction: an even performance is where values meet thresholds.
fn seat() -> impl Strategy<Value = Seat> {
    let simple = || {
        select(vec![
            (0, 1),
            (1, 3),
            (2, 3),
            (1, 2),
            (1, 2),
            (2, 5),
            (3, 5),
            (7, 10),
            (4, 5),
            (1, 1),
            (0, 0),
        ])
    };
    let any = (0..=10_000_i64).prop_map(|part| (part, 10_000));
    let uneven = prop::collection::vec(prop::option::weighted(0.85, prop_oneof![4 => simple(), 1 => any]), ASSESSMENTS);
    let even = simple().prop_map(|mark| vec![Some(mark); ASSESSMENTS]);
    (
        select(vec![None, Some(false), Some(true), Some(true), Some(true), Some(true)]),
        prop_oneof![uneven, even],
    )
}

fn curriculum() -> impl Strategy<Value = Curriculum> {
    (
        prop::collection::vec(outcome(), PROGRAM_OUTCOMES),
        prop::collection::vec(course(), COURSES),
        prop::collection::vec(prop::collection::vec(seat(), COURSES), STUDENTS),
    )
        .prop_map(|(program_outcomes, courses, students)| Curriculum {
            program_outcomes,
            courses,
            students,
        })
}

/// A fraction of a maximum, cut to two places as marks are. `None`: absent.
fn score(maximum: Decimal, (part, of): (i64, i64)) -> Option<Decimal> {
    (of > 0).then(|| (maximum * Decimal::from(part) / Decimal::from(of)).trunc_with_scale(2))
}

/// What is stored for one outcome of one student: percentage, met, graded, total.
type Stored = (Option<Decimal>, Option<bool>, i32, i32);

/// Results by student and outcome, both as indices; learning outcomes first, counted through all courses.
type Results = BTreeMap<(usize, usize), Stored>;

fn stored(value: Option<&Exact>, target: Decimal, graded: usize, total: usize, on_threshold: &AtomicUsize) -> Stored {
    if value.is_some_and(|value| *value == rules::exact(target)) {
        on_threshold.fetch_add(1, Ordering::Relaxed);
    }
    (
        value.map(|value| rules::rounded(value).unwrap()),
        value.map(|value| rules::is_met(value, target)),
        graded as i32,
        total as i32,
    )
}

fn expected(curriculum: &Curriculum, on_threshold: &AtomicUsize) -> Results {
    let mut results = Results::new();
    for (s, seats) in curriculum.students.iter().enumerate() {
        let mut contributions = vec![Vec::new(); PROGRAM_OUTCOMES];
        for (c, (course, (enrolled, marks))) in curriculum.courses.iter().zip(seats).enumerate() {
            for (o, (target, active)) in course.outcomes.iter().enumerate() {
                if *enrolled != Some(true) || !course.active || !active {
                    continue;
                }
                let mapped = course
                    .assessments
                    .iter()
                    .zip(marks)
                    .filter(|((_, active, weights), _)| *active && weights[o].is_some());
                let total = mapped.clone().count();
                let measured: Vec<_> = mapped
                    .filter_map(|((maximum, _, weights), mark)| {
                        Some(Measurement {
                            score: score(*maximum, (*mark)?)?,
                            max_score: *maximum,
                            weight: weights[o]?,
                        })
                    })
                    .collect();
                let value = rules::learning_outcome(&measured);
                results.insert(
                    (s, c * OUTCOMES + o),
                    stored(value.as_ref(), *target, measured.len(), total, on_threshold),
                );
                for (p, weight) in course.serves[o].iter().enumerate() {
                    contributions[p].extend(weight.map(|weight| Contribution {
                        value: value.clone(),
                        weight,
                    }));
                }
            }
        }
        for (p, (target, active)) in curriculum.program_outcomes.iter().enumerate() {
            if *active {
                let value = rules::program_outcome(&contributions[p]);
                let graded = contributions[p].iter().filter(|part| part.value.is_some()).count();
                let row = stored(value.as_ref(), *target, graded, contributions[p].len(), on_threshold);
                results.insert((s, COURSES * OUTCOMES + p), row);
            }
        }
    }
    results
}

/// Ids of a case begin at `base`, so that an index is an id.
fn script(room: &Classroom, base: i64, curriculum: &Curriculum) -> String {
    let (institution, year) = (room.institution, 2024);
    let mut sql = format!(
        "INSERT INTO programs (id, institution_id, department_id, code, name) OVERRIDING SYSTEM VALUE
         SELECT {base}, {institution}, id, 'P{base}', 'P' FROM departments LIMIT 1;\n"
    );
    let sql_mut = &mut sql;
    for (p, (target, active)) in curriculum.program_outcomes.iter().enumerate() {
        let _ = writeln!(
            sql_mut,
            "INSERT INTO program_outcomes (id, institution_id, program_id, code, title, target_percentage, is_active) OVERRIDING SYSTEM VALUE VALUES ({}, {institution}, {base}, '{p}', 'x', {target}, {active});",
            base + p as i64
        );
    }
    for (c, course) in curriculum.courses.iter().enumerate() {
        let id = base + c as i64;
        let _ = writeln!(
            sql_mut,
            "INSERT INTO courses (id, institution_id, department_id, code, title, credits, academic_year, semester, is_active) OVERRIDING SYSTEM VALUE SELECT {id}, {institution}, id, '{id}', 'x', 5, {year}, 'fall', {} FROM departments LIMIT 1;",
            course.active
        );
        for (o, (target, active)) in course.outcomes.iter().enumerate() {
            let lo = base + (c * OUTCOMES + o) as i64;
            let _ = writeln!(
                sql_mut,
                "INSERT INTO learning_outcomes (id, institution_id, course_id, code, title, target_percentage, is_active) OVERRIDING SYSTEM VALUE VALUES ({lo}, {institution}, {id}, '{o}', 'x', {target}, {active});"
            );
            for (p, weight) in course.serves[o].iter().enumerate().filter_map(|(p, weight)| Some((p, (*weight)?))) {
                let _ = writeln!(
                    sql_mut,
                    "INSERT INTO lo_po VALUES ({institution}, {lo}, {}, {weight});",
                    base + p as i64
                );
            }
        }
        for (a, (maximum, active, weights)) in course.assessments.iter().enumerate() {
            let assessment = base + (c * ASSESSMENTS + a) as i64;
            let _ = writeln!(
                sql_mut,
                "INSERT INTO assessments (id, institution_id, course_id, academic_year, title, assessment_type, weight, max_score, is_active) OVERRIDING SYSTEM VALUE VALUES ({assessment}, {institution}, {id}, {year}, '{a}', 'quiz', 1, {maximum}, {active});"
            );
            for (o, weight) in weights.iter().enumerate().filter_map(|(o, weight)| Some((o, (*weight)?))) {
                let _ = writeln!(
                    sql_mut,
                    "INSERT INTO assessment_lo VALUES ({id}, {assessment}, {}, {weight});",
                    base + (c * OUTCOMES + o) as i64
                );
            }
        }
    }
    for (s, seats) in curriculum.students.iter().enumerate() {
        let student = base + s as i64;
        let _ = writeln!(
            sql_mut,
            "INSERT INTO users (id, institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id) OVERRIDING SYSTEM VALUE SELECT {student}, {institution}, 'student', '{student}@x.edu', 'A', 'B', 'x', '{student}', department_id, id FROM programs WHERE id = {base};"
        );
        for (c, (enrolled, marks)) in seats.iter().enumerate() {
            let Some(active) = enrolled else { continue };
            let id = base + c as i64;
            let _ = writeln!(
                sql_mut,
                "INSERT INTO enrollments (institution_id, student_id, course_id, is_active) VALUES ({institution}, {student}, {id}, {active});"
            );
            for (a, mark) in marks.iter().enumerate().filter_map(|(a, mark)| Some((a, (*mark)?))) {
                let given = score(curriculum.courses[c].assessments[a].0, mark);
                let (status, given) = given.map_or(("absent", "NULL".to_owned()), |given| ("scored", given.to_string()));
                let _ = writeln!(
                    sql_mut,
                    "INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score) VALUES ({institution}, {year}, {id}, {student}, {}, '{status}', {given});",
                    base + (c * ASSESSMENTS + a) as i64
                );
            }
        }
    }
    sql
}

#[derive(FromQueryResult)]
struct Row {
    student: i64,
    outcome: i64,
    percentage: Option<Decimal>,
    is_met: Option<bool>,
    graded_count: i32,
    total_count: i32,
}

async fn computed(room: &Classroom, base: i64) -> Results {
    let ids: Vec<UserId> = (base..base + STUDENTS as i64).map(UserId).collect();
    room.recompute(&ids).await;
    let select = format!(
        "SELECT student_id - {base} AS student, learning_outcome_id - {base} AS outcome, percentage, is_met, graded_count, total_count
         FROM student_lo_achievements WHERE student_id >= {base}
         UNION ALL SELECT student_id - {base}, program_outcome_id - {base} + {}, percentage, is_met, graded_count, total_count
         FROM student_po_achievements WHERE student_id >= {base}",
        COURSES * OUTCOMES
    );
    let statement = acurate_shared::db::sql(&select, []);
    let rows = Row::find_by_statement(statement).all(room.test.database().orm()).await.unwrap();
    let row = |row: Row| {
        let place = (row.student as usize, row.outcome as usize);
        (place, (row.percentage, row.is_met, row.graded_count, row.total_count))
    };
    rows.into_iter().map(row).collect()
}

async fn checked(room: &Classroom, base: i64) -> Checked {
    let ids: Vec<UserId> = (base..base + STUDENTS as i64).map(UserId).collect();
    check::check(room.test.database(), &ids).await.unwrap()
}

#[test]
fn sql_agrees_with_the_rules_on_random_curricula() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let room = runtime.block_on(Classroom::open());
    runtime.block_on(room.execute("SELECT ensure_grades_partition(2024::smallint)", []));
    let (base, cells, on_threshold) = (AtomicI64::new(1_000_000), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 30,
        failure_persistence: None,
        ..Config::default()
    });
    let case = |curriculum: Curriculum| {
        let base = base.fetch_add(1_000, Ordering::Relaxed);
        let (found, checked) = runtime.block_on(async {
            let script = script(&room, base, &curriculum);
            room.test.database().orm().execute_unprepared(&script).await.unwrap();
            (computed(&room, base).await, checked(&room, base).await)
        });
        let expected = expected(&curriculum, &on_threshold);
        cells.fetch_add(expected.len(), Ordering::Relaxed);
        prop_assert_eq!(checked.differences, []);
        prop_assert_eq!(checked.outcomes, expected.len());
        prop_assert_eq!(found, expected);
        Ok(())
    };
    runner.run(&curriculum(), case).unwrap();
    let (cells, on_threshold) = (cells.into_inner(), on_threshold.into_inner());
    assert!(cells > 3_000, "only {cells} cells were compared");
    assert!(on_threshold > 100, "only {on_threshold} of them were exactly on their threshold");
    drop(room);
}
