//! Reads everything back through the API and compares it with the files: each registration, each mark, each outcome.

use super::dataset::{Dataset, Hundredths, Presentation};
use super::load::Loaded;
use super::losses::Losses;
use super::structure::{Course, Structure};
use super::truth::{Tally, Truth};
use crate::api::Api;
use crate::api::documents::{Achievements, Anything, GradeLine, Page};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Courses whose grade books are read at the same time.
const BOOKS_IN_FLIGHT: usize = 3;

/// Students whose outcomes are read at the same time.
const STUDENTS_IN_FLIGHT: usize = 8;

/// Outcomes that stay behind for this long are given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// What differs from the files.
    pub(crate) losses: Losses,
    /// In the order of presentations.
    pub(crate) tallies: Vec<Tally>,
    /// When the outcomes of the last student stood that were behind when first read; none: they all stood before.
    pub(crate) late: Option<Instant>,
}

/// Reads back and compares.
///
/// # Errors
/// When the API is away or refuses, or outcomes never follow. A difference is no error: it is among the losses.
pub(crate) async fn everything(api: &Api, data: &Dataset, structure: &Structure, loaded: &[Loaded]) -> Result<Found> {
    let mut losses = Losses::default();
    students(api, data, &mut losses).await?;
    for (presentation, loaded) in data.presentations.iter().zip(loaded) {
        enrollments(presentation, loaded, &mut losses);
    }
    let reading = data
        .presentations
        .iter()
        .zip(&structure.courses)
        .map(|(presentation, course)| async move {
            let lines = api.all_pages(&format!("/courses/{}/grades", course.id)).await?;
            Ok::<_, Failure>((presentation, course, lines))
        });
    let mut books = stream::iter(reading).buffer_unordered(BOOKS_IN_FLIGHT);
    while let Some((presentation, course, lines)) = books.try_next().await? {
        grades(presentation, course, lines, &mut losses);
    }
    let mut truth = Truth::new(data, structure);
    let late = outcomes(api, loaded, &mut truth, &mut losses).await?;
    Ok(Found {
        losses,
        tallies: truth.into_tallies(),
        late,
    })
}

async fn students(api: &Api, data: &Dataset, losses: &mut Losses) -> Result<()> {
    let expected = data.students.len();
    let listed: Page<Anything> = api.get("/students?page=1&page_size=1").await?;
    losses.compare("students", "in the list", &listed.total, &expected);
    Ok(())
}

fn enrollments(presentation: &Presentation, loaded: &Loaded, losses: &mut Losses) {
    let name = presentation.name();
    losses.compare("enrollments", &name, &loaded.roster.len(), &presentation.students.len());
    for student in &presentation.students {
        if !loaded.roster.contains_key(student) {
            losses.add("enrollments", || format!("{name}: student {student} is missing"));
        }
    }
    losses.compare("marks accepted", &name, &loaded.marks, &presentation.marks.len());
}

fn grades(presentation: &Presentation, course: &Course, lines: Vec<GradeLine>, losses: &mut Losses) {
    let mut found: HashMap<(String, i64), Option<Hundredths>> = HashMap::with_capacity(presentation.marks.len());
    for line in lines {
        for grade in line.grades {
            let cell = (line.student_number.clone(), grade.assessment_id);
            found.insert(cell, grade.score.map(Hundredths::from_f64));
        }
    }
    let name = presentation.name();
    for mark in &presentation.marks {
        let Some(assessment) = course.assessments.get(mark.assessment) else {
            continue;
        };
        let score = found.remove(&(mark.student.clone(), *assessment)).flatten();
        if score != Some(mark.score) {
            let what = || {
                format!(
                    "{name}: student {}, assessment {assessment}: {score:?} instead of {}",
                    mark.student, mark.score
                )
            };
            losses.add("marks", what);
        }
    }
    for (student, assessment) in found.into_keys() {
        losses.add("marks that no file holds", || {
            format!("{name}: student {student}, assessment {assessment}")
        });
    }
}

