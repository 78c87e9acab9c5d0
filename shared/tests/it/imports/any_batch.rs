//! What holds for every batch, tried on many.

use super::{apply, dry_run, fingerprint, home, row, updating};
use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::entity::user;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::{Applied, StudentBatch};
use acurate_shared::kinds::{OnExisting, Role};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Students that may exist and that rows may name.
const STUDENTS: usize = 8;

/// A student that is there before the import.
#[derive(Clone, Debug)]
struct Existing {
    in_program: bool,
    has_phone: bool,
    has_password: bool,
}

/// Whose address a row has.
#[derive(Clone, Copy, Debug)]
enum Address {
    Own,
    New,
    Teacher,
    Elsewhere,
    Student(usize),
}

/// A row before it is written out.
#[derive(Clone, Debug)]
struct Wish {
    address: Address,
    name: usize,
    department: Option<&'static str>,
    program: Option<&'static str>,
    year: Option<i16>,
    phone: bool,
}

#[derive(Clone, Debug)]
struct Case {
    existing: Vec<Option<Existing>>,
    wishes: Vec<(usize, Wish)>,
    on_existing: OnExisting,
    send_welcome: bool,
}

prop_compose! {
    fn existing()(in_program: bool, has_phone: bool, has_password: bool) -> Existing {
        Existing { in_program, has_phone, has_password }
    }
}

prop_compose! {
    fn wish()(
        address in prop_oneof![
            6 => Just(Address::Own),
            2 => Just(Address::New),
            1 => Just(Address::Teacher),
            1 => Just(Address::Elsewhere),
            2 => (0..STUDENTS).prop_map(Address::Student),
        ],
        name in 0..2_usize,
        department in proptest::option::weighted(0.4, prop_oneof![3 => Just("CENG"), 2 => Just("MATH"), 1 => Just("LAW")]),
        program in proptest::option::weighted(0.4, prop_oneof![3 => Just("CENG-P"), 2 => Just("MATH-P"), 1 => Just("LAW-P")]),
        year in proptest::option::of(1_i16..=2),
        phone: bool,
    ) -> Wish {
        Wish { address, name, department, program, year, phone }
    }
}

prop_compose! {
    fn case()(
        existing in proptest::collection::vec(proptest::option::of(existing()), STUDENTS),
        wishes in proptest::collection::vec(proptest::option::weighted(0.8, wish()), STUDENTS),
        order in Just((0..STUDENTS).collect::<Vec<usize>>()).prop_shuffle(),
        update: bool,
        send_welcome: bool,
    ) -> Case {
        let wishes = order.into_iter().filter_map(|n| Some((n, wishes[n].clone()?))).collect();
        Case {
            existing,
            wishes,
            on_existing: if update { OnExisting::Update } else { OnExisting::Skip },
            send_welcome,
        }
    }
}

impl Case {
    /// The rows of the file; one whose address an earlier row has is left out, as the reader of files would.
    fn rows(&self, domain: &str) -> Vec<StudentRow> {
        let mut used = HashSet::new();
        let row = |(n, wish): &(usize, Wish)| StudentRow {
            email: match wish.address {
                Address::Own => format!("s{n}@{domain}"),
                Address::New => format!("new{n}@{domain}"),
                Address::Teacher => format!("teacher@{domain}"),
                Address::Elsewhere => format!("elsewhere@{domain}"),
                Address::Student(other) => format!("s{other}@{domain}"),
            },
            first_name: ["Irmak", "Ece"][wish.name].into(),
            department_code: wish.department.map(str::to_owned),
            program_code: wish.program.map(str::to_owned),
            year_of_study: wish.year,
            phone: wish.phone.then(|| "777".into()),
            ..row(&n.to_string())
        };
        self.wishes.iter().map(row).filter(|row| used.insert(row.email.clone())).collect()
    }

