//! The header of a file of grades: its layout, and what each column is.

use super::file_error::{FileError, FileWarning};
use super::grade_columns::{ASSESSMENT, Catalogue, Found, Known, SCORE, STUDENT_NUMBER};
use super::grade_fault::GradeFileError;
use super::row_error::presentable;
use super::student_row::tidy;
use crate::exports::restore;
use crate::ids::AssessmentId;
use crate::kinds::GradeLayout;
use std::collections::HashSet;
use std::sync::Arc;

/// A column that is taken for an assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedColumn {
    /// Its name in the file, at most 200 characters.
    pub column: Arc<str>,
    /// The assessment.
    pub assessment_id: AssessmentId,
}

/// A column of marks and where it stands.
#[derive(Clone, Debug)]
pub(super) struct MarkColumn {
    pub(super) index: usize,
    pub(super) mapped: MappedColumn,
}

/// Where marks are.
#[derive(Clone, Debug)]
pub(super) enum Marks {
    /// In a column for each assessment.
    Wide(Vec<MarkColumn>),
    /// In one column, next to the name of the assessment.
    Long {
        assessment: usize,
        score: usize,
        feedback: Option<usize>,
    },
}

/// What stands where in a record.
#[derive(Clone, Debug)]
pub(super) struct GradeHeader {
    pub(super) width: usize,
    pub(super) student_number: usize,
    pub(super) marks: Marks,
    /// Columns without a name; nothing may stand in them.
    pub(super) nameless: Vec<usize>,
}

/// The columns of a header before they are judged as a whole.
#[derive(Default)]
struct Columns {
    known: Vec<(Known, usize, String)>,
    others: Vec<(usize, String)>,
    nameless: Vec<usize>,
}

impl GradeHeader {
    /// Reads the names of a header.
    ///
    /// # Errors
    /// Names all columns that are missing, unknown, ambiguous or there twice, the first of these kinds that there is.
    pub(super) fn parse<'a>(
        names: impl Iterator<Item = &'a str>,
        layout: GradeLayout,
        catalogue: &Catalogue,
    ) -> Result<(Self, Vec<FileWarning>), FileError> {
        let mut columns = Columns::default();
        let mut width = 0;
        for (index, name) in names.enumerate() {
            width = index + 1;
            columns.sort_in(index, name);
        }
        let is_long = match layout {
            GradeLayout::Auto => columns.position(Known::Assessment).is_some() && columns.position(Known::Score).is_some(),
            GradeLayout::Long => true,
            GradeLayout::Wide => false,
        };
        columns.refuse_missing(is_long)?;
        let student_number = columns.position(Known::StudentNumber).unwrap_or_default();
        let warnings = columns
            .nameless
            .iter()
            .map(|index| FileWarning::UnnamedColumn { position: index + 1 });
        let warnings = warnings.collect();
        let nameless = columns.nameless.clone();
        let marks = if is_long { columns.long()? } else { columns.wide(catalogue)? };
        let header = Self {
            width,
            student_number,
            marks,
            nameless,
        };
        Ok((header, warnings))
    }

    /// The layout that was found.
    pub(super) fn layout(&self) -> GradeLayout {
        match self.marks {
            Marks::Wide(_) => GradeLayout::Wide,
            Marks::Long { .. } => GradeLayout::Long,
        }
    }

    /// The columns that are assessments; none in the long layout.
    pub(super) fn mapped(&self) -> Vec<MappedColumn> {
        match &self.marks {
            Marks::Wide(columns) => columns.iter().map(|column| column.mapped.clone()).collect(),
            Marks::Long { .. } => Vec::new(),
        }
    }
}

impl Columns {
    fn sort_in(&mut self, index: usize, raw: &str) {
        let tidied = tidy(raw);
        let name = restore(&tidied);
        match Known::named(name) {
            Some(known) => self.known.push((known, index, name.to_owned())),
            None if name.is_empty() => self.nameless.push(index),
            None => self.others.push((index, name.to_owned())),
        }
    }

    fn position(&self, wanted: Known) -> Option<usize> {
        self.known.iter().find(|(known, ..)| *known == wanted).map(|(_, index, _)| *index)
    }

    fn refuse_missing(&self, is_long: bool) -> Result<(), FileError> {
        let mut required = vec![(Known::StudentNumber, STUDENT_NUMBER)];
        if is_long {
            required.extend([(Known::Assessment, ASSESSMENT), (Known::Score, SCORE)]);
        }
        let missing: Vec<&'static str> = required
            .into_iter()
            .filter(|(known, _)| self.position(*known).is_none())
            .map(|(_, name)| name)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(FileError::MissingColumns { columns: missing })
    }

    /// No column that is read may be there twice.
    fn refuse_repeated(&self) -> Result<(), FileError> {
        let mut seen = HashSet::new();
        let repeated = self
            .known
            .iter()
            .filter(|(known, ..)| *known != Known::Informational && !seen.insert(*known))
            .map(|(_, _, name)| name.as_str());
        refuse(repeated, GradeFileError::RepeatedColumns)
    }

    fn long(self) -> Result<Marks, FileError> {
        self.refuse_repeated()?;
        refuse(self.others.iter().map(|(_, name)| name.as_str()), GradeFileError::UnknownColumns)?;
        Ok(Marks::Long {
            assessment: self.position(Known::Assessment).unwrap_or_default(),
            score: self.position(Known::Score).unwrap_or_default(),
            feedback: self.position(Known::Feedback),
        })
    }

