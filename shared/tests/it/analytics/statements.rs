//! Every view is a constant number of statements, whatever it holds.

use super::views::{Subject, look};
use crate::classroom::Classroom;
use acurate_shared::actor::Actor;
use acurate_shared::ids::{CourseId, UserId};
use acurate_shared::kinds::Role;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::collections::BTreeMap;

/// Statements that a view may take at most.
const LIMIT: i64 = 12;

/// Views and who looks at them.
const VIEWS: &[(&str, Role)] = &[
    ("student::own", Role::Student),
    ("student::of_student", Role::Teacher),
    ("teacher::own", Role::Teacher),
    ("course::of", Role::InstitutionAdmin),
    ("course::of", Role::Student),
    ("course_figures::list", Role::Teacher),
    ("at_risk::list", Role::InstitutionAdmin),
    ("alerts::list", Role::InstitutionAdmin),
    ("departments::list", Role::InstitutionAdmin),
    ("grade_distribution::of", Role::InstitutionAdmin),
    ("institution::own", Role::InstitutionAdmin),
    ("program_outcome_trend::of", Role::InstitutionAdmin),
    ("outcome_graph::of", Role::Student),
    ("platform::own", Role::SuperAdmin),
    ("grading_schemes::list", Role::InstitutionAdmin),
    ("grading_schemes::find", Role::Student),
];

/// Runs of prepared statements in this session, as the server counts them; a pool of one connection is one session.
async fn runs(db: &DatabaseConnection) -> i64 {
    let select = "SELECT COALESCE(sum(generic_plans + custom_plans), 0)::bigint AS runs FROM pg_prepared_statements";
    let row = db.query_one_raw(acurate_shared::db::sql(select, [])).await.unwrap().unwrap();
    row.try_get("", "runs").unwrap()
}

impl Classroom {
    async fn session(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.test.url());
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap()
    }

    fn looking(&self, role: Role, student: UserId) -> Actor {
        match role {
            Role::Student => self.as_student(student),
            Role::Teacher => self.teacher.clone(),
            Role::InstitutionAdmin => self.admin.clone(),
            Role::SuperAdmin => Actor {
                user_id: UserId(0),
                role,
                institution_id: None,
            },
        }
    }

    /// Statements of each view.
    async fn counted(&self, subject: &Subject) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::new();
        for (view, role) in VIEWS {
            // A session of its own, so that no statement is pushed out of its cache.
            let session = self.session().await;
            let actor = self.looking(*role, subject.student);
            let before = runs(&session).await;
            look(&session, &actor, view, subject).await.unwrap();
            let after = runs(&session).await;
            // The count counts itself.
            counts.insert(format!("{view} {role:?}"), after - before - 1);
            session.close().await.unwrap();
        }
        counts
    }

    /// Courses of the subject's program with the given students, three exams and two outcomes each.
    async fn furnish(&self, courses: &[CourseId], students: &[UserId]) {
        let promised = self.po("70").await;
        for course in courses {
            for student in students {
                self.enroll(*student, *course).await;
            }
            for place in 0..3 {
                let exam = self.weighted(*course, "10", "100").await;
                let outcome = self.lo(*course, "70").await;
                self.measures(exam, outcome, "1").await;
                self.serves(outcome, promised, "1").await;
                for student in students {
                    self.mark(exam, *student, ["40", "absent", "80"][place]).await;
                }
            }
        }
        self.recompute(students).await;
    }
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_size() {
    let room = Classroom::open().await;
    let (course, _, students) = room.class(2024, &["50"]).await;
    let scheme = "SELECT id FROM grading_schemes WHERE institution_id = $1";
    let department = "SELECT department_id FROM programs WHERE id = $1";
    let subject = Subject {
        student: students[0],
        course,
        department: room.value(department, [room.program.into()]).await,
        program: room.program,
        scheme: room.value(scheme, [room.institution.into()]).await,
    };
    let few = room.counted(&subject).await;
    let mut students = students;
    for n in 0..7 {
        students.push(room.student(&n.to_string()).await);
    }
    let mut courses = Vec::new();
    for n in 0..6 {
        let another = room.course(2023 + n % 2).await;
        courses.push(another);
    }
    room.furnish(&courses, &students).await;
    room.furnish(&[course], &students[1..]).await;
    let more = "
        INSERT INTO departments (institution_id, code, name) SELECT $1, n::text, n::text FROM generate_series(1, 9) n";
    room.execute(more, [room.institution.into()]).await;
    let many = room.counted(&subject).await;
    assert_eq!(few, many);
    for (view, count) in many {
        assert!((1..=LIMIT).contains(&count), "{view} takes {count} statements");
    }
}
