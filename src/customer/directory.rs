//! Who may bind, and how often?
//!
//! Wrong system ids and wrong passwords are told apart on the wire, as the specification does, but not by time: an
//! unknown id is compared with a password, too, and every comparison looks at the same number of octets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use subtle::{Choice, ConstantTimeEq};

use crate::base::ids::AccountId;
use crate::customer::settings::{CustomerAccount, CustomerSystem, ReceiptStyle};
use crate::smpp::field::C_OCTETS_SOFT_MAX;

/// Everybody who may bind.
#[derive(Debug, Default)]
pub(super) struct Directory {
    systems: HashMap<Vec<u8>, (PaddedPassword, Arc<AccountBinds>)>,
}

/// An account and its binds.
#[derive(Debug)]
pub(super) struct AccountBinds {
    name: String,
    account: AccountId,
    window: usize,
    binds_max: usize,
    receipts: ReceiptStyle,
    binds: AtomicUsize,
}

/// One of an account's binds; gives its place back when dropped.
#[derive(Debug)]
pub(super) struct BindPlace(Arc<AccountBinds>);

/// Why a bind is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BindRefusal {
    /// Nobody has this system id.
    SystemId,
    /// The password is not its.
    Password,
    /// The account has all the binds that it may have.
    TooMany,
    /// We are about to stop.
    Stopping,
}

impl Directory {
    /// The directory of these accounts; `number` gives an account's number by its name.
    pub(super) fn new(accounts: &[CustomerAccount], number: impl Fn(&str) -> Option<AccountId>) -> Self {
        let mut systems = HashMap::default();
        for account in accounts {
            let Some(id) = number(&account.name) else { continue };
            let binds = Arc::new(AccountBinds {
                name: account.name.clone(),
                account: id,
                window: account.window,
                binds_max: account.binds_max,
                receipts: account.receipts,
                binds: AtomicUsize::new(0),
            });
            for CustomerSystem { system_id, password } in &account.systems {
                let entry = (PaddedPassword::new(password.expose()), Arc::clone(&binds));
                systems.insert(system_id.clone().into_bytes(), entry);
            }
        }
        Self { systems }
    }

    /// Admits a bind.
    ///
    /// # Errors
    /// [`BindRefusal`].
    pub(super) fn bind(&self, system_id: &[u8], password: &[u8]) -> Result<BindPlace, BindRefusal> {
        let nobody = PaddedPassword::new(b"");
        let known = self.systems.get(system_id);
        let right = known.map_or(&nobody, |(password, _)| password).is(password);
        let Some((_, binds)) = known else { return Err(BindRefusal::SystemId) };
        if !bool::from(right) {
            return Err(BindRefusal::Password);
        }
        BindPlace::take(binds).ok_or(BindRefusal::TooMany)
    }
}

impl BindPlace {
    fn take(binds: &Arc<AccountBinds>) -> Option<Self> {
        let one_more = |binds_now| (binds_now < binds.binds_max).then_some(binds_now + 1);
        binds.binds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Self(Arc::clone(binds)))
    }

    /// Whose it is.
    pub(super) fn account(&self) -> AccountId {
        self.0.account
    }

    /// Its account's name, for log lines.
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// How its account wants to be told.
    pub(super) fn receipts(&self) -> ReceiptStyle {
        self.0.receipts
    }

    /// Requests that may be unanswered on it, in each direction.
    pub(super) fn window(&self) -> usize {
        self.0.window
    }
}

impl Drop for BindPlace {
    fn drop(&mut self) {
        self.0.binds.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A password in a field of one length for all, so that comparing takes the same time for all.
struct PaddedPassword {
    len: u64,
    octets: [u8; C_OCTETS_SOFT_MAX],
}

impl PaddedPassword {
    fn new(password: &[u8]) -> Self {
        let mut octets = [0; C_OCTETS_SOFT_MAX];
        for (place, octet) in octets.iter_mut().zip(password) {
            *place = *octet;
        }
        Self { len: password.len() as u64, octets }
    }

    fn is(&self, given: &[u8]) -> Choice {
        let given = Self::new(given);
        self.len.ct_eq(&given.len) & self.octets.ct_eq(&given.octets)
    }
}

impl std::fmt::Debug for PaddedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::privacy::Secret;

    fn directory(binds_max: usize) -> Directory {
        let system = |id: &str, password: &str| CustomerSystem {
            system_id: id.to_owned(),
            password: Secret::new(password.as_bytes()),
        };
        let account = CustomerAccount {
            name: "acme".to_owned(),
            systems: vec![system("acme1", "secret"), system("acme2", "other")],
            binds_max,
            window: 10,
            receipts: ReceiptStyle::default(),
        };
        Directory::new(&[account], |_| Some(AccountId(7)))
    }

    #[test]
    fn wrong_ids_and_wrong_passwords_are_told_apart() {
        let directory = directory(9);
        assert_eq!(directory.bind(b"acme1", b"secret").unwrap().account(), AccountId(7));
        assert_eq!(directory.bind(b"acme1", b"other").unwrap_err(), BindRefusal::Password);
        assert_eq!(directory.bind(b"acme1", b"").unwrap_err(), BindRefusal::Password);
        assert_eq!(directory.bind(b"acme1", b"secret\0").unwrap_err(), BindRefusal::Password);
        assert_eq!(directory.bind(b"acme", b"secret").unwrap_err(), BindRefusal::SystemId);
        assert_eq!(directory.bind(b"", b"").unwrap_err(), BindRefusal::SystemId);
    }

    #[test]
    fn binds_are_capped_per_account_and_given_back() {
        let directory = directory(2);
        let first = directory.bind(b"acme1", b"secret").unwrap();
        let _second = directory.bind(b"acme2", b"other").unwrap();
        assert_eq!(directory.bind(b"acme1", b"secret").unwrap_err(), BindRefusal::TooMany);
        drop(first);
        assert!(directory.bind(b"acme2", b"other").is_ok());
    }
}
