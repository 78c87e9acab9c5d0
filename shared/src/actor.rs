//! Who acts: the signed-in user, its role and its institution, and the questions a use case asks about it.

use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::kinds::Role;

/// A signed-in user. Every use case takes one; what it may see follows from it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// Its role.
    pub role: Role,
    /// Its institution; `None` for the super admin.
    pub institution_id: Option<InstitutionId>,
}

impl Actor {
    /// The institution that the actor belongs to.
    ///
    /// # Errors
    /// `Forbidden` for the super admin, who owns the platform but works in no institution.
    pub fn institution(&self) -> Result<InstitutionId> {
        self.institution_id.ok_or_else(|| {
            Error::forbidden(
                "no_institution",
                "The platform owner belongs to no institution; sign in as one of its administrators.",
            )
        })
    }

    /// Passes for one of the given roles.
    ///
    /// # Errors
    /// `Forbidden`, naming the roles that may.
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if roles.contains(&self.role) {
            return Ok(());
        }
        let allowed = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        Err(Error::forbidden(
            "role_required",
            format!("This needs one of the roles: {allowed}."),
        ))
    }

    /// The institution of an institution admin.
    ///
    /// # Errors
    /// `Forbidden` for everybody else.
    pub fn require_admin(&self) -> Result<InstitutionId> {
        self.require(&[Role::InstitutionAdmin])?;
        self.institution()
    }

    /// The institution of an institution admin or teacher.
    ///
    /// # Errors
    /// `Forbidden` for everybody else.
    pub fn require_staff(&self) -> Result<InstitutionId> {
        self.require(&[Role::InstitutionAdmin, Role::Teacher])?;
        self.institution()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_owner_works_in_no_institution() {
        let owner = Actor {
            user_id: UserId(1),
            role: Role::SuperAdmin,
            institution_id: None,
        };
        assert!(matches!(owner.require_admin(), Err(Error::Forbidden { code: "role_required", .. })));
        assert!(matches!(
            owner.institution(),
            Err(Error::Forbidden {
                code: "no_institution",
                ..
            })
        ));
    }

    #[test]
    fn a_teacher_is_staff_but_no_admin() {
        let teacher = Actor {
            user_id: UserId(1),
            role: Role::Teacher,
            institution_id: Some(InstitutionId(2)),
        };
        assert_eq!(teacher.require_staff().unwrap(), InstitutionId(2));
        assert!(teacher.require_admin().is_err());
    }
}
