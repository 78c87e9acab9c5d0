//! The clock is moved over a year's end: partitions are there before anybody needs them.

use super::{House, at};
use acurate_shared::maintenance::partitions::{Made, ensure};
use chrono::NaiveDate;
use futures::future::join_all;

fn made(months: &[&str], years: &[i16]) -> Made {
    Made {
        months: months.iter().map(|month| month.parse::<NaiveDate>().unwrap()).collect(),
        years: years.to_vec(),
    }
}

#[tokio::test]
async fn three_months_and_one_academic_year_are_ahead_at_every_moment_around_a_years_end() {
    let house = House::open().await;
    let steps = [
        (
            "2050-11-30T23:59:59Z",
            made(&["2050-11-01", "2050-12-01", "2051-01-01", "2051-02-01"], &[2049, 2050, 2051]),
        ),
        ("2050-12-01T00:00:00Z", made(&["2051-03-01"], &[])),
        ("2050-12-31T23:59:59Z", made(&[], &[])),
        ("2051-01-01T00:00:00Z", made(&["2051-04-01"], &[2052])),
        ("2051-01-31T23:59:59Z", made(&[], &[])),
        ("2051-03-31T12:00:00Z", made(&["2051-05-01", "2051-06-01"], &[])),
        ("2051-03-31T12:00:00Z", made(&[], &[])),
    ];
    for (now, expected) in steps {
        assert_eq!(ensure(house.database(), at(now)).await.unwrap(), expected, "at {now}");
    }
    house
        .execute("INSERT INTO activity_log (created_at, action) VALUES ('2051-06-30T23:59:59Z', 'test')")
        .await;
    let partition: String = house.value("SELECT tableoid::regclass::text FROM activity_log").await;
    assert_eq!(partition, "activity_log_2051_06");
    assert!(
        !house.value::<bool>("SELECT ensure_grades_partition(2052::smallint)").await,
        "it is there"
    );
}

#[tokio::test]
async fn a_month_that_comes_too_late_takes_its_rows_out_of_the_default_partition() {
    let house = House::open().await;
    house
        .execute("INSERT INTO activity_log (created_at, action) VALUES ('2051-06-30T23:59:59Z', 'in'), ('2051-07-01T00:00:00Z', 'out')")
        .await;
    ensure(house.database(), at("2051-03-01T00:00:00Z")).await.unwrap();
    let places = house.line("action || '=' || tableoid::regclass", "activity_log").await;
    assert_eq!(places, "in=activity_log_2051_06 out=activity_log_default");
}

#[tokio::test]
async fn several_workers_that_start_at_once_make_each_partition_once() {
    let house = House::open().await;
    let all = join_all((0..6).map(|_| ensure(house.database(), at("2060-05-05T00:00:00Z")))).await;
    let all: Vec<Made> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().map(|made| made.months.len()).sum::<usize>(), 4);
    assert_eq!(all.iter().map(|made| made.years.len()).sum::<usize>(), 3);
}
