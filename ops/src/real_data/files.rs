//! Reads the published files, plain or gzipped, whatever the order of their columns, and checks that they fit together.

use super::dataset::{Assessment, Dataset, Kind, Mark, Presentation, Term};
use crate::failure::{Failure, Result};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How the files write a score that is not there.
const MISSING: &str = "?";

#[derive(Deserialize)]
struct CourseRow {
    code_module: String,
    code_presentation: String,
}

#[derive(Deserialize)]
struct AssessmentRow {
    code_module: String,
    code_presentation: String,
    id_assessment: String,
    assessment_type: String,
    weight: String,
}

#[derive(Deserialize)]
struct StudentRow {
    id_student: String,
}

#[derive(Deserialize)]
struct RegistrationRow {
    code_module: String,
    code_presentation: String,
    id_student: String,
}

#[derive(Deserialize)]
struct ResultRow {
    id_assessment: String,
    id_student: String,
    score: String,
}

/// Reads `courses`, `assessments`, `studentInfo`, `studentRegistration` and `studentAssessment` of a folder.
///
/// # Errors
/// When a file is missing or cannot be read, names what another file does not have, or names something twice.
pub(crate) fn read(folder: &Path) -> Result<Dataset> {
    let mut building = Building::default();
    each(folder, "courses", |row| building.course(row))?;
    each(folder, "assessments", |row| building.assessment(row))?;
    each(folder, "studentInfo", |row: StudentRow| {
        building.students.insert(row.id_student);
        Ok(())
    })?;
    each(folder, "studentRegistration", |row| building.registration(row))?;
    each(folder, "studentAssessment", |row| building.result(row))?;
    Ok(building.finish())
}

/// Calls `take` with every row of the file; its complaint is given the row's number, where the header is 1.
fn each<T: DeserializeOwned>(folder: &Path, stem: &str, mut take: impl FnMut(T) -> Result<(), String>) -> Result<()> {
    let (path, content) = open(folder, stem)?;
    let mut rows = csv::Reader::from_reader(content);
    for (index, row) in rows.deserialize().enumerate() {
        let row = row.map_err(|error| Failure::content(&path, error))?;
        take(row).map_err(|what| Failure::content(&path, format!("record {}: {what}", index + 2)))?;
    }
    Ok(())
}

fn open(folder: &Path, stem: &str) -> Result<(PathBuf, Box<dyn Read>)> {
    let plain = folder.join(format!("{stem}.csv"));
    if let Ok(file) = File::open(&plain) {
        return Ok((plain, Box::new(file)));
    }
    let packed = folder.join(format!("{stem}.csv.gz"));
    let file = File::open(&packed).map_err(Failure::file(&packed))?;
    Ok((packed, Box::new(MultiGzDecoder::new(file))))
}

/// The data set while its files are read, in their order.
#[derive(Default)]
struct Building {
    presentations: Vec<Presentation>,
    by_code: HashMap<(String, String), usize>,
    /// Presentation and position in it.
    by_assessment: HashMap<String, (usize, usize)>,
    students: BTreeSet<String>,
    registered: HashSet<(usize, String)>,
    seen: HashSet<(String, String)>,
    missing_scores: usize,
}

impl Building {
    fn course(&mut self, row: CourseRow) -> Result<(), String> {
        let term: Term = row.code_presentation.parse()?;
        let presentation = Presentation {
            module: row.code_module.clone(),
            term,
            assessments: Vec::new(),
            students: Vec::new(),
            marks: Vec::new(),
        };
        let code = (row.code_module, row.code_presentation);
        if self.by_code.insert(code, self.presentations.len()).is_some() {
            return Err(format!("{} is named twice", presentation.name()));
        }
        self.presentations.push(presentation);
        Ok(())
    }

    fn assessment(&mut self, row: AssessmentRow) -> Result<(), String> {
        let (position, presentation) = self.presentation(row.code_module, row.code_presentation)?;
        let place = (position, presentation.assessments.len());
        let kind: Kind = row.assessment_type.parse()?;
        presentation.assessments.push(Assessment {
            id: row.id_assessment.clone(),
            kind,
            weight: row.weight.parse()?,
        });
        match self.by_assessment.insert(row.id_assessment, place) {
            None => Ok(()),
            Some(_) => Err("this assessment is named twice".to_owned()),
        }
    }

    fn registration(&mut self, row: RegistrationRow) -> Result<(), String> {
        if !self.students.contains(&row.id_student) {
            return Err(format!("there is no student {}", row.id_student));
        }
        let (position, presentation) = self.presentation(row.code_module, row.code_presentation)?;
        presentation.students.push(row.id_student.clone());
        match self.registered.insert((position, row.id_student)) {
            true => Ok(()),
            false => Err("this student is registered twice".to_owned()),
        }
    }

    fn result(&mut self, row: ResultRow) -> Result<(), String> {
        let found = self.by_assessment.get(&row.id_assessment).copied();
        let (position, assessment) = found.ok_or_else(|| format!("there is no assessment {}", row.id_assessment))?;
        if !self.registered.contains(&(position, row.id_student.clone())) {
            return Err(format!("student {} is not registered for it", row.id_student));
        }
        if !self.seen.insert((row.id_assessment, row.id_student.clone())) {
            return Err("this result is named twice".to_owned());
        }
        if row.score == MISSING {
            self.missing_scores += 1;
            return Ok(());
        }
        let mark = Mark {
            student: row.id_student,
            assessment,
            score: row.score.parse()?,
        };
        if let Some(presentation) = self.presentations.get_mut(position) {
            presentation.marks.push(mark);
        }
        Ok(())
    }

