//! What do the records say about messages that the log may have forgotten?

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::ids::MessageId;
use crate::cli::Failure;
use crate::cli::place::each_record;
use crate::cli::trace::{MESSAGES_MAX, Wanted};
use crate::detail::{MessageRecord, NumberKey};

/// The records of the messages that are looked for, at most [`MESSAGES_MAX`], oldest first.
pub(super) fn find(
    folder: &Path,
    key: Option<&NumberKey>,
    wanted: &Wanted,
) -> Result<Vec<MessageRecord>, Failure> {
    let columns = columns(key, wanted);
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = BTreeMap::new();
    each_record(folder, None, &columns, &mut |record: MessageRecord| {
        if is_wanted(&record, &columns, wanted) {
            found.insert((record.ended_at, record.message), record);
        }
        if found.len() > MESSAGES_MAX {
            found.pop_first();
        }
        Ok(())
    })?;
    Ok(found.into_values().collect())
}

/// The columns, as they are written, by one of which a record is found.
fn columns(key: Option<&NumberKey>, wanted: &Wanted) -> Vec<Vec<u8>> {
    let id = wanted.id.map(|id| id.to_string().into_bytes());
    let hashes = key.zip(wanted.number.as_ref()).into_iter().flat_map(|(key, number)| {
        [key.hash(number), key.hash(&[b"+", number.as_slice()].concat())].map(|hash| hash.to_vec())
    });
    let theirs = wanted.carrier_ids.iter().cloned();
    id.into_iter().chain(hashes).chain(theirs).collect()
}

/// Whether the column that was found is the one that it was looked for in.
fn is_wanted(record: &MessageRecord, columns: &[Vec<u8>], wanted: &Wanted) -> bool {
    let has_id = |id: Option<MessageId>| id.is_some() && id == wanted.id;
    let has_hash = |hash: &String| columns.iter().any(|column| column == hash.as_bytes());
    has_id(Some(record.message))
        || has_id(record.shown)
        || has_hash(&record.source.hash)
        || has_hash(&record.destination.hash)
        || wanted.carrier_ids.contains(record.carrier_message_id.as_slice())
}
