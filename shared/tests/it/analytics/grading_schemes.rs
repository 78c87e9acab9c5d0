//! Grading schemes: letters cover the scale without a gap, years have one scheme at most, edges belong to the better letter.

use super::text;
use super::views::PAGE;
use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::analytics::academic_policy::{self, NewPolicy};
use acurate_shared::analytics::grading_schemes::{NewScheme, NewStep, Scheme, create, find, list, replace};
use acurate_shared::analytics::student;
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::GradingSchemeId;

fn step(letter: &str, points: f64, lower_edge: f64, is_passing: bool) -> NewStep {
    NewStep {
        letter: letter.to_owned(),
        points,
        lower_edge,
        is_passing,
    }
}

/// A scheme of three letters: A from 80, B from 59.5, F.
pub(super) fn order(name: &str, valid_from: &str, valid_until: Option<&str>) -> NewScheme {
    NewScheme {
        name: name.to_owned(),
        valid_from: valid_from.to_owned(),
        valid_until: valid_until.map(str::to_owned),
        steps: vec![step("A", 4.0, 80.0, true), step("B", 3.0, 59.5, true), step("F", 0.0, 0.0, false)],
    }
}

impl Classroom {
    async fn create_scheme(&self, order: NewScheme) -> Result<Scheme> {
        let work = self.work().await;
        let scheme = create(&work, &self.admin, order).await?;
        let _ = work.commit().await?;
        Ok(scheme)
    }

    async fn replace_scheme(&self, id: GradingSchemeId, expected: &Expected, order: NewScheme) -> Result<Scheme> {
        let work = self.work().await;
        let scheme = replace(&work, &self.admin, id, expected, order).await?;
        let _ = work.commit().await?;
        Ok(scheme)
    }

    /// The one that came with the institution.
    async fn first_scheme(&self) -> GradingSchemeId {
        let select = "SELECT min(id) FROM grading_schemes WHERE institution_id = $1";
        self.value(select, [self.institution.into()]).await
    }

    /// Grade, letter and whether it passes, of students with these marks in a course of the year.
    async fn letters(&self, year: i16, marks: &[&str]) -> Vec<(String, Option<String>, Option<bool>)> {
        let (_, _, students) = self.class(year, marks).await;
        let mut letters = Vec::new();
        for id in students {
            let found = student::of_student(self.db(), &self.admin, id).await.unwrap();
            let course = found.courses[0].clone();
            letters.push((text(course.grade), course.letter, course.passed));
        }
        letters
    }

    async fn scheme_deeds(&self) -> i64 {
        self.value("SELECT count(*) FROM activity_log WHERE object_type = 'grading_scheme'", [])
            .await
    }
}

