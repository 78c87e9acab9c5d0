//! What requests and answers about institutions hold.

use super::super::mails::MailState;
use super::super::partial::patch;
use super::super::words::{InstitutionType, Locale};
use acurate_shared::entity::institution;
use acurate_shared::people::NewPerson;
use acurate_shared::platform::administrators;
use acurate_shared::platform::institutions::{self, Particulars};
use chrono::{DateTime, Utc};
use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};
use std::convert::identity;

/// An institution to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(in super::super) struct NewInstitution {
    /// 1 to 255 characters; unique, upper and lower case being the same.
    name: String,
    /// Language of its mails; Turkish when absent.
    locale: Option<Locale>,
    /// IANA name, e.g. `Europe/Berlin`; `Europe/Istanbul` when absent.
    time_zone: Option<String>,
    /// What kind it is; a university when absent.
    institution_type: Option<InstitutionType>,
    /// At most 100 characters.
    city: Option<String>,
    /// Two letters as in ISO 3166-1, e.g. `TR`.
    country: Option<String>,
    /// Postal address, at most 500 characters in several lines.
    address: Option<String>,
    /// An `http` or `https` address, at most 500 characters.
    website: Option<String>,
    /// Where people write to, at most 254 characters.
    contact_email: Option<String>,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    contact_phone: Option<String>,
    /// At most 5000 characters in several lines.
    description: Option<String>,
    /// Its first administrator, who is sent a temporary password.
    admin: NewAdministrator,
}

impl Example for NewInstitution {
    fn example() -> Self {
        Self {
            name: "Atatürk Üniversitesi".to_owned(),
            locale: Some(Locale::Tr),
            time_zone: Some("Europe/Istanbul".to_owned()),
            institution_type: Some(InstitutionType::University),
            city: Some("Erzurum".to_owned()),
            country: Some("TR".to_owned()),
            address: None,
            website: Some("https://www.atauni.edu.tr".to_owned()),
            contact_email: None,
            contact_phone: None,
            description: None,
            admin: NewAdministrator::example(),
        }
    }
}

/// An administrator to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(in super::super) struct NewAdministrator {
    /// Address to sign in with, at most 254 characters.
    email: String,
    /// Given names, 1 to 150 characters.
    first_name: String,
    /// Family name, 1 to 150 characters.
    last_name: String,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    phone: Option<String>,
}

