//! Which carrier takes this? One verb, [`Table::route`]; one verdict, [`Routed`] or a refusal.
//!
//! The longest prefix of the destination decides; the empty prefix is the default route.

mod prefix;
pub mod retry;

use crate::base::ids::CarrierId;
use crate::message::Refusal;
use prefix::PrefixTrie;
pub use retry::{Cause, RetrySettings, spread};

/// The routes: for each prefix the carriers in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct Table {
    prefixes: PrefixTrie<u32>,
    /// Prefixes that name a zone without being a route.
    zones: PrefixTrie<()>,
    /// The carriers of each route.
    routes: Vec<Vec<CarrierId>>,
}

/// Proof that a carrier has been chosen for `T`. Only [`Table::route`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routed<T> {
    what: T,
    carrier: CarrierId,
}

impl Table {
    /// A table of routes: a prefix of digits, and the carriers for it, at least one. A later route for the same prefix
    /// replaces the earlier.
    pub fn new<P: AsRef<[u8]>>(routes: impl IntoIterator<Item = (P, Vec<CarrierId>)>) -> Self {
        let mut table = Self::default();
        for (prefix, carriers) in routes {
            let place = u32::try_from(table.routes.len()).unwrap_or(u32::MAX);
            table.prefixes.insert(prefix.as_ref(), place);
            table.routes.push(carriers);
        }
        table
    }

    /// The same routes; and each of these prefixes names a zone, too, as those of the routes do.
    #[must_use]
    pub fn with_zones<P: AsRef<[u8]>>(mut self, zones: impl IntoIterator<Item = P>) -> Self {
        for prefix in zones {
            self.zones.insert(prefix.as_ref(), ());
        }
        self
    }

    /// The carriers for this destination, the first choice first; none when no route leads there.
    #[must_use]
    pub fn carriers(&self, destination: &[u8]) -> &[CarrierId] {
        let route = self.prefixes.longest(destination.strip_prefix(b"+").unwrap_or(destination));
        route.and_then(|place| self.routes.get(place as usize)).map_or(&[], Vec::as_slice)
    }

    /// How many digits of this destination, without its "+", name its zone: those of the longest prefix that it has,
    /// of the routes' and of the zones'; 0 when it has none.
    #[must_use]
    pub fn zone_len(&self, destination: &[u8]) -> u8 {
        let digits = destination.strip_prefix(b"+").unwrap_or(destination);
        let of_route = self.prefixes.longest_with_len(digits).map_or(0, |(len, _)| len);
        let of_zone = self.zones.longest_with_len(digits).map_or(0, |(len, ())| len);
        u8::try_from(of_route.max(of_zone)).unwrap_or(0)
    }

    /// The first carrier for this destination, when a route leads there.
    #[must_use]
    pub fn carrier(&self, destination: &[u8]) -> Option<CarrierId> {
        self.carriers(destination).first().copied()
    }

    /// Chooses the carrier for `what`, which goes to `destination`.
    ///
    /// # Errors
    /// [`Refusal::NoRoute`] when no prefix fits and there is no default.
    pub fn route<T>(&self, what: T, destination: &[u8]) -> Result<Routed<T>, Refusal> {
        let carrier = self.carrier(destination).ok_or(Refusal::NoRoute)?;
        Ok(Routed { what, carrier })
    }
}

impl<T> Routed<T> {
    /// The carrier that was chosen.
    pub const fn carrier(&self) -> CarrierId {
        self.carrier
    }

    /// What was routed, for the next step.
    pub fn into_inner(self) -> T {
        self.what
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(routes: &[(&str, u32)]) -> Table {
        Table::new(routes.iter().map(|(prefix, carrier)| (prefix, vec![CarrierId(*carrier)])))
    }

    #[test]
    fn the_longest_prefix_decides() {
        let table = table(&[("", 0), ("44", 1), ("4477", 2), ("1", 3)]);
        let carrier = |to: &str| table.carrier(to.as_bytes()).map(|carrier| carrier.0);
        assert_eq!(carrier("447700900121"), Some(2));
        assert_eq!(carrier("+447700900121"), Some(2));
        assert_eq!(carrier("442079460000"), Some(1));
        assert_eq!(carrier("4"), Some(0));
        assert_eq!(carrier("ACME"), Some(0));
        assert_eq!(carrier("12"), Some(3));
    }

    #[test]
    fn the_zone_of_a_destination_is_as_long_as_its_longest_prefix() {
        let table = table(&[("", 0), ("44", 1), ("4477", 2)]);
        let zones =
            ["447700900121", "+442079460000", "33123", "ACME", ""].map(|to| table.zone_len(to.as_bytes()));
        assert_eq!(zones, [4, 2, 0, 0, 0]);
    }

    #[test]
    fn a_zone_of_its_own_is_named_where_it_is_longer_than_the_route() {
        let routes = [("", 0), ("8", 1), ("44", 2), ("4477", 3)];
        let zoned = table(&routes).with_zones(["86", "44", "447"]);
        let zones = ["8613800138000", "+81312345678", "442079460000", "447700900121", "447123", "33123"];
        assert_eq!(zones.map(|to| zoned.zone_len(to.as_bytes())), [2, 1, 2, 4, 3, 0]);
        for to in zones {
            assert_eq!(zoned.carriers(to.as_bytes()), table(&routes).carriers(to.as_bytes()), "{to}");
        }
        let only = Table::new([("1", vec![CarrierId(1)])]).with_zones(["86"]);
        assert_eq!(only.zone_len(b"8613800138000"), 2, "where no route leads");
    }

    #[test]
    fn without_a_default_the_rest_is_refused() {
        let table = table(&[("44", 1)]);
        assert_eq!(table.route((), b"33123").map(|routed| routed.carrier()), Err(Refusal::NoRoute));
        assert_eq!(table.route((), b""), Err(Refusal::NoRoute));
    }
}
