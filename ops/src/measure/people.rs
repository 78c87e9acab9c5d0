//! Made-up students with the names that Turkish lists are full of, the same in every run.

use crate::address;

/// Whom a measurement imports and copies.
#[derive(Debug)]
pub(crate) struct Person {
    /// Ten digits with leading zeros.
    pub(crate) number: String,
    /// Unique over all institutions.
    pub(crate) email: String,
    /// One or two given names.
    pub(crate) first_name: String,
    /// Family name.
    pub(crate) last_name: &'static str,
    /// 1 to 4.
    pub(crate) year_of_study: u8,
    /// The year they came.
    pub(crate) entry_year: u16,
}

const FIRST_NAMES: [&str; 40] = [
    "Ahmet",
    "Ayşe",
    "Mehmet",
    "Fatma",
    "Mustafa",
    "Emine",
    "Ali",
    "Hatice",
    "Hüseyin",
    "Zeynep",
    "İbrahim",
    "Elif",
    "İsmail",
    "Meryem",
    "Osman",
    "Şerife",
    "Murat",
    "Sultan",
    "Ömer",
    "Hanife",
    "Yusuf",
    "Merve",
    "Ramazan",
    "Havva",
    "Gökhan",
    "Özlem",
    "Çağrı",
    "Büşra",
    "Emre",
    "Esra",
    "Uğur",
    "Gülsüm",
    "Barış",
    "Kübra",
    "Oğuzhan",
    "Tuğba",
    "Işıl",
    "Irmak",
    "Yiğit",
    "Ümmühan",
];

const LAST_NAMES: [&str; 37] = [
    "Yılmaz",
    "Kaya",
    "Demir",
    "Çelik",
    "Şahin",
    "Yıldız",
    "Yıldırım",
    "Öztürk",
    "Aydın",
    "Özdemir",
    "Arslan",
    "Doğan",
    "Kılıç",
    "Aslan",
    "Çetin",
    "Kara",
    "Koç",
    "Kurt",
    "Özkan",
    "Şimşek",
    "Polat",
    "Özcan",
    "Korkmaz",
    "Çakır",
    "Erdoğan",
    "Yavuz",
    "Can",
    "Acar",
    "Şen",
    "Aktaş",
    "Güler",
    "Yalçın",
    "Güneş",
    "Bozkurt",
    "Bulut",
    "Keskin",
    "Ünal",
];

/// `count` students whose addresses are in `domain`.
pub(crate) fn people(count: usize, domain: &str) -> Vec<Person> {
    (0..count).map(|index| person(index, domain)).collect()
}

/// The lists have no common divisor, so that first and last names meet in every way.
fn person(index: usize, domain: &str) -> Person {
    let first = pick(&FIRST_NAMES, index);
    let last_name = pick(&LAST_NAMES, index);
    let first_name = match index % 5 {
        0 => format!("{first} {}", pick(&FIRST_NAMES, index / 5 + 1)),
        _ => first.to_owned(),
    };
    let number = format!("{:010}", index + 1);
    let email = format!("{}.{}@{domain}", address::local_part(first, last_name), index + 1);
    let year = (index % 4) as u8;
    Person {
        number,
        email,
        first_name,
        last_name,
        year_of_study: year + 1,
        entry_year: 2026 - u16::from(year),
    }
}

fn pick(names: &[&'static str], index: usize) -> &'static str {
    names.get(index % names.len()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_and_addresses_are_unique() {
        let people = people(5_000, "x.example.org");
        let numbers: HashSet<_> = people.iter().map(|person| &person.number).collect();
        let emails: HashSet<_> = people.iter().map(|person| &person.email).collect();
        assert_eq!((numbers.len(), emails.len()), (5_000, 5_000));
    }

    #[test]
    fn numbers_keep_leading_zeros_and_addresses_are_ascii() {
        for person in people(200, "x.example.org") {
            assert!(person.number.starts_with("000000") && person.number.len() == 10, "{person:?}");
            assert!(person.email.is_ascii() && !person.email.contains(' '), "{person:?}");
        }
    }

    #[test]
    fn names_hold_every_turkish_letter() {
        let names: String = people(2_000, "x")
            .iter()
            .map(|person| format!("{}{}", person.first_name, person.last_name))
            .collect();
        for letter in "çÇğışİIŞöÖüÜ".chars() {
            assert!(names.contains(letter), "{letter}");
        }
    }
}