#[tokio::test]
async fn an_institution_begins_with_the_nine_letters_of_turkish_universities() {
    let room = Classroom::open().await;
    let found = list(room.db(), &room.admin, PAGE).await.unwrap();
    assert_eq!(found.total, 1);
    let steps: Vec<String> = found.items[0]
        .steps
        .iter()
        .map(|step| {
            format!(
                "{} {} {} {}",
                step.letter,
                text(Some(step.lower_edge)),
                text(Some(step.points)),
                step.is_passing
            )
        })
        .collect();
    let expected = [
        "AA 90 4 true",
        "BA 85 3.5 true",
        "BB 80 3 true",
        "CB 75 2.5 true",
        "CC 70 2 true",
        "DC 65 1.5 true",
        "DD 60 1 true",
        "FD 50 0.5 false",
        "FF 0 0 false",
    ];
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn a_lower_edge_belongs_to_its_letter_and_is_compared_before_rounding() {
    let room = Classroom::open().await;
    let letters = room.letters(2024, &["100", "90", "89.99", "60", "59.99", "0"]).await;
    let row = |grade: &str, letter: &str, passed| (grade.to_owned(), Some(letter.to_owned()), Some(passed));
    let expected = [
        row("100", "AA", true),
        row("90", "AA", true),
        row("89.99", "BA", true),
        row("60", "DD", true),
        row("59.99", "FD", false),
        row("0", "FF", false),
    ];
    assert_eq!(letters, expected);

    // 8999.99 of 9999.99 is 89.99999…, which is shown as 90.
    let course = room.course(2024).await;
    let exam = room.weighted(course, "100", "9999.99").await;
    let student = room.student("nearly").await;
    room.enroll(student, course).await;
    room.mark(exam, student, "8999.99").await;
    let found = student::of_student(room.db(), &room.admin, student).await.unwrap();
    assert_eq!(
        (text(found.courses[0].grade), found.courses[0].letter.as_deref()),
        ("90".to_owned(), Some("BA"))
    );
}

#[tokio::test]
async fn in_each_year_one_scheme_is_valid_at_most() {
    let room = Classroom::open().await;
    let first = room.first_scheme().await;
    let refused = room.create_scheme(order("New", "2024-2025", None)).await;
    assert_eq!(refusal(refused), "validity_overlaps");
    room.replace_scheme(first, &Expected::Any, order("Old", "1950-1951", Some("2023-2024")))
        .await
        .unwrap();
    let touching = room.create_scheme(order("New", "2023-2024", Some("2023-2024"))).await;
    assert_eq!(refusal(touching), "validity_overlaps");
    let second = room.create_scheme(order("New", "2024-2025", Some("2025-2026"))).await.unwrap();
    let grown = order("Old", "1950-1951", Some("2024-2025"));
    assert_eq!(
        refusal(room.replace_scheme(first, &Expected::Any, grown).await),
        "validity_overlaps"
    );
    let found = list(room.db(), &room.admin, PAGE).await.unwrap();
    let ids: Vec<_> = found.items.iter().map(|scheme| scheme.scheme.id).collect();
    assert_eq!(ids, [second.scheme.id, first], "the newest first");
    assert_eq!(room.scheme_deeds().await, 2, "what was refused is no deed");
}

#[tokio::test]
async fn letters_follow_the_scheme_of_the_courses_year_and_without_one_the_pass_percentage_decides() {
    let room = Classroom::open().await;
    let first = room.first_scheme().await;
    room.replace_scheme(first, &Expected::Any, order("Old", "1950-1951", Some("2023-2024")))
        .await
        .unwrap();
    let row = |grade: &str, letter: Option<&str>, passed| (grade.to_owned(), letter.map(str::to_owned), Some(passed));
    assert_eq!(
        room.letters(2023, &["59.5", "59.49"]).await,
        [row("59.5", Some("B"), true), row("59.49", Some("F"), false)]
    );
    assert_eq!(
        room.letters(2024, &["60", "59.99"]).await,
        [row("60", None, true), row("59.99", None, false)]
    );
    let policy = NewPolicy {
        pass_percentage: 45.0,
        at_risk_percentage: 60.0,
        at_risk_missed: 2,
        at_risk_unmet_percentage: 50.0,
        course_pass_rate: 70.0,
    };
    let work = room.work().await;
    academic_policy::replace(&work, &room.admin, &Expected::Any, policy).await.unwrap();
    let _ = work.commit().await.unwrap();
    assert_eq!(room.letters(2024, &["45"]).await, [row("45", None, true)]);
}

#[tokio::test]
async fn steps_that_leave_a_gap_are_refused_and_nothing_changes() {
    let room = Classroom::open().await;
    let first = room.first_scheme().await;
    let before = find(room.db(), &room.admin, first).await.unwrap();
    let mut gap = order("Gap", "1950-1951", None);
    gap.steps.pop();
    assert_eq!(
        refusal(room.replace_scheme(first, &Expected::Any, gap).await),
        "steps[1].lower_edge: gap"
    );
    assert_eq!(find(room.db(), &room.admin, first).await.unwrap(), before);
    assert_eq!(room.scheme_deeds().await, 0);
}

#[tokio::test]
async fn every_change_is_a_version_and_the_same_again_is_none() {
    let room = Classroom::open().await;
    let first = room.first_scheme().await;
    let new = || order("Three letters", "1950-1951", None);
    let changed = room.replace_scheme(first, &Expected::OneOf(vec![1]), new()).await.unwrap();
    assert_eq!((changed.scheme.version, changed.steps.len()), (2, 3));
    assert_eq!(find(room.db(), &room.admin, first).await.unwrap(), changed);
    let same = room.replace_scheme(first, &Expected::Any, new()).await.unwrap();
    assert_eq!(same, changed);
    let outdated = room.replace_scheme(first, &Expected::OneOf(vec![1]), new()).await;
    assert_eq!(refusal(outdated), "outdated");
    let mut finer = new();
    finer.steps[1].lower_edge = 55.0;
    let finer = room.replace_scheme(first, &Expected::OneOf(vec![2]), finer).await.unwrap();
    assert_eq!(finer.scheme.version, 3, "steps alone are a change, too");
    assert_eq!(room.scheme_deeds().await, 2);
}
