//! The trial load of `ops/real-data`, with a made-up data set of the published form.

use crate::product::Product;
use std::fmt::Write;
use std::path::Path;

/// Two presentations of one module and one without weights; 130 students, so that lists have a second page.
fn write_files(folder: &Path) {
    let mut students = "code_module,code_presentation,id_student,date_unregistration\n".to_owned();
    let mut results = "id_student,id_assessment,date_submitted,is_banked,score\r\n".to_owned();
    for student in 1..=130 {
        writeln!(students, "AAA,2013J,{student},?").unwrap();
        let second = if student % 10 == 0 {
            "?".to_owned()
        } else {
            (student % 101).to_string()
        };
        write!(
            results,
            "{student},1,10,0,{}\r\n{student},2,20,0,{second}\r\n{student},3,30,0,50\r\n",
            100 - student % 80
        )
        .unwrap();
    }
    for student in 121..=130 {
        writeln!(students, "AAA,2014B,{student},5").unwrap();
        writeln!(students, "GGG,2014B,{student},?").unwrap();
        write!(results, "{student},4,10,0,{}\r\n{student},5,10,0,70\r\n", student - 60).unwrap();
    }
    let files = [
        (
            "courses",
            "code_module,code_presentation\nAAA,2013J\nAAA,2014B\nGGG,2014B\n".to_owned(),
        ),
        (
            "assessments",
            "code_module,code_presentation,id_assessment,assessment_type,date,weight\n\
             AAA,2013J,1,TMA,10,12.5\nAAA,2013J,2,CMA,20,17.5\nAAA,2013J,3,Exam,?,100\nAAA,2014B,4,TMA,10,30\nGGG,2014B,5,CMA,10,0\n"
                .to_owned(),
        ),
        ("studentInfo", students.clone()),
        ("studentRegistration", students),
        ("studentAssessment", results),
    ];
    for (stem, content) in files {
        std::fs::write(folder.join(format!("{stem}.csv")), content).unwrap();
    }
}

#[tokio::test]
async fn a_data_set_is_loaded_computed_and_read_back_without_a_loss() {
    let product = Product::start().await;
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let ended = product.operate(&["real-data", folder.path().to_str().unwrap()]);
    let (told, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{told}{errors}");
    assert!(told.contains("Nothing was lost"), "{told}{errors}");
    let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    let shown = |presentation: [&str; 2]| rows.iter().find(|row| row.starts_with(&presentation)).unwrap().clone();
    assert_eq!(shown(["AAA", "2014B"])[2..8], ["2013-2014", "spring", "10", "10", "10", "65.50"]);
    assert_eq!(shown(["GGG", "2014B"])[2..8], ["2013-2014", "spring", "10", "10", "0", "-"]);
    assert_eq!(shown(["AAA", "2013J"])[4..7], ["130", "377", "130"]);
}

#[tokio::test]
async fn a_load_that_the_api_refuses_says_what_and_fails() {
    let product = Product::start().await;
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let file = folder.path().join("assessments.csv");
    let content = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, content.replace("17.5", "100.5")).unwrap();
    let ended = product.operate(&["real-data", folder.path().to_str().unwrap()]);
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{errors}");
    assert!(errors.contains("/learning-outcomes answered 422"), "{errors}");
    assert!(errors.contains("items[0].weight"), "{errors}");
}
