//! The institution, its departments and programs, and everybody in it.

use super::content::{DEPARTMENTS, Department, INSTITUTION};
use super::{Tools, choose_password, colleague};
use crate::accounts::Account;
use crate::address;
use crate::failure::{Failure, Result};
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::departments::{self, NewDepartment};
use acurate_shared::curriculum::programs::{self, NewProgram};
use acurate_shared::curriculum::{NewOutcome, program_outcomes};
use acurate_shared::db::{PageRequest, Work};
use acurate_shared::ids::{DepartmentId, ProgramId, ProgramOutcomeId, UserId};
use acurate_shared::kinds::{Locale, Role};
use acurate_shared::people::NewPerson;
use acurate_shared::people::students::{self, NewStudent};
use acurate_shared::people::teachers::{self, NewTeacher};
use acurate_shared::platform::institutions::{self, InstitutionFilter, NewInstitution, Particulars};

/// Who and what courses are made of.
#[derive(Debug)]
pub(super) struct People {
    /// The institution's administrator.
    pub(super) admin: Actor,
    /// The one teacher.
    pub(super) teacher: Actor,
    /// In the order of the content.
    pub(super) departments: Vec<Made>,
    /// Sign-ins of an administrator, the teacher and a student.
    pub(super) accounts: Vec<Account>,
}

/// A department that was made.
#[derive(Debug)]
pub(super) struct Made {
    /// The department.
    pub(super) id: DepartmentId,
    program_id: ProgramId,
    /// Outcomes of its program.
    pub(super) program_outcomes: Vec<ProgramOutcomeId>,
    /// Its students.
    pub(super) students: Vec<Someone>,
}

/// Somebody who was made.
#[derive(Debug)]
pub(super) struct Someone {
    /// The user.
    pub(super) id: UserId,
    email: String,
    role: Role,
}

/// Makes them; `owner` is the platform's.
///
/// # Errors
/// When the database refuses.
pub(super) async fn make(work: &mut Work, tools: &Tools, owner: &Actor) -> Result<People> {
    let number = free_number(work, owner).await?;
    let domain = domain(number);
    let order = NewInstitution {
        name: name(number),
        locale: Some(Locale::Tr),
        time_zone: Some("Europe/Istanbul".to_owned()),
        particulars: Particulars {
            city: Some(Some("Ankara".to_owned())),
            country: Some(Some("TR".to_owned())),
            ..Particulars::default()
        },
        admin: person(format!("admin@{domain}"), "Selin", "Acar"),
    };
    let created = institutions::create(work, owner, &tools.identity, order).await?;
    let admin = Actor {
        user_id: created.admin.id,
        role: Role::InstitutionAdmin,
        institution_id: Some(created.institution.id),
    };
    let mut accounts = vec![choose_password(work, tools, &admin, created.admin.email).await?];
    let mut departments = Vec::with_capacity(DEPARTMENTS.len());
    for (position, department) in DEPARTMENTS.iter().enumerate() {
        let made = make_department(work, &admin, department).await?;
        departments.push(students_of(work, tools, &admin, made, position, &domain).await?);
    }
    let teacher = make_teacher(work, tools, &admin, &departments, &domain).await?;
    let student = departments.first().and_then(|department| department.students.first());
    let student = student.ok_or_else(|| Failure::Stopped("the demo has no student".to_owned()))?;
    for someone in [&teacher, student] {
        let actor = colleague(&admin, someone.id, someone.role);
        accounts.push(choose_password(work, tools, &actor, someone.email.clone()).await?);
    }
    Ok(People {
        teacher: colleague(&admin, teacher.id, Role::Teacher),
        admin,
        departments,
        accounts,
    })
}

async fn make_department(work: &mut Work, admin: &Actor, text: &Department) -> Result<Made> {
    let order = NewDepartment {
        code: text.code.to_owned(),
        name: text.name.to_owned(),
        ..NewDepartment::default()
    };
    let id = departments::create(work, admin, order).await?.id;
    let order = NewProgram {
        department_id: id,
        code: text.program_code.to_owned(),
        name: text.program_name.to_owned(),
    };
    let program_id = programs::create(work, admin, order).await?.id;
    let mut program_outcomes = Vec::with_capacity(text.program_outcomes.len());
    for (position, title) in text.program_outcomes.iter().enumerate() {
        let order = NewOutcome {
            code: format!("PO{}", position + 1),
            title: (*title).to_owned(),
            ..NewOutcome::default()
        };
        program_outcomes.push(program_outcomes::create(work, admin, program_id, order).await?.id);
    }
    Ok(Made {
        id,
        program_id,
        program_outcomes,
        students: Vec::new(),
    })
}

/// Adds the students of the department at `position`; their numbers begin with it.
async fn students_of(work: &mut Work, tools: &Tools, admin: &Actor, made: Made, position: usize, domain: &str) -> Result<Made> {
    let texts = DEPARTMENTS.get(position).map(|department| department.students).unwrap_or_default();
    let mut made = made;
    for (index, (first_name, last_name)) in texts.iter().enumerate() {
        let email = format!("{}@{domain}", address::local_part(first_name, last_name));
        let order = NewStudent {
            student_number: format!("0{}{:03}", position + 1, index + 1),
            person: person(email, first_name, last_name),
            department_id: Some(made.id),
            program_id: Some(made.program_id),
            year_of_study: Some(1),
            entry_year: None,
        };
        let student = students::create(work, admin, &tools.identity, order).await?;
        made.students.push(Someone {
            id: student.id,
            email: student.email,
            role: Role::Student,
        });
    }
    Ok(made)
}

async fn make_teacher(work: &mut Work, tools: &Tools, admin: &Actor, departments: &[Made], domain: &str) -> Result<Someone> {
    let order = NewTeacher {
        person: person(format!("teacher@{domain}"), "Kemal", "Doğan"),
        department_id: departments.first().map(|department| department.id),
    };
    let teacher = teachers::create(work, admin, &tools.identity, order).await?;
    Ok(Someone {
        id: teacher.id,
        email: teacher.email,
        role: Role::Teacher,
    })
}

fn person(email: String, first_name: &str, last_name: &str) -> NewPerson {
    NewPerson {
        email,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        phone: None,
    }
}

/// The first number whose institution was not made yet.
async fn free_number(work: &Work, owner: &Actor) -> Result<usize> {
    let mut number = 1;
    loop {
        let name = name(number);
        let filter = InstitutionFilter {
            search: Some(name.clone()),
            ..InstitutionFilter::default()
        };
        let found = institutions::list(work.tx(), owner, &filter, PageRequest::new(1, PageRequest::MAX_SIZE)).await?;
        if !found.items.iter().any(|listed| listed.institution.name == name) {
            return Ok(number);
        }
        number += 1;
    }
}

/// The first has no number.
fn name(number: usize) -> String {
    if number == 1 {
        INSTITUTION.to_owned()
    } else {
        format!("{INSTITUTION} {number}")
    }
}

/// Addresses are unique over all institutions.
fn domain(number: usize) -> String {
    if number == 1 {
        "demo.acurate.example".to_owned()
    } else {
        format!("demo{number}.acurate.example")
    }
}
