//! The demo against a real database.

use super::*;
use acurate_shared::achievement::compute;
use acurate_shared::identity::sign_in;
use acurate_shared::testing::TestDatabase;
use std::path::PathBuf;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Demo {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Demo {
    async fn create() -> Self {
        Self {
            database: TestDatabase::create().await,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("demo.json")
    }

    async fn seed(&self, base_url: &str) -> Accounts {
        let variables = [("ACURATE_DATABASE_URL", self.database.url()), ("ACURATE_SECRET", SECRET.to_owned())];
        let env = Environment::from_variables(variables.map(|(name, value)| (name.to_owned(), value)));
        run(env, &self.file(), base_url).await.unwrap();
        Accounts::read(&self.file()).unwrap()
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.database.database().pool()).await.unwrap()
    }

    async fn can_sign_in(&self, account: &Account) -> bool {
        let hasher = PasswordHasher::new(HashSettings::default()).unwrap();
        let variables = [("ACURATE_SECRET".to_owned(), SECRET.to_owned())];
        let settings = IdentitySettings::read(&mut Environment::from_variables(variables));
        let database = self.database.database().orm();
        let password = account.password.clone().into();
        sign_in::prove(database, &hasher, &settings, &account.email, &password)
            .await
            .is_ok()
    }
}

#[tokio::test]
async fn there_is_one_account_of_each_role_and_it_can_sign_in() {
    let demo = Demo::create().await;
    let accounts = demo.seed("http://127.0.0.1:8000").await;
    let roles: Vec<&str> = accounts.accounts.iter().map(|account| account.role.as_str()).collect();
    assert_eq!(roles, ["super_admin", "institution_admin", "teacher", "student"]);
    for account in &accounts.accounts {
        assert!(demo.can_sign_in(account).await, "{}", account.email);
    }
}

#[tokio::test]
async fn a_second_run_changes_nothing_but_the_address() {
    let demo = Demo::create().await;
    let first = demo.seed("http://127.0.0.1:8000").await;
    let users = demo.number("SELECT count(*) FROM users").await;
    let second = demo.seed("http://127.0.0.1:9000").await;
    assert_eq!(first.accounts, second.accounts);
    assert_eq!(second.base_url, "http://127.0.0.1:9000");
    assert_eq!(demo.number("SELECT count(*) FROM users").await, users);
}

#[tokio::test]
async fn lost_sign_ins_lead_to_another_institution_and_a_new_password_of_the_owner() {
    let demo = Demo::create().await;
    let lost = demo.seed("http://127.0.0.1:8000").await;
    std::fs::remove_file(demo.file()).unwrap();
    let found = demo.seed("http://127.0.0.1:8000").await;
    assert_eq!(demo.number("SELECT count(*) FROM institutions").await, 2);
    for account in &found.accounts {
        assert!(demo.can_sign_in(account).await, "{}", account.email);
    }
    assert!(!demo.can_sign_in(lost.of("super_admin").unwrap()).await);
    assert!(demo.can_sign_in(lost.of("teacher").unwrap()).await);
}

#[tokio::test]
async fn the_worker_finds_jobs_that_compute_an_outcome_for_every_student() {
    let demo = Demo::create().await;
    demo.seed("http://127.0.0.1:8000").await;
    let waiting = "SELECT count(*) FROM jobs WHERE state = 'queued' AND dispatched_at IS NULL AND kind IN ('achievement', 'recalculation')";
    assert!(demo.number(waiting).await > 0);
    assert_eq!(demo.number("SELECT count(*) FROM jobs WHERE dispatched_at IS NOT NULL").await, 0);

    let students = demo.number("SELECT count(*) FROM users WHERE role = 'student'").await;
    let marked = "SELECT count(DISTINCT student_id) FROM achievement_marks";
    assert_eq!((students, demo.number(marked).await), (12, 12));

    let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM users WHERE role = 'student'")
        .fetch_all(demo.database.database().pool())
        .await
        .unwrap();
    let ids: Vec<UserId> = ids.into_iter().map(UserId).collect();
    let jobs = Arc::new(JobSettings::read(&mut Environment::default()));
    let work = Work::begin(demo.database.database(), &jobs).await.unwrap();
    compute::recompute(work.tx(), &ids).await.unwrap();
    let _ = work.commit().await.unwrap();
    let without = "
        SELECT count(*) FROM users u WHERE role = 'student' AND NOT EXISTS (
            SELECT FROM student_po_achievements a WHERE a.student_id = u.id AND a.percentage IS NOT NULL)";
    assert_eq!(demo.number(without).await, 0);
    let ranges = "SELECT count(*) FROM student_lo_achievements WHERE percentage NOT BETWEEN 40 AND 100";
    assert_eq!(demo.number(ranges).await, 0);
}

#[tokio::test]
async fn absent_excused_and_not_graded_are_told_apart() {
    let demo = Demo::create().await;
    demo.seed("http://127.0.0.1:8000").await;
    for (query, expected) in [
        ("SELECT count(*) FROM grades WHERE status = 'absent'", 3),
        ("SELECT count(*) FROM grades WHERE status = 'excused'", 2),
        ("SELECT count(*) FROM grades", 8 * 3 * 2 - 2 + 4 * 3),
    ] {
        assert_eq!(demo.number(query).await, expected, "{query}");
    }
}

#[test]
fn the_academic_year_begins_in_august() {
    let year = |month| academic_year(NaiveDate::from_ymd_opt(2026, month, 1).unwrap()).unwrap().to_string();
    assert_eq!([year(7), year(8)], ["2025-2026", "2026-2027"]);
}
