//! Holds the stored achievements of a sample of students against the rules. What differs is told, in the log and in the
//! job's result, and the students are marked, so that an ordinary job computes them anew.
//!
//! Nothing is written before the end: a run that was interrupted begins again and finds the same.

use super::{end, stopped};
use crate::context::Context;
use crate::executor::{JobResult, Outcome, Stop};
use acurate_shared::achievement::check::{self, Checked, Difference, Standing};
use acurate_shared::achievement::{check::Outcome as Of, mark};
use acurate_shared::activity::{self, Deed};
use acurate_shared::db::{Work, sql};
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::jobs::ledger::{self, Claim};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Students of one snapshot.
const BATCH: usize = 100;

/// Differences that are told one by one; the others are counted.
const EXAMPLES: usize = 20;

/// The sample is chosen by the job's id: each night another one, and each run of a job the same.
pub(super) async fn run(context: &Context, claim: &Claim, stop: &Stop) -> JobResult {
    let sample = check::sample(context.database.orm(), claim.id.0, context.maintenance.checked_students).await?;
    let total = i64::try_from(sample.len()).ok();
    let mut checked = Checked::default();
    let mut done = 0;
    for batch in sample.chunks(BATCH) {
        if let Some(outcome) = stopped(context, claim, stop, report(&checked, sample.len(), 0)).await? {
            return Ok(outcome);
        }
        checked.add(check::check(&context.database, batch).await?);
        done += batch.len();
        if !ledger::progress(context.database.orm(), claim, i64::try_from(done).unwrap_or(i64::MAX), total).await? {
            return Ok(Outcome::Fenced);
        }
    }
    warn(&checked);
    let mut work = context.begin(claim).await?;
    let repaired = repair(&mut work, claim, &checked.differences).await?;
    end(work, claim, report(&checked, sample.len(), repaired)).await
}

fn warn(checked: &Checked) {
    for difference in checked.differences.iter().take(EXAMPLES) {
        let (stored, computed) = (difference.stored, difference.computed);
        let (student, outcome) = (difference.student_id, difference.outcome);
        tracing::warn!(%student, ?outcome, ?stored, ?computed, "a stored achievement is not what the rules say");
    }
    let (differences, students) = (checked.differences.len(), checked.students);
    if differences > 0 {
        tracing::warn!(differences, students, "achievements differed and are computed anew");
    }
}

/// Marks the students that are still there; says how many.
async fn repair(work: &mut Work, claim: &Claim, differences: &[Difference]) -> Result<usize> {
    let mut wrong: BTreeMap<InstitutionId, BTreeSet<UserId>> = BTreeMap::new();
    for difference in differences {
        wrong.entry(difference.institution_id).or_default().insert(difference.student_id);
    }
    let mut repaired = 0;
    for (institution_id, students) in wrong {
        let students = present(work, &students).await?;
        mark::students(work, institution_id, &students).await?;
        let detail = json!({ "students": students.len(), "job_id": claim.id });
        let deed = Deed::new("achievement.repaired", "institution", institution_id.0).with(detail);
        activity::record_for(work, None, Some(institution_id), deed).await?;
        repaired += students.len();
    }
    Ok(repaired)
}

/// Those whose rows exist, and stay until the end of the work.
async fn present(work: &Work, students: &BTreeSet<UserId>) -> Result<Vec<UserId>> {
    let ids: Vec<i64> = students.iter().map(|id| id.0).collect();
    let select = "SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR KEY SHARE";
    let rows = work.tx().query_all_raw(sql(select, [ids.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, DbErr>>()?)
}

/// `passed_over`: students with a change that waits, and those who are gone.
fn report(checked: &Checked, sample: usize, repaired: usize) -> Value {
    let examples: Vec<Value> = checked.differences.iter().take(EXAMPLES).map(example).collect();
    json!({
        "students": checked.students,
        "passed_over": sample.saturating_sub(checked.students),
        "outcomes": checked.outcomes,
        "differences": checked.differences.len(),
        "repaired_students": repaired,
        "examples": examples,
    })
}

fn example(difference: &Difference) -> Value {
    let (learning_outcome, program_outcome) = match difference.outcome {
        Of::Learning(id) => (Some(id), None),
        Of::Program(id) => (None, Some(id)),
    };
    json!({
        "student_id": difference.student_id,
        "learning_outcome_id": learning_outcome,
        "program_outcome_id": program_outcome,
        "stored": difference.stored.map(standing),
        "computed": difference.computed.map(standing),
    })
}

fn standing(standing: Standing) -> Value {
    json!({ "percentage": standing.percentage, "met": standing.met, "graded": standing.graded, "total": standing.total })
}
