//! What was out, whose was it, and how did carriers' binds end? A fold over the log's outages: of everybody's service,
//! of single accounts', and of the links to carriers.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::{Cause, Closing, Function, How, Lapse, Whose};
use crate::sla::availability::interval::Interval;
use crate::sla::availability::outages::{Outage, Outages};

/// How long outages are kept: this calendar year and the one before, for its report (R79), and some weeks to claim.
pub const KEEP: Duration = Duration::from_secs(800 * 24 * 3600);

/// Ends of sessions that are kept of each carrier: three a day for a year, 64 KiB. One more sends the oldest away; the
/// outages stay.
pub const CLOSINGS_MAX: usize = 1024;

/// Numbers of a row of [`History::to_numbers`].
const ROW: usize = 8;

/// Rows in one list of it: 128 KiB, half of the longest record.
const ROWS_AT_ONCE: usize = 2048;

/// The row's first number: what it is about.
const EVERYONE: u64 = 0;
const ACCOUNT: u64 = 1;
const CARRIER: u64 = 2;
const CLOSING: u64 = 3;
const JOINED: u64 = 4;

/// All outages that are still of interest. One list of at most [`super::OUTAGES_MAX`] for everybody, for each account
/// and for each carrier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    lists: BTreeMap<Whose, Outages>,
    closings: BTreeMap<CarrierId, VecDeque<Closing>>,
}

impl History {
    /// Something is out since `at`.
    pub fn begin(&mut self, Lapse { whose, function, cause }: Lapse, at: Timestamp) {
        let list = self.lists.entry(whose).or_default();
        list.forget_before(Timestamp::from_millis(
            at.as_millis().saturating_sub(u64::try_from(KEEP.as_millis()).unwrap_or(u64::MAX)),
        ));
        list.begin(function, cause, at);
    }

    /// It is back.
    pub fn end(&mut self, Lapse { whose, function, cause }: Lapse, at: Timestamp) {
        if let Some(list) = self.lists.get_mut(&whose) {
            list.end(function, cause, at);
        }
    }

    /// Whether it is out.
    #[must_use]
    pub fn is_out(&self, Lapse { whose, function, cause }: Lapse) -> bool {
        self.lists.get(&whose).is_some_and(|list| list.open_since(function, cause).is_some())
    }

    /// The calendar has jumped: what is out lasts no longer and no shorter for that.
    pub fn clock_stepped(&mut self, by: i64) {
        self.lists.values_mut().for_each(|list| list.clock_stepped(by));
    }

    /// A session with a carrier has ended.
    pub fn closed(&mut self, carrier: CarrierId, closing: Closing) {
        let closings = self.closings.entry(carrier).or_default();
        if closings.len() >= CLOSINGS_MAX {
            closings.pop_front();
        }
        closings.push_back(closing);
    }

    /// What is out, and since when.
    pub fn open(&self) -> impl Iterator<Item = (Lapse, Timestamp)> {
        self.lists.iter().flat_map(|(whose, list)| {
            let lapse = |(function, cause, since)| (Lapse { whose: *whose, function, cause }, since);
            list.open().map(lapse)
        })
    }

    /// The outages of an account's service, everybody's among them; what is still out, until `now`.
    #[must_use]
    pub fn of_account(&self, account: AccountId, now: Timestamp) -> Vec<Outage> {
        self.of(&[Whose::Everyone, Whose::Account(account)], now)
    }

    /// The outages of the link to a carrier; what is still out, until `now`.
    #[must_use]
    pub fn of_carrier(&self, carrier: CarrierId, now: Timestamp) -> Vec<Outage> {
        self.of(&[Whose::Carrier(carrier)], now)
    }

    /// The latest ends of sessions with a carrier, the oldest first.
    pub fn closings(&self, carrier: CarrierId) -> impl Iterator<Item = &Closing> {
        self.closings.get(&carrier).into_iter().flatten()
    }

    /// How often, of an account's outages, two were made one for want of room.
    #[must_use]
    pub fn joined(&self, account: AccountId) -> u64 {
        let joined = |whose| self.lists.get(&whose).map_or(0, Outages::joined);
        joined(Whose::Everyone).saturating_add(joined(Whose::Account(account)))
    }

