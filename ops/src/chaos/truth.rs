//! Computes every achievement from scratch, by the rules in Rust, and compares it with what is stored.

use crate::failure::Result;
use acurate_shared::achievement::rules::{self, Contribution, Exact, Measurement};
use acurate_shared::db::{Database, sql};
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// Percentage, whether it is met, how many parts have a value, how many there are.
type Reached = (Option<Decimal>, Option<bool>, i32, i32);

/// What is reached by student and outcome.
type Results = BTreeMap<(i64, i64), Reached>;

/// An outcome that a student works on.
#[derive(Debug, FromQueryResult)]
struct Outcome {
    student_id: i64,
    outcome_id: i64,
    target: Decimal,
}

/// A score that says something about an outcome; no score where the cell is empty.
#[derive(Debug, FromQueryResult)]
struct Mark {
    student_id: i64,
    outcome_id: i64,
    score: Option<Decimal>,
    max_score: Decimal,
    weight: Decimal,
}

/// A learning outcome that serves a program outcome.
#[derive(Debug, FromQueryResult)]
struct Service {
    learning_outcome_id: i64,
    program_outcome_id: i64,
    weight: Decimal,
}

#[derive(Debug, FromQueryResult)]
struct Stored {
    student_id: i64,
    outcome_id: i64,
    percentage: Option<Decimal>,
    is_met: Option<bool>,
    graded_count: i32,
    total_count: i32,
}

/// What the computation starts from.
#[derive(Debug)]
struct Book {
    learning_outcomes: Vec<Outcome>,
    marks: Vec<Mark>,
    services: Vec<Service>,
    program_outcomes: Vec<Outcome>,
}

const LEARNING_OUTCOMES: &str = "
    SELECT e.student_id, o.id AS outcome_id, o.target_percentage AS target
    FROM enrollments e JOIN courses c ON c.id = e.course_id JOIN learning_outcomes o ON o.course_id = c.id
    WHERE e.is_active AND c.is_active AND o.is_active";

const MARKS: &str = "
    SELECT e.student_id, m.learning_outcome_id AS outcome_id, g.score, a.max_score, m.weight
    FROM enrollments e JOIN assessments a ON a.course_id = e.course_id JOIN assessment_lo m ON m.assessment_id = a.id
    LEFT JOIN grades g ON g.student_id = e.student_id AND g.assessment_id = a.id AND g.status = 'scored'
    WHERE e.is_active AND a.is_active";

const PROGRAM_OUTCOMES: &str = "
    SELECT u.id AS student_id, p.id AS outcome_id, p.target_percentage AS target
    FROM users u JOIN program_outcomes p ON p.program_id = u.program_id
    WHERE p.is_active AND EXISTS (SELECT FROM enrollments e WHERE e.student_id = u.id)";

const LO_STORED: &str = "
    SELECT student_id, learning_outcome_id AS outcome_id, percentage, is_met, graded_count, total_count FROM student_lo_achievements";

const PO_STORED: &str = "
    SELECT student_id, program_outcome_id AS outcome_id, percentage, is_met, graded_count, total_count FROM student_po_achievements";

/// Every result that is not what it ought to be, in words, and how many were compared.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn differences(database: &Database) -> Result<(Vec<String>, usize)> {
    let book = Book {
        learning_outcomes: all(database, LEARNING_OUTCOMES).await?,
        marks: all(database, MARKS).await?,
        services: all(database, "SELECT learning_outcome_id, program_outcome_id, weight FROM lo_po").await?,
        program_outcomes: all(database, PROGRAM_OUTCOMES).await?,
    };
    let (learning, program) = book.compute();
    let mut differences = compare("learning outcome", &learning, &stored(all(database, LO_STORED).await?));
    differences.extend(compare("program outcome", &program, &stored(all(database, PO_STORED).await?)));
    Ok((differences, learning.len() + program.len()))
}

async fn all<T: FromQueryResult>(database: &Database, select: &str) -> Result<Vec<T>> {
    let rows = T::find_by_statement(sql(select, [])).all(database.orm()).await;
    Ok(rows.map_err(acurate_shared::error::Error::from)?)
}

