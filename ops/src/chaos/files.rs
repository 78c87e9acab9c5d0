//! Files to import, made so that what each record comes to is known beforehand.

use super::campus::{Campus, DEPARTMENT, Enrolled, PROGRAM};
use super::promise::{Import, Place, Promises, Student};
use rand::RngExt;
use rand::rngs::StdRng;
use std::fmt::Write;

/// A file and what its import promises.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Its name; no other file has it.
    pub(crate) name: String,
    /// CSV.
    pub(crate) content: String,
    /// What the import counts.
    pub(crate) import: Import,
    /// Students that it creates or changes: address and family name.
    pub(crate) students: Vec<(String, String)>,
    /// Scores that it writes, in hundredths.
    pub(crate) scores: Vec<(Place, i64)>,
}

/// What becomes of a record.
#[derive(Clone, Copy)]
enum Fate {
    Created = 1,
    Updated = 2,
    Unchanged = 3,
    Rejected = 4,
}

impl File {
    fn new(name: String, header: &str) -> Self {
        Self {
            name,
            content: format!("{header}\n"),
            ..Self::default()
        }
    }

    /// Adds a record and its fate.
    fn record(&mut self, fate: Fate, line: std::fmt::Arguments<'_>) {
        // Writing into a text does not fail.
        let _ = writeln!(self.content, "{line}");
        let [read, ..] = &mut self.import.counts;
        *read += 1;
        // The header is record 1.
        let number = *read + 1;
        if let Some(count) = self.import.counts.get_mut(fate as usize) {
            *count += 1;
        }
        if matches!(fate, Fate::Rejected) {
            self.import.rejected.insert(number);
        }
    }

    /// Writes down what was promised when the file was accepted, whose students get a mail or not.
    pub(crate) fn promise(self, promises: &mut Promises, is_welcomed: bool) {
        for (address, last_name) in self.students {
            let student = promises.students.entry(address).or_insert(Student {
                version: 0,
                last_name: String::new(),
                is_welcomed,
            });
            student.version += 1;
            student.last_name = last_name;
        }
        for (place, score) in self.scores {
            promises.score(place, score);
        }
        promises.imports.insert(self.name, self.import);
    }
}

/// A student that an earlier file created: number and family name.
pub(crate) type Known = (String, String);

/// The `sequence`th file of students of a campus: new ones, `known` ones changed or not, and faults of every kind.
pub(crate) fn students(campus: &Campus, sequence: usize, size: usize, known: &[Known], rng: &mut StdRng) -> File {
    let header = "student_number;email;first_name;last_name;department_code;program_code;year_of_study";
    let mut file = File::new(format!("students-{}-{sequence}.csv", campus.number), header);
    let place = format!("{DEPARTMENT};{PROGRAM};2");
    let mut earlier = known.iter();
    for index in 0..size {
        let number = format!("S{sequence:04}{index:04}");
        let address = campus.address(&number);
        let dice = rng.random_range(0..100);
        match (dice, earlier.next()) {
            (0..2, _) => file.record(Fate::Rejected, format_args!("{number};no address;Ali;Kaya;{place}")),
            (2..4, _) => file.record(Fate::Rejected, format_args!("{number};{address};Ali;Kaya;NONE;{PROGRAM};2")),
            (4..6, _) => file.record(Fate::Rejected, format_args!("{number};{address};;Kaya;{place}")),
            (6..20, Some((number, last_name))) => {
                let address = campus.address(number);
                file.record(Fate::Unchanged, format_args!("{number};{address};Ali;{last_name};{place}"));
            }
            (20..35, Some((number, _))) => {
                let (address, last_name) = (campus.address(number), format!("Kaya {sequence}"));
                file.record(Fate::Updated, format_args!("{number};{address};Ali;{last_name};{place}"));
                file.students.push((address, last_name));
            }
            _ => {
                file.record(Fate::Created, format_args!("{number};{address};Ali;Kaya;{place}"));
                file.students.push((address, "Kaya".to_owned()));
            }
        }
    }
    file
}

/// The `sequence`th file of grades of a campus: a score for each of `students`, some as `before` says, some impossible.
pub(crate) fn grades(campus: &Campus, sequence: usize, students: &[Enrolled], before: &Promises, rng: &mut StdRng) -> File {
    let mut file = File::new(
        format!("grades-{}-{sequence}.csv", campus.number),
        "student_number;assessment;score",
    );
    for student in students {
        for assessment in &campus.assessments {
            let (number, place) = (&student.student_number, (*assessment, student.email.clone()));
            let old = before.cells.get(&place).map(|cell| cell.score);
            let score: i64 = match old {
                Some(old) if rng.random_bool(0.2) => old,
                _ => rng.random_range(0..=10_000),
            };
            let (whole, cents) = (score / 100, score % 100);
            if rng.random_bool(0.05) {
                file.record(Fate::Rejected, format_args!("{number};#{assessment};100,01"));
                continue;
            }
            let fate = match old {
                None => Fate::Created,
                Some(old) if old == score => Fate::Unchanged,
                Some(_) => Fate::Updated,
            };
            file.record(fate, format_args!("{number};#{assessment};{whole},{cents:02}"));
            file.scores.push((place, score));
        }
    }
    file
}
