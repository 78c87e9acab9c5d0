//! A worker's context in the test's own process, with a mailer that does what the test says.

use acurate_shared::config::{DatabaseSettings, Environment, JobSettings};
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::ids::{InstitutionId, JobId, UserId};
use acurate_shared::jobs::{Job, Order, enqueue};
use acurate_shared::maintenance::purge::Keep;
use acurate_shared::secret::SecretString;
use acurate_shared::testing::{TestDatabase, job_settings};
use acurate_worker::config::{ImportSettings, MaintenanceSettings};
use acurate_worker::context::Context;
use acurate_worker::executor::{Running, execute};
use acurate_worker::mailer::{Mail, Mailer, Receipt, SendError};
use futures::FutureExt;
use futures::future::BoxFuture;
use mail_parser::MessageParser;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// What the mailer does with every mail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Take,
    Wait,
    Refuse,
    Panic,
    Hang,
}

/// A mail that was taken.
#[derive(Debug)]
struct Taken {
    message_id: String,
    text: String,
}

impl From<&Mail> for Taken {
    fn from(mail: &Mail) -> Self {
        let message = MessageParser::default().parse(mail.content()).unwrap();
        Self {
            message_id: mail.message_id().to_owned(),
            text: message.body_text(0).unwrap().into_owned(),
        }
    }
}

#[derive(Debug)]
struct ObedientMailer {
    answer: Answer,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Mailer for ObedientMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            match self.answer {
                Answer::Take => {
                    self.taken.lock().unwrap().push(Taken::from(mail));
                    Ok(Receipt {
                        reply: "250 taken".to_owned(),
                    })
                }
                Answer::Wait => Err(SendError::Transient {
                    code: Some(451),
                    reason: "try later".to_owned(),
                }),
                Answer::Refuse => Err(SendError::Permanent {
                    code: 550,
                    reason: "no such user".to_owned(),
                    is_undeliverable: true,
                }),
                Answer::Panic => panic!("the mailer fell over"),
                Answer::Hang => std::future::pending().await,
            }
        }
        .boxed()
    }
}

/// A database, a context on it and what its mailer took.
pub(crate) struct Workbench {
    pub(crate) database: TestDatabase,
    pub(crate) context: Arc<Context>,
    pub(crate) running: Arc<Running>,
    taken: Arc<Mutex<Vec<Taken>>>,
    pub(crate) institution: InstitutionId,
}

/// A worker in a runtime of its own, with connections of its own.
pub(crate) struct Elsewhere {
    runtime: tokio::runtime::Runtime,
}

impl Elsewhere {
    /// Ends everything in it at once, with no word to anybody: connections break, nothing is settled.
    pub(crate) fn kill(self) {
        self.runtime.shutdown_background();
    }
}

fn context(database: Database, jobs: JobSettings, mailer: Box<dyn Mailer>) -> Context {
    Context {
        database,
        jobs: Arc::new(jobs),
        imports: ImportSettings {
            max_records: 1000,
            batch: 2,
            batch_cells: 1000,
        },
        maintenance: MaintenanceSettings {
            keep: Keep {
                jobs: 30 * DAY,
                files: 30 * DAY,
            },
            checked_students: 1000,
        },
        mailer,
        sender: "AcuRate <no-reply@acurate.test>".parse().unwrap(),
        public_url: "https://acurate.test/".parse().unwrap(),
        server_secret: SecretString::from("a server secret of the tests, long enough"),
        credential_life: Duration::from_secs(3600),
        worker: "worker-of-a-test".to_owned(),
    }
}

/// A job's row, as far as tests look at it.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Row {
    pub(crate) state: String,
    pub(crate) failures: i32,
    pub(crate) error: Option<String>,
    pub(crate) result: Option<serde_json::Value>,
    pub(crate) waits_seconds: f64,
}

impl Workbench {
    pub(crate) async fn new(answer: Answer) -> Self {
        Self::with_hard_limit(answer, Duration::from_secs(1800)).await
    }

    pub(crate) async fn with_hard_limit(answer: Answer, hard_limit: Duration) -> Self {
        let mut jobs = (*job_settings()).clone();
        jobs.hard_limit = hard_limit;
        Self::with_settings(answer, jobs).await
    }

