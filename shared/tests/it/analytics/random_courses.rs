//! Random courses for [`super::agreement`]: weights of any sum, marks of any kind, repeated codes, enrollments that ended.

use crate::classroom::Classroom;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use std::fmt::Write;

pub(super) const COURSES: usize = 4;
pub(super) const ASSESSMENTS: usize = 4;
pub(super) const STUDENTS: usize = 9;
/// The last year with a grading scheme.
pub(super) const LAST_YEAR: i16 = 2023;
pub(super) const SEMESTERS: [&str; 3] = ["fall", "spring", "summer"];

/// One mark: not graded, absent, excused, not attending, or a fraction of the maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    None,
    Absent,
    Excused,
    NonAttendance,
    Part(i64, i64),
}

#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) code: usize,
    pub(super) credits: i16,
    pub(super) year: i16,
    pub(super) semester: usize,
    /// Weight, maximum, whether active.
    pub(super) assessments: Vec<(Decimal, Decimal, bool)>,
    /// Of each student: whether the enrollment is active (`None`: no enrollment), and the marks.
    pub(super) seats: Vec<(Option<bool>, Vec<Mark>)>,
}

fn decimals(texts: &'static [&'static str]) -> impl Strategy<Value = Decimal> + Clone {
    select(texts).prop_map(|text| text.parse().unwrap())
}

fn mark() -> impl Strategy<Value = Mark> {
    let even = vec![
        (0, 1),
        (1, 2),
        (3, 5),
        (3, 5),
        (13, 20),
        (7, 10),
        (3, 4),
        (4, 5),
        (17, 20),
        (9, 10),
        (1, 1),
        (1, 3),
        (2, 3),
    ];
    prop_oneof![
        8 => select(even).prop_map(|(part, of)| Mark::Part(part, of)),
        4 => (0..=10_000_i64).prop_map(|part| Mark::Part(part, 10_000)),
        1 => Just(Mark::None),
        1 => Just(Mark::Absent),
        1 => Just(Mark::Excused),
        1 => Just(Mark::NonAttendance),
    ]
}

pub(super) fn course() -> impl Strategy<Value = Course> {
    let weight = decimals(&["0", "10", "20", "25", "30", "33.33", "40", "50", "200"]);
    let maximum = decimals(&["100", "100", "30", "3", "60", "7", "12.50", "9999.99"]);
    let any = prop::collection::vec(mark(), ASSESSMENTS);
    let even = mark().prop_map(|mark| vec![mark; ASSESSMENTS]);
    let seat = (
        select(vec![None, Some(false), Some(true), Some(true), Some(true), Some(true)]),
        prop_oneof![any, even],
    );
    (
        0..2_usize,
        1..=8_i16,
        LAST_YEAR - 1..=LAST_YEAR + 1,
        0..3_usize,
        prop::collection::vec((weight, maximum, prop::bool::weighted(0.85)), ASSESSMENTS),
        prop::collection::vec(seat, STUDENTS),
    )
        .prop_map(|(code, credits, year, semester, assessments, seats)| Course {
            code,
            credits,
            year,
            semester,
            assessments,
            seats,
        })
}

/// Cut to two places, as marks are.
pub(super) fn score(maximum: Decimal, part: i64, of: i64) -> Decimal {
    (maximum * Decimal::from(part) / Decimal::from(of)).trunc_with_scale(2)
}

/// Ids of a case begin at `base`, so that an index is an id.
pub(super) fn script(room: &Classroom, base: i64, courses: &[Course]) -> String {
    let institution = room.institution;
    let mut sql = String::new();
    for student in 0..STUDENTS as i64 {
        let id = base + student;
        let _ = writeln!(
            sql,
            "INSERT INTO users (id, institution_id, role, email, first_name, last_name, password_hash, student_number) OVERRIDING SYSTEM VALUE VALUES ({id}, {institution}, 'student', '{id}@x.edu', 'A', 'B', 'x', '{id}');"
        );
    }
    for (c, course) in courses.iter().enumerate() {
        let id = base + c as i64;
        let (code, credits, year, semester) = (course.code, course.credits, course.year, SEMESTERS[course.semester]);
        let _ = writeln!(
            sql,
            "INSERT INTO departments (id, institution_id, code, name) OVERRIDING SYSTEM VALUE VALUES ({id}, {institution}, '{id}', '{id}');
             INSERT INTO courses (id, institution_id, department_id, code, title, credits, academic_year, semester, section) OVERRIDING SYSTEM VALUE VALUES ({id}, {institution}, {id}, '{base}-{code}', 'x', {credits}, {year}, '{semester}', '{c}');"
        );
        for (a, (weight, maximum, active)) in course.assessments.iter().enumerate() {
            let assessment = base + (c * ASSESSMENTS + a) as i64;
            let _ = writeln!(
                sql,
                "INSERT INTO assessments (id, institution_id, course_id, academic_year, title, assessment_type, weight, max_score, is_active) OVERRIDING SYSTEM VALUE VALUES ({assessment}, {institution}, {id}, {year}, '{a}', 'quiz', {weight}, {maximum}, {active});"
            );
        }
        for (s, (enrolled, marks)) in course.seats.iter().enumerate() {
            let Some(active) = enrolled else { continue };
            let student = base + s as i64;
            let _ = writeln!(
                sql,
                "INSERT INTO enrollments (institution_id, student_id, course_id, is_active) VALUES ({institution}, {student}, {id}, {active});"
            );
            for (a, mark) in marks.iter().enumerate() {
                let (status, score) = match mark {
                    Mark::None => continue,
                    Mark::Absent => ("absent", "NULL".to_owned()),
                    Mark::Excused => ("excused", "NULL".to_owned()),
                    Mark::NonAttendance => ("non_attendance", "NULL".to_owned()),
                    Mark::Part(part, of) => ("scored", score(course.assessments[a].1, *part, *of).to_string()),
                };
                let _ = writeln!(
                    sql,
                    "INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score) VALUES ({institution}, {year}, {id}, {student}, {}, '{status}', {score});",
                    base + (c * ASSESSMENTS + a) as i64
                );
            }
        }
    }
    sql
}
