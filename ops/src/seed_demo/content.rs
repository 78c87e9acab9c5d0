//! What the demo institution is made of: a small engineering faculty, in Turkish.

use acurate_shared::kinds::{AssessmentType, Semester};

/// Name of the institution.
pub(super) const INSTITUTION: &str = "AcuRate Demo Üniversitesi";

/// A department and its one program.
#[derive(Debug)]
pub(super) struct Department {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) program_code: &'static str,
    pub(super) program_name: &'static str,
    /// Titles of the program outcomes PO1, PO2 and so on.
    pub(super) program_outcomes: &'static [&'static str],
    pub(super) students: &'static [Student],
}

/// First and last name.
pub(super) type Student = (&'static str, &'static str);

/// A course that the demo teacher gives.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    /// Position of its department, whose students take it.
    pub(super) department: usize,
    pub(super) credits: i16,
    pub(super) semester: Semester,
    pub(super) outcomes: &'static [LearningOutcome],
    pub(super) assessments: &'static [Assessment],
}

/// A learning outcome; LO1, LO2 and so on.
#[derive(Debug)]
pub(super) struct LearningOutcome {
    pub(super) title: &'static str,
    /// Position of a program outcome of the department, and weight.
    pub(super) serves: &'static [(usize, f64)],
}

/// An assessment.
#[derive(Debug)]
pub(super) struct Assessment {
    pub(super) title: &'static str,
    pub(super) form: AssessmentType,
    pub(super) weight: f64,
    pub(super) max_score: f64,
    /// Position of a learning outcome of the course, and weight.
    pub(super) measures: &'static [(usize, f64)],
}

pub(super) const DEPARTMENTS: [Department; 2] = [
    Department {
        code: "BM",
        name: "Bilgisayar Mühendisliği",
        program_code: "BM-LS",
        program_name: "Bilgisayar Mühendisliği Lisans Programı",
        program_outcomes: &[
            "Matematik, fen ve mühendislik bilgisini uygular",
            "Karmaşık mühendislik problemlerini tanımlar, çözümler ve çözer",
            "Bir sistemi gerçekçi kısıtlar altında tasarlar",
            "Bireysel olarak ve takım içinde etkin çalışır",
        ],
        students: &[
            ("Ayşe", "Yılmaz"),
            ("Mehmet", "Kaya"),
            ("İrem", "Çelik"),
            ("Oğuzhan", "Şahin"),
            ("Zeynep", "Öztürk"),
            ("Emre", "Yıldız"),
            ("Büşra", "Aydın"),
            ("Çağrı", "Güneş"),
        ],
    },
    Department {
        code: "EEM",
        name: "Elektrik-Elektronik Mühendisliği",
        program_code: "EEM-LS",
        program_name: "Elektrik-Elektronik Mühendisliği Lisans Programı",
        program_outcomes: &[
            "Matematik, fen ve mühendislik bilgisini uygular",
            "Deney tasarlar, yapar ve sonuçlarını yorumlar",
            "Çağdaş mühendislik araçlarını kullanır",
        ],
        students: &[("Işıl", "Demir"), ("Ümit", "Arslan"), ("Gökhan", "Şimşek"), ("Elif", "Koç")],
    },
];

