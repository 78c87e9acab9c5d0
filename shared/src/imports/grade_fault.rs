//! What can be wrong with a file of grades beyond what can be wrong with any file, and how it is told.

use super::messages::Message;
use super::row_error::ErrorCode;
use rust_decimal::Decimal;

/// A fault of one record of grades, with the figures its message needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradeFault {
    /// Neither a number nor a code for a mark without a score.
    NotAMark,
    /// Decimal and thousands marks cannot be told apart.
    AmbiguousNumber,
    /// Below zero or above the maximum.
    OutOfRange {
        /// The assessment's maximum, or the highest that any can have.
        max: Decimal,
    },
    /// More than two decimal places.
    TooPrecise,
    /// The institution has no student of this number.
    UnknownStudent,
    /// The student is not enrolled in the course.
    NotEnrolled,
    /// The student has left the course.
    EnrollmentInactive,
    /// The course has no such assessment.
    UnknownAssessment,
    /// The course has several assessments of this name.
    AmbiguousAssessment,
    /// The assessment is not active.
    AssessmentInactive,
    /// An earlier record of the file is about the same cell.
    DuplicateCell {
        /// Its number.
        first: u64,
    },
    /// Words without a mark that they could stand with.
    FeedbackWithoutMark,
    /// A value in a column without a name.
    NamelessColumn,
}

impl GradeFault {
    /// The name of the fault.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NotAMark => ErrorCode::NotAMark,
            Self::AmbiguousNumber => ErrorCode::AmbiguousNumber,
            Self::OutOfRange { .. } => ErrorCode::OutOfRange,
            Self::TooPrecise => ErrorCode::TooPrecise,
            Self::UnknownStudent => ErrorCode::UnknownStudent,
            Self::NotEnrolled => ErrorCode::NotEnrolled,
            Self::EnrollmentInactive => ErrorCode::EnrollmentInactive,
            Self::UnknownAssessment => ErrorCode::UnknownAssessment,
            Self::AmbiguousAssessment => ErrorCode::AmbiguousAssessment,
            Self::AssessmentInactive => ErrorCode::AssessmentInactive,
            Self::DuplicateCell { .. } => ErrorCode::DuplicateCell,
            Self::FeedbackWithoutMark => ErrorCode::FeedbackWithoutMark,
            Self::NamelessColumn => ErrorCode::NamelessColumn,
        }
    }

    /// What to tell the person who uploaded the file.
    #[must_use]
    pub fn message(self) -> Message {
        match self {
            Self::NotAMark => Message::new(
                "Ne bir sayı ne de bir kod: not, GR (girmedi), MZ (mazeretli) veya DZ (devamsız) yazın; notu verilmemişse boş bırakın.",
                "Neither a number nor a code: write a score, absent (GR), excused (MZ) or non_attendance (DZ); leave the cell blank if it is not graded.",
            ),
            Self::AmbiguousNumber => Message::new(
                "Sayı iki türlü okunabilir; binlik ayırıcı kullanmadan yazın, örneğin 85,5.",
                "The number can be read in two ways; write it without marks between thousands, e.g. 85.5.",
            ),
            Self::OutOfRange { max } => Message::new(
                format!("Not 0 ile {} arasında olmalıdır.", max.normalize().to_string().replace('.', ",")),
                format!("The score must be from 0 to {}.", max.normalize()),
            ),
            Self::TooPrecise => Message::new(
                "Notta virgülden sonra en fazla iki basamak olabilir.",
                "A score may have at most two decimal places.",
            ),
            Self::UnknownStudent => Message::new(
                "Bu numaraya sahip bir öğrenci yok; baştaki sıfırlar silinmiş olabilir.",
                "There is no student with this number; its leading zeros may be lost.",
            ),
            Self::NotEnrolled => Message::new("Öğrenci bu derse kayıtlı değil.", "The student is not enrolled in this course."),
            Self::EnrollmentInactive => Message::new(
                "Öğrencinin bu derse kaydı artık etkin değil; notları değiştirilemez.",
                "The student's enrollment in this course is not active any more; its marks stay as they are.",
            ),
            Self::UnknownAssessment => Message::new(
                "Dersin böyle bir değerlendirmesi yok; başlığını veya #numarasını yazın.",
                "The course has no such assessment; write its title or #id.",
            ),
            Self::AmbiguousAssessment => Message::new(
                "Dersin bu başlıkta birden fazla değerlendirmesi var; #numarasını yazın.",
                "The course has several assessments of this title; write the #id.",
            ),
            Self::AssessmentInactive => Message::new(
                "Bu değerlendirme etkin değil; notları değiştirilemez.",
                "This assessment is not active; its marks stay as they are.",
            ),
            Self::DuplicateCell { first } => Message::new(
                format!("Aynı öğrencinin aynı değerlendirmesi dosyanın {first} numaralı kaydında zaten var."),
                format!("Record {first} of the file already has this assessment of this student."),
            ),
            Self::FeedbackWithoutMark => Message::new(
                "Geri bildirim, notu olmayan bir kayıtta verilemez.",
                "Feedback needs a score or a code in the same record.",
            ),
            Self::NamelessColumn => Message::new(
                "Bu değer başlığı olmayan bir sütunda duruyor.",
                "This value stands in a column that has no name in the header.",
            ),
        }
    }
}

/// Why a file of grades cannot be imported at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GradeFileError {
    /// Columns that are no assessment of the course, as the file spells them.
    UnknownColumns(Vec<String>),
    /// Columns whose name several assessments have.
    AmbiguousColumns(Vec<String>),
    /// Columns that are about the same assessment, or known columns that are there twice.
    RepeatedColumns(Vec<String>),
    /// No column is an assessment.
    NoAssessments,
    /// Who asked for the import may not grade the course, or not any more.
    NotTheGrader,
}

impl GradeFileError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumns(_) => "unknown_columns",
            Self::AmbiguousColumns(_) => "ambiguous_columns",
            Self::RepeatedColumns(_) => "duplicate_columns",
            Self::NoAssessments => "no_assessments",
            Self::NotTheGrader => "not_the_grader",
        }
    }

    /// What to tell the person who uploaded the file.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::UnknownColumns(columns) => Message::new(
                format!(
                    "Dersin değerlendirmesi olmayan sütunlar: {}. Değerlendirmenin başlığını veya #numarasını yazın ya da sütunu silin.",
                    columns.join(", ")
                ),
                format!(
                    "Columns that are no assessment of the course: {}. Write the assessment's title or #id, or delete the column.",
                    columns.join(", ")
                ),
            ),
            Self::AmbiguousColumns(columns) => Message::new(
                format!(
                    "Birden fazla değerlendirmeye uyan sütunlar: {}. #numarasını yazın.",
                    columns.join(", ")
                ),
                format!(
                    "Columns whose name several assessments have: {}. Write the #id.",
                    columns.join(", ")
                ),
            ),
            Self::RepeatedColumns(columns) => Message::new(
                format!("Başlıkta birden fazla kez geçen sütunlar: {}.", columns.join(", ")),
                format!("Columns that the header names more than once: {}.", columns.join(", ")),
            ),
            Self::NoAssessments => Message::new(
                "Dosyada hiçbir değerlendirme sütunu yok.",
                "The file has no column of an assessment.",
            ),
            Self::NotTheGrader => Message::new(
                "Aktarımı isteyen kişi bu derse not veremez; buraya kadar işlenen kayıtlar korunur.",
                "Who asked for the import may not grade this course; records processed so far are kept.",
            ),
        }
    }
}
