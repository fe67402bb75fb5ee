//! What does each column say? Receipts without keys, such as `00,0210021543,…` (quirk 36).
//!
//! Nothing in such a text tells which column is what, so the carrier's settings must.

use super::scan::ReceiptFields;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    /// The message id.
    Id,
    /// How many were submitted.
    Sub,
    /// How many were delivered.
    Dlvrd,
    /// When it was submitted.
    SubmitDate,
    /// When it reached its state.
    DoneDate,
    /// The state or the carrier's code for it.
    Stat,
    /// The carrier's error.
    Err,
    /// The message's text, and so all that follows, separators included.
    Text,
    /// Something that no field is for.
    Skipped,
}

/// The columns of a carrier's receipts, in their order. Columns that a receipt lacks are missing fields; columns
/// past the last one named here are not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ColumnLayout<'a> {
    /// What stands between two columns.
    pub separator: u8,
    /// What each column holds.
    pub columns: &'a [Column],
}

impl ColumnLayout<'_> {
    pub(super) fn read<'a>(&self, body: &'a [u8]) -> ReceiptFields<'a> {
        let mut fields = ReceiptFields::default();
        let mut rest = Some(body);
        for column in self.columns {
            let Some(left) = rest else { break };
            let value = if *column == Column::Text {
                rest = None;
                left
            } else {
                let mut halves = left.splitn(2, |octet| *octet == self.separator);
                let value = halves.next().unwrap_or_default();
                rest = halves.next();
                value.trim_ascii()
            };
            if let Some(field) = column.field(&mut fields) {
                *field = Some(value);
            }
        }
        fields
    }
}

impl Column {
    const fn field<'f, 'a>(self, fields: &'f mut ReceiptFields<'a>) -> Option<&'f mut Option<&'a [u8]>> {
        match self {
            Self::Id => Some(&mut fields.id),
            Self::Sub => Some(&mut fields.sub),
            Self::Dlvrd => Some(&mut fields.dlvrd),
            Self::SubmitDate => Some(&mut fields.submit_date),
            Self::DoneDate => Some(&mut fields.done_date),
            Self::Stat => Some(&mut fields.stat),
            Self::Err => Some(&mut fields.err),
            Self::Text => Some(&mut fields.text),
            Self::Skipped => None,
        }
    }
}
