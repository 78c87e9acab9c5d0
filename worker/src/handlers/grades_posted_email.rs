//! Tells a student who wants to know that there are new grades in a course: one mail for all that came within a short time.
//!
//! It names the assessments and never a grade. Mail is read by others on its way and in forwarded mailboxes, and a grade is the
//! student's own affair; it is shown to whoever signs in.

use super::mail_delivery;
use super::recipient::Recipient;
use crate::context::Context;
use crate::executor::{JobError, JobResult};
use crate::mailer::GradesPostedMail;
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::ids::{CourseId, UserId};
use acurate_shared::jobs::Job;
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::MailKind;
use chrono::Utc;
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Course {
    code: String,
    title: String,
}

/// Assessments with a cell that was written since the first job of this student and course that no mail has followed yet: one
/// that was superseded, or given up, leaves its grades to the next.
const GRADED: &str = "
    SELECT a.title FROM grades g JOIN assessments a ON a.id = g.assessment_id JOIN courses c ON c.id = g.course_id
    WHERE g.student_id = $1 AND g.course_id = $2 AND g.academic_year = c.academic_year AND g.graded_at >= (
        SELECT min(created_at) FROM jobs
        WHERE kind = 'grades_posted_email' AND dedupe_key = $3 AND id <= $4 AND id > (
            SELECT COALESCE(max(id), 0) FROM jobs
            WHERE kind = 'grades_posted_email' AND dedupe_key = $3 AND id < $4 AND state = 'succeeded'))
    ORDER BY a.title, a.id";

pub(super) async fn run(context: &Context, claim: &Claim, student_id: UserId, course_id: CourseId) -> JobResult {
    let Some(recipient) = Recipient::find(context, student_id).await? else {
        return mail_delivery::skip(context, claim, "the account is gone").await;
    };
    if !recipient.mail_grades {
        return mail_delivery::skip(context, claim, "the student does not want mails about grades any more").await;
    }
    if !recipient.is_open {
        return mail_delivery::skip(context, claim, "the account is not active").await;
    }
    let Some(course) = course(context, course_id).await? else {
        return mail_delivery::skip(context, claim, "the course is gone").await;
    };
    let assessments = graded(context, claim, student_id, course_id).await?;
    if assessments.is_empty() {
        return mail_delivery::skip(context, claim, "the grades were taken back").await;
    }
    let mail = GradesPostedMail {
        job_id: claim.id,
        course_id,
        to: recipient.addressee(recipient.email.clone()),
        course_code: course.code,
        course_title: course.title,
        assessments,
        public_url: context.public_url.clone(),
    };
    let mail = mail
        .compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))?;
    let record = recipient.record(MailKind::GradesPosted, recipient.email.clone());
    mail_delivery::deliver(context, claim, record, &mail).await
}

async fn course(context: &Context, id: CourseId) -> Result<Option<Course>> {
    let select = "SELECT code, title FROM courses WHERE id = $1";
    Ok(Course::find_by_statement(sql(select, [id.into()]))
        .one(context.database.orm())
        .await?)
}

async fn graded(context: &Context, claim: &Claim, student_id: UserId, course_id: CourseId) -> Result<Vec<String>> {
    let key = Job::GradesPostedEmail { student_id, course_id }.dedupe_key();
    let values = [student_id.into(), course_id.into(), key.into(), claim.id.into()];
    let rows = context.database.orm().query_all_raw(sql(GRADED, values)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "title")).collect::<Result<_, _>>()?)
}