    /// Whether a row must be refused, by the rules as a person would say them.
    fn refuses(&self, row: &StudentRow, domain: &str) -> bool {
        let n: usize = row.student_number.parse().unwrap();
        let owner = |n: usize| self.existing[n].as_ref().map(|_| format!("s{n}@{domain}"));
        let taken = (0..STUDENTS).any(|other| other != n && owner(other).as_ref() == Some(&row.email));
        let foreign = row.email.starts_with("teacher@") || row.email.starts_with("elsewhere@");
        let (department, program) = (row.department_code.as_deref(), row.program_code.as_deref());
        let unknown = department == Some("LAW") || program == Some("LAW-P");
        let in_program = self.on_existing == OnExisting::Update && self.existing[n].as_ref().is_some_and(|student| student.in_program);
        let home = program.or(in_program.then_some("CENG-P"));
        let apart = matches!((department, home), (Some(department), Some(program)) if !program.starts_with(department));
        taken || foreign || unknown || apart
    }
}

/// A world of its own for one case: an institution, its students, and the others who have addresses.
struct World<'a> {
    campus: &'a Campus,
    domain: String,
    admin: Actor,
    elsewhere: InstitutionId,
}

impl<'a> World<'a> {
    async fn create(campus: &'a Campus, case: &Case) -> Self {
        let domain = format!("c{}.edu.tr", uuid::Uuid::new_v4().simple());
        let insert = "INSERT INTO institutions (name) VALUES ($1) RETURNING id";
        let institution_id: InstitutionId = campus.value(insert, [domain.clone().into()]).await;
        let elsewhere: InstitutionId = campus.value(insert, [format!("not {domain}").into()]).await;
        let world = Self {
            campus,
            domain,
            admin: Actor {
                user_id: campus.admin.user_id,
                role: Role::InstitutionAdmin,
                institution_id: Some(institution_id),
            },
            elsewhere,
        };
        let (department, program) = campus.department(institution_id, "CENG").await;
        campus.department(institution_id, "MATH").await;
        world.bystander(institution_id, "teacher", None).await;
        world.bystander(world.elsewhere, "elsewhere", Some("0")).await;
        for (n, student) in case.existing.iter().enumerate() {
            let Some(student) = student else { continue };
            let id = world.bystander(institution_id, &format!("s{n}"), Some(&n.to_string())).await;
            let update = "
                UPDATE users SET department_id = $2, program_id = $3, phone = $4,
                    password_hash = CASE WHEN $5 THEN 'a hash' END,
                    credential_nonce = CASE WHEN $5 THEN NULL ELSE credential_nonce END,
                    credential_expires_at = CASE WHEN $5 THEN NULL ELSE credential_expires_at END
                WHERE id = $1";
            let values = [
                id.into(),
                student.in_program.then_some(department).into(),
                student.in_program.then_some(program).into(),
                student.has_phone.then_some("555").into(),
                student.has_password.into(),
            ];
            campus.execute(update, values).await;
        }
        world
    }

    async fn bystander(&self, institution_id: InstitutionId, local: &str, number: Option<&str>) -> UserId {
        let insert = "
            INSERT INTO users (institution_id, role, email, first_name, last_name, student_number, credential_nonce, credential_expires_at)
            VALUES ($1, CASE WHEN $3::text IS NULL THEN 'teacher' ELSE 'student' END, $2, 'Irmak', 'Işık', $3, uuid_send(gen_random_uuid()), now())
            RETURNING id";
        let email = format!("{local}@{}", self.domain);
        self.campus
            .value(insert, [institution_id.into(), email.into(), number.into()])
            .await
    }

    async fn students(&self) -> BTreeMap<String, user::Model> {
        let students = user::Entity::find()
            .filter(user::Column::InstitutionId.eq(home(&self.admin)))
            .filter(user::Column::Role.eq(Role::Student));
        let students = students.all(self.campus.db()).await.unwrap();
        students
            .into_iter()
            .map(|student| (student.student_number.clone().unwrap(), student))
            .collect()
    }

    async fn welcome_mails(&self) -> u64 {
        let select = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email' AND institution_id = $1";
        let count: i64 = self.campus.value(select, [home(&self.admin).into()]).await;
        count.unsigned_abs()
    }
}

