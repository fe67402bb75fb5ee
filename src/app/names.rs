//! What are accounts and carriers called? Documents name them; events and counts have numbers.

use crate::base::ids::{AccountId, CarrierId};
use crate::engine::door::Door;

/// Who says what numbers are called: the running gateway, or what was read from its log.
pub trait Names {
    /// The name of an account; nothing when nobody has it.
    fn account_name(&self, account: AccountId) -> &str;
    /// The name of a carrier; nothing when nobody has it.
    fn carrier_name(&self, carrier: CarrierId) -> &str;
}

impl Names for Door {
    fn account_name(&self, account: AccountId) -> &str {
        Self::account_name(self, account)
    }

    fn carrier_name(&self, carrier: CarrierId) -> &str {
        Self::carrier_name(self, carrier)
    }
}
