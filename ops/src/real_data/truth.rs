//! Compares the outcomes that the API shows with those that follow from the files, student by student.

use super::dataset::{Dataset, Hundredths};
use super::expected::{self, Expected};
use super::losses::Losses;
use super::outcomes::PROGRAM_OUTCOMES;
use super::structure::Structure;
use crate::api::documents::{Achievements, LearningOutcomeAchievement};
use std::collections::HashMap;

/// What the API showed of a presentation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Students whose outcome has a percentage.
    pub(crate) valued: usize,
    /// Of their percentages.
    pub(crate) sum: Hundredths,
}

impl Tally {
    /// The mean percentage, half up to two places; none without a value.
    pub(crate) fn mean(&self) -> Option<Hundredths> {
        let count = i64::try_from(self.valued).ok().filter(|count| *count > 0)?;
        Some(Hundredths((2 * self.sum.0 + count).div_euclid(2 * count)))
    }
}

/// The files' side of the comparison.
#[derive(Debug)]
pub(crate) struct Truth<'a> {
    data: &'a Dataset,
    structure: &'a Structure,
    results: HashMap<&'a str, Vec<Expected>>,
    tallies: Vec<Tally>,
}

impl<'a> Truth<'a> {
    /// Computes what must be.
    pub(crate) fn new(data: &'a Dataset, structure: &'a Structure) -> Self {
        Self {
            data,
            structure,
            results: expected::learning_outcomes(data),
            tallies: vec![Tally::default(); data.presentations.len()],
        }
    }

    /// What was shown, in the order of presentations.
    pub(crate) fn into_tallies(self) -> Vec<Tally> {
        self.tallies
    }

    /// Compares and counts the outcomes of one student.
    pub(crate) fn compare(&mut self, number: &str, shown: &Achievements, losses: &mut Losses) {
        let results = self.results.get(number).map(Vec::as_slice).unwrap_or_default();
        for result in results {
            let Some(course) = self.structure.courses.get(result.presentation) else {
                continue;
            };
            let found = shown
                .learning_outcomes
                .iter()
                .find(|lo| lo.learning_outcome_id == course.learning_outcome);
            compare_learning_outcome(self.data, number, result, found, losses);
            if let (Some(percentage), Some(tally)) = (found.and_then(|lo| lo.percentage), self.tallies.get_mut(result.presentation)) {
                tally.valued += 1;
                tally.sum.0 += Hundredths::from_f64(percentage).0;
            }
        }
        let count = shown.learning_outcomes.len();
        losses.compare("number of learning outcomes", &format!("student {number}"), &count, &results.len());
        for (outcome, id) in PROGRAM_OUTCOMES.iter().zip(&self.structure.program_outcomes) {
            let found = shown.program_outcomes.iter().find(|po| po.program_outcome_id == *id);
            let expected = expected::program_outcome(self.data, outcome, results).map(|value| expected::rounded(&value));
            match found.map(|po| po.percentage.map(Hundredths::from_f64)) {
                None => losses.add("program outcomes", || format!("student {number}: {} is missing", outcome.code)),
                Some(found) => {
                    losses.compare(
                        "program outcomes",
                        &format!("student {number}, {}", outcome.code),
                        &found,
                        &expected,
                    );
                }
            }
        }
    }
}

fn compare_learning_outcome(
    data: &Dataset,
    number: &str,
    result: &Expected,
    found: Option<&LearningOutcomeAchievement>,
    losses: &mut Losses,
) {
    let Some(presentation) = data.presentations.get(result.presentation) else {
        return;
    };
    let who = format!("student {number}, {}", presentation.name());
    let Some(found) = found else {
        losses.add("learning outcomes", || format!("{who}: is missing"));
        return;
    };
    let percentage = found.percentage.map(Hundredths::from_f64);
    losses.compare(
        "learning outcomes",
        &who,
        &percentage,
        &result.value.as_ref().map(expected::rounded),
    );
    let counts = (found.graded_count, found.total_count);
    losses.compare("counts of marks", &who, &counts, &(result.graded, presentation.measuring().count()));
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::super::structure::Course;
    use super::*;
    use crate::api::documents::ProgramOutcomeAchievement;

    fn structure() -> Structure {
        let course = |id| Course {
            id,
            learning_outcome: id + 1,
            assessments: Vec::new(),
        };
        Structure {
            program_outcomes: vec![91, 92, 93],
            courses: vec![course(1), course(11)],
        }
    }

    /// What is true of student 7: 78 at weight 10 and 100 at 12.5 in AAA, and only a zero weight in GGG.
    fn shown() -> Achievements {
        let lo = |learning_outcome_id, percentage, graded_count, total_count| LearningOutcomeAchievement {
            learning_outcome_id,
            percentage,
            graded_count,
            total_count,
        };
        let po = |program_outcome_id, percentage| ProgramOutcomeAchievement {
            program_outcome_id,
            percentage,
        };
        Achievements {
            stale: false,
            learning_outcomes: vec![lo(2, Some(90.22), 2, 2), lo(12, None, 1, 1)],
            program_outcomes: vec![po(91, Some(90.22)), po(92, Some(90.22)), po(93, None)],
        }
    }

    fn compare(shown: &Achievements) -> (String, Vec<Tally>) {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let structure = structure();
        let mut truth = Truth::new(&data, &structure);
        let mut losses = Losses::default();
        truth.compare("7", shown, &mut losses);
        (losses.to_string(), truth.into_tallies())
    }

    #[test]
    fn outcomes_that_follow_from_the_files_are_no_loss() {
        let (losses, tallies) = compare(&shown());
        assert_eq!(losses, "");
        assert_eq!(tallies[0].mean(), Some(Hundredths(9022)));
        assert_eq!(tallies[1], Tally::default());
        assert_eq!(tallies[1].mean(), None);
    }

    #[test]
    fn a_percentage_for_zero_weights_is_a_loss() {
        let mut wrong = shown();
        wrong.learning_outcomes[1].percentage = Some(0.0);
        let (losses, _) = compare(&wrong);
        assert!(
            losses.contains("student 7, GGG 2014B: Some(Hundredths(0)) instead of None"),
            "{losses}"
        );
    }

    #[test]
    fn a_missing_outcome_and_another_program_outcome_are_losses() {
        let mut wrong = shown();
        wrong.learning_outcomes.remove(0);
        wrong.program_outcomes[0].percentage = Some(90.23);
        wrong.program_outcomes.remove(2);
        let (losses, _) = compare(&wrong);
        for part in [
            "AAA 2013J: is missing",
            "learning outcomes: 1",
            "PO1: Some(Hundredths(9023))",
            "PO3 is missing",
        ] {
            assert!(losses.contains(part), "{losses} should say {part}");
        }
    }

    #[test]
    fn the_mean_is_rounded_half_up() {
        let tally = |valued, sum| Tally {
            valued,
            sum: Hundredths(sum),
        };
        assert_eq!(tally(2, 9001).mean(), Some(Hundredths(4501)));
        assert_eq!(tally(3, 10_000).mean(), Some(Hundredths(3333)));
    }
}