    fn of(&self, whose: &[Whose], now: Timestamp) -> Vec<Outage> {
        let lists = whose.iter().filter_map(|whose| self.lists.get(whose));
        let mut all: Vec<Outage> = lists.flat_map(|list| list.all(now)).collect();
        all.sort_unstable_by_key(|outage| (outage.interval, outage.function, outage.cause));
        all
    }

    /// All of it, in lists that each fit into a record.
    #[must_use]
    pub fn to_numbers(&self) -> Vec<Vec<u64>> {
        let mut rows = Vec::new();
        for (whose, list) in &self.lists {
            let (tag, number) = match whose {
                Whose::Everyone => (EVERYONE, 0),
                Whose::Account(account) => (ACCOUNT, u64::from(account.0)),
                Whose::Carrier(carrier) => (CARRIER, u64::from(carrier.0)),
            };
            let mut row = |function: Function, cause: Cause, start: Timestamp, end: u64| {
                let what = [function as u64, number_of(cause)];
                rows.push([tag, number, what[0], what[1], start.as_millis(), end, 0, 0]);
            };
            for Outage { function, cause, interval } in list.past() {
                row(*function, *cause, interval.start(), interval.end().as_millis());
            }
            list.open().for_each(|(function, cause, since)| row(function, cause, since, 0));
            if list.joined() > 0 {
                rows.push([JOINED, tag, number, list.joined(), 0, 0, 0, 0]);
            }
        }
        for (carrier, closings) in &self.closings {
            for Closing { at, how, unanswered, peer: (ip, port) } in closings {
                let [high, low] = [(ip >> 64) as u64, *ip as u64];
                let how = How::ALL.iter().position(|known| known == how).unwrap_or(0) as u64;
                let (carrier, at) = (u64::from(carrier.0), at.as_millis());
                let unanswered_and_port = u64::from(*unanswered) << 16 | u64::from(*port);
                rows.push([CLOSING, carrier, at, how, unanswered_and_port, high, low, 0]);
            }
        }
        rows.chunks(ROWS_AT_ONCE).map(<[_]>::concat).collect()
    }

    /// Adds one list of [`History::to_numbers`]; a row that says nothing is passed over.
    pub fn add_numbers(&mut self, numbers: &[u64]) {
        let (rows, _) = numbers.as_chunks::<ROW>();
        for row in rows {
            let _says_nothing = self.add_row(*row);
        }
    }

    fn add_row(&mut self, [tag, number, a, b, c, d, e, _]: [u64; ROW]) -> Option<()> {
        let at = Timestamp::from_millis;
        match tag {
            JOINED => self.lists.entry(whose(number, a)?).or_default().add_joined(b),
            CLOSING => {
                let how = *How::ALL.get(usize::try_from(b).ok()?)?;
                let unanswered = u32::try_from(c >> 16).ok()?;
                let port = u16::try_from(c & 0xffff).ok()?;
                let peer = (u128::from(d) << 64 | u128::from(e), port);
                let carrier = CarrierId(u32::try_from(number).ok()?);
                self.closed(carrier, Closing { at: at(a), how, unanswered, peer });
            }
            tag => {
                let (_, function) = *Function::WORDS.get(usize::try_from(a).ok()?)?;
                let cause = *Cause::ALL.get(usize::try_from(b).ok()?)?;
                let list = self.lists.entry(whose(tag, number)?).or_default();
                if d == 0 {
                    list.begin(function, cause, at(c));
                } else {
                    list.add(Outage { function, cause, interval: Interval::new(at(c), at(d))? });
                }
            }
        }
        Some(())
    }
}

fn whose(tag: u64, number: u64) -> Option<Whose> {
    let number = u32::try_from(number).ok()?;
    match tag {
        EVERYONE => Some(Whose::Everyone),
        ACCOUNT => Some(Whose::Account(AccountId(number))),
        CARRIER => Some(Whose::Carrier(CarrierId(number))),
        _ => None,
    }
}

