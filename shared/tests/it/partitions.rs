//! Making partitions ahead of time, by everybody who may need them at the same moment.

use acurate_shared::testing::TestDatabase;
use futures::future::join_all;
use sqlx::PgPool;

/// Calls `statement` with each of `arguments` over several connections at once; how many calls made a partition.
async fn made_by_all_at_once(pool: &PgPool, statement: &'static str, arguments: impl Iterator<Item = i32>) -> usize {
    let mut made = 0;
    for argument in arguments {
        let calls = (0..6).map(|_| async move {
            let made: bool = sqlx::query_scalar(statement).bind(argument).fetch_one(pool).await.unwrap();
            made
        });
        made += join_all(calls).await.into_iter().filter(|made| *made).count();
    }
    made
}

#[tokio::test]
async fn many_who_need_a_new_academic_year_at_once_get_one_partition() {
    let database = TestDatabase::create().await;
    let pool = database.database().pool();
    let made = made_by_all_at_once(pool, "SELECT ensure_grades_partition($1::smallint)", 1960..1980).await;
    assert_eq!(made, 20);
}

#[tokio::test]
async fn many_who_need_a_new_month_at_once_get_one_partition() {
    let database = TestDatabase::create().await;
    let pool = database.database().pool();
    let ensure = "SELECT ensure_activity_partition((date '2050-01-15' + make_interval(months => $1))::date)";
    assert_eq!(made_by_all_at_once(pool, ensure, 0..20).await, 20);
}
