//! May this text go to this number? One verb, [`Policy::clear`]; one verdict, [`Cleared`], of which facts decide in
//! [`Cleared::may`].
//!
//! Whoever wants no more messages of an account says so, with a word that its policy knows, to one of its numbers
//! (R51); from then on the account is refused what it submits for that number, and what waits is not handed over. Which
//! messages that is about, and which have to say how they are stopped, is a choice with a name (A13): [`OptOut`].
//!
//! The text is read on the caller's own task. What kind of message it is, and who has opted out, are facts.

mod opted_out;
mod settings;
mod words;

use std::sync::Arc;

use hashbrown::HashMap;

pub use opted_out::{OPTED_OUT_MAX, OptedOut};
pub use settings::OptOut;
pub use words::Words;

use crate::base::ids::AccountId;
use crate::message::{Address, Category, Content, Refusal, Submission};
use crate::text::charset::Alphabet;
use crate::text::{self, Reading};

/// The UDHI bit of `esm_class` (SMPP 3.4 §5.2.12): user data begins with a header.
const UDHI: u8 = 0x40;

/// What `data_coding` 0 means: the default alphabet of SMPP and of the air (§5.2.19).
const DEFAULT_ALPHABET: Alphabet = Alphabet::Gsm7;

/// What every account's texts have to say. Shared by all sessions.
#[derive(Debug, Default)]
pub struct Policy {
    /// Those of which anything is asked.
    accounts: HashMap<AccountId, Arc<OptOut>>,
}

/// Proof that the text of `T` has been read. Only [`Policy::clear`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleared<T> {
    what: T,
    says: Says,
}

/// What a text says about how messages like it are stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Says {
    /// Nobody asks, or that has to be asked of the whole that this is a part of.
    NotAsked,
    /// How.
    How,
    /// Nothing.
    Nothing,
}

impl Policy {
    /// What these accounts' texts have to say.
    pub fn new(accounts: impl IntoIterator<Item = (AccountId, Arc<OptOut>)>) -> Self {
        Self { accounts: accounts.into_iter().filter(|(_, rules)| rules.asks_anything()).collect() }
    }

    /// Reads the text of `what`, whose submission `submission` gives, as far as anything is asked of it.
    pub fn clear<T>(&self, what: T, submission: impl Fn(&T) -> &Submission) -> Cleared<T> {
        let Submission { account, part, content, .. } = submission(&what);
        let says = match self.accounts.get(account).filter(|_| part.is_none()) {
            None => Says::NotAsked,
            Some(rules) if rules.is_told_in(&text_of(content)) => Says::How,
            Some(_) => Says::Nothing,
        };
        Cleared { what, says }
    }
}

impl<T> Cleared<T> {
    /// What was read, and the proof of it.
    pub fn split(self) -> (T, Cleared<()>) {
        (self.what, Cleared { what: (), says: self.says })
    }

    /// What was read.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.what
    }
}

impl Cleared<()> {
    /// Whether it may be sent as a message of this kind, to this recipient.
    ///
    /// # Errors
    /// [`Refusal::OptedOut`] when the recipient wants no more of these, [`Refusal::OptOutMissing`] when the text does
    /// not say how to stop them and has to.
    pub fn may(
        &self,
        rules: &OptOut,
        opted_out: &OptedOut,
        (account, category, recipient): (AccountId, Category, &Address),
    ) -> Result<(), Refusal> {
        if opted_out.stop(rules, account, category, recipient) {
            return Err(Refusal::OptedOut);
        }
        if self.says == Says::Nothing && rules.asks(category) {
            return Err(Refusal::OptOutMissing);
        }
        Ok(())
    }
}

/// The text of a message, or of a part of one, without its header. Octets that mean nothing in its alphabet are none of
/// any word.
#[must_use]
pub fn text_of(content: &Content) -> String {
    let alphabet = Alphabet::of(content.data_coding, DEFAULT_ALPHABET);
    let has_header = content.esm_class & UDHI != 0;
    let reading = text::read(&content.body, has_header, alphabet);
    let reading = reading.or_else(|_| text::read(&content.body, false, alphabet));
    reading.map(|Reading { text, .. }| text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
