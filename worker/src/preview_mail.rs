//! `acurate-worker preview-mail`: shows mails with sample data, or writes them into a folder. It needs no setting and no server.

use crate::mailer::Sender;
use crate::mailer::preview::{Preview, Sample, SampleFacts};
use acurate_shared::kinds::Locale;
use chrono::Utc;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use url::Url;

/// What to show.
#[derive(Args, Debug)]
pub(crate) struct Order {
    /// Which mail; all of them when none is named
    kind: Option<Sample>,
    /// Its language; both when none is named
    #[arg(long)]
    locale: Option<Language>,
    /// Folder for one .eml, .html and .txt file each, instead of the text here
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A language by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Turkish
    Tr,
    /// English
    En,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Shows what is asked for.
///
/// # Errors
/// When the folder or the terminal takes nothing.
pub(crate) fn run(order: &Order) -> Result<(), Failure> {
    if let Some(folder) = &order.out {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    for sample in Sample::value_variants()
        .iter()
        .filter(|sample| order.kind.is_none_or(|kind| kind == **sample))
    {
        for locale in [Locale::Tr, Locale::En] {
            if order.locale.is_none_or(|wanted| wanted.locale() == locale) {
                show(*sample, locale, order.out.as_deref())?;
            }
        }
    }
    Ok(())
}

impl Language {
    fn locale(self) -> Locale {
        match self {
            Self::Tr => Locale::Tr,
            Self::En => Locale::En,
        }
    }
}

fn show(sample: Sample, locale: Locale, folder: Option<&Path>) -> Result<(), Failure> {
    let now = Utc::now();
    let facts = SampleFacts::new(locale, now.fixed_offset(), Url::parse("https://acurate.example.edu/")?);
    let sender: Sender = "AcuRate <no-reply@acurate.example.edu>".parse()?;
    let preview = sample.compose(&facts, &sender, now)?;
    let name = format!("{}.{locale}", sample.name());
    match folder {
        Some(folder) => write(folder, &name, &preview)?,
        None => writeln!(io::stdout().lock(), "=== {name}\n{}\n\n{}", preview.subject, preview.text)?,
    }
    Ok(())
}

/// The mail as it is transmitted, and what a mail program shows of it.
fn write(folder: &Path, name: &str, preview: &Preview) -> Result<(), Failure> {
    for (ending, content) in [
        ("eml", preview.mail.content()),
        ("html", preview.html.as_bytes()),
        ("txt", preview.text.as_bytes()),
    ] {
        let path = folder.join(format!("{name}.{ending}"));
        std::fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        writeln!(io::stdout().lock(), "{}", path.display())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gets_three_files_for_each_mail_and_language() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("mails");
        run(&Order {
            kind: None,
            locale: None,
            out: Some(out.clone()),
        })
        .unwrap();
        let names: std::collections::BTreeSet<String> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 3 * 2 * Sample::value_variants().len());
        assert!(
            names.contains("password_changed.tr.html") && names.contains("grades_posted.en.eml"),
            "{names:?}"
        );
        let text = std::fs::read_to_string(out.join("welcome.tr.txt")).unwrap();
        assert!(text.starts_with("Merhaba Gülşah Işıkçığ,"), "{text}");
    }

    #[test]
    fn one_mail_in_one_language_is_written_alone() {
        let folder = tempfile::tempdir().unwrap();
        run(&Order {
            kind: Some(Sample::ImportFailed),
            locale: Some(Language::En),
            out: Some(folder.path().to_owned()),
        })
        .unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let order = Order {
            kind: None,
            locale: None,
            out: Some(file.path().to_owned()),
        };
        let error = run(&order).unwrap_err().to_string();
        assert!(error.starts_with(&file.path().display().to_string()), "{error}");
    }
}
