//! One institution imports a whole university while single marks of another are written: how long until a mark shows in the
//! outcomes of its student, with the import and without.

use super::campus::{self, Campus};
use super::site::Site;
use crate::api::Api;
use crate::failure::{Failure, Result};
use crate::measure::{owner, people, rows};
use crate::statistics::percentile;
use crate::student_import;
use crate::tenant::{Platform, Tenant};
use acurate_shared::ids::{InstitutionId, UserId};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Students of the institution with single marks.
const STUDENTS: usize = 400;

/// A mark that does not show after this long is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Pause between two looks whether a mark shows.
const LOOK: Duration = Duration::from_millis(5);

/// How long marks took, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// Until the API had answered.
    pub(crate) answered: Vec<f64>,
    /// Until the student's outcomes were computed with it; both from the request's first byte.
    pub(crate) shown: Vec<f64>,
}

impl Marks {
    /// p50 and p99 until the answer.
    pub(crate) fn answered(&self) -> [f64; 2] {
        [50, 99].map(|percent| percentile(&self.answered, percent))
    }

    /// p50 and p99 until the outcomes were computed.
    pub(crate) fn shown(&self) -> [f64; 2] {
        [50, 99].map(|percent| percentile(&self.shown, percent))
    }
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// With nothing else going on.
    pub(crate) alone: Marks,
    /// During the import.
    pub(crate) beside: Marks,
    /// How long the import took.
    pub(crate) import: Duration,
}

/// The teacher of single marks.
#[derive(Debug)]
struct Teacher {
    site: Arc<Site>,
    api: Api,
    campus: Campus,
}

/// Writes `rate` marks a second: for so many seconds alone, and then for as long as an import of `records` takes. One API and
/// one worker with the default settings.
///
/// # Errors
/// When the API refuses, the import loses a record, or a mark does not show within two minutes.
pub(crate) async fn measure(site: &Arc<Site>, rate: u32, seconds: u32, records: usize) -> Result<Outcome> {
    site.clear().await?;
    let prefix = format!("measure-{}", uuid::Uuid::new_v4().simple());
    let workers = site.workers(&prefix, 1, None).await?;
    let (api, accounts) = site.api(&prefix).await?;
    let platform = Platform::open(&accounts, &site.mails()).await?;
    let importer = platform.new_tenant("Import").await?;
    let teacher = platform.new_tenant("Single marks").await?;
    let campus = campus::found(site, InstitutionId(teacher.institution_id), STUDENTS).await?;
    let teacher = Arc::new(Teacher {
        site: Arc::clone(site),
        api: teacher.api,
        campus,
    });
    // Opens connections and fills caches.
    marks(&teacher, rate, async || tokio::time::sleep(Duration::from_secs(2)).await).await?;
    let (alone, ()) = marks(&teacher, rate, async || {
        tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await
    })
    .await?;
    let file = prepare(&importer, records).await?;
    let began = Instant::now();
    let (beside, imported) = marks(&teacher, rate, async || student_import::run(&importer.api, file, records).await).await?;
    let import = began.elapsed();
    imported?;
    for program in workers.into_iter().chain([api]) {
        program.end().await;
    }
    Ok(Outcome { alone, beside, import })
}

async fn prepare(importer: &Tenant, records: usize) -> Result<Vec<u8>> {
    owner(importer).await?;
    rows::import_file(&people::people(records, &importer.domain))
}

/// Writes marks at fixed times for as long as `meanwhile` takes.
async fn marks<T>(teacher: &Arc<Teacher>, rate: u32, meanwhile: impl AsyncFnOnce() -> T) -> Result<(Marks, T)> {
    let mut writing = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    let mut number = 0;
    let ticking = async {
        loop {
            ticks.tick().await;
            let teacher = Arc::clone(teacher);
            writing.spawn(async move { teacher.mark(number).await });
            number += 1;
        }
    };
    let ended = tokio::select! {
        ended = meanwhile() => ended,
        never = ticking => never,
    };
    let mut marks = Marks::default();
    while let Some(written) = writing.join_next().await {
        let (answered, shown) = written.map_err(|error| Failure::Stopped(error.to_string()))??;
        marks.answered.push(answered.as_secs_f64() * 1000.0);
        marks.shown.push(shown.as_secs_f64() * 1000.0);
    }
    Ok((marks, ended))
}

impl Teacher {
    /// Writes one mark, the students by turns. Returns the time until the answer and until it shows.
    async fn mark(&self, number: usize) -> Result<(Duration, Duration)> {
        let (students, assessments) = (&self.campus.students, &self.campus.assessments);
        let student = students.get(number % students.len());
        let assessment = assessments.get(number % assessments.len());
        let (Some(student), Some(assessment)) = (student, assessment) else {
            return Err(Failure::Stopped("there is nobody to mark".to_owned()));
        };
        let began = Instant::now();
        let path = format!("/assessments/{assessment}/grades/{student}");
        self.api.put(&path, &json!({ "score": number % 101 })).await?;
        let answered = began.elapsed();
        self.until_shown(*student, began).await?;
        Ok((answered, began.elapsed()))
    }

    /// The computation takes the sign of a pending change away in its own transaction.
    async fn until_shown(&self, student: UserId, began: Instant) -> Result<()> {
        let pending = "SELECT EXISTS (SELECT FROM achievement_marks WHERE student_id = $1)";
        while self.site.value::<bool>(pending, [student.into()]).await? {
            if began.elapsed() > PATIENCE {
                return Err(Failure::Stopped(format!("a mark of student {student} does not show")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}
