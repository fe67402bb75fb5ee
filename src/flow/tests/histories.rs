//! Random histories, held against the model after every step.

use std::time::Duration;

use proptest::prelude::*;

use super::model::{ACCOUNTS, CARRIERS, Model, PARKED_FOR, PARKED_MAX, QUEUE_MAX, Said, WORDS};
use super::world::*;
use crate::flow::{Answer, CarrierSettings, FlowSettings, LinkId, Taking, TimeSettings};
use crate::matching::ParkingSettings;
use crate::message::CarrierMessageId;

/// Something that happens. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Submit {
        account: usize,
        carrier: usize,
        registered_delivery: u8,
    },
    CarrierReady {
        carrier: usize,
        link: u64,
        credits: u32,
    },
    CarrierGone {
        carrier: usize,
        link: u64,
    },
    Answered {
        message: usize,
        said: Said,
    },
    /// About the id that the message has or is to have, or about an id that several messages get.
    Reported {
        message: usize,
        id: Id,
        elsewhere: bool,
        word: usize,
    },
    CustomerReady {
        account: usize,
        link: u64,
        credits: u32,
    },
    CustomerGone {
        account: usize,
        link: u64,
    },
    Told {
        account: usize,
        which: usize,
        taken: Option<bool>,
    },
    Wait {
        millis: u64,
    },
    Tick,
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Id {
    Own,
    Shared,
    None,
}

impl Id {
    const fn of(self, message: usize) -> Option<u32> {
        match self {
            Self::Own => Some(100 + message as u32),
            Self::Shared => Some(7),
            Self::None => None,
        }
    }
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![8 => Just(Id::Own), 2 => Just(Id::Shared), 1 => Just(Id::None)]
}

/// An answer; an id in it says only of which kind.
fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        6 => id().prop_map(|id| Said::Taken(id.of(0))),
        2 => Just(Said::Throttled(THROTTLED)),
        2 => Just(Said::Refused(INVALID_DESTINATION)),
        2 => Just(Said::Silent),
        2 => Just(Said::NotSent),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (two, link) = (|| 0..2_usize, || 0..2_u64);
    prop_oneof![
        8 => (two(), two(), 0..4_u8).prop_map(|(account, carrier, registered_delivery)| Step::Submit {
            account,
            carrier,
            registered_delivery
        }),
        4 => (two(), link(), 1..5_u32)
            .prop_map(|(carrier, link, credits)| Step::CarrierReady { carrier, link, credits }),
        1 => (two(), link()).prop_map(|(carrier, link)| Step::CarrierGone { carrier, link }),
        10 => (any::<usize>(), said()).prop_map(|(message, said)| Step::Answered { message, said }),
        8 => (any::<usize>(), id(), prop::bool::weighted(0.1), 0..WORDS.len())
            .prop_map(|(message, id, elsewhere, word)| Step::Reported { message, id, elsewhere, word }),
        3 => (two(), link(), 1..4_u32)
            .prop_map(|(account, link, credits)| Step::CustomerReady { account, link, credits }),
        1 => (two(), link()).prop_map(|(account, link)| Step::CustomerGone { account, link }),
        6 => (two(), any::<usize>(), prop_oneof![4 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)])
            .prop_map(|(account, which, taken)| Step::Told { account, which, taken }),
        3 => prop_oneof![Just(0), 1..3_000_u64, Just(70_000)].prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::Tick),
        1 => Just(Step::Restart),
    ]
}

struct History {
    world: World,
    model: Model,
}

impl History {
    fn new() -> Self {
        let mut settings = FlowSettings {
            parking: ParkingSettings { wait: PARKED_FOR, receipts_max: PARKED_MAX },
            ..settings()
        };
        for carrier in &mut settings.carriers {
            *carrier = CarrierSettings { queue_max: QUEUE_MAX, ..carrier.clone() };
        }
        // What time does to a message is told elsewhere.
        let long = 1_000 * HOUR;
        for account in &mut settings.accounts {
            account.doubt.settle_after = long;
            account.times = TimeSettings { validity_default: long, receipt_wait: long, ..account.times };
        }
        Self { world: World::with(settings), model: Model::default() }
    }

    fn take(&mut self, step: &Step) {
        self.act(step);
        for (link, message) in self.world.sent() {
            self.model.sent(link, message);
        }
        for (link, notice) in self.world.notices() {
            self.model.delivered(link, notice.message);
        }
        self.model.agrees_with(&self.world);
    }