impl Book {
    fn compute(&self) -> (Results, Results) {
        let mut marks: BTreeMap<(i64, i64), Vec<&Mark>> = BTreeMap::new();
        for mark in &self.marks {
            marks.entry((mark.student_id, mark.outcome_id)).or_default().push(mark);
        }
        let mut served: BTreeMap<(i64, i64), Vec<Contribution>> = BTreeMap::new();
        let mut learning = Results::new();
        for outcome in &self.learning_outcomes {
            let key = (outcome.student_id, outcome.outcome_id);
            let all = marks.get(&key).map(Vec::as_slice).unwrap_or_default();
            let measured: Vec<Measurement> = all.iter().filter_map(|mark| mark.measurement()).collect();
            let value = rules::learning_outcome(&measured);
            learning.insert(key, reached(value.as_ref(), outcome.target, measured.len(), all.len()));
            for service in self
                .services
                .iter()
                .filter(|service| service.learning_outcome_id == outcome.outcome_id)
            {
                let contribution = Contribution {
                    value: value.clone(),
                    weight: service.weight,
                };
                let key = (outcome.student_id, service.program_outcome_id);
                served.entry(key).or_default().push(contribution);
            }
        }
        let mut program = Results::new();
        for outcome in &self.program_outcomes {
            let key = (outcome.student_id, outcome.outcome_id);
            let parts = served.get(&key).map(Vec::as_slice).unwrap_or_default();
            let valued = parts.iter().filter(|part| part.value.is_some()).count();
            let value = rules::program_outcome(parts);
            program.insert(key, reached(value.as_ref(), outcome.target, valued, parts.len()));
        }
        (learning, program)
    }
}

impl Mark {
    fn measurement(&self) -> Option<Measurement> {
        Some(Measurement {
            score: self.score?,
            max_score: self.max_score,
            weight: self.weight,
        })
    }
}

fn reached(value: Option<&Exact>, target: Decimal, graded: usize, total: usize) -> Reached {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let percentage = value.and_then(rules::rounded);
    (
        percentage,
        value.map(|value| rules::is_met(value, target)),
        count(graded),
        count(total),
    )
}

fn stored(rows: Vec<Stored>) -> Results {
    let result = |row: Stored| {
        let percentage = row.percentage.map(|percentage| percentage.normalize());
        (
            (row.student_id, row.outcome_id),
            (percentage, row.is_met, row.graded_count, row.total_count),
        )
    };
    rows.into_iter().map(result).collect()
}

fn compare(what: &str, expected: &Results, found: &Results) -> Vec<String> {
    let mut differences = Vec::new();
    for (key, wanted) in expected {
        let there = found.get(key);
        // Nothing is stored for a student that nothing was ever reason to compute.
        if there != Some(wanted) && !(there.is_none() && wanted.2 == 0) {
            let (student, outcome) = key;
            differences.push(format!("student {student}, {what} {outcome}: {there:?} instead of {wanted:?}"));
        }
    }
    let unwanted = found.keys().filter(|key| !expected.contains_key(key));
    differences.extend(unwanted.map(|(student, outcome)| format!("student {student}, {what} {outcome}: nobody works on it")));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// 25 of 75 at weight 30, 40 of 60 at weight 50, 0 of 10 at weight 20; a fourth assessment is not graded.
    fn book() -> Book {
        let mark = |score: Option<&str>, max_score, weight| Mark {
            student_id: 1,
            outcome_id: 2,
            score: score.map(decimal),
            max_score: decimal(max_score),
            weight: decimal(weight),
        };
        let outcome = |outcome_id| Outcome {
            student_id: 1,
            outcome_id,
            target: decimal("50"),
        };
        Book {
            learning_outcomes: vec![outcome(2)],
            marks: vec![
                mark(Some("25"), "75", "30"),
                mark(Some("40"), "60", "50"),
                mark(Some("0"), "10", "20"),
                mark(None, "10", "20"),
            ],
            services: vec![Service {
                learning_outcome_id: 2,
                program_outcome_id: 3,
                weight: decimal("2"),
            }],
            program_outcomes: vec![outcome(3)],
        }
    }

    #[test]
    fn outcomes_are_computed_by_the_rules() {
        let (learning, program) = book().compute();
        assert_eq!(learning[&(1, 2)], (Some(decimal("43.33")), Some(false), 3, 4));
        assert_eq!(program[&(1, 3)], (Some(decimal("43.33")), Some(false), 1, 1));
    }

    #[test]
    fn a_planted_difference_is_found() {
        let (learning, _) = book().compute();
        let mut found = learning.clone();
        assert!(compare("learning outcome", &learning, &found).is_empty());
        found.insert((1, 2), (Some(decimal("43.34")), Some(false), 3, 4));
        found.insert((9, 2), (None, None, 0, 4));
        let differences = compare("learning outcome", &learning, &found);
        assert_eq!(differences.len(), 2, "{differences:?}");
        found.clear();
        assert_eq!(compare("learning outcome", &learning, &found).len(), 1);
    }
}
