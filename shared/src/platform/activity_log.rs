//! Reading the log of deeds: all of it by the super admin, an institution's by its administrators. Writing is
//! [`activity`](crate::activity).
//!
//! The log is partitioned and grows by millions, so it has no total and no page numbers: a page begins behind a
//! [`Cursor`], and costs the same wherever it is. Only the conditions that are asked for reach the database, so that each
//! combination gets a plan of its own.

use crate::actor::Actor;
use crate::db::{PageRequest, contains, sql};
use crate::error::{Error, Result};
use crate::ids::{ActivityId, InstitutionId, UserId};
use crate::kinds::Role;
use crate::validation::Checks;
use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::fmt;
use std::str::FromStr;

/// Longest action, kind of object and search text, in characters.
const TEXT_LIMIT: usize = 100;

/// A place in the log: what is behind it is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: DateTime<Utc>,
    id: ActivityId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.rsplit_once('-').ok_or(())?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
        let at = at.filter(is_of_this_calendar).ok_or(())?;
        Ok(Self {
            at,
            id: ActivityId(id.parse().map_err(drop)?),
        })
    }
}

/// Years of four digits; PostgreSQL does not know all that can be written with more.
fn is_of_this_calendar(at: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&at.year())
}

/// Which deeds are shown; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// What was done, e.g. `course.created`.
    pub action: Option<String>,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// Kind of the thing, e.g. `course`.
    pub object_type: Option<String>,
    /// Id of the thing.
    pub object_id: Option<i64>,
    /// The institution, for the super admin; an administrator may name its own only.
    pub institution_id: Option<InstitutionId>,
    /// The first instant.
    pub from: Option<DateTime<Utc>>,
    /// The first instant that does not belong to it any more.
    pub until: Option<DateTime<Utc>>,
    /// A part of the action or of the actor's name, or the beginning of the actor's address.
    pub search: Option<String>,
    /// Where the page begins: the `next` of the one before.
    pub before: Option<String>,
}

/// One deed.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// When it was done.
    pub created_at: DateTime<Utc>,
    /// Where.
    pub institution_id: Option<InstitutionId>,
    /// Who did it; `None` for visitors and for the system.
    pub actor_id: Option<UserId>,
    /// Name of the actor, while the account exists; administrators see the names of their own institution only.
    pub actor_name: Option<String>,
    /// Address of the actor, under the same conditions.
    pub actor_email: Option<String>,
    /// What was done.
    pub action: String,
    /// Kind of the thing.
    pub object_type: Option<String>,
    /// Its id.
    pub object_id: Option<i64>,
    /// Further facts.
    pub detail: serde_json::Value,
    /// Id of the request.
    pub request_id: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityPage {
    /// The newest first.
    pub items: Vec<Activity>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
}

/// Conditions and their parameters.
#[derive(Debug, Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a parameter and returns its name, e.g. `$3`.
    fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds `column operator value` when there is a value.
    fn compare<V: Into<Value>>(&mut self, column_and_operator: &str, value: Option<V>) {
        if let Some(value) = value {
            let parameter = self.parameter(value);
            self.texts.push(format!("{column_and_operator} {parameter}"));
        }
    }

    fn text(&self) -> String {
        if self.texts.is_empty() {
            return "true".to_owned();
        }
        self.texts.join(" AND ")
    }
}

/// One page of the log, the newest deed first, in one statement; super admins and institution admins only.
///
/// # Errors
/// `Forbidden`; `NotFound` for an administrator that names another institution; `Invalid` for an impossible text or cursor.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &ActivityFilter, page_size: u64) -> Result<ActivityPage> {
    let own = scope(actor, filter)?;
    let page_size = PageRequest::new(1, page_size).page_size;
    let mut conditions = conditions(filter, own)?;
    // One more than the page: it tells whether there is a next one.
    let limit = conditions.parameter(page_size.cast_signed() + 1);
    let visible = match own {
        Some(id) => format!("AND u.institution_id = {}", conditions.parameter(id)),
        None => String::new(),
    };
    let select = format!(
        "SELECT page.*, u.first_name || ' ' || u.last_name AS actor_name, u.email AS actor_email
         FROM (SELECT id, created_at, institution_id, actor_id, action, object_type, object_id, detail, request_id
               FROM activity_log WHERE {} ORDER BY created_at DESC, id DESC LIMIT {limit}) page
         LEFT JOIN users u ON u.id = page.actor_id {visible}
         ORDER BY page.created_at DESC, page.id DESC",
        conditions.text(),
    );
    let mut items = Activity::find_by_statement(sql(&select, conditions.values)).all(db).await?;
    let size = usize::try_from(page_size).unwrap_or(usize::MAX);
    let is_last = items.len() <= size;
    items.truncate(size);
    let next = items.last().filter(|_| !is_last).map(|last| Cursor {
        at: last.created_at,
        id: last.id,
    });
    Ok(ActivityPage { items, next })
}