    fn presentation(&mut self, module: String, code: String) -> Result<(usize, &mut Presentation), String> {
        let key = (module, code);
        let position = self.by_code.get(&key).copied();
        let found = position.and_then(|position| Some((position, self.presentations.get_mut(position)?)));
        found.ok_or_else(|| format!("there is no presentation {} {}", key.0, key.1))
    }

    fn finish(mut self) -> Dataset {
        for presentation in &mut self.presentations {
            presentation.students.sort_unstable();
            presentation
                .marks
                .sort_by(|a, b| (&a.student, a.assessment).cmp(&(&b.student, b.assessment)));
        }
        Dataset {
            presentations: self.presentations,
            students: self.students.into_iter().collect(),
            missing_scores: self.missing_scores,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::dataset::Hundredths;
    use super::*;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const COURSES: &str =
        "\"code_module\",\"code_presentation\",\"module_presentation_length\"\n\"AAA\",\"2013J\",\"268\"\n\"GGG\",\"2014B\",\"241\"\n";
    const ASSESSMENTS: &str = "code_module,code_presentation,id_assessment,assessment_type,date,weight\n\
        AAA,2013J,1,TMA,19,10\nAAA,2013J,2,CMA,54,12.5\nAAA,2013J,3,Exam,?,100\nGGG,2014B,4,TMA,60,0\n";
    const STUDENTS: &str = "code_module,code_presentation,id_student\nAAA,2013J,7\nGGG,2014B,7\nAAA,2013J,10\n";
    const RESULTS: &str = "id_student,id_assessment,date_submitted,is_banked,score\r\n\
        7,1,18,0,78\r\n10,1,18,0,0\r\n7,3,18,0,?\r\n7,2,18,1,100\r\n7,4,60,0,55\r\n";

    /// A made-up folder in the published form, with what `change` does to it.
    pub(in crate::real_data) fn folder(change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (stem, text) in [
            ("courses", COURSES),
            ("assessments", ASSESSMENTS),
            ("studentInfo", STUDENTS),
            ("studentRegistration", STUDENTS),
        ] {
            std::fs::write(folder.path().join(format!("{stem}.csv")), change(stem, text.to_owned())).unwrap();
        }
        let packed = File::create(folder.path().join("studentAssessment.csv.gz")).unwrap();
        let mut packed = GzEncoder::new(packed, flate2::Compression::fast());
        packed
            .write_all(change("studentAssessment", RESULTS.to_owned()).as_bytes())
            .unwrap();
        packed.finish().unwrap();
        folder
    }

    fn fault(change: impl Fn(&str, String) -> String) -> String {
        read(folder(change).path()).unwrap_err().to_string()
    }

    #[test]
    fn files_are_read_by_column_name_plain_or_packed() {
        let data = read(folder(|_, text| text).path()).unwrap();
        assert_eq!(data.students, ["10", "7"]);
        assert_eq!((data.registrations(), data.assessments(), data.marks()), (3, 4, 4));
        let aaa = &data.presentations[data.position("AAA 2013J").unwrap()];
        assert_eq!(aaa.students, ["10", "7"]);
        assert_eq!(aaa.assessments[1].weight, Hundredths(1250));
        assert_eq!(aaa.measuring().map(|(position, _)| position).collect::<Vec<_>>(), [0, 1]);
        let marks: Vec<_> = aaa.marks.iter().map(|m| (m.student.as_str(), m.assessment, m.score.0)).collect();
        assert_eq!(marks, [("10", 0, 0), ("7", 0, 7800), ("7", 1, 10_000)]);
    }

    #[test]
    fn a_missing_score_is_counted_and_is_no_mark() {
        let data = read(folder(|_, text| text).path()).unwrap();
        assert_eq!(data.missing_scores, 1);
        assert!(data.presentations[0].marks.iter().all(|mark| mark.assessment != 2));
    }

    #[test]
    fn what_does_not_fit_together_is_named_with_its_record() {
        let replace = |file: &'static str, from: &'static str, to: &'static str| {
            move |stem: &str, text: String| if stem == file { text.replace(from, to) } else { text }
        };
        let cases = [
            (
                fault(replace("courses", "2014B", "2014X")),
                "record 3: \"2014X\" is no presentation",
            ),
            (fault(replace("courses", "GGG", "AAA")), "no presentation GGG 2014B"),
            (fault(replace("assessments", "TMA,60", "Quiz,60")), "record 5: \"Quiz\" is no type"),
            (
                fault(replace("assessments", "3,Exam", "2,Exam")),
                "record 4: this assessment is named twice",
            ),
            (fault(replace("studentInfo", "10", "11")), "there is no student 10"),
            (
                fault(replace("studentRegistration", ",10", ",7")),
                "record 4: this student is registered twice",
            ),
            (fault(replace("studentAssessment", "7,2", "7,9")), "there is no assessment 9"),
            (
                fault(replace("studentAssessment", "7,2", "7,1")),
                "record 5: this result is named twice",
            ),
            (fault(replace("studentAssessment", "7,4", "10,4")), "student 10 is not registered"),
            (fault(replace("studentAssessment", ",78", ",78%")), "\"78%\" is no number"),
        ];
        for (fault, expected) in cases {
            assert!(fault.contains(expected), "{fault} should say {expected}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = folder(|_, text| text);
        std::fs::remove_file(folder.path().join("courses.csv")).unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("courses.csv.gz"));
    }
}
