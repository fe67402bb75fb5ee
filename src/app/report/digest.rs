//! A number for what a report is made of: two reports with the same digest were made of the same.
//!
//! It is the BLAKE3 hash, in lower-case hexadecimal, of these members of the document as one compact JSON array, in
//! this order and in UTF-8: `format`, `account`, `policy`, `provider`, `version`, `period`, `first_day`, `last_day`,
//! `terms`, `code_tables`, `evidence`, `fees`, `rate_card_micros`, `cells`, `availability`. So whoever has the document
//! can check it with other tools:
//!
//! ```sh
//! jq -cj '[.format,.account,.policy,.provider,.version,.period,.first_day,.last_day,.terms,.code_tables,.evidence,
//!   .fees,.rate_card_micros,.cells,.availability]' report.json | b3sum
//! ```
//!
//! `as_of` is not in it: asking later gives the same digest for as long as nothing has been added. All else in a
//! document follows from these members, `as_of`, and what is said of the close.
//!
//! So the digest of a closed period does not change any more, whatever comes: what came after the close is in
//! `adjustments`, which have a digest of their own, made in the same way of their `cells` and `evidence`:
//!
//! ```sh
//! jq -cj '.adjustments|[.cells,.evidence]' report.json | b3sum
//! ```

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::app::report::Document;
use crate::app::report::document::Adjustments;

/// The digest of a document's inputs.
#[must_use]
pub fn digest(document: &Document) -> String {
    let Document { format, standing, terms, code_tables, evidence, .. } = document;
    let contract = (&standing.account, &standing.policy, &standing.provider, standing.version);
    let period = (&standing.period, &standing.first_day, &standing.last_day);
    let members = (
        format,
        contract.0,
        contract.1,
        contract.2,
        contract.3,
        period.0,
        period.1,
        period.2,
        terms,
        code_tables,
        evidence,
        &document.fees,
        document.rate_card_micros,
        &document.cells,
        &standing.availability,
    );
    hash(&members)
}

/// The digest of what came after the close.
#[must_use]
pub fn of_adjustments(adjustments: &Adjustments) -> String {
    hash(&(&adjustments.cells, &adjustments.evidence))
}

fn hash(members: &impl Serialize) -> String {
    let mut hasher = blake3::Hasher::new();
    // JSON comes in crumbs, and a hash takes whole blocks.
    let mut sink = BufWriter::with_capacity(64 * 1024, Sink(&mut hasher));
    // Neither a hasher nor these types can fail.
    let _always = (serde_json::to_writer(&mut sink, members), sink.flush());
    drop(sink);
    hasher.finalize().to_hex().to_string()
}

/// Writes into a hash; blake3 has its own way behind a feature.
struct Sink<'a>(&'a mut blake3::Hasher);

impl Write for Sink<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