    pub(crate) async fn with_settings(answer: Answer, jobs: JobSettings) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let mailer = ObedientMailer {
            answer,
            taken: Arc::clone(&taken),
        };
        Self::make(Box::new(mailer), jobs, taken).await
    }

    /// With a mailer that has a server of its own.
    pub(crate) async fn with_mailer(mailer: impl Mailer + 'static) -> Self {
        Self::make(Box::new(mailer), (*job_settings()).clone(), Arc::default()).await
    }

    async fn make(mailer: Box<dyn Mailer>, jobs: JobSettings, taken: Arc<Mutex<Vec<Taken>>>) -> Self {
        let database = TestDatabase::create().await;
        let context = context(database.database().clone(), jobs, mailer);
        let insert = "INSERT INTO institutions (name) VALUES ('Deneme Üniversitesi') RETURNING id";
        let row = database.database().orm().query_one_raw(sql(insert, [])).await.unwrap().unwrap();
        let institution = row.try_get("", "id").unwrap();
        Self {
            database,
            context: Arc::new(context),
            running: Arc::default(),
            taken,
            institution,
        }
    }

    /// A user with a temporary credential that expires in so many seconds.
    pub(crate) async fn newcomer(&self, expires_in: f64) -> UserId {
        self.newcomer_at("ogretmen@acurate.test", expires_in).await
    }

    /// The same with an address of its own.
    pub(crate) async fn newcomer_at(&self, address: &str, expires_in: f64) -> UserId {
        let insert = "
            INSERT INTO users (institution_id, role, email, first_name, last_name, credential_nonce, credential_expires_at)
            VALUES ($1, 'teacher', $3, 'Çağla', 'Işık', uuid_send(gen_random_uuid()), now() + make_interval(secs => $2)) RETURNING id";
        let values = [self.institution.into(), expires_in.into(), address.into()];
        let row = self
            .database
            .database()
            .orm()
            .query_one_raw(sql(insert, values))
            .await
            .unwrap()
            .unwrap();
        row.try_get("", "id").unwrap()
    }

    pub(crate) async fn enqueue(&self, job: Job) -> JobId {
        let mut work = Work::begin(self.database.database(), &self.context.jobs).await.unwrap();
        let id = enqueue(
            &mut work,
            &job,
            Order {
                institution_id: Some(self.institution),
                created_by: None,
            },
        )
        .await
        .unwrap();
        let _not_sent = work.commit().await.unwrap();
        id
    }

    /// The same for a job that belongs to no institution.
    pub(crate) async fn enqueue_for_the_platform(&self, job: Job) -> JobId {
        let mut work = Work::begin(self.database.database(), &self.context.jobs).await.unwrap();
        let id = enqueue(&mut work, &job, Order::default()).await.unwrap();
        let _not_sent = work.commit().await.unwrap();
        id
    }

    /// What a message about the job makes another process do, which can be killed.
    pub(crate) fn elsewhere(&self, id: JobId) -> Elsewhere {
        let (url, jobs) = (self.database.url(), (*self.context.jobs).clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(async move {
            let mailer = ObedientMailer {
                answer: Answer::Take,
                taken: Arc::default(),
            };
            let mut settings = DatabaseSettings::read(&mut Environment::default());
            settings.url = url.into();
            let context = context(Database::open(&settings).await.unwrap(), jobs, Box::new(mailer));
            execute(Arc::new(context), Arc::default(), id).await.unwrap();
        });
        Elsewhere { runtime }
    }

    /// What a message about the job makes the worker do.
    pub(crate) async fn deliver(&self, id: JobId) {
        execute(Arc::clone(&self.context), Arc::clone(&self.running), id).await.unwrap();
    }

    pub(crate) async fn row(&self, id: JobId) -> Row {
        let select =
            "SELECT state, failures, error, result, extract(epoch FROM run_at - now())::float8 AS waits_seconds FROM jobs WHERE id = $1";
        Row::find_by_statement(sql(select, [id.into()]))
            .one(self.database.database().orm())
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn execute(&self, statement: &str) {
        self.database.database().orm().execute_unprepared(statement).await.unwrap();
    }

    /// One text from the database.
    pub(crate) async fn text(&self, select: &str) -> String {
        let row = self
            .database
            .database()
            .orm()
            .query_one_raw(sql(select, []))
            .await
            .unwrap()
            .unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Message ids of the mails that were taken.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|mail| mail.message_id.clone()).collect()
    }

    /// What the mails that were taken say, as text.
    pub(crate) fn contents(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|mail| mail.text.clone()).collect()
    }
}
