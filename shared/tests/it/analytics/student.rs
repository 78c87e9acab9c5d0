//! The dashboard of a student against figures that were computed by hand.

use super::text;
use crate::classroom::Classroom;
use acurate_shared::analytics::student::{self, Highlight, StudentDashboard};
use acurate_shared::ids::{CourseId, UserId};
use acurate_shared::kinds::GradeStatus;
use rust_decimal::Decimal;

impl Classroom {
    async fn dashboard(&self, student: UserId) -> StudentDashboard {
        student::own(self.db(), &self.as_student(student)).await.unwrap()
    }

    /// A course of the year with one exam, in which the student has the mark.
    async fn attempt(&self, student: UserId, year: i16, credits: i16, mark: &str) -> CourseId {
        let course = self.course(year).await;
        self.describe(course, &format!("credits = {credits}")).await;
        let exam = self.weighted(course, "100", "100").await;
        self.enroll(student, course).await;
        self.mark(exam, student, mark).await;
        course
    }

    /// A course with exams of weight 30, 50 and 20, in the first two of which the student has 30 of 40 and 80 of 100.
    async fn three_exams(&self, third: Option<&str>) -> StudentDashboard {
        let course = self.course(2024).await;
        let student = self.student(&course.to_string()).await;
        self.enroll(student, course).await;
        let first = self.weighted(course, "30", "40").await;
        self.mark(first, student, "30").await;
        let second = self.weighted(course, "50", "100").await;
        self.mark(second, student, "80").await;
        let last = self.weighted(course, "20", "100").await;
        if let Some(mark) = third {
            self.mark(last, student, mark).await;
        }
        self.dashboard(student).await
    }
}

#[tokio::test]
async fn the_grade_point_average_weighs_points_by_credits() {
    let room = Classroom::open().await;
    let student = room.student("1").await;
    for (credits, mark) in [(4, "95"), (3, "82"), (3, "66"), (2, "30"), (4, "77")] {
        room.attempt(student, 2024, credits, mark).await;
    }
    let found = room.dashboard(student).await;
    // AA, BB, DC, FF, CB: (4×4.0 + 3×3.0 + 3×1.5 + 2×0.0 + 4×2.5) ÷ 16 = 39.5 ÷ 16 = 2.46875.
    assert_eq!(text(found.points.average), "2.47");
    assert_eq!(text(found.points.average_to_date), "2.47");
    assert_eq!(
        (found.points.courses, found.points.counted_courses, found.points.counted_credits),
        (5, 5, 16)
    );
    assert_eq!(found.points.earned_credits, 14, "those of the FF are not earned");
    assert_eq!(found.terms.len(), 1);
    assert_eq!(found.terms[0].points, found.points);
}

#[tokio::test]
async fn a_repeated_course_counts_once_overall_and_in_each_of_its_terms() {
    let room = Classroom::open().await;
    let student = room.student("1").await;
    for (year, mark) in [(2022, "30"), (2023, "82")] {
        let course = room.attempt(student, year, 5, mark).await;
        room.describe(course, "code = 'MATH101'").await;
    }
    room.attempt(student, 2023, 5, "95").await;
    let found = room.dashboard(student).await;
    // (3.0×5 + 4.0×5) ÷ 10; the FF of 2022-2023 is replaced.
    assert_eq!((text(found.points.average), found.points.counted_credits), ("3.5".to_owned(), 10));
    assert_eq!((found.points.courses, found.points.earned_credits), (3, 10));
    let terms: Vec<_> = found
        .terms
        .iter()
        .map(|term| (term.academic_year.to_string(), text(term.points.average)))
        .collect();
    let expected = [("2022-2023", "0"), ("2023-2024", "3.5")].map(|(year, average)| (year.to_owned(), average.to_owned()));
    assert_eq!(terms, expected);
}

#[tokio::test]
async fn a_student_without_anything_has_an_empty_dashboard() {
    let room = Classroom::open().await;
    let student = room.student("1").await;
    let found = room.dashboard(student).await;
    assert_eq!(
        (text(found.points.average), found.points.courses, found.points.earned_credits),
        ("-".to_owned(), 0, 0)
    );
    assert!(found.courses.is_empty() && found.terms.is_empty() && found.recent.is_empty() && found.strengths.is_empty());
    assert_eq!((found.freshness.stale, found.freshness.computed_at), (false, None));
    assert_eq!((found.student.student_id, found.student.program_id), (student, Some(room.program)));
}

#[tokio::test]
async fn a_course_grade_rests_on_the_weights_of_what_has_a_score() {
    let room = Classroom::open().await;
    // (75×30 + 80×50) ÷ 80 = 78.125; with a zero (75×30 + 80×50 + 0×20) ÷ 100 = 62.5.
    for (third, grade, letter, is_complete) in [
        (None, "78.13", "CB", false),
        (Some("absent"), "78.13", "CB", true),
        (Some("excused"), "78.13", "CB", true),
        (Some("non_attendance"), "78.13", "CB", true),
        (Some("0"), "62.5", "DD", true),
    ] {
        let found = room.three_exams(third).await;
        let course = &found.courses[0];
        assert_eq!(
            (text(course.grade), course.letter.as_deref(), course.passed, course.is_complete),
            (grade.to_owned(), Some(letter), Some(true), is_complete),
            "{third:?}"
        );
        let count = |word| i64::from(third == Some(word));
        assert_eq!(
            (course.assessments, course.absent, course.excused, course.non_attendance),
            (3, count("absent"), count("excused"), count("non_attendance")),
            "{third:?}"
        );
        let is_counted = if is_complete { text(course.points) } else { "-".to_owned() };
        assert_eq!(
            text(found.points.average),
            is_counted,
            "an incomplete course is not in the average: {third:?}"
        );
        assert_eq!(text(found.points.average_to_date), text(course.points), "{third:?}");
    }
}

