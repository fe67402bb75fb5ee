//! Does a message count under this contract? By what it is, where it goes and where it came from (R3, R4).

use crate::message::Category;

/// Where a message goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Destination {
    /// To a number of the provider's country.
    Domestic,
    /// To any other.
    International,
}

impl Destination {
    /// Both, with their words in settings and reports.
    pub const WORDS: [(&'static str, Self); 2] =
        [("domestic", Self::Domestic), ("international", Self::International)];
}

/// Where a message came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// Over SMPP.
    Smpp,
    /// Over another interface for programs.
    Api,
    /// From a console that a person uses.
    Console,
}

impl Origin {
    /// Every origin, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 3] =
        [("smpp", Self::Smpp), ("api", Self::Api), ("console", Self::Console)];
}

/// Which messages a contract is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Of these kinds; `None` when it does not matter, nor whether the kind is known.
    pub categories: Option<Vec<Category>>,
    /// To these destinations.
    pub destinations: Vec<Destination>,
    /// From these origins.
    pub origins: Vec<Origin>,
}

/// Whether a message counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Counted {
    /// It does.
    Yes,
    /// It would if it were known what kind it is: counted apart, and reported (R3).
    Uncategorised,
    /// It does not.
    No,
}

impl Scope {
    /// Everything counts.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            categories: None,
            destinations: Destination::WORDS.map(|(_, destination)| destination).into(),
            origins: Origin::WORDS.map(|(_, origin)| origin).into(),
        }
    }

    /// Whether a message counts.
    #[must_use]
    pub fn counts(&self, category: Category, destination: Destination, origin: Origin) -> Counted {
        if !self.destinations.contains(&destination) || !self.origins.contains(&origin) {
            return Counted::No;
        }
        match (&self.categories, category) {
            (None, _) => Counted::Yes,
            (Some(counted), category) if counted.contains(&category) => Counted::Yes,
            (Some(_), Category::Uncategorised) => Counted::Uncategorised,
            (Some(_), _) => Counted::No,
        }
    }
}
