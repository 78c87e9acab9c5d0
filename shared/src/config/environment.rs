//! Reads typed values from `ACURATE_…` variables and collects what is wrong with them.
//!
//! Every variable may also be given as a file, `ACURATE_…_FILE`, as container platforms mount secrets.

use crate::secret::SecretString;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// One variable that was asked for: the reference that `README.md` is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// What holds when it is not set; `None`: it must be set.
    pub default: Option<String>,
}

/// The environment, and the faults found in it so far.
#[derive(Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    asked: Vec<Setting>,
    faults: Vec<String>,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} fault(s):\n  - {}", .faults.len(), .faults.join("\n  - "))]
pub struct ConfigError {
    /// One sentence a fault.
    pub faults: Vec<String>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn from_process() -> Self {
        Self::from_variables(std::env::vars())
    }

    /// The given variables only.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            variables: variables.into_iter().filter(|(name, _)| name.starts_with("ACURATE_")).collect(),
            ..Self::default()
        }
    }

    /// A text that may be absent.
    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        self.ask(name, Some(String::new()));
        self.raw(name)
    }

    /// A text with a default.
    pub fn text(&mut self, name: &'static str, default: &str) -> String {
        self.ask(name, Some(default.to_owned()));
        self.raw(name).unwrap_or_else(|| default.to_owned())
    }

    /// A text that must be set and must not reach a log.
    pub fn secret(&mut self, name: &'static str) -> SecretString {
        self.ask(name, None);
        match self.raw(name) {
            Some(value) => SecretString::new(value),
            None => {
                self.fault(format!("{name} is not set (nor {name}_FILE)"));
                SecretString::new(String::new())
            }
        }
    }

    /// A value of any type that can be parsed, within `check`'s bounds.
    pub fn value<T: FromStr + Display>(&mut self, name: &'static str, default: T, check: impl Fn(&T) -> Result<(), String>) -> T
    where
        T::Err: Display,
    {
        self.ask(name, Some(default.to_string()));
        let Some(text) = self.raw(name) else { return default };
        match text.parse::<T>() {
            Ok(value) => {
                if let Err(why) = check(&value) {
                    self.fault(format!("{name}={text}: {why}"));
                }
                value
            }
            Err(error) => {
                self.fault(format!("{name}={text}: {error}"));
                default
            }
        }
    }

    /// A whole number of seconds from 1 to one year.
    pub fn seconds(&mut self, name: &'static str, default: u64) -> Duration {
        Duration::from_secs(self.number(name, default, 1, 31_536_000))
    }

    /// A whole number within bounds, both inclusive.
    pub fn number(&mut self, name: &'static str, default: u64, min: u64, max: u64) -> u64 {
        self.value(name, default, |value| {
            if (min..=max).contains(value) {
                Ok(())
            } else {
                Err(format!("must be from {min} to {max}"))
            }
        })
    }

    /// Adds a fault that a section found by itself.
    pub fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// All variables asked for so far, in order.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.asked
    }

    /// # Errors
    /// Names every fault of every section that was read.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { faults: self.faults })
        }
    }

    fn ask(&mut self, name: &'static str, default: Option<String>) {
        self.asked.push(Setting { name, default });
    }

    fn raw(&mut self, name: &str) -> Option<String> {
        let file_name = format!("{name}_FILE");
        if let Some(path) = self.variables.get(&file_name) {
            return match std::fs::read_to_string(path) {
                Ok(text) => Some(text.trim().to_owned()),
                Err(error) => {
                    let fault = format!("{file_name} ({path}): {error}");
                    self.fault(fault);
                    None
                }
            };
        }
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::from_variables(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn names_every_fault_at_once() {
        let mut env = environment(&[("ACURATE_A", "x"), ("ACURATE_B", "99")]);
        env.number("ACURATE_A", 1, 0, 9);
        env.number("ACURATE_B", 1, 0, 9);
        env.secret("ACURATE_C");
        let error = env.finish().unwrap_err();
        assert_eq!(error.faults.len(), 3, "{error}");
        assert!(error.to_string().contains("ACURATE_B=99: must be from 0 to 9"));
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let mut env = environment(&[("ACURATE_A", "")]);
        assert_eq!(env.number("ACURATE_A", 7, 0, 9), 7);
        assert!(env.finish().is_ok());
    }

    #[test]
    fn a_file_gives_the_value_without_its_line_end() {
        let file = std::env::temp_dir().join(format!("acurate-environment-{}", std::process::id()));
        std::fs::write(&file, "hush\n").unwrap();
        let mut env = environment(&[("ACURATE_A_FILE", file.to_str().unwrap())]);
        let secret = env.secret("ACURATE_A");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(secret.expose(), "hush");
    }

    #[test]
    fn a_missing_file_is_a_fault_that_names_it() {
        let mut env = environment(&[("ACURATE_A_FILE", "/nowhere/at/all")]);
        env.optional("ACURATE_A");
        assert!(env.finish().unwrap_err().to_string().contains("/nowhere/at/all"));
    }
}