#[tokio::test]
async fn a_course_without_a_score_has_no_grade_and_no_letter() {
    let room = Classroom::open().await;
    for mark in ["-", "absent", "excused", "non_attendance"] {
        let (_, _, students) = room.class(2024, &[mark]).await;
        let found = room.dashboard(students[0]).await;
        let course = &found.courses[0];
        assert_eq!(
            (course.grade, course.letter.clone(), course.points, course.passed),
            (None, None, None, None),
            "{mark}"
        );
        assert_eq!((found.points.average, found.points.average_to_date), (None, None), "{mark}");
        assert_eq!((course.scored, course.is_complete), (0, mark != "-"), "{mark}");
    }
}

#[tokio::test]
async fn the_average_of_a_class_is_told_from_five_on() {
    let room = Classroom::open().await;
    for (marks, average) in [
        (&["60", "70", "80", "90"][..], "-"),
        (&["60", "70", "80", "90", "-", "absent", "non_attendance"][..], "-"),
        (&["60", "70", "80", "90", "99"][..], "79.8"),
    ] {
        let (_, exam, students) = room.class(2024, marks).await;
        let found = room.dashboard(students[0]).await;
        let graded = marks.iter().filter(|mark| mark.parse::<f64>().is_ok()).count() as i64;
        let course = &found.courses[0];
        assert_eq!((course.class_size, course.class_graded), (marks.len() as i64, graded));
        assert_eq!(text(course.class_average), average, "{marks:?}");
        assert_eq!((found.recent[0].assessment_id, found.recent[0].class_graded), (exam, graded));
        assert_eq!(text(found.recent[0].class_average), average, "{marks:?}");
        let beside = student::of_student(room.db(), &room.admin, students[0]).await.unwrap();
        assert_eq!(beside, found, "the same, whoever reads it");
    }
}

#[tokio::test]
async fn the_ten_newest_marks_come_with_their_reasons_and_percentages() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let mut marks = vec!["5", "absent", "non_attendance"];
    marks.extend(["7"; 9]);
    for (n, mark) in marks.iter().enumerate() {
        let exam = room.weighted(course, "10", "8").await;
        room.mark(exam, student, mark).await;
        let update = "UPDATE grades SET graded_at = '2024-10-01'::timestamptz - $2 * interval '1 day' WHERE assessment_id = $1";
        room.execute(update, [exam.into(), (n as i32).into()]).await;
    }
    let recent = room.dashboard(student).await.recent;
    assert_eq!(recent.len(), 10);
    let shown: Vec<_> = recent.iter().take(4).map(|mark| (mark.status, text(mark.percentage))).collect();
    let expected = [
        (GradeStatus::Scored, "62.5"),
        (GradeStatus::Absent, "-"),
        (GradeStatus::NonAttendance, "-"),
        (GradeStatus::Scored, "87.5"),
    ];
    assert_eq!(shown, expected.map(|(status, percentage)| (status, percentage.to_owned())));
    assert!(recent.windows(2).all(|pair| pair[0].graded_at > pair[1].graded_at));
}

#[tokio::test]
async fn strengths_and_weaknesses_are_the_outcomes_furthest_from_their_targets() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let promised = room.po("60").await;
    for (mark, target) in [("90", "70"), ("40", "70"), ("-", "70")] {
        let outcome = room.lo(course, target).await;
        let exam = room.weighted(course, "10", "100").await;
        room.measures(exam, outcome, "1").await;
        if mark != "-" {
            room.mark(exam, student, mark).await;
        }
        if mark == "90" {
            room.serves(outcome, promised, "1").await;
        }
    }
    room.recompute(&[student]).await;
    let found = room.dashboard(student).await;
    let names = |found: &[Highlight]| -> Vec<(String, Decimal)> {
        found
            .iter()
            .map(|found| (found.outcome.code.clone(), found.margin.normalize()))
            .collect()
    };
    assert_eq!(
        names(&found.strengths),
        [("PO1".to_owned(), Decimal::from(30)), ("LO1".to_owned(), Decimal::from(20))]
    );
    assert_eq!(names(&found.weaknesses), [("LO2".to_owned(), Decimal::from(-30))]);
    let learning: Vec<_> = found.learning_outcomes.iter().map(|outcome| text(outcome.percentage)).collect();
    assert_eq!(learning, ["90", "40", "-"], "what is not assessed is there, and is neither");
    assert!(found.learning_outcomes.iter().all(|outcome| outcome.class_average.is_none()));
    assert!(found.freshness.computed_at.is_some());
}
