//! Brings in who takes a presentation and what they reached, and waits until their outcomes follow.

use super::dataset::{Dataset, Mark, Presentation};
use super::structure::Course;
use crate::api::Api;
use crate::api::documents::{Anything, Cell, Cells, Enrollment, Freshness, Graded};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Presentations that are loaded at the same time.
const IN_FLIGHT: usize = 3;

/// The most cells that one request takes.
const CELLS: usize = 5_000;

/// One student in so many is asked whether the outcomes follow; each job computes several of them.
const PROBE_EVERY: usize = 25;

/// Outcomes that stay behind for this long are given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// A presentation that was loaded.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Position in the data set.
    pub(crate) position: usize,
    /// The id of each enrolled student, by number.
    pub(crate) roster: HashMap<String, i64>,
    /// What the API says it created; compared with the data set when all is read back.
    pub(crate) marks: usize,
    /// From the first request to the moment when the outcomes of its students followed.
    pub(crate) took: Duration,
}

/// Loads all presentations, the largest first, and returns them in the data set's order.
///
/// # Errors
/// When the API is away or refuses, or the worker computes nothing.
pub(crate) async fn all(api: &Api, data: &Dataset, courses: &[Course]) -> Result<Vec<Loaded>> {
    let progress = Progress::new("marks", data.marks());
    let mut work: Vec<_> = data.presentations.iter().zip(courses).enumerate().collect();
    work.sort_by_key(|(_, (presentation, _))| Reverse(presentation.marks.len()));
    let loading = work
        .into_iter()
        .map(|(position, (presentation, course))| one(api, position, presentation, course, &progress));
    let following = stream::iter(loading)
        .buffer_unordered(IN_FLIGHT)
        .map(|arrived| async { follow(api, arrived?).await });
    let mut loaded: Vec<Loaded> = following.buffer_unordered(courses.len().max(1)).try_collect().await?;
    loaded.sort_by_key(|one| one.position);
    Ok(loaded)
}

/// What [`one`] leaves for [`follow`].
struct Arrived {
    loaded: Loaded,
    probes: Vec<i64>,
    since: Instant,
}

async fn one(api: &Api, position: usize, presentation: &Presentation, course: &Course, progress: &Progress) -> Result<Arrived> {
    let since = Instant::now();
    for numbers in presentation.students.chunks(CELLS) {
        let path = format!("/courses/{}/enrollments/bulk", course.id);
        let Anything {} = api.post(&path, &json!({"student_numbers": numbers})).await?;
    }
    let enrolled: Vec<Enrollment> = api.all_pages(&format!("/courses/{}/enrollments", course.id)).await?;
    let mut marks = 0;
    for chunk in whole_students(&presentation.marks, CELLS) {
        marks += put(api, course, chunk).await?;
        progress.add(chunk.len());
    }
    let probes = enrolled
        .iter()
        .rev()
        .step_by(PROBE_EVERY)
        .map(|enrollment| enrollment.student_id)
        .collect();
    let active = enrolled.into_iter().filter(|enrollment| enrollment.is_active);
    Ok(Arrived {
        loaded: Loaded {
            position,
            roster: active
                .map(|enrollment| (enrollment.student_number, enrollment.student_id))
                .collect(),
            marks,
            took: Duration::ZERO,
        },
        probes,
        since,
    })
}

async fn put(api: &Api, course: &Course, marks: &[Mark]) -> Result<usize> {
    let cells: Vec<Cell<'_>> = marks
        .iter()
        .filter_map(|mark| {
            Some(Cell {
                assessment_id: *course.assessments.get(mark.assessment)?,
                student_number: &mark.student,
                score: mark.score.as_f64(),
            })
        })
        .collect();
    let graded: Graded = api
        .put_for(&format!("/courses/{}/grades", course.id), &Cells { cells: &cells })
        .await?;
    Ok(graded.created)
}

/// Waits until no probe waits for a computation.
async fn follow(api: &Api, arrived: Arrived) -> Result<Loaded> {
    let deadline = Instant::now() + PATIENCE;
    for probe in arrived.probes {
        let path = format!("/students/{probe}/achievements");
        while api.get::<Freshness>(&path).await?.stale {
            if Instant::now() > deadline {
                return Err(Failure::Stopped(format!(
                    "the outcomes of student {probe} do not follow within {} seconds; see the worker's log",
                    PATIENCE.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(Loaded {
        took: arrived.since.elapsed(),
        ..arrived.loaded
    })
}

/// Pieces of at most `most` marks that never part the marks of one student, which are next to each other: so each
/// student's outcomes are asked for once. A single student with more marks than that is parted.
fn whole_students(marks: &[Mark], most: usize) -> Vec<&[Mark]> {
    let mut pieces = Vec::new();
    let mut rest = marks;
    while rest.len() > most {
        let (piece, next) = rest.split_at(most);
        let last = next.first().map(|mark| &mark.student);
        let whole = piece
            .iter()
            .rposition(|mark| Some(&mark.student) != last)
            .map_or(most, |position| position + 1);
        let (piece, next) = rest.split_at(whole);
        pieces.push(piece);
        rest = next;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::dataset::Hundredths;
    use super::*;

    fn marks(students: &str) -> Vec<Mark> {
        let mark = |(assessment, student): (usize, char)| Mark {
            student: student.to_string(),
            assessment,
            score: Hundredths(0),
        };
        students.chars().enumerate().map(mark).collect()
    }

    fn pieces(students: &str, most: usize) -> Vec<String> {
        let marks = marks(students);
        let text = |piece: &&[Mark]| piece.iter().map(|mark| mark.student.as_str()).collect();
        whole_students(&marks, most).iter().map(text).collect()
    }

    #[test]
    fn the_marks_of_a_student_stay_together() {
        assert_eq!(pieces("aabbbcc", 4), ["aa", "bbb", "cc"]);
        assert_eq!(pieces("aabbcc", 4), ["aabb", "cc"]);
        assert_eq!(pieces("aab", 3), ["aab"]);
        assert!(pieces("", 3).is_empty());
    }

    #[test]
    fn a_student_with_too_many_marks_is_parted() {
        assert_eq!(pieces("aaaaab", 2), ["aa", "aa", "ab"]);
    }

    #[test]
    fn no_mark_is_left_out() {
        let text = "aabbbbccddddddefgg";
        for most in 1..20 {
            assert_eq!(pieces(text, most).concat(), text, "{most}");
            assert!(pieces(text, most).iter().all(|piece| piece.len() <= most), "{most}");
        }
    }
}
