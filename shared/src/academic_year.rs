//! The academic year: written `2024-2025`, stored as the year in which it begins.

use sea_orm::DeriveValueType;
use std::fmt;
use std::str::FromStr;

/// An academic year, named by the calendar year in which it begins: 1950 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct AcademicYear(i16);

/// The text names no academic year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be two years in a row from 1950-1951 to 2100-2101, as in 2024-2025")]
pub struct NoAcademicYear;

impl AcademicYear {
    /// The year in which it begins.
    #[must_use]
    pub const fn first(self) -> i16 {
        self.0
    }
}

impl TryFrom<i16> for AcademicYear {
    type Error = NoAcademicYear;

    fn try_from(first: i16) -> Result<Self, NoAcademicYear> {
        if (1950..=2100).contains(&first) {
            Ok(Self(first))
        } else {
            Err(NoAcademicYear)
        }
    }
}

impl FromStr for AcademicYear {
    type Err = NoAcademicYear;

    fn from_str(text: &str) -> Result<Self, NoAcademicYear> {
        let (first, second) = text.split_once('-').ok_or(NoAcademicYear)?;
        let year = |text: &str| {
            let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_year.then(|| text.parse::<i16>().ok()).flatten().ok_or(NoAcademicYear)
        };
        let (first, second) = (year(first)?, year(second)?);
        if second != first + 1 {
            return Err(NoAcademicYear);
        }
        Self::try_from(first)
    }
}

impl fmt::Display for AcademicYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_read_as_it_is_written() {
        let year: AcademicYear = "2024-2025".parse().unwrap();
        assert_eq!(year.first(), 2024);
        assert_eq!(year.to_string(), "2024-2025");
        assert_eq!("2100-2101".parse::<AcademicYear>().unwrap().first(), 2100);
    }

    #[test]
    fn anything_but_two_years_in_a_row_is_refused() {
        for text in [
            "",
            "2024",
            "2024-",
            "2024-2024",
            "2024-2026",
            "2025-2024",
            "24-25",
            "1949-1950",
            "2101-2102",
            "2024–2025",
            "2024-2025 ",
            "+024-+025",
            "99999-100000",
            "2024-2025-2026",
        ] {
            assert_eq!(text.parse::<AcademicYear>(), Err(NoAcademicYear), "{text}");
        }
    }
}