    fn act(&mut self, step: &Step) {
        let Self { world, model } = self;
        match *step {
            Step::Submit { account, carrier, registered_delivery } => {
                let to = [BRITISH, FRENCH][carrier];
                let result = world.try_submit(ACCOUNTS[account], to, registered_delivery);
                model.submit((account, carrier), registered_delivery, result);
            }
            Step::CarrierReady { carrier, link, credits } => {
                model.carrier_ready(carrier, carrier_link(carrier, link), credits);
                world.carrier_ready(CARRIERS[carrier], carrier_link(carrier, link), credits);
            }
            Step::CarrierGone { carrier, link } => {
                model.carrier_gone(carrier, carrier_link(carrier, link));
                world.carrier_gone(CARRIERS[carrier], carrier_link(carrier, link));
            }
            Step::Answered { message, said } => self.answered(message, said),
            Step::Reported { message, id, elsewhere, word } => {
                // The last one is not accepted yet, or never will be.
                let message = message % (model.len() + 1);
                let carrier = if message < model.len() { model.carrier_of(message) } else { 0 };
                let carrier = if elsewhere { 1 - carrier } else { carrier };
                let (word, meaning) = WORDS[word];
                model.reported(world.now, carrier, id.of(message), meaning);
                world.receipt(CARRIERS[carrier], &in_receipt(carrier, id.of(message)), word);
            }
            Step::CustomerReady { account, link, credits } => {
                model.customer_ready(account, customer_link(account, link), credits);
                world.customer_ready(ACCOUNTS[account], customer_link(account, link), credits);
            }
            Step::CustomerGone { account, link } => {
                model.customer_gone(account, customer_link(account, link));
                world.customer_gone(ACCOUNTS[account], customer_link(account, link));
            }
            Step::Told { account, which, taken } => self.told(account, which, taken),
            Step::Wait { millis } => {
                world.wait(Duration::from_millis(millis));
                model.wake(world.now);
                world.wake();
            }
            Step::Tick => {
                model.tick(world.now);
                world.tick();
            }
            Step::Restart => {
                model.restart();
                world.restart();
            }
        }
    }

    fn answered(&mut self, message: usize, said: Said) {
        let Self { world, model } = self;
        if model.len() == 0 {
            return;
        }
        let message = message % model.len();
        let own = |id: Option<u32>| id.map(|id| if id == 7 { 7 } else { 100 + message as u32 });
        let said = if let Said::Taken(id) = said { Said::Taken(own(id)) } else { said };
        model.answered(world.now, message, said);
        let answer = match said {
            Said::Taken(id) => {
                let theirs = in_response(model.carrier_of(message), id);
                Answer::Taken(CarrierMessageId::new(theirs.as_bytes()))
            }
            Said::Throttled(status) | Said::Refused(status) => Answer::Refused(status),
            Said::Silent => Answer::Silent,
            Said::NotSent => Answer::NotSent,
        };
        world.answered(model.id(message), answer);
    }

    fn told(&mut self, account: usize, which: usize, taken: Option<bool>) {
        let Self { world, model } = self;
        let given = model.given(account);
        let Some((message, link)) = given.get(which % given.len().max(1)).copied() else { return };
        model.told(world.now, account, (message, link), taken);
        let taking = match taken {
            Some(true) => Taking::Taken,
            Some(false) => Taking::Refused(0x65),
            None => Taking::Later,
        };
        world.told(ACCOUNTS[account], link, message, taking);
    }

    /// Every customer comes and takes what it is owed.
    fn tell_everybody(&mut self) {
        self.take(&Step::Wait { millis: 70_000 });
        for account in 0..ACCOUNTS.len() {
            self.take(&Step::CustomerReady { account, link: 0, credits: 1_000 });
            while !self.model.given(account).is_empty() {
                self.take(&Step::Told { account, which: 0, taken: Some(true) });
            }
        }
        let owed: usize = self.world.flow.report().accounts.iter().map(|a| a.receipts_waiting).sum();
        assert_eq!(owed, 0);
        assert_eq!(self.world.flow.report().open, self.world.flow.state().messages().len());
    }
}

fn carrier_link(carrier: usize, link: u64) -> LinkId {
    LinkId(10 + 2 * carrier as u64 + link)
}

fn customer_link(account: usize, link: u64) -> LinkId {
    LinkId(20 + 2 * account as u64 + link)
}

/// `north` writes ids that mean nothing, `south` numbers: in hexadecimal when it answers, in decimal when it reports.
fn in_response(carrier: usize, id: Option<u32>) -> String {
    match (carrier, id) {
        (_, None) => String::new(),
        (0, Some(id)) => format!("n-{id}"),
        (_, Some(id)) => format!("{id:08X}"),
    }
}

fn in_receipt(carrier: usize, id: Option<u32>) -> String {
    match (carrier, id) {
        (1, Some(id)) => format!("{id:010}"),
        _ => in_response(carrier, id),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_2_3_4_and_6_hold_in_every_history(steps in prop::collection::vec(step(), 1..150)) {
        let mut history = History::new();
        for step in &steps {
            history.take(step);
        }
        history.tell_everybody();
    }
}
