//! The operators: money that came in, incidents, notices, and one that was wrong.

use bytes::Bytes;
use telegraphy::base::money::Money;
use telegraphy::flow::{Input, Told as Telling};
use telegraphy::message::{Balance, Exclusion, FactId, Operation, Refundable, Says, Scope, Window, Zone};

use super::world::{Asked, Ev, HOUR, Month, SEC, SHOP, at_day, wall};

/// Something that was said.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: u32,
    pub(super) at: u64,
    pub(super) why: &'static str,
    pub(super) says: Says,
}

const WRONG: &str = "a leak that was none";

impl Month {
    pub(super) fn plan_operators(&mut self, messages: u64) {
        let at = |day: u64, hours: u64| at_day(11, day) + hours * HOUR;
        let yuan = |amount: u64| Money::from_micros(amount.cast_signed() * 1_000_000);
        let (bank, shop) = (self.account(0), self.account(SHOP));
        let money = |operation| {
            let (before, after) = (Balance::default(), Balance::default());
            Says::Money { account: bank, operation, before, after }
        };
        let window = |exclusion, scope: Scope, (from, to): (u64, u64), published_at: Option<u64>| {
            let (from, to, published_at) = (wall(from), wall(to), published_at.map(wall));
            Says::Excluded(Window { exclusion, scope, from, to, published_at })
        };
        let of_shop = || Scope { account: Some(shop), ..Scope::default() };
        let telecom = self.gateway.as_ref().unwrap().flow.state().carrier("telecom");
        let british = Scope { zone: Some(Zone::new(b"44", 2)), ..Scope::default() };
        let package = Operation::Package {
            segments: messages / 8,
            paid: yuan(messages / 250),
            expires: Some(wall(at(20, 0))),
            refundable: Refundable::Never,
        };
        let top_up = |amount| Operation::TopUp { amount, expires: None, refundable: Refundable::Always };
        let voucher = Operation::Voucher { amount: yuan(messages / 100), expires: Some(wall(at(29, 0))) };
        let announced = Says::Announced { account: shop, from: wall(at(11, 0)), to: wall(at(12, 0)) };
        let pumping = window(Exclusion::Pumping, of_shop(), (at(3, 8), at(4, 20)), None);
        let maintenance =
            window(Exclusion::Maintenance, Scope::default(), (at(15, 9), at(15, 12)), Some(at(10, 0)));
        let outage = Scope { carrier: telecom, ..Scope::default() };
        let outage = window(Exclusion::CarrierOutage, outage, (at(19, 7), at(19, 23)), None);
        let regulator = window(Exclusion::Regulator, british, (at(22, 0), at(24, 0)), None);
        let afterwards = Scope { carrier: telecom, ..Scope::default() };
        let afterwards = window(Exclusion::Regulator, afterwards, (at(25, 0), at(26, 0)), None);
        let leak = window(Exclusion::CredentialLeak, of_shop(), (at(7, 0), at(9, 0)), None);
        let sayings = [
            (self.at + 30 * SEC, money(top_up(yuan(messages / 200))), "transfer 1"),
            (self.at + 31 * SEC, money(voucher), "a welcome"),
            (at(4, 12) + 7, money(package), "order 17"),
            (at(17, 9) + 7, money(top_up(yuan(messages / 10))), "transfer 2"),
            (at(3, 14) + 7, pumping, "ticket 70"),
            (at(6, 9) + 7, leak, WRONG),
            (at(10, 9) + 7, maintenance, "notice 3"),
            (at(10, 10) + 7, announced, "mail of the shop"),
            (at(19, 9) + 7, outage, "the carrier's report"),
            (at(21, 9) + 7, regulator, "order of an authority"),
            (at_day(12, 9) + 9 * HOUR + 7, afterwards, "the authority's report"),
        ];
        for (at, says, why) in sayings {
            self.on(at, Ev::Say { says: Box::new(says), why });
        }
        self.on(at(8, 11) + 7, Ev::Withdraw(WRONG));
    }

    pub(super) fn say(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        if self.gateway.is_none() {
            return self.after(600 * SEC, event);
        }
        let (says, why) = match event {
            Ev::Say { says, why } => (*says, why),
            Ev::Withdraw(wrong) => {
                let told = self.told.iter().find(|told| told.why == wrong).unwrap();
                (Says::Withdrawn(FactId(told.id)), "it was another account's")
            }
            _ => return,
        };
        let at = self.now().wall.as_millis();
        let told = Told { id: 0, at, why, says: says.clone() };
        let text = |text: &'static str| Bytes::from_static(text.as_bytes());
        let reply = self.reply(Asked::Say(Box::new(told)));
        let told = Telling { by: text("operator"), through: text("local"), why: text(why), says };
        inputs.push(Input::Fact { told, reply });
    }
}
