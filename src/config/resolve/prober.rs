//! A customer of our own, who looks whether customers can work.

use std::collections::HashSet;

use toml::Spanned;

use crate::app::prober::ProberSettings;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::open;
use crate::config::resolve::section::Desk;
use crate::customer::CustomerAccount;

/// As whom it is probed: as the first system of the account that is named, with its password. Nobody, without the
/// table.
pub(super) fn prober(
    desk: &mut Desk<'_>,
    prober: Option<Spanned<Table<raw::Prober>>>,
    accounts: &[CustomerAccount],
) -> Option<ProberSettings> {
    prober.as_ref()?;
    let (raw::Prober { account, interval, timeout }, span) = open(prober);
    let mut section = desk.section("prober".to_owned(), span);
    let names: HashSet<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    let name = section.name_of("account", account, "an [[account]]", &names);
    let interval = section.time("interval", interval, &bounds::PROBER_INTERVAL);
    let timeout = section.time("timeout", timeout, &bounds::PROBER_TIMEOUT);
    let system = accounts.iter().find(|account| account.name == name)?.systems.first()?;
    let (system_id, password) = (system.system_id.clone(), system.password.clone());
    Some(ProberSettings { system_id, password, interval, timeout })
}
