//! The analytics of a course against figures that were computed by hand.

use super::text;
use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::analytics::course::{self, CourseAnalytics};
use acurate_shared::analytics::statistics::Statistics;
use acurate_shared::ids::CourseId;

impl Classroom {
    async fn analytics(&self, course: CourseId) -> CourseAnalytics {
        course::of(self.db(), &self.admin, course).await.unwrap()
    }
}

/// Mean, median, standard deviation, lowest, highest, lower and upper quartile.
fn figures(found: &Statistics) -> [String; 7] {
    [
        found.mean,
        found.median,
        found.standard_deviation,
        found.minimum,
        found.maximum,
        found.lower_quartile,
        found.upper_quartile,
    ]
    .map(text)
}

const NOTHING: [&str; 7] = ["-"; 7];

#[tokio::test]
async fn five_grades_have_the_figures_of_the_textbook() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &["50", "60", "70", "80", "100"]).await;
    let found = room.analytics(course).await;
    // Mean 360 ÷ 5; variance (22² + 12² + 2² + 8² + 28²) ÷ 5 = 296, whose root is 17.2046…
    let expected = ["72", "70", "17.2", "50", "100", "60", "80"];
    assert_eq!(
        (found.figures.grades.n, figures(&found.figures.grades)),
        (5, expected.map(str::to_owned))
    );
    assert_eq!(
        found.figures.grades.histogram,
        [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
        "100 is in the last bin"
    );
    assert_eq!((text(found.figures.pass_rate), found.figures.passed), ("80".to_owned(), Some(4)));
    assert_eq!(
        found.assessments[0].scores, found.figures.grades,
        "one exam, so its marks are the grades"
    );
}

#[tokio::test]
async fn quartiles_of_an_even_number_lie_between_neighbours() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &["10", "40", "20", "30"]).await;
    let found = room.analytics(course).await;
    // Root of (15² + 5² + 5² + 15²) ÷ 4 = 125: 11.1803…
    let expected = ["25", "25", "11.18", "10", "40", "17.5", "32.5"];
    assert_eq!(figures(&found.figures.grades), expected.map(str::to_owned));
    assert_eq!(found.figures.grades.histogram, [0, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_course_without_students_has_no_figures() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &[]).await;
    room.lo(course, "70").await;
    let found = room.analytics(course).await;
    assert_eq!((found.figures.students, found.figures.grades.n), (0, 0));
    assert_eq!(figures(&found.figures.grades), NOTHING.map(str::to_owned));
    assert_eq!(found.figures.grades.histogram, [0; 10]);
    assert_eq!((found.figures.pass_rate, found.previous), (None, None));
    let exam = &found.assessments[0];
    assert_eq!(
        (exam.students, exam.missing, exam.scores.histogram.clone()),
        (0, Some(0), vec![0; 10])
    );
    let outcome = &found.learning_outcomes[0].outcome;
    assert_eq!(
        (outcome.students, outcome.met, outcome.met_share, outcome.mean_met),
        (0, Some(0), None, None)
    );
}

#[tokio::test]
async fn one_student_is_its_own_median_and_has_no_spread() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &["73.25"]).await;
    let found = room.analytics(course).await;
    let expected = ["73.25", "73.25", "0", "73.25", "73.25", "73.25", "73.25"];
    assert_eq!(
        (found.figures.grades.n, figures(&found.figures.grades)),
        (1, expected.map(str::to_owned))
    );
}

#[tokio::test]
async fn nobody_with_a_score_is_no_zero() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &["absent", "absent", "excused", "non_attendance", "-"]).await;
    let found = room.analytics(course).await;
    assert_eq!(
        (found.figures.students, found.figures.complete, found.figures.passed),
        (5, Some(4), Some(0))
    );
    assert_eq!(found.figures.pass_rate, None);
    for statistics in [&found.figures.grades, &found.assessments[0].scores] {
        assert_eq!((statistics.n, figures(statistics)), (0, NOTHING.map(str::to_owned)));
        assert_eq!(statistics.histogram, [0; 10], "what has no value is in no bin");
    }
    let exam = &found.assessments[0];
    assert_eq!(
        (exam.students, exam.absent, exam.excused, exam.non_attendance, exam.missing),
        (5, Some(2), Some(1), Some(1), Some(1))
    );
}

