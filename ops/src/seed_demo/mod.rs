//! `seed-demo`: a small institution to look at, with one account of each role.
//!
//! All of it in one transaction, by the use cases of the API, so that it is there whole or not at all. Where the file of
//! sign-ins is lost, so are the passwords, and another institution is made.

mod content;
mod people;
mod teaching;

#[cfg(test)]
mod tests;

use crate::accounts::{Account, Accounts};
use crate::failure::{Failure, Result};
use acurate_shared::academic_year::AcademicYear;
use acurate_shared::actor::Actor;
use acurate_shared::config::{DatabaseSettings, Environment, IdentitySettings, JobSettings};
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::entity::user;
use acurate_shared::identity::change_password::{self, NewPassword};
use acurate_shared::identity::superuser::{self, Order};
use acurate_shared::identity::{Client, HashSettings, PasswordHasher};
use acurate_shared::ids::UserId;
use acurate_shared::jobs::outbox;
use acurate_shared::kinds::Role;
use chrono::{Datelike, NaiveDate, Utc};
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::path::Path;
use std::sync::Arc;

/// Address of the platform's owner.
const OWNER: &str = "owner@acurate.example";

/// Characters of a password; each is one of 62.
const PASSWORD_LENGTH: usize = 16;

/// What seeding needs beside a transaction.
#[derive(Debug)]
struct Tools {
    identity: IdentitySettings,
    hasher: PasswordHasher,
}

/// Makes the institution and writes its sign-ins to `out`; does nothing but write `base_url` where `out` names accounts
/// that exist.
///
/// # Errors
/// When a setting is missing, the database is away or refuses, or the file cannot be written.
pub(crate) async fn run(mut env: Environment, out: &Path, base_url: &str) -> Result<()> {
    let database = DatabaseSettings::read(&mut env);
    let identity = IdentitySettings::read(&mut env);
    let jobs = Arc::new(JobSettings::read(&mut env));
    env.finish()?;
    let hasher = PasswordHasher::new(HashSettings::default()).map_err(|error| Failure::Stopped(error.to_string()))?;
    let database = Database::open(&database).await.map_err(unavailable)?;
    let accounts = match Accounts::read(out) {
        Ok(accounts) if all_exist(&database, &accounts).await? => accounts.accounts,
        _ => make(&database, &jobs, Tools { identity, hasher }).await?,
    };
    let base_url = base_url.to_owned();
    Accounts { base_url, accounts }.write(out)
}

async fn all_exist(database: &Database, accounts: &Accounts) -> Result<bool> {
    let emails = accounts.accounts.iter().map(|account| account.email.as_str());
    let found = user::Entity::find()
        .filter(user::Column::Email.is_in(emails))
        .count(database.orm())
        .await;
    Ok(!accounts.accounts.is_empty() && found.map_err(unavailable)? == accounts.accounts.len() as u64)
}

async fn make(database: &Database, jobs: &Arc<JobSettings>, tools: Tools) -> Result<Vec<Account>> {
    let year = academic_year(Utc::now().date_naive())?;
    // Grades of a year are kept in a table of their own, which cannot be made while a transaction uses its neighbours.
    let ensure = sql("SELECT ensure_grades_partition($1)", [year.into()]);
    database.orm().execute_raw(ensure).await.map_err(unavailable)?;
    let mut work = Work::begin(database, jobs).await?;
    let (owner, account) = platform_owner(&work, &tools).await?;
    let people = people::make(&mut work, &tools, &owner).await?;
    teaching::make(&mut work, &people, year).await?;
    let committed = work.commit().await?;
    // The worker's dispatcher finds what waits for it; no need to reach Redis from here.
    outbox::give_back(database, &committed.jobs).await?;
    let mut accounts = vec![account];
    accounts.extend(people.accounts);
    Ok(accounts)
}

/// The platform's owner, who is made or given a new password.
async fn platform_owner(work: &Work, tools: &Tools) -> Result<(Actor, Account)> {
    let password = new_password();
    let order = Order {
        email: OWNER.to_owned(),
        first_name: "Platform".to_owned(),
        last_name: "Owner".to_owned(),
        password: password.clone().into(),
    };
    let checked = superuser::check(&tools.hasher, &order).await?;
    let known = user::Entity::find().filter(user::Column::Email.eq(OWNER)).one(work.tx()).await;
    let user_id = match known.map_err(unavailable)? {
        Some(_) => superuser::reset(work, checked).await?,
        None => superuser::create(work, checked).await?,
    };
    let actor = Actor {
        user_id,
        role: Role::SuperAdmin,
        institution_id: None,
    };
    let account = account(&actor, OWNER.to_owned(), password);
    Ok((actor, account))
}

/// Chooses a password in place of the temporary one.
async fn choose_password(work: &mut Work, tools: &Tools, actor: &Actor, email: String) -> Result<Account> {
    let password = new_password();
    let order = NewPassword {
        current: None,
        new: password.clone().into(),
    };
    let checked = change_password::check(work.tx(), &tools.hasher, &tools.identity, actor, &order).await?;
    change_password::apply(work, &tools.identity, checked, &Client::default()).await?;
    Ok(account(actor, email, password))
}

fn account(actor: &Actor, email: String, password: String) -> Account {
    Account {
        role: actor.role.as_str().to_owned(),
        email,
        password,
    }
}

fn new_password() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_LENGTH)
}

/// The academic year of a day; it begins in August.
fn academic_year(day: NaiveDate) -> Result<AcademicYear> {
    let first = if day.month() >= 8 { day.year() } else { day.year() - 1 };
    let year = i16::try_from(first).ok().and_then(|first| AcademicYear::try_from(first).ok());
    year.ok_or_else(|| Failure::Stopped(format!("the clock says {day}, which is in no academic year")))
}

/// An actor of the same institution.
fn colleague(actor: &Actor, user_id: UserId, role: Role) -> Actor {
    Actor {
        user_id,
        role,
        institution_id: actor.institution_id,
    }
}

fn unavailable(error: sea_orm::DbErr) -> Failure {
    acurate_shared::error::Error::from(error).into()
}
