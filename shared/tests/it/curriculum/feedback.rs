//! Words of feedback ranges in the grade book, and those that people write.

use super::School;
use acurate_shared::curriculum::assessments::{self, AssessmentPatch, FeedbackRange};
use acurate_shared::db::Expected;
use acurate_shared::grading::list::{self, Filter};
use acurate_shared::grading::{self, Entry, NewCell, single};
use acurate_shared::ids::{AssessmentId, UserId};
use acurate_shared::kinds::GradeStatus;

fn ranges(all: &[(f64, f64, &str)]) -> Vec<FeedbackRange> {
    let range = |(min_percentage, max_percentage, feedback): &(f64, f64, &str)| FeedbackRange {
        min_percentage: *min_percentage,
        max_percentage: *max_percentage,
        feedback: (*feedback).to_owned(),
    };
    all.iter().map(range).collect()
}

async fn change(school: &School, id: AssessmentId, patch: AssessmentPatch) {
    let changed = school.write(async |work| assessments::update(work, school.admin(), id, &Expected::Any, patch).await);
    changed.await.unwrap();
}

/// Half of the percentages are poor, the others good, and 100 is good too.
fn halves() -> AssessmentPatch {
    AssessmentPatch {
        feedback_ranges: Some(ranges(&[(0.0, 49.5, "poor"), (49.5, 100.0, "good")])),
        feedback_complete: Some(true),
        ..AssessmentPatch::default()
    }
}

async fn school_with_ranges() -> (School, AssessmentId, UserId) {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    change(&school, exam, halves()).await;
    (school, exam, student)
}

/// The words of a student's cell, and whether they are the range's.
async fn words(school: &School, student: UserId) -> (Option<String>, bool) {
    let filter = Filter {
        student_id: Some(student),
        ..Filter::default()
    };
    let page = list::list(school.campus.db(), school.admin(), school.course, filter, super::PAGE).await;
    let grade = page.unwrap().items.remove(0).grades.remove(0);
    (grade.feedback, grade.feedback_by_range)
}

fn by_range(text: &str) -> (Option<String>, bool) {
    (Some(text.to_owned()), true)
}

fn by_hand(text: &str) -> (Option<String>, bool) {
    (Some(text.to_owned()), false)
}

#[tokio::test]
async fn a_grade_without_words_gets_those_of_its_range_without_a_hole() {
    let (school, exam, student) = school_with_ranges().await;
    for (score, expected) in [
        (0.0, "poor"),
        (49.0, "poor"),
        (49.49, "poor"),
        (49.5, "good"),
        (50.0, "good"),
        (100.0, "good"),
    ] {
        let graded = school.grade(exam, student, score, None).await;
        assert_eq!((graded.feedback, graded.feedback_by_range), by_range(expected), "{score}");
    }
}

#[tokio::test]
async fn bounds_are_compared_without_rounding() {
    let (school, exam, student) = school_with_ranges().await;
    let thirds = AssessmentPatch {
        max_score: Some(3.0),
        feedback_ranges: Some(ranges(&[(0.0, 33.33, "poor"), (33.33, 33.34, "a third"), (66.67, 100.0, "good")])),
        feedback_complete: Some(false),
        ..AssessmentPatch::default()
    };
    change(&school, exam, thirds).await;
    assert_eq!(school.grade(exam, student, 1.0, None).await.feedback.as_deref(), Some("a third"));
    let graded = school.grade(exam, student, 2.0, None).await;
    assert_eq!((graded.feedback, graded.feedback_by_range), (None, true), "66.666… is in no range");
}

#[tokio::test]
async fn words_of_a_person_stay_whatever_becomes_of_score_and_ranges() {
    let (school, exam, student) = school_with_ranges().await;
    school.grade(exam, student, 10.0, Some("Come and see me")).await;
    assert_eq!(words(&school, student).await, by_hand("Come and see me"));
    school.grade(exam, student, 90.0, None).await;
    assert_eq!(words(&school, student).await, by_hand("Come and see me"));
    let renamed = AssessmentPatch {
        feedback_ranges: Some(ranges(&[(0.0, 100.0, "fine")])),
        ..AssessmentPatch::default()
    };
    change(&school, exam, renamed).await;
    assert_eq!(words(&school, student).await, by_hand("Come and see me"));

    school.grade(exam, student, 90.0, Some("")).await;
    assert_eq!(words(&school, student).await, (None, false), "a person took them away");
    change(&school, exam, halves()).await;
    school.grade(exam, student, 91.0, None).await;
    assert_eq!(words(&school, student).await, (None, false));

    let cleared = school.write(async |work| single::clear(work, school.admin(), exam, student).await);
    cleared.await.unwrap();
    school.grade(exam, student, 91.0, None).await;
    assert_eq!(words(&school, student).await, by_range("good"), "a cleared cell is nobody's again");
}

