//! The Open University data as it is needed here: presentations with their assessments, students and marks.
//!
//! Reading the files is [`super::files`]'s business.

use crate::failure::Failure;
use std::str::FromStr;

/// Everything in a folder of files.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// As listed in `courses.csv`.
    pub(crate) presentations: Vec<Presentation>,
    /// The numbers of all students, each once, in order.
    pub(crate) students: Vec<String>,
    /// Results without a score: no marks.
    pub(crate) missing_scores: usize,
}

/// A module as it was taught once.
#[derive(Debug)]
pub(crate) struct Presentation {
    /// `AAA` to `GGG`.
    pub(crate) module: String,
    /// When.
    pub(crate) term: Term,
    /// As listed in `assessments.csv`.
    pub(crate) assessments: Vec<Assessment>,
    /// The numbers of the registered students, also of those who left: their marks stay.
    pub(crate) students: Vec<String>,
    /// All marks, ordered by student.
    pub(crate) marks: Vec<Mark>,
}

/// A piece of work that is marked from 0 to 100.
#[derive(Debug)]
pub(crate) struct Assessment {
    /// The file's id.
    pub(crate) id: String,
    /// Its form.
    pub(crate) kind: Kind,
    /// Published share of the result, in percent; zero for work that only practises.
    pub(crate) weight: Hundredths,
}

/// A result that has a score.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Number of the student.
    pub(crate) student: String,
    /// Position in the presentation's assessments.
    pub(crate) assessment: usize,
    /// 0 to 100.
    pub(crate) score: Hundredths,
}

/// The form of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Marked by a tutor.
    Tma,
    /// Marked by a computer.
    Cma,
    /// The final exam.
    Exam,
}

impl Kind {
    /// The word in the file.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Tma => "TMA",
            Self::Cma => "CMA",
            Self::Exam => "Exam",
        }
    }

    /// The API's word.
    pub(crate) fn assessment_type(self) -> &'static str {
        match self {
            Self::Tma => "homework",
            Self::Cma => "quiz",
            Self::Exam => "final",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "TMA" => Ok(Self::Tma),
            "CMA" => Ok(Self::Cma),
            "Exam" => Ok(Self::Exam),
            other => Err(format!("{other:?} is no type of assessment")),
        }
    }
}

/// When a presentation began: `B` is February, `J` is October.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Term {
    /// As in the files.
    pub(crate) code: String,
    first_year: u16,
    /// The API's word.
    pub(crate) semester: &'static str,
}

impl Term {
    /// `2013-2014`: what begins in February belongs to the year that began in the autumn before.
    pub(crate) fn academic_year(&self) -> String {
        format!("{}-{}", self.first_year, self.first_year + 1)
    }
}

impl FromStr for Term {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let unknown = || format!("{code:?} is no presentation such as 2013J");
        let (year, month) = code.split_at_checked(4).ok_or_else(unknown)?;
        let year: u16 = year.parse().map_err(|_| unknown())?;
        let (first_year, semester) = match month {
            "J" => (year, "fall"),
            "B" => (year.checked_sub(1).ok_or_else(unknown)?, "spring"),
            _ => return Err(unknown()),
        };
        Ok(Self {
            code: code.to_owned(),
            first_year,
            semester,
        })
    }
}

/// A number with two decimal places, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Hundredths(pub(crate) i64);

impl Hundredths {
    /// For JSON, where a number with two places survives unchanged.
    pub(crate) fn as_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// From JSON; the API sends at most two places.
    pub(crate) fn from_f64(value: f64) -> Self {
        Self((value * 100.0).round() as i64)
    }
}

impl FromStr for Hundredths {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || places.len() > 2 || !digits(whole) || !digits(places) {
            return Err(format!("{text:?} is no number with at most two decimal places"));
        }
        let number = format!("{whole}{places:0<2}").parse();
        number.map(Self).map_err(|error| format!("{text:?}: {error}"))
    }
}

impl std::fmt::Display for Hundredths {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Presentation {
    /// As people write it: `AAA 2013J`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.module, self.term.code)
    }

    /// The assessments that measure the learning outcome, with their positions: all but exams.
    pub(crate) fn measuring(&self) -> impl Iterator<Item = (usize, &Assessment)> {
        self.assessments
            .iter()
            .enumerate()
            .filter(|(_, assessment)| assessment.kind != Kind::Exam)
    }
}

impl Dataset {
    /// All marks.
    pub(crate) fn marks(&self) -> usize {
        self.presentations.iter().map(|presentation| presentation.marks.len()).sum()
    }

    /// All registrations.
    pub(crate) fn registrations(&self) -> usize {
        self.presentations.iter().map(|presentation| presentation.students.len()).sum()
    }

    /// All assessments.
    pub(crate) fn assessments(&self) -> usize {
        self.presentations.iter().map(|presentation| presentation.assessments.len()).sum()
    }

    /// The presentation of this name.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn position(&self, name: &str) -> Result<usize, Failure> {
        let found = self.presentations.iter().position(|presentation| presentation.name() == name);
        found.ok_or_else(|| Failure::Stopped(format!("there is no presentation {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_in_february_is_the_spring_of_the_year_that_began_before() {
        let autumn: Term = "2013J".parse().unwrap();
        let spring: Term = "2013B".parse().unwrap();
        assert_eq!((autumn.academic_year().as_str(), autumn.semester), ("2013-2014", "fall"));
        assert_eq!((spring.academic_year().as_str(), spring.semester), ("2012-2013", "spring"));
    }

    #[test]
    fn other_presentations_are_refused() {
        for code in ["", "2013", "2013X", "J2013", "20B", "0000B", "2013JJ", "20é3J"] {
            assert!(code.parse::<Term>().is_err(), "{code}");
        }
    }

    #[test]
    fn decimals_are_read_exactly() {
        for (text, hundredths) in [("0", 0), ("12.5", 1250), ("100", 10_000), ("17.50", 1750), ("0.07", 7)] {
            assert_eq!(text.parse::<Hundredths>().unwrap(), Hundredths(hundredths), "{text}");
        }
        for text in ["", "?", "-1", "1.234", "1,5", ".5", "1e2", " 1"] {
            assert!(text.parse::<Hundredths>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_two_digit_decimal_survives_json() {
        for hundredths in 0..=10_000 {
            let json = serde_json::to_string(&Hundredths(hundredths).as_f64()).unwrap();
            let back: f64 = serde_json::from_str(&json).unwrap();
            assert_eq!(Hundredths::from_f64(back), Hundredths(hundredths));
        }
    }

    #[test]
    fn hundredths_are_written_with_two_places() {
        assert_eq!(Hundredths(8240).to_string(), "82.40");
        assert_eq!(Hundredths(5).to_string(), "0.05");
    }
}