impl Example for NewAdministrator {
    fn example() -> Self {
        Self {
            email: "dekan@atauni.edu.tr".to_owned(),
            first_name: "Irmak".to_owned(),
            last_name: "Işık".to_owned(),
            phone: None,
        }
    }
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(in super::super) struct InstitutionChange {
    /// As for a new institution.
    name: Option<String>,
    /// Language of its mails.
    locale: Option<Locale>,
    /// IANA name.
    time_zone: Option<String>,
    /// What kind it is.
    institution_type: Option<InstitutionType>,
    /// As for a new institution.
    city: MaybeUndefined<String>,
    /// As for a new institution.
    country: MaybeUndefined<String>,
    /// As for a new institution.
    address: MaybeUndefined<String>,
    /// As for a new institution.
    website: MaybeUndefined<String>,
    /// As for a new institution.
    contact_email: MaybeUndefined<String>,
    /// As for a new institution.
    contact_phone: MaybeUndefined<String>,
    /// As for a new institution.
    description: MaybeUndefined<String>,
}

impl Example for InstitutionChange {
    fn example() -> Self {
        Self {
            name: None,
            locale: None,
            time_zone: None,
            institution_type: Some(InstitutionType::University),
            city: MaybeUndefined::Value("Erzurum".to_owned()),
            country: MaybeUndefined::Undefined,
            address: MaybeUndefined::Undefined,
            website: MaybeUndefined::Null,
            contact_email: MaybeUndefined::Undefined,
            contact_phone: MaybeUndefined::Undefined,
            description: MaybeUndefined::Undefined,
        }
    }
}

/// An institution.
#[derive(Debug, Object)]
pub(in super::super) struct Institution {
    /// Its id.
    id: i64,
    /// Its name.
    name: String,
    /// Language of its mails.
    locale: Locale,
    /// IANA name.
    time_zone: String,
    /// What kind it is.
    institution_type: InstitutionType,
    /// Where it is.
    city: Option<String>,
    /// Two letters as in ISO 3166-1.
    country: Option<String>,
    /// Postal address.
    address: Option<String>,
    /// Its web site.
    website: Option<String>,
    /// Where people write to.
    contact_email: Option<String>,
    /// Where people call.
    contact_phone: Option<String>,
    /// What there is to say about it.
    description: Option<String>,
    /// Whether its people may sign in.
    is_active: bool,
    /// Since when it is suspended.
    suspended_at: Option<DateTime<Utc>>,
    /// When its deletion was asked for, which cannot be taken back.
    deletion_requested_at: Option<DateTime<Utc>>,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// How many there are of what, active or not.
#[derive(Debug, Object)]
pub(super) struct InstitutionSizes {
    /// Its administrators.
    administrators: i64,
    /// Its teachers.
    teachers: i64,
    /// Its students.
    students: i64,
    /// Its courses, of all years.
    courses: i64,
}

/// An institution and how it is used.
#[derive(Debug, Object)]
pub(super) struct InstitutionOverview {
    /// The institution.
    #[oai(flatten)]
    institution: Institution,
    /// How large it is.
    sizes: InstitutionSizes,
    /// The last sign-in of any of its administrators.
    admins_last_sign_in_at: Option<DateTime<Utc>>,
}

/// An institution's administrator.
#[derive(Debug, Object)]
pub(super) struct Administrator {
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
    /// The last sign-in with a password.
    last_sign_in_at: Option<DateTime<Utc>>,
    /// Whether mails go to the user.
    mail_state: MailState,
    /// What a mail server said when it refused the address for good.
    mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    mail_suppressed_at: Option<DateTime<Utc>>,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

/// A new institution and its administrator.
#[derive(Debug, Object)]
pub(super) struct CreatedInstitution {
    /// The institution.
    institution: Institution,
    /// Its administrator.
    admin: Administrator,
}

impl From<NewAdministrator> for NewPerson {
    fn from(body: NewAdministrator) -> Self {
        Self {
            email: body.email,
            first_name: body.first_name,
            last_name: body.last_name,
            phone: body.phone,
        }
    }
}

impl From<NewInstitution> for institutions::NewInstitution {
    fn from(body: NewInstitution) -> Self {
        Self {
            name: body.name,
            locale: body.locale.map(Into::into),
            time_zone: body.time_zone,
            particulars: Particulars {
                institution_type: body.institution_type.map(Into::into),
                city: Some(body.city),
                country: Some(body.country),
                address: Some(body.address),
                website: Some(body.website),
                contact_email: Some(body.contact_email),
                contact_phone: Some(body.contact_phone),
                description: Some(body.description),
            },
            admin: body.admin.into(),
        }
    }
}

impl From<InstitutionChange> for institutions::InstitutionPatch {
    fn from(body: InstitutionChange) -> Self {
        Self {
            name: body.name,
            locale: body.locale.map(Into::into),
            time_zone: body.time_zone,
            particulars: Particulars {
                institution_type: body.institution_type.map(Into::into),
                city: patch(body.city, identity),
                country: patch(body.country, identity),
                address: patch(body.address, identity),
                website: patch(body.website, identity),
                contact_email: patch(body.contact_email, identity),
                contact_phone: patch(body.contact_phone, identity),
                description: patch(body.description, identity),
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
            institution_type: row.institution_type.into(),
            city: row.city,
            country: row.country,
            address: row.address,
            website: row.website,
            contact_email: row.contact_email,
            contact_phone: row.contact_phone,
            description: row.description,
            is_active: row.is_active,
            suspended_at: row.suspended_at,
            deletion_requested_at: row.deletion_requested_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<institutions::Listed> for InstitutionOverview {
    fn from(row: institutions::Listed) -> Self {
        Self {
            institution: row.institution.into(),
            sizes: InstitutionSizes {
                administrators: row.sizes.administrators,
                teachers: row.sizes.teachers,
                students: row.sizes.students,
                courses: row.sizes.courses,
            },
            admins_last_sign_in_at: row.admins_last_sign_in_at,
        }
    }
}

impl From<administrators::Administrator> for Administrator {
    fn from(row: administrators::Administrator) -> Self {
        Self {
            id: row.id.0,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            is_active: row.is_active,
            last_sign_in_at: row.last_sign_in_at,
            mail_state: MailState::since(row.mail_suppressed_at),
            mail_failure: row.mail_failure,
            mail_suppressed_at: row.mail_suppressed_at,
            created_at: row.created_at,
        }
    }
}

impl From<institutions::Created> for CreatedInstitution {
    fn from(created: institutions::Created) -> Self {
        Self {
            institution: created.institution.into(),
            admin: created.admin.into(),
        }
    }
}