/// The institution that the actor may read, `None` for all.
fn scope(actor: &Actor, filter: &ActivityFilter) -> Result<Option<InstitutionId>> {
    actor.require(&[Role::SuperAdmin, Role::InstitutionAdmin])?;
    if actor.role == Role::SuperAdmin {
        return Ok(None);
    }
    let own = actor.institution()?;
    if filter.institution_id.is_some_and(|wanted| wanted != own) {
        return Err(Error::NotFound("institution"));
    }
    Ok(Some(own))
}

fn conditions(filter: &ActivityFilter, own: Option<InstitutionId>) -> Result<Conditions> {
    let mut checks = Checks::default();
    let action = checks.optional_text("action", filter.action.as_deref(), TEXT_LIMIT);
    let object_type = checks.optional_text("object_type", filter.object_type.as_deref(), TEXT_LIMIT);
    let search = checks.optional_text("search", filter.search.as_deref(), TEXT_LIMIT);
    let before = match filter.before.as_deref().map(Cursor::from_str) {
        Some(Err(())) => {
            checks.fault("before", "invalid_cursor", "must be the next of a page that was read before");
            None
        }
        Some(Ok(cursor)) => Some(cursor),
        None => None,
    };
    for (field, instant) in [("from", filter.from), ("until", filter.until)] {
        if instant.is_some_and(|at| !is_of_this_calendar(&at)) {
            checks.fault(field, "out_of_range", "must be in the years 1 to 9999");
        }
    }
    checks.finish()?;
    let mut conditions = Conditions::default();
    conditions.compare("institution_id =", own.or(filter.institution_id));
    conditions.compare("action =", action);
    conditions.compare("actor_id =", filter.actor_id);
    conditions.compare("object_type =", object_type);
    conditions.compare("object_id =", filter.object_id);
    conditions.compare("created_at >=", filter.from);
    conditions.compare("created_at <", filter.until);
    if let Some(cursor) = before {
        let (at, id) = (conditions.parameter(cursor.at), conditions.parameter(cursor.id));
        // The first comparison is implied; it alone lets the planner leave whole partitions out.
        conditions
            .texts
            .push(format!("created_at <= {at} AND (created_at, id) < ({at}, {id})"));
    }
    if let Some(text) = search {
        search_for(&mut conditions, text, own);
    }
    Ok(conditions)
}

/// The people are found first, among those that the reader may see; the array is computed once.
fn search_for(conditions: &mut Conditions, text: String, own: Option<InstitutionId>) {
    let text = conditions.parameter(text);
    let people = match own {
        Some(id) => format!("institution_id = {} AND", conditions.parameter(id)),
        None => String::new(),
    };
    let name = contains("first_name || ' ' || last_name", &text);
    conditions.texts.push(format!(
        r#"(strpos(action, lower({text})) > 0 OR actor_id = ANY (ARRAY(
               SELECT id FROM users WHERE {people} (starts_with(email, lower({text} COLLATE "C")) OR {name}))))"#
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_itself() {
        let cursor = Cursor {
            at: DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap(),
            id: ActivityId(42),
        };
        assert_eq!(cursor.to_string(), "1795000000123456-42");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_none() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "-1-x",
            "1795000000123456",
            "99999999999999999999-1",
            "a-1",
            "-999999999999999999-1",
            "900000000000000000-1",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
