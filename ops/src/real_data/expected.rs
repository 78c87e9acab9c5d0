//! What the achievements must be, computed from the files alone, in exact fractions and by the rules as people write
//! them: the product's own code has no part in it.

use super::dataset::{Dataset, Hundredths, Presentation};
use super::outcomes::ProgramOutcome;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::HashMap;

/// A student's result in a presentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Position of the presentation.
    pub(crate) presentation: usize,
    /// Exact; none without a mark, or where all weights are zero.
    pub(crate) value: Option<BigRational>,
    /// Marks on the assessments that measure the outcome.
    pub(crate) graded: usize,
}

/// The results of each student, in the order of presentations.
pub(crate) fn learning_outcomes(data: &Dataset) -> HashMap<&str, Vec<Expected>> {
    let mut all: HashMap<&str, Vec<Expected>> = HashMap::with_capacity(data.students.len());
    for (position, presentation) in data.presentations.iter().enumerate() {
        let mut results = results(presentation);
        for student in &presentation.students {
            let (value, graded) = results.remove(student.as_str()).unwrap_or_default();
            all.entry(student).or_default().push(Expected {
                presentation: position,
                value,
                graded,
            });
        }
    }
    all
}

/// Value and number of marks of everybody who has a mark that counts.
fn results(presentation: &Presentation) -> HashMap<&str, (Option<BigRational>, usize)> {
    let weights: HashMap<usize, i64> = presentation.measuring().map(|(position, a)| (position, a.weight.0)).collect();
    let mut sums: HashMap<&str, (i64, i64, usize)> = HashMap::new();
    for mark in &presentation.marks {
        let Some(weight) = weights.get(&mark.assessment) else { continue };
        let (scores, weighed, graded) = sums.entry(&mark.student).or_default();
        *scores += weight * mark.score.0;
        *weighed += weight;
        *graded += 1;
    }
    let value = |scores: i64, weighed: i64| (weighed > 0).then(|| fraction(scores, weighed) / fraction(100, 1));
    sums.into_iter()
        .map(|(student, (scores, weighed, graded))| (student, (value(scores, weighed), graded)))
        .collect()
}

/// How far a student with these results reached a program outcome.
pub(crate) fn program_outcome(data: &Dataset, outcome: &ProgramOutcome, results: &[Expected]) -> Option<BigRational> {
    let mut sum = fraction(0, 1);
    let mut weights = fraction(0, 1);
    for result in results {
        let presentation = data.presentations.get(result.presentation)?;
        let (Some(value), true) = (&result.value, outcome.is_served_by(&presentation.module)) else {
            continue;
        };
        let weight = fraction(outcome.weight(presentation).0, 1);
        sum += value * &weight;
        weights += weight;
    }
    (weights > fraction(0, 1)).then(|| sum / weights)
}

/// Half up, to two places.
pub(crate) fn rounded(value: &BigRational) -> Hundredths {
    let scaled = value * fraction(100, 1) + fraction(1, 2);
    Hundredths(i64::try_from(scaled.floor().to_integer()).unwrap_or(i64::MAX))
}

fn fraction(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

#[cfg(test)]
mod tests {
    use super::super::dataset::{Assessment, Kind, Mark};
    use super::super::outcomes::PROGRAM_OUTCOMES;
    use super::*;

    /// A presentation whose assessments have these weights and whose student `s` has these scores.
    fn presentation(module: &str, cells: &[(i64, i64)]) -> Presentation {
        let assessment = |(id, (weight, _)): (usize, &(i64, i64))| Assessment {
            id: id.to_string(),
            kind: Kind::Tma,
            weight: Hundredths(weight * 100),
        };
        let mark = |(assessment, (_, score)): (usize, &(i64, i64))| Mark {
            student: "s".to_owned(),
            assessment,
            score: Hundredths(score * 100),
        };
        let mut assessments: Vec<Assessment> = cells.iter().enumerate().map(assessment).collect();
        assessments.push(Assessment {
            id: "exam".to_owned(),
            kind: Kind::Exam,
            weight: Hundredths(10_000),
        });
        Presentation {
            module: module.to_owned(),
            term: "2013J".parse().unwrap(),
            assessments,
            students: vec!["s".to_owned()],
            marks: cells.iter().enumerate().map(mark).collect(),
        }
    }

    fn data(presentations: Vec<Presentation>) -> Dataset {
        Dataset {
            presentations,
            students: vec!["s".to_owned()],
            missing_scores: 0,
        }
    }

    fn value(cells: &[(i64, i64)]) -> Option<String> {
        let data = data(vec![presentation("AAA", cells)]);
        let all = learning_outcomes(&data);
        all["s"][0].value.as_ref().map(|value| rounded(value).to_string())
    }

    #[test]
    fn a_learning_outcome_is_the_weighted_mean_of_the_marks() {
        let known = [(10, 78), (20, 85), (20, 80), (20, 85), (30, 82)];
        assert_eq!(value(&known).as_deref(), Some("82.40"));
        assert_eq!(value(&[(25, 80), (25, 70), (25, 90)]).as_deref(), Some("80.00"));
        assert_eq!(value(&[(15, 90), (25, 70), (30, 75), (30, 80)]).as_deref(), Some("77.50"));
    }

    #[test]
    fn without_a_mark_or_with_zero_weights_there_is_no_value() {
        assert_eq!(value(&[]), None);
        assert_eq!(value(&[(0, 80), (0, 90)]), None);
    }

    #[test]
    fn an_exam_does_not_measure_the_outcome() {
        let mut presentation = presentation("AAA", &[(50, 40)]);
        presentation.marks.push(Mark {
            student: "s".to_owned(),
            assessment: 1,
            score: Hundredths(10_000),
        });
        let data = data(vec![presentation]);
        let all = learning_outcomes(&data);
        assert_eq!(
            (all["s"][0].graded, rounded(all["s"][0].value.as_ref().unwrap())),
            (1, Hundredths(4000))
        );
    }

    #[test]
    fn a_program_outcome_weighs_each_course_by_its_number_of_assessments() {
        let data = data(vec![
            presentation("AAA", &[(1, 80)]),
            presentation("CCC", &[(1, 50), (1, 50), (1, 50)]),
            presentation("GGG", &[(0, 100)]),
        ]);
        let all = learning_outcomes(&data);
        let values: Vec<_> = PROGRAM_OUTCOMES
            .iter()
            .map(|outcome| program_outcome(&data, outcome, &all["s"]).map(|value| rounded(&value).to_string()))
            .collect();
        assert_eq!(
            values,
            [Some("57.50".to_owned()), Some("80.00".to_owned()), Some("50.00".to_owned())]
        );
    }

    #[test]
    fn a_program_outcome_that_no_valued_course_serves_has_no_value() {
        let data = data(vec![presentation("GGG", &[(0, 100)])]);
        let all = learning_outcomes(&data);
        assert!(
            PROGRAM_OUTCOMES
                .iter()
                .all(|outcome| program_outcome(&data, outcome, &all["s"]).is_none())
        );
    }

    #[test]
    fn halves_are_rounded_up() {
        for (numerator, denominator, expected) in [(1, 200, 1), (1, 201, 0), (4333, 100, 4333), (130, 3, 4333), (200, 3, 6667)] {
            assert_eq!(rounded(&fraction(numerator, denominator)), Hundredths(expected));
        }
    }
}