    /// `assessment`, `score` and `feedback` mean nothing special here: they can be titles like any other.
    fn wide(mut self, catalogue: &Catalogue) -> Result<Marks, FileError> {
        let (known, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.known)
            .into_iter()
            .partition(|(known, ..)| matches!(known, Known::StudentNumber | Known::Informational));
        self.known = known;
        self.refuse_repeated()?;
        self.others.extend(others.into_iter().map(|(_, index, name)| (index, name)));
        self.others.sort_unstable();
        let found: Vec<_> = self
            .others
            .iter()
            .map(|(index, name)| (*index, name.as_str(), catalogue.find(name)))
            .collect();
        let those = |wanted: Found| found.iter().filter(move |(.., found)| *found == wanted).map(|(_, name, _)| *name);
        refuse(those(Found::None), GradeFileError::UnknownColumns)?;
        refuse(those(Found::Several), GradeFileError::AmbiguousColumns)?;
        let mut seen = HashSet::new();
        let repeated = found
            .iter()
            .filter(|(.., found)| matches!(found, Found::One(id) if !seen.insert(*id)))
            .map(|(_, name, _)| *name);
        refuse(repeated, GradeFileError::RepeatedColumns)?;
        let columns: Vec<MarkColumn> = found
            .iter()
            .filter_map(|(index, name, found)| match found {
                Found::One(assessment_id) => Some(MarkColumn {
                    index: *index,
                    mapped: MappedColumn {
                        column: presentable(name).into(),
                        assessment_id: *assessment_id,
                    },
                }),
                Found::Several | Found::None => None,
            })
            .collect();
        if columns.is_empty() {
            return Err(GradeFileError::NoAssessments.into());
        }
        Ok(Marks::Wide(columns))
    }
}

/// Refuses the header when there is any such column.
fn refuse<'a>(columns: impl Iterator<Item = &'a str>, error: fn(Vec<String>) -> GradeFileError) -> Result<(), FileError> {
    let columns: Vec<String> = columns.map(presentable).collect();
    if columns.is_empty() { Ok(()) } else { Err(error(columns).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(names: &[&str], layout: GradeLayout) -> Result<GradeHeader, String> {
        let titles = [(7, "Vize"), (8, "Final"), (9, "final"), (10, "score"), (11, "=SUM(A1)")];
        let catalogue = Catalogue::new(titles.map(|(id, title)| (AssessmentId(id), title.to_owned())));
        let parsed = GradeHeader::parse(names.iter().copied(), layout, &catalogue);
        parsed
            .map(|(header, _)| header)
            .map_err(|error| format!("{} {error}", error.code()))
    }

    fn wide(names: &[&str]) -> Vec<(usize, i64)> {
        match parse(names, GradeLayout::Auto).unwrap().marks {
            Marks::Wide(columns) => columns.iter().map(|column| (column.index, column.mapped.assessment_id.0)).collect(),
            long @ Marks::Long { .. } => panic!("{long:?}"),
        }
    }

    #[test]
    fn a_wide_header_is_understood_in_any_order_with_columns_for_people_ignored() {
        assert_eq!(wide(&["VİZE", "Name", " Student_Number ", "email", "Final (#8)"]), [(0, 7), (4, 8)]);
        assert_eq!(wide(&["student_number", "score"]), [(1, 10)], "a title like any other");
        assert_eq!(wide(&["student_number", "'=SUM(A1)"]), [(1, 11)]);
    }

    #[test]
    fn a_long_header_is_recognised_by_its_columns() {
        let names = ["feedback", "score", "assessment", "student_number", "last_name"];
        let header = parse(&names, GradeLayout::Auto).unwrap();
        assert_eq!(header.student_number, 3);
        assert!(matches!(
            header.marks,
            Marks::Long {
                assessment: 2,
                score: 1,
                feedback: Some(0)
            }
        ));
        assert_eq!(header.layout(), GradeLayout::Long);
    }

    #[test]
    fn what_is_wrong_with_a_header_is_named() {
        let error = |names: &[&str], layout| parse(names, layout).unwrap_err();
        assert!(
            error(&["student_number", "Viize", "Proje"], GradeLayout::Auto)
                .starts_with("unknown_columns Columns that are no assessment of the course: Viize, Proje.")
        );
        assert!(error(&["student_number", "FINAL"], GradeLayout::Auto).starts_with("ambiguous_columns"));
        assert!(error(&["student_number", "Vize", "#7"], GradeLayout::Auto).starts_with("duplicate_columns"));
        assert!(error(&["student_number", "STUDENT_NUMBER", "Vize"], GradeLayout::Auto).starts_with("duplicate_columns"));
        assert!(error(&["student_number", "name"], GradeLayout::Auto).starts_with("no_assessments"));
        assert!(error(&["number", "Vize"], GradeLayout::Auto).starts_with("missing_columns"));
        assert!(error(&["student_number", "Vize"], GradeLayout::Long).contains("assessment, score"));
        assert!(error(&["student_number", "assessment", "score", "x"], GradeLayout::Auto).starts_with("unknown_columns"));
        assert!(error(&["student_number", "assessment"], GradeLayout::Wide).starts_with("unknown_columns"));
    }

    #[test]
    fn a_column_without_a_name_is_remembered() {
        assert_eq!(parse(&["student_number", "Vize", " "], GradeLayout::Auto).unwrap().nameless, [2]);
    }
}
