//! A database with a super admin and two institutions, and how its people sign in.

use acurate_shared::actor::Actor;
use acurate_shared::config::IdentitySettings;
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::error::Result;
use acurate_shared::identity::change_password::{self, NewPassword};
use acurate_shared::identity::{
    Client, CredentialNonce, PasswordHasher, SignedIn, TemporaryPassword, authenticate, session, sign_in, superuser,
};
use acurate_shared::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use acurate_shared::kinds::Role;
use acurate_shared::people::NewPerson;
use acurate_shared::people::students::{self, NewStudent, Student};
use acurate_shared::platform::institutions::{self, NewInstitution, Particulars};
use acurate_shared::secret::SecretString;
use acurate_shared::testing::{TestDatabase, identity_settings, job_settings, password_hasher};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Value};

/// The passwords that its people choose.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Campus {
    test: TestDatabase,
    pub(crate) hasher: PasswordHasher,
    pub(crate) settings: IdentitySettings,
    pub(crate) owner: Actor,
    /// Administrator of the first institution.
    pub(crate) admin: Actor,
    /// Administrator of the second one.
    pub(crate) rival: Actor,
}

impl Campus {
    pub(crate) async fn create() -> Self {
        let nobody = Actor {
            user_id: UserId(0),
            role: Role::SuperAdmin,
            institution_id: None,
        };
        let mut campus = Self {
            test: TestDatabase::create().await,
            hasher: password_hasher(),
            settings: identity_settings(),
            owner: nobody.clone(),
            admin: nobody.clone(),
            rival: nobody,
        };
        let order = superuser::Order {
            email: "owner@acurate.example".into(),
            first_name: "Olga".into(),
            last_name: "Owner".into(),
            password: PASSWORD.into(),
        };
        let checked = superuser::check(&campus.hasher, &order).await.unwrap();
        let work = campus.begin().await;
        campus.owner.user_id = superuser::create(&work, checked).await.unwrap();
        let _ = work.commit().await.unwrap();
        campus.admin = campus.institution("Atatürk Üniversitesi", "admin@ata.edu.tr").await;
        campus.rival = campus.institution("Boğaziçi", "admin@bogazici.edu.tr").await;
        campus
    }

    pub(crate) fn database(&self) -> &Database {
        self.test.database()
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.database().orm()
    }

    pub(crate) async fn begin(&self) -> Work {
        Work::begin(self.database(), &job_settings()).await.unwrap()
    }

    async fn institution(&self, name: &str, email: &str) -> Actor {
        let mut work = self.begin().await;
        let order = NewInstitution {
            name: name.into(),
            locale: None,
            time_zone: None,
            particulars: Particulars::default(),
            admin: person(email),
        };
        let created = institutions::create(&mut work, &self.owner, &self.settings, order).await.unwrap();
        let _ = work.commit().await.unwrap();
        Actor {
            user_id: created.admin.id,
            role: Role::InstitutionAdmin,
            institution_id: Some(created.institution.id),
        }
    }

    /// A department with one program.
    pub(crate) async fn department(&self, institution: InstitutionId, code: &str) -> (DepartmentId, ProgramId) {
        let department = "INSERT INTO departments (institution_id, code, name) VALUES ($1, $2, $2) RETURNING id";
        let department: DepartmentId = self.value(department, [institution.into(), code.into()]).await;
        let program = "INSERT INTO programs (institution_id, department_id, code, name) VALUES ($1, $2, $3, $3) RETURNING id";
        let program = self
            .value(program, [institution.into(), department.into(), format!("{code}-P").into()])
            .await;
        (department, program)
    }

    /// A student of the first institution, as the given record says.
    pub(crate) async fn enrol(&self, order: NewStudent) -> Result<Student> {
        let mut work = self.begin().await;
        let student = students::create(&mut work, &self.admin, &self.settings, order).await?;
        let _ = work.commit().await?;
        Ok(student)
    }

