//! What is known of the published data set from elsewhere; it guards against a comparison that is wrong on both sides.

use super::dataset::{Dataset, Hundredths};
use super::load::Loaded;
use super::losses::Losses;
use super::read_back::Found;
use super::structure::Structure;
use super::truth::Tally;
use crate::api::Api;
use crate::api::documents::Achievements;
use crate::failure::Result;

/// The numbers that its authors give.
const RESULTS: usize = 173_912;
const REGISTRATIONS: usize = 32_593;
const STUDENTS: usize = 28_785;
const ASSESSMENTS: usize = 206;
const PRESENTATIONS: usize = 22;
const MISSING_SCORES: usize = 173;

/// A student whose learning outcome was computed by hand.
const STUDENT: (&str, &str, Hundredths) = ("11391", "AAA 2013J", Hundredths(8240));

/// A presentation whose number of students with a value and mean were computed elsewhere.
const MEAN: (&str, usize, Hundredths) = ("BBB 2013J", 1710, Hundredths(7072));

/// The module whose assessments all have weight zero.
const WITHOUT_WEIGHTS: &str = "GGG";

/// Whether these are the published files, and not a part of them or something else.
pub(crate) fn is(data: &Dataset) -> bool {
    let found = [
        data.marks() + data.missing_scores,
        data.missing_scores,
        data.registrations(),
        data.students.len(),
        data.assessments(),
        data.presentations.len(),
    ];
    found == [RESULTS, MISSING_SCORES, REGISTRATIONS, STUDENTS, ASSESSMENTS, PRESENTATIONS]
}

/// Compares what the API shows with what is known.
///
/// # Errors
/// When the API is away or refuses, or a presentation is missing, which [`is`] excludes.
pub(crate) async fn compare(api: &Api, data: &Dataset, structure: &Structure, loaded: &[Loaded], found: &mut Found) -> Result<()> {
    let shown = known_student(api, data, structure, loaded).await?;
    let (student, presentation, value) = STUDENT;
    found
        .losses
        .compare("known values", &format!("student {student}, {presentation}"), &shown, &Some(value));
    tallies(data, &found.tallies, &mut found.losses)
}

/// What the API shows of [`STUDENT`].
async fn known_student(api: &Api, data: &Dataset, structure: &Structure, loaded: &[Loaded]) -> Result<Option<Hundredths>> {
    let (student, presentation, _) = STUDENT;
    let position = data.position(presentation)?;
    let id = loaded.get(position).and_then(|one| one.roster.get(student));
    let (Some(id), Some(course)) = (id, structure.courses.get(position)) else {
        return Ok(None);
    };
    let shown: Achievements = api.get(&format!("/students/{id}/achievements")).await?;
    let outcome = shown
        .learning_outcomes
        .iter()
        .find(|lo| lo.learning_outcome_id == course.learning_outcome);
    Ok(outcome.and_then(|lo| lo.percentage).map(Hundredths::from_f64))
}

fn tallies(data: &Dataset, tallies: &[Tally], losses: &mut Losses) -> Result<()> {
    let (presentation, valued, mean) = MEAN;
    let found = tallies.get(data.position(presentation)?).map(|tally| (tally.valued, tally.mean()));
    losses.compare("known values", presentation, &found, &Some((valued, Some(mean))));
    for (presentation, tally) in data.presentations.iter().zip(tallies) {
        if presentation.module == WITHOUT_WEIGHTS {
            losses.compare("known values", &presentation.name(), &tally.valued, &0);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    fn data() -> Dataset {
        let courses = |stem: &str, text: String| match stem {
            "courses" | "studentInfo" | "studentRegistration" | "assessments" => text.replace("AAA", "BBB"),
            _ => text,
        };
        files::read(files::tests::folder(courses).path()).unwrap()
    }

    #[test]
    fn a_part_of_the_files_is_not_the_published_set() {
        assert!(!is(&data()));
    }

    #[test]
    fn another_mean_and_a_value_without_weights_are_losses() {
        let tally = |valued, sum| Tally {
            valued,
            sum: Hundredths(sum),
        };
        let mut losses = Losses::default();
        tallies(&data(), &[tally(1710, 1710 * 7072), tally(0, 0)], &mut losses).unwrap();
        assert!(losses.is_empty(), "{losses}");
        tallies(&data(), &[tally(1710, 1710 * 7073), tally(1, 5000)], &mut losses).unwrap();
        let text = losses.to_string();
        assert!(
            text.contains("known values: 2") && text.contains("GGG 2014B: 1 instead of 0"),
            "{text}"
        );
    }
}
