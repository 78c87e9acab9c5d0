//! The rejected records of an import as one CSV, streamed: memory does not grow with their number.

use crate::state::AppState;
use acurate_shared::exports::neutralise;
use acurate_shared::ids::ImportId;
use acurate_shared::imports::view::{self, ImportErrorView};
use futures::Stream;
use poem::Body;
use std::io;

/// Rows of one query.
const PORTION: i64 = 1000;

/// Byte-order mark and header.
const HEAD: &str = "\u{feff}record,column,value,code,message_tr,message_en\r\n";

pub(super) fn body(state: AppState, id: ImportId) -> Body {
    Body::from_bytes_stream(portions(state, id))
}

fn portions(state: AppState, id: ImportId) -> impl Stream<Item = io::Result<bytes::Bytes>> + Send {
    async_stream::try_stream! {
        yield bytes::Bytes::from_static(HEAD.as_bytes());
        let mut place = (0_i64, -1_i32);
        loop {
            let errors = view::errors_after(state.database.orm(), id, place.0, place.1, PORTION).await.map_err(io::Error::other)?;
            let Some(last) = errors.last() else { break };
            place = (last.record, last.seq);
            yield bytes::Bytes::from(errors.iter().map(line).collect::<String>());
        }
    }
}

fn line(error: &ImportErrorView) -> String {
    let texts = [
        error.column_name.as_deref().unwrap_or_default(),
        error.value.as_deref().unwrap_or_default(),
        &error.code,
        &error.message_tr,
        &error.message_en,
    ];
    let mut line = error.record.to_string();
    for text in texts {
        line.push(',');
        line.push_str(&cell(text));
    }
    line.push_str("\r\n");
    line
}

/// A cell as RFC 4180 has it, and harmless to a spreadsheet.
fn cell(text: &str) -> String {
    let text = neutralise(text);
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_quoted_where_needed_and_runs_no_formula() {
        let error = ImportErrorView {
            record: 7,
            seq: 0,
            column_name: Some("email".to_owned()),
            value: Some("=HYPERLINK(\"x\",\"y\")".to_owned()),
            code: "invalid_email".to_owned(),
            message_tr: "Geçersiz".to_owned(),
            message_en: "Not an address".to_owned(),
        };
        assert_eq!(
            line(&error),
            "7,email,\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",invalid_email,Geçersiz,Not an address\r\n"
        );
    }
}
