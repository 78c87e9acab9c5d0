//! Program outcomes by academic year.

use super::text;
use crate::classroom::Classroom;
use acurate_shared::analytics::program_outcome_trend::{self, ProgramOutcomeTrend};
use acurate_shared::analytics::standing::Standing;
use acurate_shared::ids::{ProgramOutcomeId, UserId};

impl Classroom {
    async fn trend(&self) -> ProgramOutcomeTrend {
        program_outcome_trend::of(self.db(), &self.admin, self.program).await.unwrap()
    }

    /// A course of the year whose one exam alone says how far the outcome is reached.
    async fn serving(&self, year: i16, promised: ProgramOutcomeId, weight: &str, marks: &[(UserId, &str)]) {
        let course = self.course(year).await;
        let exam = self.weighted(course, "100", "100").await;
        let outcome = self.lo(course, "70").await;
        self.measures(exam, outcome, "1").await;
        self.serves(outcome, promised, weight).await;
        for (student, mark) in marks {
            self.enroll(*student, course).await;
            self.mark(exam, *student, mark).await;
        }
    }
}

/// Year, students, mean, students who reach the target, their share.
fn rows(trend: &ProgramOutcomeTrend, place: usize) -> Vec<(String, i64, String, i64, String)> {
    let years = trend.program_outcomes[place].years.iter();
    years
        .map(|point| {
            (
                point.academic_year.to_string(),
                point.students,
                text(point.mean),
                point.met,
                text(point.met_share),
            )
        })
        .collect()
}

fn row(year: &str, students: i64, mean: &str, met: i64, share: &str) -> (String, i64, String, i64, String) {
    (year.to_owned(), students, mean.to_owned(), met, share.to_owned())
}

#[tokio::test]
async fn each_year_is_the_mean_of_its_own_courses() {
    let room = Classroom::open().await;
    let (promised, unserved) = (room.po("75").await, room.po("50").await);
    let (a, b, c) = (room.student("a").await, room.student("b").await, room.student("c").await);
    room.serving(2022, promised, "1", &[(a, "60")]).await;
    // Of a: (3×90 + 1×50) ÷ 4 = 80; of b: 70; c has no value.
    room.serving(2023, promised, "3", &[(a, "90"), (b, "70"), (c, "non_attendance")])
        .await;
    room.serving(2023, promised, "1", &[(a, "50")]).await;
    let trend = room.trend().await;
    let ids: Vec<_> = trend
        .program_outcomes
        .iter()
        .map(|found| found.outcome.program_outcome_id)
        .collect();
    assert_eq!(ids, [promised, unserved]);
    assert_eq!(
        rows(&trend, 0),
        [row("2022-2023", 1, "60", 0, "0"), row("2023-2024", 2, "75", 1, "50")]
    );
    let target = trend.program_outcomes[0].outcome.target_percentage;
    let standings: Vec<_> = trend.program_outcomes[0].years.iter().map(|point| point.standing(target)).collect();
    assert_eq!(standings, [Standing::BelowTarget, Standing::OnTarget]);
    assert_eq!(
        rows(&trend, 1),
        [row("2022-2023", 0, "-", 0, "-"), row("2023-2024", 0, "-", 0, "-")]
    );
}

#[tokio::test]
async fn with_all_courses_in_one_year_its_point_is_the_mean_of_the_achievements() {
    let room = Classroom::open().await;
    let promised = room.po("70").await;
    let mut students = Vec::new();
    for n in 0..3 {
        students.push(room.student(&n.to_string()).await);
    }
    let of = |marks: [&'static str; 3]| students.iter().copied().zip(marks).collect::<Vec<_>>();
    room.serving(2024, promised, "2.5", &of(["33.33", "71.5", "90"])).await;
    room.serving(2024, promised, "1", &of(["66.67", "absent", "100"])).await;
    room.recompute(&students).await;
    let stored = "
        SELECT round(avg(percentage), 1)::text || ' ' || count(*) FILTER (WHERE is_met) FROM student_po_achievements WHERE program_outcome_id = $1";
    let stored: String = room.value(stored, [promised.into()]).await;
    let trend = room.trend().await;
    let point = &trend.program_outcomes[0].years[0];
    assert_eq!(format!("{} {}", point.mean.unwrap().round_dp(1), point.met), stored);
    assert_eq!((trend.program_outcomes[0].years.len(), point.students), (1, 3));
}

#[tokio::test]
async fn a_program_without_students_has_outcomes_and_no_years() {
    let room = Classroom::open().await;
    room.po("70").await;
    let trend = room.trend().await;
    assert_eq!((trend.program_outcomes.len(), trend.program_outcomes[0].years.len()), (1, 0));
}