#[tokio::test]
async fn words_that_nobody_wrote_follow_score_ranges_and_maximum() {
    let (school, exam, student) = school_with_ranges().await;
    school.grade(exam, student, 60.0, None).await;
    assert_eq!(words(&school, student).await, by_range("good"));
    school.grade(exam, student, 40.0, Some("good")).await;
    assert_eq!(
        words(&school, student).await,
        by_range("poor"),
        "sent back as they were read, they are nobody's"
    );
    let strict = AssessmentPatch {
        feedback_ranges: Some(ranges(&[(0.0, 39.0, "very poor"), (39.0, 41.0, "passable")])),
        feedback_complete: Some(false),
        ..AssessmentPatch::default()
    };
    change(&school, exam, strict).await;
    assert_eq!(words(&school, student).await, by_range("passable"));
    let maximum = AssessmentPatch {
        max_score: Some(80.0),
        ..AssessmentPatch::default()
    };
    change(&school, exam, maximum).await;
    assert_eq!(words(&school, student).await, (None, true), "40 of 80 is half, and in no range now");
    change(&school, exam, halves()).await;
    assert_eq!(words(&school, student).await, by_range("good"));
}

#[tokio::test]
async fn who_has_no_score_has_no_words_of_a_range() {
    let (school, exam, student) = school_with_ranges().await;
    let entry = |status, feedback: Option<&str>| Entry {
        status: Some(status),
        feedback: feedback.map(str::to_owned),
        ..Entry::default()
    };
    let put = async |entry: Entry| {
        let graded = school.write(async |work| single::put(work, school.admin(), exam, student, entry).await);
        graded.await.unwrap();
        words(&school, student).await
    };
    assert_eq!(put(entry(GradeStatus::Absent, None)).await, (None, true));
    change(&school, exam, halves()).await;
    assert_eq!(words(&school, student).await, (None, true));
    assert_eq!(
        put(entry(GradeStatus::Excused, Some("Get well soon"))).await,
        by_hand("Get well soon")
    );
}

#[tokio::test]
async fn many_grades_get_the_words_of_their_ranges_at_once() {
    let (school, exam, ada) = school_with_ranges().await;
    let (bob, eve) = (school.enrolled("2").await, school.enrolled("3").await);
    let silent = school.assessment(school.course, "Quiz").await;
    let cell = |assessment_id, student, score, feedback: Option<&str>| NewCell {
        assessment_id,
        student_id: Some(student),
        student_number: None,
        entry: Entry {
            score: Some(score),
            feedback: feedback.map(str::to_owned),
            ..Entry::default()
        },
    };
    let put = async |cells: Vec<NewCell>| {
        let written = school.write(async |work| grading::put(work, school.admin(), school.course, &cells).await);
        written.await.unwrap()
    };
    put(vec![
        cell(exam, ada, 10.0, None),
        cell(exam, bob, 90.0, None),
        cell(exam, eve, 90.0, Some("Brilliant")),
    ])
    .await;
    assert_eq!(words(&school, ada).await, by_range("poor"));
    assert_eq!(words(&school, bob).await, by_range("good"));
    assert_eq!(words(&school, eve).await, by_hand("Brilliant"));
    let written = put(vec![
        cell(exam, ada, 10.0, None),
        cell(exam, bob, 20.0, None),
        cell(exam, eve, 90.0, None),
    ])
    .await;
    assert_eq!((written.unchanged, written.updated), (2, 1));
    assert_eq!(words(&school, bob).await, by_range("poor"));
    put(vec![cell(silent, ada, 10.0, None)]).await;
    let kept: i64 = school
        .campus
        .value("SELECT count(*) AS id FROM grades WHERE feedback IS NULL AND feedback_by_range", [])
        .await;
    assert_eq!(kept, 1, "an assessment without ranges has no words");
}

#[tokio::test]
async fn ranges_that_claim_to_be_complete_leave_nothing_out() {
    let (school, exam, _) = school_with_ranges().await;
    let refused = async |patch| {
        let changed = school.write(async |work| assessments::update(work, school.admin(), exam, &Expected::Any, patch).await);
        crate::campus::refusal(changed.await)
    };
    let holes = AssessmentPatch {
        feedback_ranges: Some(ranges(&[(0.0, 49.0, "poor"), (50.0, 100.0, "good")])),
        ..AssessmentPatch::default()
    };
    assert_eq!(refused(holes.clone()).await, "feedback_ranges: incomplete");
    let admitted = AssessmentPatch {
        feedback_complete: Some(false),
        ..holes
    };
    change(&school, exam, admitted).await;
    let claimed = AssessmentPatch {
        feedback_complete: Some(true),
        ..AssessmentPatch::default()
    };
    assert_eq!(refused(claimed).await, "feedback_ranges: incomplete");
    change(&school, exam, halves()).await;
    let emptied = AssessmentPatch {
        feedback_ranges: Some(Vec::new()),
        ..AssessmentPatch::default()
    };
    assert_eq!(refused(emptied).await, "feedback_ranges: incomplete");
}
