//! Which character stands between the fields of a file.

use super::file_error::FileError;

/// A field delimiter that a student file may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, which Excel writes where the decimal mark is a comma, as in Turkey.
    Semicolon,
    /// A tab, which Excel writes in files it calls Unicode text.
    Tab,
}

impl Delimiter {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The delimiter as a character.
    #[must_use]
    pub fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The delimiter that occurs most often outside quotes in the header; the comma when none occurs.
    pub(super) fn detect(header: &str) -> Self {
        let mut quoted = false;
        let mut best = (Self::Comma, 0_usize);
        let bare: Vec<u8> = header
            .bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted
            })
            .collect();
        for candidate in Self::ALL {
            let count = bare.iter().filter(|byte| **byte == candidate.byte()).count();
            if count > best.1 {
                best = (candidate, count);
            }
        }
        best.0
    }

    /// The delimiter that a line `sep=;` declares, with which Excel is told what to use; None for any other line.
    ///
    /// # Errors
    ///
    /// [`FileError::UnsupportedDelimiter`] when the line declares another character.
    pub(super) fn declared(line: &str) -> Result<Option<Self>, FileError> {
        let line = line.trim_matches('"');
        let declared = match line.split_at_checked(4) {
            Some((key, value)) if key.eq_ignore_ascii_case("sep=") => value,
            _ => return Ok(None),
        };
        let mut characters = declared.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Self::ALL
                .into_iter()
                .find(|candidate| candidate.as_char() == character)
                .map(Some)
                .ok_or(FileError::UnsupportedDelimiter { found: character }),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_delimiter_outside_quotes_is_taken() {
        assert_eq!(Delimiter::detect("a,b,c"), Delimiter::Comma);
        assert_eq!(Delimiter::detect("a;b;c"), Delimiter::Semicolon);
        assert_eq!(Delimiter::detect("a\tb\tc"), Delimiter::Tab);
        assert_eq!(Delimiter::detect("\"a,b,c,d\";\"e\"\"f,g,h\";i"), Delimiter::Semicolon);
        assert_eq!(Delimiter::detect("email"), Delimiter::Comma);
    }

    #[test]
    fn a_declaration_is_understood_and_an_unsupported_one_refused() {
        assert_eq!(Delimiter::declared("sep=;").unwrap(), Some(Delimiter::Semicolon));
        assert_eq!(Delimiter::declared("\"SEP=\t\"").unwrap(), Some(Delimiter::Tab));
        assert_eq!(Delimiter::declared("student_number;email").unwrap(), None);
        assert_eq!(Delimiter::declared("sep").unwrap(), None);
        assert_eq!(Delimiter::declared("sep=|").unwrap_err().code(), "unsupported_delimiter");
    }
}
