//! The own institution: seen by everybody in it, changed in parts by its administrators.

use super::Tag;
use super::institutions::bodies::Institution;
use super::partial::patch;
use super::versions::{Versioned, expected};
use super::words::Locale;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::platform::institutions;
use poem::web::Data;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct OwnInstitutionApi;

/// What an administrator may change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct OwnInstitutionChange {
    /// Language of its mails.
    locale: Option<Locale>,
    /// IANA name, e.g. `Europe/Berlin`.
    time_zone: Option<String>,
    /// Postal address, at most 500 characters in several lines.
    address: MaybeUndefined<String>,
    /// An `http` or `https` address, at most 500 characters.
    website: MaybeUndefined<String>,
    /// Where people write to, at most 254 characters.
    contact_email: MaybeUndefined<String>,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    contact_phone: MaybeUndefined<String>,
}

impl Example for OwnInstitutionChange {
    fn example() -> Self {
        Self {
            locale: Some(Locale::En),
            time_zone: Some("Europe/Berlin".to_owned()),
            address: MaybeUndefined::Undefined,
            website: MaybeUndefined::Undefined,
            contact_email: MaybeUndefined::Value("info@atauni.edu.tr".to_owned()),
            contact_phone: MaybeUndefined::Null,
        }
    }
}

#[OpenApi(prefix_path = "/institution", tag = "Tag::Institutions")]
impl OwnInstitutionApi {
    /// Get the own institution
    ///
    /// For everybody who belongs to one.
    #[oai(path = "/", method = "get", operation_id = "getOwnInstitution")]
    async fn find(&self, state: Data<&AppState>, user: SignedIn) -> Result<Versioned<Institution>, ReadProblem> {
        let row = institutions::own(state.database.orm(), &user.0.actor).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Change the own institution
    ///
    /// For institution admins. Its name and kind are the super admin's affair.
    #[oai(path = "/", method = "patch", operation_id = "updateOwnInstitution")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<OwnInstitutionChange>,
    ) -> Result<Versioned<Institution>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let row = institutions::update_own(&work, &user.0.actor, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }
}

impl From<OwnInstitutionChange> for institutions::OwnInstitutionPatch {
    fn from(body: OwnInstitutionChange) -> Self {
        Self {
            locale: body.locale.map(Into::into),
            time_zone: body.time_zone,
            address: patch(body.address, identity),
            website: patch(body.website, identity),
            contact_email: patch(body.contact_email, identity),
            contact_phone: patch(body.contact_phone, identity),
        }
    }
}
