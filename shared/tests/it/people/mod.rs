//! The people of an institution.

mod a_new_student;
mod a_teacher;
mod changing_a_student;
mod changing_a_teacher;
mod deleting_somebody;
mod finding_students;
mod sending_the_welcome_again;

use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::kinds::Role;

const PAGE: PageRequest = PageRequest { page: 1, page_size: 20 };

fn home(actor: &Actor) -> InstitutionId {
    actor.institution_id.unwrap()
}

/// Somebody of the first institution.
fn of(campus: &Campus, role: Role, user_id: UserId) -> Actor {
    Actor {
        user_id,
        role,
        institution_id: campus.admin.institution_id,
    }
}