fn number_of(cause: Cause) -> u64 {
    Cause::ALL.iter().position(|known| *known == cause).unwrap_or(0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(at: u64) -> Timestamp {
        Timestamp::from_millis(at)
    }

    fn lapse(whose: Whose, function: Function, cause: Cause) -> Lapse {
        Lapse { whose, function, cause }
    }

    fn spans(outages: &[Outage]) -> Vec<(u64, u64)> {
        let span = |outage: &Outage| (outage.interval.start().as_millis(), outage.interval.end().as_millis());
        outages.iter().map(span).collect()
    }

    const ACME: AccountId = AccountId(1);

    fn some() -> History {
        let mut history = History::default();
        for stopped in Lapse::stopped() {
            history.begin(stopped, ms(100));
            history.end(stopped, ms(200));
        }
        let of_acme = lapse(Whose::Account(ACME), Function::Receipts, Cause::NotForwarded);
        history.begin(of_acme, ms(150));
        history.begin(Lapse::of_carrier(CarrierId(7)), ms(300));
        history.end(Lapse::of_carrier(CarrierId(7)), ms(350));
        let peer = Closing::peer_of("192.0.2.7:2775".parse().unwrap());
        let closing = Closing { at: ms(300), how: How::TheyClosed, unanswered: 3, peer };
        history.closed(CarrierId(7), closing);
        history
    }

    #[test]
    fn r77_an_accounts_outages_are_its_own_and_everybodys() {
        let history = some();
        let all = history.of_account(ACME, ms(400));
        assert_eq!(spans(&all), [(100, 200), (100, 200), (100, 200), (150, 400)]);
        assert_eq!(spans(&history.of_account(AccountId(2), ms(400))), [(100, 200); 3]);
    }

    #[test]
    fn r25_a_carriers_outages_are_not_our_services_and_are_told_to_the_millisecond() {
        let history = some();
        assert_eq!(spans(&history.of_carrier(CarrierId(7), ms(400))), [(300, 350)]);
        assert_eq!(history.of_carrier(CarrierId(8), ms(400)), []);
    }

    #[test]
    fn r23_the_end_of_a_session_says_who_closed_by_what_and_with_whom() {
        let history = some();
        let closing = history.closings(CarrierId(7)).next().unwrap();
        assert_eq!((closing.how.side(), closing.how.name()), ("carrier", "closed without unbind"));
        assert_eq!((closing.peer().to_string().as_str(), closing.unanswered), ("192.0.2.7:2775", 3));
    }

    #[test]
    fn numbers_bring_everything_back() {
        let mut history = some();
        for number in 0..3_000 {
            let out = lapse(Whose::Everyone, Function::Bind, Cause::NoBind);
            history.begin(out, ms(10_000 + number * 10));
            history.end(out, ms(10_000 + number * 10 + 5));
        }
        let lists = history.to_numbers();
        assert!(lists.len() > 1 && lists.iter().all(|list| list.len() <= ROW * ROWS_AT_ONCE));
        let mut again = History::default();
        lists.iter().for_each(|list| again.add_numbers(list));
        assert_eq!(again, history);
        again.add_numbers(&[9; ROW]);
        again.add_numbers(&[1, 2, 3]);
        assert_eq!(again, history, "nonsense says nothing");
    }

    #[test]
    fn promise_7_a_flapping_carrier_fills_no_memory() {
        let mut history = History::default();
        let peer = Closing::peer_of("[2001:db8::1]:2775".parse().unwrap());
        for number in 0..CLOSINGS_MAX as u64 + 10 {
            let closing = Closing { at: ms(number), how: How::Failed, unanswered: 0, peer };
            history.closed(CarrierId(1), closing);
        }
        assert_eq!(history.closings(CarrierId(1)).count(), CLOSINGS_MAX);
        assert_eq!(history.closings(CarrierId(1)).next().unwrap().at, ms(10), "the oldest are gone");
    }

    #[test]
    fn r79_what_is_older_than_any_report_is_forgotten() {
        let mut history = some();
        let day = 24 * 3_600_000;
        let out = lapse(Whose::Everyone, Function::Bind, Cause::NoBind);
        history.begin(out, ms(801 * day));
        history.end(out, ms(801 * day + 1));
        assert_eq!(spans(&history.of_account(AccountId(2), ms(802 * day))), [(801 * day, 801 * day + 1)]);
    }

    #[test]
    fn a_calendar_that_jumps_makes_an_outage_neither_longer_nor_shorter() {
        let mut history = History::default();
        let out = lapse(Whose::Everyone, Function::Submit, Cause::NoRoom);
        history.begin(out, ms(1_000_000));
        history.clock_stepped(-500_000);
        history.end(out, ms(520_000));
        assert_eq!(spans(&history.of_account(ACME, ms(600_000))), [(500_000, 520_000)]);
    }
}
