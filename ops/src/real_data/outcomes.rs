//! The program outcomes of the trial: what the data set's own description says of its modules.

use super::dataset::{Hundredths, Presentation};

/// An outcome of the one program that everybody studies here.
#[derive(Debug)]
pub(crate) struct ProgramOutcome {
    /// Unique in the program.
    pub(crate) code: &'static str,
    /// What is promised.
    pub(crate) title: &'static str,
    /// The modules that serve it; none named: all.
    modules: &'static [&'static str],
}

/// Kuzilek, Hlosta and Zdrahal tell which modules are social sciences and which are STEM.
pub(crate) const PROGRAM_OUTCOMES: [ProgramOutcome; 3] = [
    ProgramOutcome {
        code: "PO1",
        title: "Masters what the chosen modules teach",
        modules: &[],
    },
    ProgramOutcome {
        code: "PO2",
        title: "Knows and applies the social sciences",
        modules: &["AAA", "BBB", "GGG"],
    },
    ProgramOutcome {
        code: "PO3",
        title: "Knows and applies science, technology, engineering and mathematics",
        modules: &["CCC", "DDD", "EEE", "FFF"],
    },
];

impl ProgramOutcome {
    /// Whether the learning outcome of a module serves this.
    pub(crate) fn is_served_by(&self, module: &str) -> bool {
        self.modules.is_empty() || self.modules.contains(&module)
    }

    /// How much the presentation's learning outcome weighs here: the more often it is measured, the more.
    pub(crate) fn weight(&self, presentation: &Presentation) -> Hundredths {
        Hundredths(
            i64::try_from(presentation.measuring().count())
                .unwrap_or(i64::MAX)
                .saturating_mul(100),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_serves_the_first_outcome_and_one_of_the_others() {
        for module in ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG"] {
            let served = PROGRAM_OUTCOMES.map(|outcome| outcome.is_served_by(module));
            assert!(served[0] && (served[1] != served[2]), "{module}");
        }
    }
}