/// Compares the outcomes of every enrolled student; see [`Found::late`].
async fn outcomes(api: &Api, loaded: &[Loaded], truth: &mut Truth<'_>, losses: &mut Losses) -> Result<Option<Instant>> {
    let enrolled: HashSet<(&str, i64)> = loaded
        .iter()
        .flat_map(|one| &one.roster)
        .map(|(number, id)| (number.as_str(), *id))
        .collect();
    let progress = Progress::new("students read back", enrolled.len());
    let reading = enrolled.into_iter().map(|(number, id)| async move {
        let (answer, late) = fresh(api, id).await?;
        Ok::<_, Failure>((number, answer, late))
    });
    let mut answers = stream::iter(reading).buffer_unordered(STUDENTS_IN_FLIGHT);
    let mut last = None;
    while let Some((number, answer, late)) = answers.try_next().await? {
        truth.compare(number, &answer, losses);
        last = last.max(late);
        progress.add(1);
    }
    Ok(last)
}

/// The outcomes once no newer change waits, and when that was, if they had to be waited for.
async fn fresh(api: &Api, student_id: i64) -> Result<(Achievements, Option<Instant>)> {
    let deadline = Instant::now() + PATIENCE;
    let path = format!("/students/{student_id}/achievements");
    let mut late = None;
    loop {
        let answer: Achievements = api.get(&path).await?;
        let now = Instant::now();
        if !answer.stale {
            return Ok((answer, late.map(|()| now)));
        }
        if now > deadline {
            let seconds = PATIENCE.as_secs();
            let what = format!("the outcomes of student {student_id} do not follow within {seconds} seconds; see the worker's log");
            return Err(Failure::Stopped(what));
        }
        late = Some(());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;
    use crate::api::documents::Grade;

    const COURSE: fn() -> Course = || Course {
        id: 1,
        learning_outcome: 2,
        assessments: vec![31, 32, 33],
    };

    fn line(student: &str, cells: &[(i64, Option<f64>)]) -> GradeLine {
        let grade = |(assessment_id, score): &(i64, Option<f64>)| Grade {
            assessment_id: *assessment_id,
            score: *score,
        };
        GradeLine {
            student_number: student.to_owned(),
            grades: cells.iter().map(grade).collect(),
        }
    }

    fn difference(lines: Vec<GradeLine>) -> String {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let mut losses = Losses::default();
        grades(&data.presentations[0], &COURSE(), lines, &mut losses);
        losses.to_string()
    }

    #[test]
    fn the_same_marks_are_no_difference() {
        let lines = vec![line("7", &[(31, Some(78.0)), (32, Some(100.0))]), line("10", &[(31, Some(0.0))])];
        assert_eq!(difference(lines), "");
    }

    #[test]
    fn a_missing_another_and_a_surplus_mark_are_told_apart() {
        let lines = vec![line("7", &[(31, Some(87.0)), (33, Some(1.0))]), line("10", &[(31, None)])];
        let text = difference(lines);
        assert!(text.contains("marks: 3\n"), "{text}");
        assert!(text.contains("student 7, assessment 32: None instead of 100.00"), "{text}");
        assert!(
            text.contains("marks that no file holds: 1\n    AAA 2013J: student 7, assessment 33"),
            "{text}"
        );
    }

    #[test]
    fn a_student_who_is_not_enrolled_is_named() {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let loaded = Loaded {
            position: 0,
            roster: HashMap::from([("7".to_owned(), 70)]),
            marks: 3,
            took: Duration::ZERO,
        };
        let mut losses = Losses::default();
        enrollments(&data.presentations[0], &loaded, &mut losses);
        let text = losses.to_string();
        assert!(
            text.contains("AAA 2013J: 1 instead of 2") && text.contains("student 10 is missing"),
            "{text}"
        );
        assert!(!text.contains("marks accepted"), "{text}");
    }
}
