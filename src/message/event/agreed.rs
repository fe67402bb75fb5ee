//! What the settings say that must not change behind what is over, to and from records.

use bytes::{Bytes, BytesMut};

use crate::base::ids::AccountId;
use crate::message::wire::{Cursor, Put};

/// From here on this holds. Settings are files that change; a log has no copy of them, and remembers by fingerprints
/// ([`crate::message::Fingerprint`]) what was in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// What an account is promised.
    Policy {
        /// Which account.
        account: AccountId,
        /// The policy's name.
        name: Bytes,
        /// The fingerprint of its clock and of how it divides time.
        division: u64,
        /// Its versions, in the order of their days; each in force from a day on, counted from 1970-01-01.
        versions: Vec<AgreedVersion>,
    },
    /// What messages cost whose accounts pay by a tariff.
    Tariff {
        /// Its name.
        name: Bytes,
        /// Its versions, in the order of their times; each in force from a time on, in milliseconds since 1970.
        versions: Vec<AgreedVersion>,
    },
}

/// A version of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgreedVersion {
    /// Its number in the settings.
    pub number: u32,
    /// From when on it is in force.
    pub effective: u64,
    /// The fingerprint of what it says.
    pub fingerprint: u64,
}

pub(super) fn put_agreement<'a>(out: &'a mut BytesMut, agreement: &Agreement) -> &'a mut BytesMut {
    match agreement {
        Agreement::Policy { account, name, division, versions } => {
            put_versions(out.u8(0).u32(account.0).string(name).u64(*division), versions)
        }
        Agreement::Tariff { name, versions } => put_versions(out.u8(1).string(name), versions),
    }
}

pub(super) fn take_agreement(cursor: &mut Cursor<'_>) -> Option<Agreement> {
    Some(match cursor.u8()? {
        0 => Agreement::Policy {
            account: AccountId(cursor.u32()?),
            name: cursor.string()?,
            division: cursor.u64()?,
            versions: take_versions(cursor)?,
        },
        1 => Agreement::Tariff { name: cursor.string()?, versions: take_versions(cursor)? },
        _ => return None,
    })
}

fn put_versions<'a>(out: &'a mut BytesMut, versions: &[AgreedVersion]) -> &'a mut BytesMut {
    let out = out.u32(u32::try_from(versions.len()).unwrap_or(u32::MAX));
    versions.iter().fold(out, |out, AgreedVersion { number, effective, fingerprint }| {
        out.u32(*number).u64(*effective).u64(*fingerprint)
    })
}

fn take_versions(cursor: &mut Cursor<'_>) -> Option<Vec<AgreedVersion>> {
    let mut versions = Vec::new();
    for _ in 0..cursor.u32()? {
        let (number, effective, fingerprint) = (cursor.u32()?, cursor.u64()?, cursor.u64()?);
        versions.push(AgreedVersion { number, effective, fingerprint });
    }
    Some(versions)
}