#[tokio::test]
async fn a_course_is_compared_with_its_previous_offering() {
    let room = Classroom::open().await;
    for (year, section, marks) in [
        (2021, "1", &["100"][..]),
        (2023, "2", &["90"][..]),
        (2023, "1", &["50", "70"][..]),
        (2025, "1", &["99"][..]),
    ] {
        let (earlier, exam, students) = room.class(year, marks).await;
        room.describe(earlier, &format!("code = 'CENG101', section = '{section}'")).await;
        let outcome = room.lo(earlier, "70").await;
        room.measures(exam, outcome, "1").await;
        room.recompute(&students).await;
    }
    let (course, exam, students) = room.class(2024, &["62", "82"]).await;
    room.describe(course, "code = 'CENG101', section = '1'").await;
    let outcome = room.lo(course, "70").await;
    room.measures(exam, outcome, "1").await;
    room.lo(course, "70").await;
    room.recompute(&students).await;
    let found = room.analytics(course).await;
    let previous = found.previous.unwrap();
    let (year, section) = (previous.figures.course.academic_year, previous.figures.course.section.as_str());
    assert_eq!((year.to_string(), section), ("2023-2024".to_owned(), "1"));
    // Mean 72 after 60; 2 of 2 pass after 1 of 2.
    assert_eq!(
        (text(previous.mean_change), text(previous.pass_rate_change)),
        ("12".to_owned(), "50".to_owned())
    );
    let [first, second] = &found.learning_outcomes[..] else {
        panic!("two outcomes")
    };
    assert_eq!(text(first.outcome.reached.mean), "72");
    assert_eq!(text(first.previous.as_ref().unwrap().reached.mean), "60");
    assert_eq!(
        (first.outcome.met, text(first.outcome.met_share), first.outcome.mean_met),
        (Some(1), "50".to_owned(), Some(true))
    );
    assert_eq!(second.previous, None, "it is new");
}

#[tokio::test]
async fn a_change_from_nothing_is_no_change() {
    let room = Classroom::open().await;
    for (year, marks) in [(2023, &["-"][..]), (2024, &["80"][..])] {
        let (course, ..) = room.class(year, marks).await;
        room.describe(course, "code = 'CENG101'").await;
        let found = room.analytics(course).await;
        let change = found.previous.map(|previous| (previous.mean_change, previous.pass_rate_change));
        assert_eq!(change, (year == 2024).then_some((None, None)));
    }
}

#[tokio::test]
async fn students_see_the_own_grade_and_of_a_small_class_no_more() {
    let room = Classroom::open().await;
    for (marks, mean) in [
        (&["55", "60", "70", "80", "absent"][..], "-"),
        (&["55", "60", "70", "80", "95"][..], "72"),
    ] {
        let (course, exam, students) = room.class(2024, marks).await;
        let outcome = room.lo(course, "70").await;
        room.measures(exam, outcome, "1").await;
        room.recompute(&students).await;
        let found = course::of(room.db(), &room.as_student(students[0]), course).await.unwrap();
        assert_eq!(
            (text(found.own_grade), text(found.assessments[0].own_percentage)),
            ("55".to_owned(), "55".to_owned())
        );
        let reached = &found.learning_outcomes[0].outcome;
        let (grades, exam) = (&found.figures.grades, &found.assessments[0]);
        assert_eq!(
            [grades.mean, exam.scores.mean, reached.reached.mean].map(text),
            [mean; 3].map(str::to_owned)
        );
        let told = mean != "-";
        assert_eq!(
            [
                found.figures.complete,
                found.figures.passed,
                exam.absent,
                exam.excused,
                exam.non_attendance,
                exam.missing,
                reached.met
            ]
            .map(|figure| figure.is_some()),
            [told; 7]
        );
        assert_eq!([grades.histogram.is_empty(), exam.scores.histogram.is_empty()], [!told; 2]);
        let teacher = course::of(room.db(), &room.teacher, course).await.unwrap();
        assert_eq!(
            (teacher.own_grade, teacher.figures.grades.mean.is_some()),
            (None, true),
            "staff sees every class"
        );
    }
}

#[tokio::test]
async fn an_inactive_course_is_not_found() {
    let room = Classroom::open().await;
    let (course, ..) = room.class(2024, &["50"]).await;
    room.describe(course, "is_active = false").await;
    assert_eq!(refusal(course::of(room.db(), &room.admin, course).await), "no course");
}

#[tokio::test]
async fn outcomes_of_few_students_are_withheld_in_a_large_class_too() {
    let room = Classroom::open().await;
    for (assessed, mean) in [(4, "-"), (5, "80")] {
        let (course, _, students) = room.class(2024, &["60"; 6]).await;
        let quiz = room.weighted(course, "0", "100").await;
        for _ in 0..2 {
            let outcome = room.lo(course, "70").await;
            room.measures(quiz, outcome, "1").await;
        }
        for student in &students[..assessed] {
            room.mark(quiz, *student, "80").await;
        }
        room.recompute(&students).await;
        let found = course::of(room.db(), &room.as_student(students[0]), course).await.unwrap();
        let told = found.figures.outcomes_assessed.is_some();
        assert_eq!((text(found.figures.outcome_mean), told), (mean.to_owned(), mean != "-"));
        assert_eq!(
            (
                text(found.figures.grades.mean),
                text(found.learning_outcomes[0].outcome.reached.mean)
            ),
            ("60".to_owned(), mean.to_owned())
        );
        let whole = room.analytics(course).await;
        assert_eq!(
            (text(whole.figures.outcome_mean), whole.figures.outcomes_assessed),
            ("80".to_owned(), Some(2 * assessed as i64))
        );
    }
}
