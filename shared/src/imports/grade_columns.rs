//! The names of columns and assessments in a file of grades: how an export writes them, and what each is taken for.
//!
//! A name is looked up in this order, and the first that fits counts: the name that an export writes (`Vize (#12)`, title and
//! id both right); `#12`; a title, letter by letter; a title without regard to case, `I`, `İ`, `ı` and `i` being one letter; the
//! id at the end of an exported name whose title was changed since.

use super::grade_mark::fold;
use crate::ids::AssessmentId;
use std::collections::HashMap;

/// The column of the student's number, which every file of grades has.
pub const STUDENT_NUMBER: &str = "student_number";

/// The column of the assessment's name in the long layout.
pub const ASSESSMENT: &str = "assessment";

/// The column of the score or code in the long layout.
pub const SCORE: &str = "score";

/// The column of words for the student in the long layout.
pub const FEEDBACK: &str = "feedback";

/// Columns that are there for people and are not read.
const INFORMATIONAL: [&str; 4] = ["name", "first_name", "last_name", "email"];

/// The name of an assessment's column that no other assessment of any course has.
#[must_use]
pub fn name(id: AssessmentId, title: &str) -> String {
    format!("{title} (#{id})")
}

/// What a name in a header stands for in itself, whatever the course's assessments are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    StudentNumber,
    Assessment,
    Score,
    Feedback,
    Informational,
}

impl Known {
    /// The known column of a tidy name, without regard to case.
    pub(super) fn named(name: &str) -> Option<Self> {
        match fold(name).as_str() {
            STUDENT_NUMBER => Some(Self::StudentNumber),
            ASSESSMENT => Some(Self::Assessment),
            SCORE => Some(Self::Score),
            FEEDBACK => Some(Self::Feedback),
            folded if INFORMATIONAL.contains(&folded) => Some(Self::Informational),
            _ => None,
        }
    }
}

/// The assessments of a course by every name that a file can use.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    titles: HashMap<AssessmentId, String>,
    exact: HashMap<String, AssessmentId>,
    folded: HashMap<String, Vec<AssessmentId>>,
}

/// What a name was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    One(AssessmentId),
    Several,
    None,
}

impl Catalogue {
    /// The catalogue of a course's assessments, each an id and a title.
    pub fn new(assessments: impl IntoIterator<Item = (AssessmentId, String)>) -> Self {
        let mut catalogue = Self::default();
        for (id, title) in assessments {
            catalogue.folded.entry(fold(&title)).or_default().push(id);
            catalogue.exact.insert(title.clone(), id);
            catalogue.titles.insert(id, title);
        }
        catalogue
    }

    /// The assessment of a tidy name; see the module for the rules.
    pub(super) fn find(&self, name: &str) -> Found {
        let suffixed = self.suffixed(name);
        if let Some((id, title)) = suffixed
            && self.titles.get(&id).is_some_and(|known| fold(known) == fold(title))
        {
            return Found::One(id);
        }
        if let Some(id) = name.strip_prefix('#').and_then(|id| self.known(id)) {
            return Found::One(id);
        }
        if let Some(id) = self.exact.get(name) {
            return Found::One(*id);
        }
        match (self.folded.get(&fold(name)).map(Vec::as_slice), suffixed) {
            (Some([only]), _) => Found::One(*only),
            (Some(_), _) => Found::Several,
            (None, Some((id, _))) => Found::One(id),
            (None, None) => Found::None,
        }
    }

    /// The parts of an exported name.
    fn suffixed<'a>(&self, name: &'a str) -> Option<(AssessmentId, &'a str)> {
        let (title, id) = name.strip_suffix(')')?.rsplit_once(" (#")?;
        Some((self.known(id)?, title))
    }

    fn known(&self, digits: &str) -> Option<AssessmentId> {
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let id = AssessmentId(digits.parse().ok().filter(|_| is_number)?);
        self.titles.contains_key(&id).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let titles = [
            (7, "Vize"),
            (8, "FİNAL SINAVI"),
            (9, "Quiz"),
            (10, "QUIZ"),
            (11, "#7"),
            (12, "Quiz (#9)"),
        ];
        Catalogue::new(titles.map(|(id, title)| (AssessmentId(id), title.to_owned())))
    }

    fn found(name: &str) -> Option<i64> {
        match catalogue().find(name) {
            Found::One(id) => Some(id.0),
            Found::Several => Some(-1),
            Found::None => None,
        }
    }

    #[test]
    fn an_assessment_is_found_by_its_title_in_any_case_of_both_languages() {
        for name in ["Vize", "vize", "VİZE", "VIZE", "vıze"] {
            assert_eq!(found(name), Some(7), "{name}");
        }
        for name in ["final sınavı", "Final Sinavi", "FINAL SINAVI", "fi\u{307}nal sınavı"] {
            assert_eq!(found(name), Some(8), "{name}");
        }
        assert_eq!(found("Vize 2"), None);
    }

    #[test]
    fn an_assessment_is_found_by_its_id_and_by_the_name_of_an_export() {
        assert_eq!(found("#8"), Some(8));
        assert_eq!(found("Vize (#7)"), Some(7));
        assert_eq!(found("VİZE (#7)"), Some(7));
        assert_eq!(found("A title of last week (#7)"), Some(7));
        assert_eq!(found("#99"), None, "an assessment of another course");
        assert_eq!(found("Vize (#99)"), None);
        assert_eq!(found("#+7"), None);
    }

    #[test]
    fn a_name_that_several_have_is_told_unless_it_is_letter_by_letter_one_of_them() {
        assert_eq!(found("Quiz"), Some(9));
        assert_eq!(found("QUIZ"), Some(10));
        assert_eq!(found("quiz"), Some(-1));
    }

    #[test]
    fn the_name_of_an_export_is_always_its_assessment() {
        let catalogue = catalogue();
        for (id, title) in &catalogue.titles {
            assert_eq!(catalogue.find(&name(*id, title)), Found::One(*id), "{title}");
        }
        assert_eq!(found("#7"), Some(7), "an id goes before a title that looks like one");
    }

    #[test]
    fn known_columns_are_found_in_any_case() {
        assert_eq!(Known::named("STUDENT_NUMBER"), Some(Known::StudentNumber));
        assert_eq!(Known::named("EMAİL"), Some(Known::Informational));
        assert_eq!(Known::named("fırst_name"), Some(Known::Informational));
        assert_eq!(Known::named("Vize"), None);
    }
}
