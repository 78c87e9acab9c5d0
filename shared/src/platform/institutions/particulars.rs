//! What describes an institution besides its name, and the rules of each field.

use crate::entity::institution::ActiveModel;
use crate::kinds::InstitutionType;
use crate::validation::Checks;
use url::Url;

/// Longest name of a city, in characters.
const CITY_LIMIT: usize = 100;

/// Longest address, in characters.
const ADDRESS_LIMIT: usize = 500;

/// Longest address of a web site, in characters.
const WEBSITE_LIMIT: usize = 500;

/// Longest description, in characters.
const DESCRIPTION_LIMIT: usize = 5000;

/// A partial description: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct Particulars {
    /// What kind of institution it is; a university unless it says otherwise.
    pub institution_type: Option<InstitutionType>,
    /// At most 100 characters.
    pub city: Option<Option<String>>,
    /// ISO 3166-1 alpha-2, e.g. `TR`.
    pub country: Option<Option<String>>,
    /// Postal address, at most 500 characters in several lines.
    pub address: Option<Option<String>>,
    /// An `http` or `https` address, at most 500 characters.
    pub website: Option<Option<String>>,
    /// Where people write to.
    pub contact_email: Option<Option<String>>,
    /// Where people call, at most 20 characters.
    pub contact_phone: Option<Option<String>>,
    /// At most 5000 characters in several lines.
    pub description: Option<Option<String>>,
}

impl Particulars {
    /// Puts the checked fields into a row; one that is what it was stays unchanged.
    pub(super) fn apply(self, checks: &mut Checks, change: &mut ActiveModel) {
        if let Some(institution_type) = self.institution_type {
            change.institution_type.set_if_not_equals(institution_type);
        }
        if let Some(city) = self.city {
            let city = checks.optional_text("city", city.as_deref(), CITY_LIMIT);
            change.city.set_if_not_equals(city);
        }
        if let Some(code) = self.country {
            change.country.set_if_not_equals(country(checks, code.as_deref()));
        }
        if let Some(address) = self.address {
            let address = checks.optional_prose("address", address.as_deref(), ADDRESS_LIMIT);
            change.address.set_if_not_equals(address);
        }
        if let Some(address) = self.website {
            change.website.set_if_not_equals(website(checks, address.as_deref()));
        }
        if let Some(email) = self.contact_email {
            let email = checks.optional_email("contact_email", email.as_deref());
            change.contact_email.set_if_not_equals(email);
        }
        if let Some(phone) = self.contact_phone {
            let phone = checks.phone("contact_phone", phone.as_deref());
            change.contact_phone.set_if_not_equals(phone);
        }
        if let Some(text) = self.description {
            let text = checks.optional_prose("description", text.as_deref(), DESCRIPTION_LIMIT);
            change.description.set_if_not_equals(text);
        }
    }
}

/// Two letters, in upper case. Which of them are countries today is no question for a constraint.
fn country(checks: &mut Checks, code: Option<&str>) -> Option<String> {
    let code = code.map(str::trim).filter(|code| !code.is_empty())?;
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        checks.fault("country", "invalid_country", "is no code of two letters as in ISO 3166-1, e.g. TR");
    }
    Some(code.to_ascii_uppercase())
}

/// An address that a browser can open, as it was written.
fn website(checks: &mut Checks, address: Option<&str>) -> Option<String> {
    let address = checks.optional_text("website", address, WEBSITE_LIMIT)?;
    let is_usable = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme))
        && Url::parse(&address).is_ok_and(|url| url.has_host() && url.username().is_empty() && url.password().is_none());
    if !is_usable {
        checks.fault("website", "invalid_url", "is no address that begins with http:// or https://");
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn faults(check: impl FnOnce(&mut Checks)) -> Vec<&'static str> {
        let mut checks = Checks::default();
        check(&mut checks);
        match checks.finish() {
            Err(Error::Invalid(faults)) => faults.iter().map(|fault| fault.code).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        let mut checks = Checks::default();
        assert_eq!(country(&mut checks, Some(" tr ")).as_deref(), Some("TR"));
        assert_eq!(country(&mut checks, Some(" ")), None);
        checks.finish().unwrap();
        for code in ["TUR", "T", "T1", "ÇÇ", "Türkiye"] {
            assert_eq!(faults(|checks| drop(country(checks, Some(code)))), ["invalid_country"], "{code}");
        }
    }

    #[test]
    fn a_website_can_be_opened_and_holds_no_password() {
        for address in ["https://www.ata.edu.tr", "http://ata.edu.tr/tr?x=1#y"] {
            assert_eq!(
                faults(|checks| drop(website(checks, Some(address)))),
                Vec::<&str>::new(),
                "{address}"
            );
        }
        for address in [
            "www.ata.edu.tr",
            "javascript:alert(1)",
            "ftp://ata.edu.tr",
            "https://",
            "https://a:b@ata.edu.tr",
        ] {
            assert_eq!(faults(|checks| drop(website(checks, Some(address)))), ["invalid_url"], "{address}");
        }
    }
}
