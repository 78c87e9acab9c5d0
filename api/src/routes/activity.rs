//! The log of what was done.

use super::Tag;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::platform::activity_log::{self, ActivityFilter, ActivityPage};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

/// Deeds a page when nothing else is wished for.
const PAGE_SIZE: u64 = 50;

/// The operations.
#[derive(Debug)]
pub struct ActivityApi;

/// One deed.
#[derive(Debug, Object)]
struct Activity {
    /// Its id.
    id: i64,
    /// When it was done.
    created_at: DateTime<Utc>,
    /// Where; absent for deeds on the platform itself.
    institution_id: Option<i64>,
    /// Who did it; absent for visitors and for the system.
    actor_id: Option<i64>,
    /// Name of the actor, while the account exists; institution admins see names of their own institution only.
    actor_name: Option<String>,
    /// Address of the actor, under the same conditions.
    actor_email: Option<String>,
    /// What was done, e.g. `course.created`, `user.signed_in`, `user.sign_in_failed`.
    action: String,
    /// Kind of the thing, e.g. `course`.
    object_type: Option<String>,
    /// Id of the thing.
    object_id: Option<i64>,
    /// Further facts, e.g. the names of the changed fields.
    detail: Value,
    /// Id of the request.
    request_id: Option<String>,
}

/// A page of the log, the newest deed first.
#[derive(Debug, Object)]
struct ActivityLog {
    /// What is on the page.
    items: Vec<Activity>,
    /// Where the next page begins: send it as `before`. Absent on the last page.
    next: Option<String>,
}

#[OpenApi(prefix_path = "/activity", tag = "Tag::Platform")]
impl ActivityApi {
    /// Read the activity log
    ///
    /// All of it for super admins, that of the own institution for institution admins; the newest deed first. The log is large:
    /// it has no total and no page numbers. Send the `next` of a page as `before` to get the page behind it; deeds that are
    /// done meanwhile shift nothing. With `search`, name a time or an institution, too, or much has to be read.
    #[oai(path = "/", method = "get", operation_id = "listActivity")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Exactly this action, e.g. `course.created`; at most 100 characters.
        action: Query<Option<String>>,
        /// Deeds of this user only.
        actor_id: Query<Option<i64>>,
        /// Deeds on this kind of thing only, e.g. `course`; at most 100 characters.
        object_type: Query<Option<String>>,
        /// Deeds on the thing with this id only.
        object_id: Query<Option<i64>>,
        /// Deeds in this institution only; for institution admins their own.
        institution_id: Query<Option<i64>>,
        /// From this instant on, RFC 3339.
        from: Query<Option<DateTime<Utc>>>,
        /// Before this instant, RFC 3339.
        until: Query<Option<DateTime<Utc>>>,
        /// A part of the action or of the actor's name, or the beginning of the actor's address; at most 100 characters.
        search: Query<Option<String>>,
        /// The `next` of a page; the page behind it is read.
        before: Query<Option<String>>,
        /// 1 to 100; default 50.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<ActivityLog>, ReadProblem> {
        let filter = ActivityFilter {
            action: action.0,
            actor_id: actor_id.0.map(UserId),
            object_type: object_type.0,
            object_id: object_id.0,
            institution_id: institution_id.0.map(InstitutionId),
            from: from.0,
            until: until.0,
            search: search.0,
            before: before.0,
        };
        let page_size = page_size.0.unwrap_or(PAGE_SIZE);
        let page = activity_log::list(state.database.orm(), &user.0.actor, &filter, page_size).await?;
        Ok(Json(page.into()))
    }
}

impl From<ActivityPage> for ActivityLog {
    fn from(page: ActivityPage) -> Self {
        Self {
            items: page.items.into_iter().map(Activity::from).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }
}

impl From<activity_log::Activity> for Activity {
    fn from(row: activity_log::Activity) -> Self {
        Self {
            id: row.id.0,
            created_at: row.created_at,
            institution_id: row.institution_id.map(|id| id.0),
            actor_id: row.actor_id.map(|id| id.0),
            actor_name: row.actor_name,
            actor_email: row.actor_email,
            action: row.action,
            object_type: row.object_type,
            object_id: row.object_id,
            detail: row.detail,
            request_id: row.request_id,
        }
    }
}
