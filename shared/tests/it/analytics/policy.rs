//! The thresholds of an institution.

use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::analytics::academic_policy::{NewPolicy, find, replace};
use acurate_shared::db::Expected;
use acurate_shared::entity::academic_policy::Model;
use acurate_shared::error::Result;
use rust_decimal::Decimal;

const POLICY: NewPolicy = NewPolicy {
    pass_percentage: 60.0,
    at_risk_percentage: 60.0,
    at_risk_missed: 2,
    at_risk_unmet_percentage: 50.0,
    course_pass_rate: 70.0,
};

impl Classroom {
    async fn put_policy(&self, expected: Expected, order: NewPolicy) -> Result<Model> {
        let work = self.work().await;
        let changed = replace(&work, &self.admin, &expected, order).await?;
        let _ = work.commit().await?;
        Ok(changed)
    }
}

#[tokio::test]
async fn an_institution_begins_with_thresholds_and_changes_them() {
    let room = Classroom::open().await;
    let before = find(room.db(), &room.teacher).await.unwrap();
    let same = room.put_policy(Expected::OneOf(vec![before.version]), POLICY).await.unwrap();
    assert_eq!(same, before, "the defaults again change nothing");
    let order = NewPolicy {
        at_risk_percentage: 55.5,
        ..POLICY
    };
    let changed = room.put_policy(Expected::OneOf(vec![before.version]), order.clone()).await.unwrap();
    assert_eq!(
        (changed.at_risk_percentage, changed.version),
        (Decimal::new(555, 1), before.version + 1)
    );
    assert!(room.put_policy(Expected::OneOf(vec![before.version]), order).await.is_err());
    let deeds: i64 = room
        .value("SELECT count(*) FROM activity_log WHERE action = 'academic_policy.updated'", [])
        .await;
    assert_eq!(deeds, 1);
}

#[tokio::test]
async fn every_wrong_threshold_is_named() {
    let room = Classroom::open().await;
    let wrong = NewPolicy {
        pass_percentage: 100.01,
        at_risk_percentage: -1.0,
        at_risk_missed: 0,
        at_risk_unmet_percentage: 0.0,
        course_pass_rate: f64::NAN,
    };
    assert_eq!(
        refusal(room.put_policy(Expected::Any, wrong).await),
        "pass_percentage: out_of_range, at_risk_percentage: out_of_range, at_risk_unmet_percentage: out_of_range, \
         course_pass_rate: not_a_number, at_risk_missed: out_of_range"
    );
    let work = room.work().await;
    assert_eq!(
        refusal(replace(&work, &room.teacher, &Expected::Any, POLICY).await),
        "role_required"
    );
}
