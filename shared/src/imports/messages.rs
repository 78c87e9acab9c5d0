//! Every text of an import that a person reads, in Turkish and English side by side.
//!
//! Not for deciding anything: what is a fault is decided where it is found.

use super::file_error::{FileError, FileWarning};
use super::row_error::{Allowed, Fault};

/// One statement in the two languages of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// In Turkish.
    pub tr: String,
    /// In English.
    pub en: String,
}

impl Message {
    pub(super) fn new(tr: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            tr: tr.into(),
            en: en.into(),
        }
    }

    pub(super) fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::EmptyRequired => Self::new(
                "Bu alan zorunludur, boş bırakılamaz.",
                "This field is required and must not be empty.",
            ),
            Fault::InvalidEmail => Self::new(
                "Geçerli bir e-posta adresi değil (Türkçe karakter içermeyen, ad@alan.uzantı biçiminde bir adres beklenir).",
                "Not a valid e-mail address (expected name@domain.tld in ASCII characters).",
            ),
            Fault::DuplicateInFile { first } => Self::new(
                format!("Bu değer dosyanın {first} numaralı kaydında zaten kullanılmış."),
                format!("This value is already used by record {first} of the file."),
            ),
            Fault::InUse => Self::new("Bu değer başka bir kullanıcıya ait.", "This value belongs to another user."),
            Fault::UnknownDepartment => Self::new("Bu koda sahip bir bölüm yok.", "There is no department with this code."),
            Fault::UnknownProgram => Self::new("Bu koda sahip bir program yok.", "There is no program with this code."),
            Fault::ProgramNotInDepartment => Self::new(
                "Bu program belirtilen bölüme ait değil.",
                "This program does not belong to the given department.",
            ),
            Fault::NotANumber => Self::new("Tam sayı değil.", "Not a whole number."),
            Fault::OutOfRange { min, max } => Self::new(
                format!("Sayı {min} ile {max} arasında olmalıdır."),
                format!("The number must be between {min} and {max}."),
            ),
            Fault::TooLong { max } => Self::new(
                format!("Metin çok uzun; en fazla {max} karakter olabilir."),
                format!("The text is too long; at most {max} characters are allowed."),
            ),
            Fault::TooFewColumns { expected, found } => Self::new(
                format!("Eksik sütun: başlıkta {expected}, bu kayıtta {found} sütun var."),
                format!("Too few columns: the header has {expected}, this record has {found}."),
            ),
            Fault::TooManyColumns { expected, found } => Self::new(
                format!("Fazla sütun: başlıkta {expected}, bu kayıtta {found} sütun var."),
                format!("Too many columns: the header has {expected}, this record has {found}."),
            ),
            Fault::InvalidCharacters(allowed) => Self::of_characters(allowed),
            Fault::NumberMangled => Self::new(
                "Tablo programı bu değeri sayıya çevirip basamaklarını bozmuş; sütunu metin olarak biçimlendirip dosyayı yeniden kaydedin.",
                "A spreadsheet turned this value into a number and damaged its digits; format the column as text and save the file again.",
            ),
            Fault::UnclosedQuote => Self::new(
                "Bu kayıtta açılan tırnak dosyanın sonuna kadar kapanmıyor; buradan sonraki her şey bu kaydın parçası olarak okundu.",
                "A quote opened in this record is not closed before the end of the file; everything after it was read as part of this record.",
            ),
            Fault::RecordTooLong { max } => Self::new(
                format!("Kayıt çok uzun; en fazla {max} bayt olabilir. Kapatılmamış bir tırnak olabilir."),
                format!("The record is too long; at most {max} bytes are allowed. A quote may not be closed."),
            ),
            Fault::Grade(fault) => fault.message(),
        }
    }

    fn of_characters(allowed: Allowed) -> Self {
        match allowed {
            Allowed::Text => Self::new(
                "Metin denetim karakterleri veya bozuk karakterler içeriyor.",
                "The text contains control characters or damaged characters.",
            ),
            Allowed::StudentNumber => Self::new(
                "Yalnızca harf, rakam ve - _ . / karakterleri kullanılabilir.",
                "Only letters, digits and the characters - _ . / are allowed.",
            ),
            Allowed::Phone => Self::new(
                "Yalnızca rakam, boşluk ve + ( ) - karakterleri kullanılabilir.",
                "Only digits, blanks and the characters + ( ) - are allowed.",
            ),
        }
    }

    pub(super) fn of_file_error(error: &FileError) -> Self {
        match error {
            FileError::Empty => Self::new("Dosya boş.", "The file is empty."),
            FileError::UnsupportedEncoding => Self::new(
                "Dosyanın karakter kodlaması desteklenmiyor; UTF-8 olarak kaydedin.",
                "The encoding of the file is not supported; save it as UTF-8.",
            ),
            FileError::Spreadsheet => Self::new(
                "Bu bir Excel çalışma kitabı; dosyayı CSV olarak kaydedin.",
                "This is an Excel workbook; save it as CSV.",
            ),
            FileError::UnsupportedDelimiter { found } => Self::new(
                format!("Dosyanın bildirdiği {found:?} ayırıcısı desteklenmiyor; virgül, noktalı virgül veya sekme kullanın."),
                format!("The delimiter {found:?} that the file declares is not supported; use a comma, a semicolon or a tab."),
            ),
            FileError::UnreadableHeader => Self::new(
                "Başlık satırı okunamıyor: çok uzun, çok fazla sütunlu ya da içindeki bir tırnak kapanmıyor.",
                "The header cannot be read: it is too long, has too many columns, or a quote in it is not closed.",
            ),
            FileError::MissingColumns { columns } => Self::new(
                format!("Dosyada zorunlu sütunlar eksik: {}.", columns.join(", ")),
                format!("The file lacks required columns: {}.", columns.join(", ")),
            ),
            FileError::DuplicateColumns { columns } => Self::new(
                format!("Başlıkta birden fazla kez geçen sütunlar: {}.", columns.join(", ")),
                format!("Columns that the header names more than once: {}.", columns.join(", ")),
            ),
            FileError::NoDataRows => Self::new("Dosyada başlıktan başka kayıt yok.", "The file has no record below its header."),
            FileError::TooManyRecords { limit } => Self::new(
                format!("Dosyada çok fazla kayıt var; en fazla {limit} kayıt içe aktarılabilir."),
                format!("The file has too many records; at most {limit} can be imported."),
            ),
            FileError::Grades(error) => error.message(),
            FileError::Read(_) => Self::new("Dosya şu anda okunamıyor.", "The file cannot be read at the moment."),
        }
    }

    pub(super) fn of_warning(warning: &FileWarning) -> Self {
        match warning {
            FileWarning::UnknownColumn { name } => Self::new(
                format!("Bilinmeyen sütun yok sayıldı: {name}"),
                format!("Unknown column ignored: {name}"),
            ),
            FileWarning::UnnamedColumn { position } => Self::new(
                format!("Adı olmayan {position}. sütun yok sayıldı."),
                format!("Column {position} has no name and was ignored."),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_figures_of_its_fault() {
        let message = Fault::TooFewColumns { expected: 9, found: 4 }.message();
        assert_eq!(message.en, "Too few columns: the header has 9, this record has 4.");
        assert_eq!(message.tr, "Eksik sütun: başlıkta 9, bu kayıtta 4 sütun var.");
    }

    #[test]
    fn a_file_error_names_the_columns_at_fault() {
        let error = FileError::MissingColumns {
            columns: vec!["email", "last_name"],
        };
        assert_eq!(error.to_string(), "The file lacks required columns: email, last_name.");
        assert_eq!(error.message().tr, "Dosyada zorunlu sütunlar eksik: email, last_name.");
    }
}