    /// The password in a user's welcome mail.
    pub(crate) async fn mailed(&self, user: UserId) -> SecretString {
        let nonce: Vec<u8> = self
            .value("SELECT credential_nonce AS id FROM users WHERE id = $1", [user.into()])
            .await;
        let nonce = CredentialNonce::try_from(nonce.as_slice()).unwrap();
        TemporaryPassword::derive(&self.settings.secret, user, &nonce).grouped()
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn> {
        let proven = sign_in::prove(self.db(), &self.hasher, &self.settings, email, &password.into()).await?;
        let work = self.begin().await;
        let signed_in = sign_in::open(&work, &self.settings, proven, &Client::default()).await?;
        let _ = work.commit().await?;
        Ok(signed_in)
    }

    pub(crate) async fn refresh(&self, token: &SecretString) -> Result<SignedIn> {
        session::refresh(self.begin().await, &self.settings, token.expose(), &Client::default()).await
    }

    pub(crate) async fn change(&self, actor: &Actor, current: Option<&str>, new: &str) -> Result<SignedIn> {
        let order = NewPassword {
            current: current.map(Into::into),
            new: new.into(),
        };
        let checked = change_password::check(self.db(), &self.hasher, &self.settings, actor, &order).await?;
        let mut work = self.begin().await;
        let signed_in = change_password::apply(&mut work, &self.settings, checked, &Client::default()).await?;
        let _ = work.commit().await?;
        Ok(signed_in)
    }

    /// A student that has chosen [`PASSWORD`], and its session.
    pub(crate) async fn settled(&self, number: &str) -> SignedIn {
        let student = self.enrol(record(number)).await.unwrap();
        let actor = Actor {
            user_id: student.id,
            role: Role::Student,
            institution_id: self.admin.institution_id,
        };
        self.change(&actor, None, PASSWORD).await.unwrap()
    }

    /// Whether an access token of this session would be accepted.
    pub(crate) async fn is_alive(&self, session: &SignedIn) -> bool {
        authenticate(self.db(), session.user.id, session.family).await.is_ok()
    }

    /// The `id` of the one row.
    pub(crate) async fn value<T: sea_orm::TryGetable, const N: usize>(&self, text: &str, values: [Value; N]) -> T {
        let row = self.db().query_one_raw(sql(text, values)).await.unwrap().unwrap();
        row.try_get("", "id").unwrap()
    }

    pub(crate) async fn execute<const N: usize>(&self, text: &str, values: [Value; N]) {
        self.db().execute_raw(sql(text, values)).await.unwrap();
    }

    /// Actions in the activity log on a user, in order.
    pub(crate) async fn deeds(&self, user: UserId) -> Vec<String> {
        #[derive(FromQueryResult)]
        struct Row {
            action: String,
        }
        let select = "SELECT action FROM activity_log WHERE object_type = 'user' AND object_id = $1 ORDER BY id";
        let rows = Row::find_by_statement(sql(select, [user.into()])).all(self.db()).await.unwrap();
        rows.into_iter().map(|row| row.action).collect()
    }

    /// Welcome mails asked for a user.
    pub(crate) async fn welcome_mails(&self, user: UserId) -> i64 {
        let select = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email' AND (payload ->> 'user_id')::bigint = $1";
        self.value(select, [user.into()]).await
    }
}

pub(crate) fn person(email: &str) -> NewPerson {
    NewPerson {
        email: email.into(),
        first_name: "Irmak".into(),
        last_name: "Işık".into(),
        phone: None,
    }
}

/// A student with nothing but what is required.
pub(crate) fn record(number: &str) -> NewStudent {
    NewStudent {
        student_number: number.into(),
        person: person(&format!("s{number}@ata.edu.tr")),
        department_id: None,
        program_id: None,
        year_of_study: None,
        entry_year: None,
    }
}

/// The stable word of a refusal, and the fields it names.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    use acurate_shared::error::Error;
    match result.expect_err("a refusal") {
        Error::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.code)).collect();
            faults.join(", ")
        }
        Error::NotFound(what) => format!("no {what}"),
        Error::Outdated => "outdated".to_owned(),
        Error::Unauthorized { code, .. } | Error::Forbidden { code, .. } | Error::Conflict { code, .. } => code.to_owned(),
        other => panic!("{other:?}"),
    }
}
