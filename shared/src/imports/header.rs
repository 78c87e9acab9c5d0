//! The first record of a file: which column stands where.

use super::file_error::{FileError, FileWarning};
use super::row_error::presentable;

/// A column that the student import knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// `student_number`, required.
    StudentNumber,
    /// `email`, required.
    Email,
    /// `first_name`, required.
    FirstName,
    /// `last_name`, required.
    LastName,
    /// `department_code`
    DepartmentCode,
    /// `program_code`
    ProgramCode,
    /// `year_of_study`
    YearOfStudy,
    /// `entry_year`
    EntryYear,
    /// `phone`
    Phone,
}

impl Column {
    /// Every column, in the order of a template.
    pub const ALL: [Self; 9] = [
        Self::StudentNumber,
        Self::Email,
        Self::FirstName,
        Self::LastName,
        Self::DepartmentCode,
        Self::ProgramCode,
        Self::YearOfStudy,
        Self::EntryYear,
        Self::Phone,
    ];

    /// The name in a header and in an error.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StudentNumber => "student_number",
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::DepartmentCode => "department_code",
            Self::ProgramCode => "program_code",
            Self::YearOfStudy => "year_of_study",
            Self::EntryYear => "entry_year",
            Self::Phone => "phone",
        }
    }

    /// True when a file must have the column and each record a value in it.
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(self, Self::StudentNumber | Self::Email | Self::FirstName | Self::LastName)
    }

    /// The column of a header name, without case and surrounding blanks.
    ///
    /// Case is ASCII case. The letters İ and ı count as i, since a Turkish spreadsheet writes `EMAİL` for the capitals of `email`.
    fn named(name: &str) -> Option<Self> {
        let folded: String = name
            .trim()
            .chars()
            .map(|character| match character {
                'İ' | 'ı' => 'i',
                other => other.to_ascii_lowercase(),
            })
            .collect();
        Self::ALL.into_iter().find(|column| column.name() == folded)
    }
}

/// Where each known column stands in a record.
#[derive(Clone, Debug)]
pub(super) struct Header {
    positions: [Option<usize>; Column::ALL.len()],
    width: usize,
}

impl Header {
    /// Reads the names of a header.
    ///
    /// # Errors
    ///
    /// [`FileError::DuplicateColumns`] and [`FileError::MissingColumns`], each naming all columns concerned.
    pub(super) fn parse<'a>(names: impl Iterator<Item = &'a str>) -> Result<(Self, Vec<FileWarning>), FileError> {
        let mut header = Self {
            positions: [None; Column::ALL.len()],
            width: 0,
        };
        let mut warnings = Vec::new();
        let mut duplicates = Vec::new();
        for (index, name) in names.enumerate() {
            header.width = index + 1;
            match Column::named(name) {
                Some(column) => {
                    if header.place(column, index).is_some() && !duplicates.contains(&column.name()) {
                        duplicates.push(column.name());
                    }
                }
                None if name.trim().is_empty() => warnings.push(FileWarning::UnnamedColumn { position: header.width }),
                None => warnings.push(FileWarning::UnknownColumn {
                    name: presentable(name.trim()),
                }),
            }
        }
        if !duplicates.is_empty() {
            return Err(FileError::DuplicateColumns { columns: duplicates });
        }
        let missing: Vec<_> = Column::ALL
            .into_iter()
            .filter(|column| column.is_required() && header.position(*column).is_none())
            .map(Column::name)
            .collect();
        if missing.is_empty() {
            Ok((header, warnings))
        } else {
            Err(FileError::MissingColumns { columns: missing })
        }
    }

    /// How many fields each record must have.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The index of a column in each record; None when the file does not have it.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions.get(column as usize).copied().flatten()
    }

    /// Notes where a column stands and returns where it stood before.
    fn place(&mut self, column: Column, index: usize) -> Option<usize> {
        self.positions.get_mut(column as usize).and_then(|position| position.replace(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [&str; 4] = ["student_number", "email", "first_name", "last_name"];

    #[test]
    fn names_match_without_case_order_and_surrounding_blanks() {
        let names = [" Last_Name ", "EMAIL", "fırst_name", "STUDENT_NUMBER\u{A0}", "PHONE"];
        let (header, warnings) = Header::parse(names.into_iter()).unwrap();
        assert_eq!(header.position(Column::LastName), Some(0));
        assert_eq!(header.position(Column::Email), Some(1));
        assert_eq!(header.position(Column::FirstName), Some(2));
        assert_eq!(header.position(Column::StudentNumber), Some(3));
        assert_eq!(header.position(Column::Phone), Some(4));
        assert_eq!(header.position(Column::EntryYear), None);
        assert_eq!(header.width(), 5);
        assert!(warnings.is_empty());
    }

    #[test]
    fn capitals_by_turkish_rules_match_too() {
        let names = ["STUDENT_NUMBER", "EMAİL", "FİRST_NAME", "LAST_NAME"];
        assert!(Header::parse(names.into_iter()).is_ok());
    }

    #[test]
    fn unknown_and_unnamed_columns_are_ignored_with_a_warning() {
        let names = REQUIRED.into_iter().chain(["Danışman", " "]);
        let (header, warnings) = Header::parse(names).unwrap();
        assert_eq!(header.width(), 6);
        assert_eq!(
            warnings,
            [
                FileWarning::UnknownColumn {
                    name: "Danışman".to_owned()
                },
                FileWarning::UnnamedColumn { position: 6 },
            ]
        );
    }

    #[test]
    fn all_missing_columns_are_named() {
        match Header::parse(["email", "first_name"].into_iter()) {
            Err(FileError::MissingColumns { columns }) => {
                assert_eq!(columns, ["student_number", "last_name"])
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_duplicate_column_is_named_once() {
        let names = REQUIRED.into_iter().chain(["Email", "EMAIL", "phone", "Phone"]);
        match Header::parse(names) {
            Err(FileError::DuplicateColumns { columns }) => assert_eq!(columns, ["email", "phone"]),
            other => panic!("{other:?}"),
        }
    }
}
