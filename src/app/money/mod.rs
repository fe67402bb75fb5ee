//! What do operators and customers see of money, and do with it? Balances and statements from the ledger, what
//! carriers took and what that cost, and what is done to an account's money by hand.

pub mod amount;
pub mod said;