pub(super) const COURSES: [Course; 3] = [
    Course {
        code: "BM101",
        title: "Programlamaya Giriş",
        department: 0,
        credits: 4,
        semester: Semester::Fall,
        outcomes: &[
            LearningOutcome {
                title: "Bir problemi algoritmaya dönüştürür",
                serves: &[(0, 2.0), (1, 3.0)],
            },
            LearningOutcome {
                title: "Okunur ve sınanmış program yazar",
                serves: &[(2, 3.0)],
            },
            LearningOutcome {
                title: "Bir programı takım içinde geliştirir",
                serves: &[(3, 3.0)],
            },
        ],
        assessments: &[
            Assessment {
                title: "Ara Sınav",
                form: AssessmentType::Midterm,
                weight: 30.0,
                max_score: 100.0,
                measures: &[(0, 60.0), (1, 40.0)],
            },
            Assessment {
                title: "Proje",
                form: AssessmentType::Project,
                weight: 25.0,
                max_score: 50.0,
                measures: &[(1, 40.0), (2, 60.0)],
            },
            Assessment {
                title: "Final Sınavı",
                form: AssessmentType::Final,
                weight: 45.0,
                max_score: 100.0,
                measures: &[(0, 50.0), (1, 50.0)],
            },
        ],
    },
    Course {
        code: "BM201",
        title: "Veri Yapıları",
        department: 0,
        credits: 5,
        semester: Semester::Spring,
        outcomes: &[
            LearningOutcome {
                title: "Bir probleme uygun veri yapısını seçer ve gerekçelendirir",
                serves: &[(1, 3.0), (2, 2.0)],
            },
            LearningOutcome {
                title: "Algoritmaların zaman ve bellek gereksinimini çözümler",
                serves: &[(0, 3.0)],
            },
            LearningOutcome {
                title: "Veri yapılarını gerçekler ve sınar",
                serves: &[(2, 3.0)],
            },
            LearningOutcome {
                title: "Çözümünü yazılı olarak sunar",
                serves: &[(3, 1.0)],
            },
        ],
        assessments: &[
            Assessment {
                title: "Kısa Sınav",
                form: AssessmentType::Quiz,
                weight: 15.0,
                max_score: 20.0,
                measures: &[(1, 100.0)],
            },
            Assessment {
                title: "Ödev",
                form: AssessmentType::Homework,
                weight: 35.0,
                max_score: 100.0,
                measures: &[(2, 70.0), (3, 30.0)],
            },
            Assessment {
                title: "Final Sınavı",
                form: AssessmentType::Final,
                weight: 50.0,
                max_score: 100.0,
                measures: &[(0, 60.0), (1, 40.0)],
            },
        ],
    },
    Course {
        code: "EEM101",
        title: "Devre Çözümlemesi",
        department: 1,
        credits: 4,
        semester: Semester::Fall,
        outcomes: &[
            LearningOutcome {
                title: "Doğrusal devreleri temel yasalarla çözer",
                serves: &[(0, 3.0)],
            },
            LearningOutcome {
                title: "Devreleri laboratuvarda kurar, ölçer ve benzetimle karşılaştırır",
                serves: &[(1, 3.0), (2, 2.0)],
            },
        ],
        assessments: &[
            Assessment {
                title: "Ara Sınav",
                form: AssessmentType::Midterm,
                weight: 40.0,
                max_score: 100.0,
                measures: &[(0, 100.0)],
            },
            Assessment {
                title: "Laboratuvar",
                form: AssessmentType::Lab,
                weight: 20.0,
                max_score: 40.0,
                measures: &[(1, 100.0)],
            },
            Assessment {
                title: "Final Sınavı",
                form: AssessmentType::Final,
                weight: 40.0,
                max_score: 100.0,
                measures: &[(0, 80.0), (1, 20.0)],
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_measured_and_every_position_exists() {
        for course in COURSES {
            let department = &DEPARTMENTS[course.department];
            for outcome in course.outcomes {
                assert!(
                    outcome
                        .serves
                        .iter()
                        .all(|(position, _)| *position < department.program_outcomes.len()),
                    "{outcome:?}"
                );
            }
            let measured: Vec<_> = course
                .assessments
                .iter()
                .flat_map(|assessment| assessment.measures)
                .map(|(position, _)| *position)
                .collect();
            assert!(
                (0..course.outcomes.len()).all(|position| measured.contains(&position)),
                "{}",
                course.code
            );
            assert!(measured.iter().all(|position| *position < course.outcomes.len()), "{}", course.code);
        }
    }

    #[test]
    fn every_program_outcome_is_served() {
        for (position, department) in DEPARTMENTS.iter().enumerate() {
            let courses = COURSES.iter().filter(|course| course.department == position);
            let served: Vec<_> = courses
                .flat_map(|course| course.outcomes)
                .flat_map(|outcome| outcome.serves)
                .map(|(po, _)| *po)
                .collect();
            assert!(
                (0..department.program_outcomes.len()).all(|po| served.contains(&po)),
                "{}",
                department.code
            );
        }
    }
}
