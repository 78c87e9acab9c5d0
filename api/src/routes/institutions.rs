//! Institutions: tenants, made by the super admin.

use super::Tag;
use super::answers::Created;
use super::paging::{PageOf, wanted};
use super::words::Locale;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::entity::institution;
use acurate_shared::ids::InstitutionId;
use acurate_shared::people::{self, institutions};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct InstitutionsApi;

/// An institution to be made.
#[derive(Debug, Object)]
pub struct NewInstitution {
    /// 1 to 255 characters; unique, upper and lower case being the same.
    name: String,
    /// Language of its mails; Turkish when absent.
    locale: Option<Locale>,
    /// IANA name, e.g. `Europe/Berlin`; `Europe/Istanbul` when absent.
    time_zone: Option<String>,
    /// Its first administrator, who is sent a temporary password.
    admin: NewAdministrator,
}

/// An administrator to be made.
#[derive(Debug, Object)]
pub struct NewAdministrator {
    /// Address to sign in with, at most 254 characters.
    email: String,
    /// Given names, 1 to 150 characters.
    first_name: String,
    /// Family name, 1 to 150 characters.
    last_name: String,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    phone: Option<String>,
}

/// An institution.
#[derive(Debug, Object)]
pub struct Institution {
    /// Its id.
    id: i64,
    /// Its name.
    name: String,
    /// Language of its mails.
    locale: Locale,
    /// IANA name.
    time_zone: String,
    /// Whether its people may sign in.
    is_active: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// An institution's administrator.
#[derive(Debug, Object)]
pub struct Administrator {
    /// Id of the user.
    id: i64,
    /// Address, in lower case.
    email: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Telephone.
    phone: Option<String>,
    /// Whether it may sign in.
    is_active: bool,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

/// A new institution and its administrator.
#[derive(Debug, Object)]
pub struct CreatedInstitution {
    /// The institution.
    institution: Institution,
    /// Its administrator.
    admin: Administrator,
}

#[OpenApi(prefix_path = "/institutions", tag = "Tag::Institutions")]
impl InstitutionsApi {
    /// Make an institution and its first administrator
    ///
    /// For super admins. The administrator is sent a temporary password.
    #[oai(path = "/", method = "post", operation_id = "createInstitution")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewInstitution>,
    ) -> Result<Created<CreatedInstitution>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let created = institutions::create(&mut work, &user.0.actor, &state.identity, body.0.into()).await?;
        let location = format!("/api/institutions/{}", created.institution.id);
        Ok(state.create(&context, work, location, created).await?)
    }

    /// List institutions by name
    ///
    /// For super admins.
    #[oai(path = "/", method = "get", operation_id = "listInstitutions")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// A part of the name.
        search: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Institution>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = institutions::list(state.database.orm(), &user.0.actor, search.as_deref(), request).await?;
        Ok(Json(found.into()))
    }

    /// Get an institution
    ///
    /// Any for super admins, the own for everybody else.
    #[oai(path = "/:id", method = "get", operation_id = "getInstitution")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
    ) -> Result<Json<Institution>, ReadProblem> {
        let found = institutions::find(state.database.orm(), &user.0.actor, InstitutionId(id.0)).await?;
        Ok(Json(found.into()))
    }
}

impl From<NewInstitution> for institutions::NewInstitution {
    fn from(body: NewInstitution) -> Self {
        Self {
            name: body.name,
            locale: body.locale.map(Into::into),
            time_zone: body.time_zone,
            admin: people::NewPerson {
                email: body.admin.email,
                first_name: body.admin.first_name,
                last_name: body.admin.last_name,
                phone: body.admin.phone,
            },
        }
    }
}

impl From<institution::Model> for Institution {
    fn from(row: institution::Model) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            locale: row.locale.into(),
            time_zone: row.time_zone,
            is_active: row.is_active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<institutions::Created> for CreatedInstitution {
    fn from(created: institutions::Created) -> Self {
        let admin = created.admin;
        Self {
            institution: created.institution.into(),
            admin: Administrator {
                id: admin.id.0,
                email: admin.email,
                first_name: admin.first_name,
                last_name: admin.last_name,
                phone: admin.phone,
                is_active: admin.is_active,
                created_at: admin.created_at,
            },
        }
    }
}
