//! Requests of visitors who want to be contacted.

use super::Tag;
use super::answers::{Created, NoContent};
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use super::words::{ContactRequestStatus, ContactRequestType, InstitutionType};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{OpenProblem, ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::entity::contact_request::Model;
use acurate_shared::ids::ContactRequestId;
use acurate_shared::platform::contact_requests;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct ContactRequestsApi;

/// What a visitor asks.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewContactRequest {
    /// 1 to 255 characters.
    institution_name: String,
    /// What kind of institution it is.
    institution_type: InstitutionType,
    /// 1 to 255 characters.
    contact_name: String,
    /// Where the answer goes, at most 254 characters.
    contact_email: String,
    /// At most 50 characters.
    contact_phone: Option<String>,
    /// What it is about.
    request_type: ContactRequestType,
    /// At most 5000 characters in several lines.
    message: Option<String>,
}

impl Example for NewContactRequest {
    fn example() -> Self {
        Self {
            institution_name: "Atatürk Üniversitesi".to_owned(),
            institution_type: InstitutionType::University,
            contact_name: "Irmak Işık".to_owned(),
            contact_email: "irmak@atauni.edu.tr".to_owned(),
            contact_phone: Some("+90 442 555 01 01, dahili 12".to_owned()),
            request_type: ContactRequestType::Demo,
            message: Some("Akreditasyon için bir tanıtım rica ederiz.".to_owned()),
        }
    }
}

/// What a visitor gets to know.
#[derive(Debug, Object)]
struct ContactReceipt {
    /// Number of the request, to refer to it.
    id: i64,
    /// When it arrived.
    created_at: DateTime<Utc>,
}

/// What can be changed: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct ContactRequestChange {
    /// Where it stands.
    status: Option<ContactRequestStatus>,
    /// At most 5000 characters in several lines.
    notes: MaybeUndefined<String>,
}

impl Example for ContactRequestChange {
    fn example() -> Self {
        Self {
            status: Some(ContactRequestStatus::DemoScheduled),
            notes: MaybeUndefined::Value("12 Mart, 14:00".to_owned()),
        }
    }
}

/// A request as the super admin sees it: as it was written, with nothing escaped.
#[derive(Debug, Object)]
struct ContactRequest {
    /// Its id.
    id: i64,
    /// Name of the institution.
    institution_name: String,
    /// What kind of institution it is.
    institution_type: InstitutionType,
    /// Who asks.
    contact_name: String,
    /// Where the answer goes, in lower case.
    contact_email: String,
    /// Telephone as it was written.
    contact_phone: Option<String>,
    /// What it is about.
    request_type: ContactRequestType,
    /// The message.
    message: Option<String>,
    /// Where it stands.
    status: ContactRequestStatus,
    /// What the super admin noted.
    notes: Option<String>,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it arrived.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/contact-requests", tag = "Tag::Platform")]
impl ContactRequestsApi {
    /// Ask to be contacted
    ///
    /// Needs no sign-in. The same request sent again within a day is the request that arrived first.
    #[oai(path = "/", method = "post", operation_id = "createContactRequest")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        body: Json<NewContactRequest>,
    ) -> Result<Created<ContactReceipt>, OpenProblem> {
        let work = state.begin(&context).await?;
        let row = contact_requests::create(&work, body.0.into()).await?;
        let location = format!("/api/contact-requests/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List contact requests
    ///
    /// For super admins; the newest first.
    #[oai(path = "/", method = "get", operation_id = "listContactRequests")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// A part of the institution's name, of the person's name or of the address, at most 255 characters.
        search: Query<Option<String>>,
        /// Requests that stand here only.
        status: Query<Option<ContactRequestStatus>>,
        /// Requests about this only.
        request_type: Query<Option<ContactRequestType>>,
        /// `created_at`, `updated_at`, `institution_name`, `contact_name`, `request_type`, `status`, several with commas, descending
        /// with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<ContactRequest>>, ReadProblem> {
        let filter = contact_requests::ContactRequestFilter {
            search: search.0,
            status: status.0.map(Into::into),
            request_type: request_type.0.map(Into::into),
            sort: sort.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = contact_requests::list(state.database.orm(), &user.0.actor, &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get a contact request
    ///
    /// For super admins.
    #[oai(path = "/:id", method = "get", operation_id = "getContactRequest")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the request.
        id: Path<i64>,
    ) -> Result<Versioned<ContactRequest>, ReadProblem> {
        let row = contact_requests::find(state.database.orm(), &user.0.actor, ContactRequestId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Change status and notes of a contact request
    ///
    /// For super admins. What the visitor wrote stays.
    #[oai(path = "/:id", method = "patch", operation_id = "updateContactRequest")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the request.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<ContactRequestChange>,
    ) -> Result<Versioned<ContactRequest>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let id = ContactRequestId(id.0);
        let row = contact_requests::update(&work, &user.0.actor, id, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete an archived contact request
    ///
    /// For super admins.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteContactRequest")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the request.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let work = state.begin(&context).await?;
        contact_requests::delete(&work, &user.0.actor, ContactRequestId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<NewContactRequest> for contact_requests::NewContactRequest {
    fn from(body: NewContactRequest) -> Self {
        Self {
            institution_name: body.institution_name,
            institution_type: body.institution_type.into(),
            contact_name: body.contact_name,
            contact_email: body.contact_email,
            contact_phone: body.contact_phone,
            request_type: body.request_type.into(),
            message: body.message,
        }
    }
}

impl From<ContactRequestChange> for contact_requests::ContactRequestPatch {
    fn from(body: ContactRequestChange) -> Self {
        Self {
            status: body.status.map(Into::into),
            notes: patch(body.notes, identity),
        }
    }
}

impl From<Model> for ContactReceipt {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.0,
            created_at: row.created_at,
        }
    }
}

impl From<Model> for ContactRequest {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.0,
            institution_name: row.institution_name,
            institution_type: row.institution_type.into(),
            contact_name: row.contact_name,
            contact_email: row.contact_email,
            contact_phone: row.contact_phone,
            request_type: row.request_type.into(),
            message: row.message,
            status: row.status.into(),
            notes: row.notes,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
