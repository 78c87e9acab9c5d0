//! Writes the students as the CSV file that an institution would upload.

use super::dataset::Dataset;
use super::structure::{DEPARTMENT, PROGRAM};
use crate::failure::{Failure, Result};

/// The file; the data set holds no names, so the numbers stand in their place.
///
/// # Errors
/// When it cannot be written, which memory never refuses.
pub(crate) fn file(data: &Dataset, domain: &str) -> Result<Vec<u8>> {
    let written = write(data, domain);
    written.map_err(|error| Failure::Stopped(format!("the students cannot be written as CSV: {error}")))
}

fn write(data: &Dataset, domain: &str) -> csv::Result<Vec<u8>> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record([
        "student_number",
        "email",
        "first_name",
        "last_name",
        "department_code",
        "program_code",
    ])?;
    for number in &data.students {
        let email = format!("{number}@{domain}");
        rows.write_record([number.as_str(), &email, "Student", number, DEPARTMENT, PROGRAM])?;
    }
    rows.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    #[test]
    fn every_student_is_one_record() {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let text = String::from_utf8(file(&data, "x.example.org").unwrap()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + data.students.len());
        assert_eq!(lines[1], "10,10@x.example.org,Student,10,OU,OPEN");
    }
}
