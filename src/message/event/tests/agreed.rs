//! What is agreed, as it is written.

use super::*;

pub(super) fn agreement() -> impl Strategy<Value = Agreement> {
    let version = any::<(u32, u64, u64)>().prop_map(|(number, effective, fingerprint)| AgreedVersion {
        number,
        effective,
        fingerprint,
    });
    let versions = || prop::collection::vec(version.clone(), 0..5);
    prop_oneof![
        (any::<u32>(), bytes(255), any::<u64>(), versions()).prop_map(|(n, name, division, versions)| {
            Agreement::Policy { account: AccountId(n), name, division, versions }
        }),
        (bytes(255), versions()).prop_map(|(name, versions)| Agreement::Tariff { name, versions }),
    ]
}

/// A change of format that breaks old logs breaks this first.
#[test]
fn what_was_agreed_in_the_first_form_still_opens() {
    let versions = vec![AgreedVersion { number: 2, effective: 3, fingerprint: 4 }];
    let old = b"\x01\0\0\0\x02\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0";
    let policy = Agreement::Policy {
        account: AccountId(7),
        name: Bytes::from_static(b"jd"),
        division: 9,
        versions: versions.clone(),
    };
    let record = [b"\x32\0\x07\0\0\0\x02jd\x09\0\0\0\0\0\0\0".as_slice(), old].concat();
    assert_eq!(Event::decode(&record), Ok(Event::Agreed(Box::new(policy.clone()))));
    let record = [b"\x1d\x19\0\x07\0\0\0\x02jd\x09\0\0\0\0\0\0\0".as_slice(), old].concat();
    assert_eq!(Event::decode(&record), Ok(Event::Snapshot(Box::new(Snapshot::Agreed(policy)))));
    let tariff = Agreement::Tariff { name: Bytes::from_static(b"list"), versions };
    let record = [b"\x32\x01\x04list".as_slice(), old].concat();
    assert_eq!(Event::decode(&record), Ok(Event::Agreed(Box::new(tariff))));
}