async fn check(campus: &Campus, case: Case) {
    let world = World::create(campus, &case).await;
    let rules = StudentBatch {
        on_existing: case.on_existing,
        send_welcome: case.send_welcome,
        ..updating(&world.admin)
    };
    let rows = case.rows(&world.domain);
    let before = world.students().await;
    let untouched = fingerprint(campus.database()).await;

    let tried = dry_run(campus.database(), &rules, &rows).await.unwrap();
    assert_eq!(fingerprint(campus.database()).await, untouched, "a dry run changes nothing");
    let applied = apply(campus.database(), &rules, &rows).await.unwrap();
    assert_eq!(applied, tried, "a dry run says what applying does");

    let after = world.students().await;
    check_counts(&case, &rows, &world.domain, &before, &applied);
    check_students(&case, &rows, &before, &after, &applied);
    let renewed = before
        .iter()
        .filter(|(number, student)| after[*number].credential_nonce != student.credential_nonce)
        .count();
    let mails = if case.send_welcome { applied.created + renewed as u64 } else { 0 };
    assert_eq!(world.welcome_mails().await, mails);

    let again = apply(campus.database(), &rules, &rows).await.unwrap();
    let gave_up_address = before.iter().any(|(number, student)| after[number].email != student.email);
    if !gave_up_address {
        let expected = Applied {
            created: 0,
            updated: 0,
            unchanged: applied.created + applied.updated + applied.unchanged,
            ..applied
        };
        assert_eq!(again, expected, "the same file changes nothing twice");
    }
}

fn check_counts(case: &Case, rows: &[StudentRow], domain: &str, before: &BTreeMap<String, user::Model>, applied: &Applied) {
    let refused = rows.iter().filter(|row| case.refuses(row, domain)).count() as u64;
    let accepted = |exists: bool| {
        let rows = rows.iter().filter(|row| !case.refuses(row, domain));
        rows.filter(|row| before.contains_key(&row.student_number) == exists).count() as u64
    };
    assert_eq!(
        applied.created + applied.updated + applied.unchanged + applied.rejected,
        rows.len() as u64
    );
    assert_eq!(applied.rejected, refused);
    assert_eq!(applied.created, accepted(false));
    assert_eq!(applied.updated + applied.unchanged, accepted(true));
    let named: HashSet<u64> = applied.errors.iter().map(|error| error.record).collect();
    assert_eq!(named.len() as u64, applied.rejected, "every rejected record is named");
}

fn check_students(
    case: &Case,
    rows: &[StudentRow],
    before: &BTreeMap<String, user::Model>,
    after: &BTreeMap<String, user::Model>,
    applied: &Applied,
) {
    let rejected: HashSet<u64> = applied.errors.iter().map(|error| error.record).collect();
    let rows: HashMap<&str, (u64, &StudentRow)> = (2..)
        .zip(rows)
        .map(|(record, row)| (row.student_number.as_str(), (record, row)))
        .collect();
    assert_eq!(after.len() as u64, before.len() as u64 + applied.created);
    let mut changed = 0;
    for (number, student) in after {
        let old = before.get(number);
        match rows.get(number.as_str()) {
            Some((record, row)) if !rejected.contains(record) && (old.is_none() || case.on_existing == OnExisting::Update) => {
                assert_eq!((&student.email, &student.first_name), (&row.email, &row.first_name));
                assert_eq!(student.phone, row.phone.clone().or(old.and_then(|old| old.phone.clone())));
                assert_eq!(student.year_of_study, row.year_of_study.or(old.and_then(|old| old.year_of_study)));
                changed += u64::from(old.is_some_and(|old| old.version != student.version));
            }
            _ => assert_eq!(Some(student), old, "nobody else is touched"),
        }
    }
    assert_eq!(changed, applied.updated);
}

#[test]
fn adds_up_says_the_truth_when_dry_and_changes_nothing_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let campus = runtime.block_on(Campus::create());
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&case(), |case| {
        runtime.block_on(check(&campus, case));
        Ok(())
    });
    runtime.block_on(async { drop(campus) });
    outcome.unwrap();
}
