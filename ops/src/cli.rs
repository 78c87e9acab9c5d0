//! The command line.

use crate::failure::{Failure, Result};
use crate::{chaos, measure, measure_jobs, measure_redis, real_data, seed_demo};
use acurate_shared::config::Environment;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use url::Url;

#[derive(Parser)]
#[command(
    version,
    about = "The demo institution, trial loads and measurements for AcuRate.",
    args_override_self = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load the Open University data through the API, and read all of it back
    #[command(args_override_self = true)]
    RealData {
        /// Folder of courses, assessments, studentInfo, studentRegistration and studentAssessment, as .csv or .csv.gz
        folder: PathBuf,
        #[command(flatten)]
        product: Product,
    },
    /// Break a product of its own on purpose, under load, and check that nothing was lost or doubled (needs CHAOS_POSTGRES and CHAOS_REDIS; ops/chaos does all of it)
    #[command(args_override_self = true)]
    Chaos {
        /// How long faults are made, in seconds
        #[arg(long, value_parser = clap::value_parser!(u64).range(10..=86_400))]
        seconds: u64,
        /// Draws the faults and their times; any number when absent
        #[arg(long)]
        seed: Option<u64>,
        /// Only these faults, separated by commas
        #[arg(long, value_delimiter = ',')]
        only: Vec<chaos::Fault>,
        /// Folder of the run, with the programs run-postgres and run-redis and the folder logs
        #[arg(long)]
        folder: PathBuf,
        /// Folder of the product's programs, built for debugging
        #[arg(long)]
        programs: PathBuf,
    },
    /// Make a small demo institution and write its sign-ins (needs the settings of the API)
    SeedDemo {
        /// File for the sign-ins; when it names accounts that exist, nothing is made
        #[arg(long)]
        out: PathBuf,
        /// Where the API is
        #[arg(long)]
        base_url: String,
    },
    /// Measure the import of students beside PostgreSQL's COPY of the same rows (needs ACURATE_DATABASE_URL)
    #[command(args_override_self = true)]
    MeasureImport {
        /// Students of one round
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=500_000))]
        records: u32,
        /// Rounds, the middle one of which counts
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
        rounds: u8,
        /// Process id of the only worker
        #[arg(long)]
        worker_pid: u32,
        #[command(flatten)]
        product: Product,
    },
    /// Measure whether Redis's memory stays flat over many jobs (needs ACURATE_REDIS_URL, of a Redis that nobody else uses)
    #[command(args_override_self = true)]
    MeasureRedisMemory {
        /// Messages in all
        #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
        jobs: u64,
        /// Messages between two lines of the table
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
        portion: u64,
    },
    /// Measure jobs in a database that is emptied and with workers of its own (needs ACURATE_DATABASE_URL and ACURATE_REDIS_URL)
    #[command(args_override_self = true)]
    MeasureJobs(MeasureJobs),
}

/// How much of jobs is measured; what is not given is as in the full measurement, or as in the quick one.
#[derive(Args)]
struct MeasureJobs {
    /// Folder for logs and mails
    #[arg(long)]
    folder: PathBuf,
    /// A Python that has Celery; without one nothing is compared
    #[arg(long)]
    python: Option<PathBuf>,
    /// About a minute in all
    #[arg(long)]
    quick: bool,
    /// Rounds of throughput, the medians of which count
    #[arg(long)]
    rounds: Option<u8>,
    /// Jobs of one round
    #[arg(long, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    jobs: Option<u32>,
    /// Seconds for which waits are measured, and single marks without an import
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: Option<u32>,
    /// Students whose outcomes are computed
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    students: Option<u32>,
    /// Records of the import beside single marks
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=500_000))]
    records: Option<u32>,
}

impl MeasureJobs {
    fn plan(&self) -> measure_jobs::Plan {
        let usual = if self.quick {
            measure_jobs::Plan::quick()
        } else {
            measure_jobs::Plan::full()
        };
        let count = |number: Option<u32>, usual: usize| number.map_or(usual, |number| usize::try_from(number).unwrap_or(usual));
        measure_jobs::Plan {
            rounds: self.rounds.map_or(usual.rounds, |rounds| usize::from(rounds.max(1))),
            jobs: count(self.jobs, usual.jobs),
            seconds: self.seconds.unwrap_or(usual.seconds),
            students: count(self.students, usual.students),
            records: count(self.records, usual.records),
            ..usual
        }
    }
}

/// Where the running product is.
#[derive(Args)]
struct Product {
    /// File of sign-ins that ops/up wrote
    #[arg(long, default_value = ".run/demo.json")]
    accounts: PathBuf,
    /// Folder that the worker's mails go to
    #[arg(long, default_value = ".run/mail")]
    mail_dir: PathBuf,
}

/// Runs what the arguments say.
pub(crate) async fn run() -> ExitCode {
    match execute(Cli::parse().command).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("acurate-ops: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
async fn execute(command: Command) -> Result<bool> {
    match command {
        Command::RealData { folder, product } => real_data::run(&folder, &product.accounts, &product.mail_dir).await,
        Command::Chaos {
            seconds,
            seed,
            only,
            folder,
            programs,
        } => {
            chaos::run(chaos::Order {
                duration: Duration::from_secs(seconds),
                seed: seed.unwrap_or_else(chaos::any_seed),
                only,
                folder,
                programs,
                postgres: address_in("CHAOS_POSTGRES")?,
                redis: address_in("CHAOS_REDIS")?,
            })
            .await
        }
        Command::SeedDemo { out, base_url } => {
            seed_demo::run(Environment::from_process(), &out, &base_url).await?;
            Ok(true)
        }
        Command::MeasureImport {
            records,
            rounds,
            worker_pid,
            product,
        } => {
            let plan = measure::Plan {
                records: usize::try_from(records).unwrap_or(usize::MAX),
                rounds: usize::from(rounds),
                worker_pid,
            };
            let url = std::env::var("ACURATE_DATABASE_URL");
            let url = url.map_err(|_| Failure::Stopped("ACURATE_DATABASE_URL is not set".to_owned()))?;
            measure::run(plan, &url, &product.accounts, &product.mail_dir).await?;
            Ok(true)
        }
        Command::MeasureRedisMemory { jobs, portion } => measure_redis::run(measure_redis::Plan { jobs, portion }).await,
        Command::MeasureJobs(order) => {
            measure_jobs::run(&order.plan(), order.folder, order.python).await?;
            Ok(true)
        }
    }
}

/// A URL with a password, which a command line would show to everyone.
fn address_in(variable: &str) -> Result<Url> {
    let url = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    url.ok_or_else(|| Failure::Stopped(format!("{variable} holds no URL")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_later_option_overrides_an_earlier_one() {
        let arguments = ["acurate-ops", "real-data", "--accounts", "a", "folder", "--accounts", "b"];
        let Command::RealData { folder, product } = Cli::try_parse_from(arguments).unwrap().command else {
            panic!("another command was read");
        };
        assert_eq!((folder, product.accounts), (PathBuf::from("folder"), PathBuf::from("b")));
    }
}
