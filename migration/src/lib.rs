//! The schema of AcuRate's database, as an ordered list of migrations.
//!
//! A migration is history: it knows no entity and no rule of the other crates, it goes up and down, and once
//! released it never changes. The statements are SQL files below `sql/`, because the schema says things
//! (partitions, triggers, composite keys, checks) for which a query builder has no words.

mod m2026_11_23_000001_people;
mod m2026_11_23_000002_curriculum;
mod m2026_11_23_000003_results;
mod m2026_11_23_000004_jobs;
mod m2026_11_23_000005_activity;
mod m2026_11_23_000006_grading;
mod m2026_11_23_000007_account;
mod m2026_11_23_000008_platform;
mod m2026_11_23_000009_feedback;
mod m2026_11_23_000010_bulk_grades;
mod m2026_11_23_000011_idempotency;
mod m2026_11_23_000012_operators;
mod m2026_11_23_000013_mail;
mod m2026_11_23_000014_schedules;

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, sea_orm};

/// All migrations, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_000001_people::Migration),
            Box::new(m2026_11_23_000002_curriculum::Migration),
            Box::new(m2026_11_23_000003_results::Migration),
            Box::new(m2026_11_23_000004_jobs::Migration),
            Box::new(m2026_11_23_000005_activity::Migration),
            Box::new(m2026_11_23_000006_grading::Migration),
            Box::new(m2026_11_23_000007_account::Migration),
            Box::new(m2026_11_23_000008_platform::Migration),
            Box::new(m2026_11_23_000009_feedback::Migration),
            Box::new(m2026_11_23_000010_bulk_grades::Migration),
            Box::new(m2026_11_23_000011_idempotency::Migration),
            Box::new(m2026_11_23_000012_operators::Migration),
            Box::new(m2026_11_23_000013_mail::Migration),
            Box::new(m2026_11_23_000014_schedules::Migration),
        ]
    }
}

/// The text of all migrations: tells one state of the schema from another, e.g. for a test's template database.
pub const SOURCE: &[&str] = &[
    include_str!("sql/0001_people_up.sql"),
    include_str!("sql/0002_curriculum_up.sql"),
    include_str!("sql/0003_results_up.sql"),
    include_str!("sql/0004_jobs_up.sql"),
    include_str!("sql/0005_activity_up.sql"),
    include_str!("sql/0006_grading_up.sql"),
    include_str!("sql/0007_account_up.sql"),
    include_str!("sql/0008_platform_up.sql"),
    include_str!("sql/0009_feedback_up.sql"),
    include_str!("sql/0010_bulk_grades_up.sql"),
    include_str!("sql/0011_idempotency_up.sql"),
    include_str!("sql/0012_operators_up.sql"),
    include_str!("sql/0013_mail_up.sql"),
    include_str!("sql/0014_schedules_up.sql"),
];
