//! A world in which anything may happen next: chance decides, from a seed. (The file is long because each thing that
//! may happen stands in it.)

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::world::*;
use crate::base::ids::MessageId;
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::flow::{
    AccountSettings, Answer, CarrierSettings, DoubtSettings, FlowSettings, InboundRoute, Input, LinkId,
    LongSettings, Manage, News, ReceiptSettings, Taking, TimeSettings,
};
use crate::matching::ParkingSettings;
use crate::message::{
    Address, CarrierMessageId, Category, ChargeOn, Content, Exclusion, FactId, FundId, Operation, Part,
    PartForm, Payment, Refundable, Says, Scope, Submission, When, Window, Wishes, Zone,
};
use crate::policy::{OptOut, Words};

const ACCOUNTS: [&str; 2] = ["acme", "beta"];
const CARRIERS: [&str; 2] = ["north", "south"];
const RECIPIENTS: [&str; 4] = [BRITISH, "447700900122", FRENCH, "33639980002"];
const WORDS: [&str; 5] = ["DELIVRD", "UNDELIV", "EXPIRED", "ENROUTE", "MK:0013"];

/// SplitMix64: the same numbers for the same seed, on every machine and for ever.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub(super) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

pub(super) struct Wild {
    pub(super) world: World,
    pub(super) chance: Chance,
    accepted: Vec<MessageId>,
    /// Handed over, and perhaps answered.
    sent: Vec<(MessageId, u8)>,
    /// Given to customers and not answered.
    given: Vec<(&'static str, LinkId, MessageId)>,
    next_link: u64,
    carrier_links: Vec<(&'static str, LinkId)>,
    customer_links: Vec<(&'static str, LinkId)>,
}

impl Wild {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let bodies_max = chance.of(&[0, 500, 16 * 1024 * 1024]);
        let mut world = World::with(settings_of_all(bodies_max, chance.of(&ChargeOn::ALL)));
        // A minute before the day ends on the clocks of the contracts, and with it a period of each account.
        world.wait(4 * HOUR - 60 * SECOND);
        world.keep_records();
        Self {
            world,
            chance,
            accepted: Vec::new(),
            sent: Vec::new(),
            given: Vec::new(),
            next_link: 1,
            carrier_links: Vec::new(),
            customer_links: Vec::new(),
        }
    }

    /// Something happens.
    pub(super) fn step(&mut self) {
        match self.chance.below(100) {
            0..12 => self.submit(),
            12..22 => self.submit_part(),
            22..24 => self.submit_multi(),
            24..26 => self.incoming(),
            26..32 => self.carrier_comes(),
            32..34 => self.carrier_goes(),
            34..54 => self.carrier_answers(),
            54..64 => self.carrier_reports(),
            64..68 => self.customer_comes(),
            68..70 => self.customer_goes(),
            70..80 => self.customer_answers(),
            80..84 => self.manage(),
            84..87 => self.money(),
            87..89 => self.say(),
            89..91 => {
                self.world.pass_found();
            }
            91..96 => self.time_passes(),
            96..98 => {
                let by = self.chance.of(&[3_600_000, -3_600_000, 86_400_000, -86_400_000, 1_900, -5_000]);
                self.world.step_calendar(by);
                self.world.wake();
            }
            _ => self.world.idle = self.chance.one_in(2),
        }
        self.take_notes();
    }

    /// Everybody is connected and nobody refuses anything, for as long as it takes until all is over.
    pub(super) fn come_to_an_end(&mut self) {
        self.world.idle = false;
        self.world.do_chores();
        for n in 0..600 {
            self.world.wait(Duration::from_secs(1));
            self.world.tick();
            if n % 10 == 0 {
                for carrier in CARRIERS {
                    self.world.carrier_ready(carrier, LinkId(1_000_000), 100);
                }
                ACCOUNTS
                    .iter()
                    .for_each(|account| self.world.customer_ready(account, LinkId(2_000_000), 100));
            }
            while self.world.pass_found() {}
            self.take_notes();
            for (account, link, message) in std::mem::take(&mut self.given) {
                self.world.told(account, link, message, Taking::Taken);
            }
            for (message, attempt) in std::mem::take(&mut self.sent) {
                let theirs = CarrierMessageId::new(theirs(message, attempt).as_bytes());
                self.world.answered_to(message, attempt, Answer::Taken(theirs));
            }
        }
        self.take_notes();
        self.world.assert_days_are_records();
        let left: Vec<_> = self.world.flow.state().messages().iter().collect();
        assert!(left.is_empty(), "still here: {left:#?}");
        for account in ACCOUNTS {
            let counts = self.world.counts(account);
            assert_eq!((counts.accepted, counts.in_doubt), (counts.ended.total(), 0));
        }
    }

    /// After a restart nobody is connected.
    pub(super) fn restart(&mut self) {
        let charge_on = self.chance.of(&ChargeOn::ALL);
        let mut settings = settings_of_all(self.world.settings.bodies_max, charge_on);
        if self.chance.one_in(4) {
            settings.carriers.truncate(1);
            settings.routes = vec![route("", &["north"])];
        }
        self.world.restart_with(settings);
        (self.carrier_links, self.customer_links) = (Vec::new(), Vec::new());
        self.sent.clear();
        self.given.clear();
        self.take_notes();
    }

    fn take_notes(&mut self) {
        self.sent.extend(self.world.sent_whole().into_iter().map(|sent| (sent.message, sent.attempt)));
        for (link, notice) in self.world.notices() {
            let _kind: &News = &notice.news;
            let account = self.customer_links.iter().find(|known| known.1 == link).map(|known| known.0);
            match account {
                Some(account) => self.given.push((account, link, notice.message)),
                // At the end one connection number is everybody's.
                None => ACCOUNTS.iter().for_each(|account| self.given.push((account, link, notice.message))),
            }
        }
    }

    fn submission(&mut self) -> Submission {
        let (account, to) = (self.chance.of(&ACCOUNTS), self.chance.of(&RECIPIENTS));
        let registered_delivery = self.chance.of(&[0, 1, 1, 1, 2, 3, 0x11]);
        let mut submission = self.world.submission(account, to, registered_delivery);
        let number = self.chance.next();
        submission.content = Content { body: Bytes::from(format!("text {number}")), ..Content::default() };
        if self.chance.one_in(4) {
            submission.wishes.validity = Some(When::In(self.duration()));
        }
        if self.chance.one_in(6) {
            submission.wishes.schedule = Some(When::In(self.duration()));
        }
        submission.wishes.replace = self.chance.one_in(8);
        submission
    }

    fn duration(&mut self) -> Duration {
        SECOND * [1, 5, 20, 60, 130, 200][self.chance.below(6)]
    }

    fn submit(&mut self) {
        let submission = self.submission();
        self.accepted.extend(self.world.submit_this(submission));
    }

    fn submit_part(&mut self) {
        let mut submission = self.submission();
        (submission.wishes, submission.destination) =
            (Wishes::default(), Address::new(1, 1, BRITISH.as_bytes()).unwrap());
        let total = 2 + self.chance.below(2) as u8;
        let number = 1 + self.chance.below(usize::from(total)) as u8;
        let reference = self.chance.below(2) as u16;
        submission.part = Some(Part { form: PartForm::Udh8, reference, total, number });
        self.accepted.extend(self.world.submit_this(submission));
    }

    fn submit_multi(&mut self) {
        let first = self.submission();
        let submissions = RECIPIENTS.iter().map(|to| {
            let destination = Address::new(1, 1, to.as_bytes()).unwrap();
            Submission { destination, ..first.clone() }
        });
        let submissions = submissions.take(1 + self.chance.below(3)).collect();
        let (result, _) = self.world.submit_multi(submissions, Vec::new());
        self.accepted.extend(result);
    }

    fn incoming(&mut self) {
        let (carrier, to) = (self.chance.of(&CARRIERS), self.chance.of(&["99", "991", "5"]));
        let text = match self.chance.below(6) {
            0 => "stop".to_owned(),
            1..4 => "start".to_owned(),
            _ => format!("stop {}", self.chance.next()),
        };
        self.world.incoming(carrier, to, &text);
    }

    fn carrier_comes(&mut self) {
        let carrier = self.chance.of(&CARRIERS);
        self.next_link += 1;
        let link = LinkId(self.next_link);
        let known = self.carrier_links.iter().find(|known| known.0 == carrier).copied();
        let link = if let Some((_, known)) = known { known } else { link };
        if known.is_none() {
            self.carrier_links.push((carrier, link));
        }
        let credits = 1 + self.chance.below(4) as u32;
        self.world.carrier_ready(carrier, link, credits);
    }

    fn carrier_goes(&mut self) {
        if let Some((carrier, link)) = self.carrier_links.pop() {
            self.world.carrier_gone(carrier, link);
        }
    }

    fn carrier_answers(&mut self) {
        if self.sent.is_empty() {
            return self.carrier_comes();
        }
        let place = self.chance.below(self.sent.len());
        let (message, attempt) = self.sent[place];
        if self.chance.one_in(4) {
            self.sent.swap_remove(place);
        }
        let answer = match self.chance.below(12) {
            0 => Answer::Refused(THROTTLED),
            1 => Answer::Refused(SYSTEM_ERROR),
            2 => Answer::Refused(INVALID_DESTINATION),
            3 | 4 => Answer::Silent,
            5 => Answer::NotSent,
            6 => Answer::Unwritable,
            7 => Answer::Taken(CarrierMessageId::new(self.chance.of(&[b"".as_slice(), b"7"]))),
            _ => Answer::Taken(CarrierMessageId::new(theirs(message, attempt).as_bytes())),
        };
        self.world.answered_to(message, attempt, answer);
    }

    fn carrier_reports(&mut self) {
        if self.chance.one_in(8) {
            return self.carrier_reports_late();
        }
        let Some(message) = self.accepted.get(self.chance.below(self.accepted.len())).copied() else {
            return;
        };
        let attempt = self.chance.of(&[1, 1, 1, 2, 3]);
        let carrier = self.world.message(message).map(|message| CARRIERS[message.carrier.0 as usize]);
        let id = if self.chance.one_in(10) { "7".to_owned() } else { theirs(message, attempt) };
        let (word, to) = (self.chance.of(&WORDS), self.chance.of(&["", "", BRITISH, FRENCH]));
        self.world.receipt_to(carrier.unwrap_or("north"), &id, word, to);
    }

    /// About something that was given up, if there is any such.
    fn carrier_reports_late(&mut self) {
        let silent = self.world.flow.state().late.iter().flat_map(|given_up| given_up.silent.clone());
        let silent: Vec<_> = silent.filter(|(_, _, id)| !id.is_empty()).collect();
        if let Some((_, carrier, id)) = silent.get(self.chance.below(silent.len())) {
            let id = String::from_utf8(id.as_slice().to_vec()).unwrap();
            let word = self.chance.of(&WORDS);
            self.world.receipt_to(CARRIERS[carrier.0 as usize], &id, word, "");
        }
    }

    fn customer_comes(&mut self) {
        let account = self.chance.of(&ACCOUNTS);
        self.next_link += 1;
        let link = LinkId(self.next_link);
        self.customer_links.push((account, link));
        let credits = 1 + self.chance.below(3) as u32;
        self.world.customer_ready(account, link, credits);
    }

    fn customer_goes(&mut self) {
        if !self.customer_links.is_empty() {
            let place = self.chance.below(self.customer_links.len());
            let (account, link) = self.customer_links.swap_remove(place);
            self.given.retain(|given| given.1 != link);
            self.world.customer_gone(account, link);
        }
    }

    fn customer_answers(&mut self) {
        if self.given.is_empty() {
            return self.customer_comes();
        }
        let place = self.chance.below(self.given.len());
        let (account, link, message) = self.given.swap_remove(place);
        let taking = self.chance.of(&[Taking::Taken, Taking::Taken, Taking::Later, Taking::Refused(8)]);
        self.world.told(account, link, message, taking);
    }

    fn manage(&mut self) {
        let Some(message) = self.accepted.get(self.chance.below(self.accepted.len())).copied() else {
            return;
        };
        let account = self.chance.of(&ACCOUNTS);
        let source = Address::new(5, 0, b"ACME").unwrap();
        let destination = Address::new(1, 1, self.chance.of(&RECIPIENTS).as_bytes()).unwrap();
        let request = match self.chance.below(6) {
            0 => Manage::Query { message, source },
            1 | 2 => Manage::Cancel { message, source },
            3 => Manage::CancelAll { source, destination, service_type: Octets::EMPTY },
            _ => {
                let schedule = self.chance.one_in(2).then(|| When::In(self.duration()));
                let wishes = Wishes { schedule, ..Wishes::default() };
                let body = Bytes::from(format!("anew {}", self.chance.next()));
                Manage::Replace { message, source, wishes, registered_delivery: 1, body }
            }
        };
        let _whatever_it_says = self.world.manage(account, request);
    }

    /// Something is done to a wallet, which may refuse it.
    fn money(&mut self) {
        let account = self.world.account(self.chance.of(&ACCOUNTS));
        let amount = Money::from_micros(self.chance.of(&[-1, 0, 1, 45_000, 300_000, 1_000_001]));
        let expires = self.chance.one_in(3).then(|| self.world.now.wall + 60 * SECOND);
        let fund = FundId(u16::try_from(1 + self.chance.below(6)).unwrap());
        let refundable = self.chance.of(&[Refundable::Never, Refundable::Always]);
        let operation = match self.chance.below(10) {
            0..4 => Operation::TopUp { amount, expires, refundable },
            4..6 => Operation::Voucher { amount, expires },
            6 => Operation::Package { segments: 7, paid: amount, expires, refundable },
            7 => Operation::RefundPackage { fund },
            8 => Operation::Withdraw { fund, amount },
            _ => Operation::Collect { amount },
        };
        let (before, after) = Default::default();
        let _refused = self.world.tell(Says::Money { account, operation, before, after });
    }

    /// An operator says something about what was, or takes it back.
    fn say(&mut self) {
        let (now, of_all) = (self.world.now.wall, self.chance.one_in(4));
        let said = u32::try_from(self.world.flow.state().facts().iter().count()).unwrap();
        if self.chance.one_in(3) {
            let fact = FactId(1 + u32::try_from(self.chance.below(said as usize)).unwrap());
            let _refused = self.world.tell(Says::Withdrawn(fact));
            return;
        }
        if self.chance.one_in(3) {
            let account = self.world.account(self.chance.of(&ACCOUNTS));
            let number = Address::new(1, 1, self.chance.of(&RECIPIENTS).as_bytes()).unwrap();
            let _refused = self.world.tell(Says::Opted { account, number, out: self.chance.one_in(3) });
            return;
        }
        let account = (!of_all).then(|| self.world.account(self.chance.of(&ACCOUNTS)));
        let carrier = of_all.then(|| self.world.carrier(self.chance.of(&CARRIERS)));
        let zone = self.chance.one_in(3).then(|| Zone::new(b"44", 2));
        let scope = Scope { account, carrier, zone, recipient: None };
        let exclusion = self.chance.of(&[Exclusion::Regulator, Exclusion::Feature]);
        let from = Timestamp::from_millis(now.as_millis() - self.chance.of(&[0, 30_000, 200_000, 3_600_000]));
        let to = from + self.chance.of(&[20 * SECOND, 300 * SECOND, HOUR * 2]);
        let window = Window { exclusion, scope, from, to, published_at: None };
        let _refused = self.world.tell(Says::Excluded(window));
    }

    fn time_passes(&mut self) {
        let millis = self.chance.of(&[0, 1, 800, 1_000, 3_000, 10_000, 40_000, 100_000]);
        self.world.wait(Duration::from_millis(millis));
        if self.chance.one_in(3) {
            self.world.wake();
        } else {
            self.world.pass(Input::Tick);
        }
    }
}

/// What a carrier calls a message; each hand-over of it has a name of its own.
fn theirs(message: MessageId, attempt: u8) -> String {
    format!("{message}-{attempt}")
}

/// Everything that can be set, so short that all of it happens.
fn settings_of_all(bodies_max: usize, charge_on: ChargeOn) -> FlowSettings {
    let all = |name: &str, long: LongSettings, doubt: DoubtSettings| AccountSettings {
        doubt,
        long,
        times: TimeSettings {
            validity_default: 150 * SECOND,
            validity_max: 300 * SECOND,
            schedule_max: 180 * SECOND,
            receipt_wait: 90 * SECOND,
        },
        receipts: ReceiptSettings { pause: 5 * SECOND, attempts_max: 3, keep: 100 * SECOND, max: 6 },
        ..account(name)
    };
    let long = LongSettings { wait: 40 * SECOND, max: 3, one_receipt: false };
    let settle_after = 100 * SECOND;
    let never = DoubtSettings { resend_after: None, copies_max: 1, settle_after };
    let once = DoubtSettings { resend_after: Some(20 * SECOND), ..never };
    let carrier = |name| CarrierSettings { queue_max: 20, failover_after: 10 * SECOND, ..carrier(name) };
    let inbound = |number: &str, account: &str| InboundRoute {
        number: number.into(),
        keyword: None,
        account: account.into(),
    };
    let heard = || OptOut { stop: Words::new(["stop"]), start: Words::new(["start"]), ..OptOut::default() };
    FlowSettings {
        accounts: vec![
            AccountSettings {
                paying: paying(charge_on, Payment::Prepaid),
                opt_out: Arc::new(heard()),
                ..all("acme", LongSettings { one_receipt: true, ..long }, once)
            },
            AccountSettings {
                paying: paying(charge_on, Payment::Postpaid { credit_limit: Money::from_micros(2_000_000) }),
                // Some numbers have no 3 in them.
                opt_out: Arc::new(OptOut {
                    told_by: Words::new(["3"]),
                    asked_of: vec![Category::Uncategorised],
                    ..heard()
                }),
                ..all("beta", long, never)
            },
        ],
        carriers: vec![carrier("north"), carrier("south")],
        routes: vec![route("", &["north", "south"]), route("33", &["south"])],
        inbound: vec![inbound("99", "acme"), inbound("991", "beta")],
        contracts: vec![
            contract("acme", "2025-12-02", 1, 30 * SECOND),
            contract("beta", "2025-12-02", 1, 120 * SECOND),
        ],
        parking: ParkingSettings { wait: 60 * SECOND, receipts_max: 5 },
        bodies_max,
        ..settings()
    }
}
