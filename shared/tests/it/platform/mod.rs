//! The platform: institutions, their administrators, their end, contact requests, the activity log.

mod administrators;
mod an_institution;
mod changing_an_institution;
mod contact_requests;
mod deletion;
mod suspension;
mod the_activity_log;

use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::ids::InstitutionId;
use acurate_shared::platform::institutions::InstitutionFilter;

const PAGE: PageRequest = PageRequest { page: 1, page_size: 20 };

fn home(actor: &Actor) -> InstitutionId {
    actor.institution_id.unwrap()
}

fn named(text: &str) -> InstitutionFilter {
    InstitutionFilter {
        search: Some(text.into()),
        ..InstitutionFilter::default()
    }
}

/// Actions of the log in an institution, in order.
async fn actions(campus: &Campus, id: InstitutionId) -> Vec<String> {
    let select = "SELECT array_agg(action ORDER BY activity_log.id) AS id FROM activity_log WHERE institution_id = $1";
    campus.value(select, [id.into()]).await
}
