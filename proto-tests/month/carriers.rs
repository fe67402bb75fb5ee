//! The carriers: they take, refuse and keep silent, report with codes of every family, and keep a log of their own.

use std::collections::BTreeMap;
use std::fs;

use telegraphy::base::ids::{CarrierId, MessageId};
use telegraphy::base::octets::Octets;
use telegraphy::flow::{Answer, CarrierSettings, Input, LinkId};
use telegraphy::message::{Address, CarrierMessageId, Content, Receipt, ReceiptState};

use super::customers::text_of;
use super::world::{Asked, DAY, Ev, HOUR, MILLI, MIN, Month, SEC, SHOP, wall};
use crate::source;

/// How long an answer is waited for.
const RESPONSE_TIMER: u64 = 10 * SEC;
/// Submissions that a carrier takes at once.
const WINDOW: u32 = 200;
/// Writes its ids in hexadecimal in its responses and in decimal in its receipts.
const UNICOM: &str = "unicom";
/// Words of SMPP, and the states that they are on the wire (SMPP 3.4 §5.2.28).
const STATES: [(&str, u8); 8] = [
    ("ENROUTE", 1),
    ("DELIVRD", 2),
    ("EXPIRED", 3),
    ("DELETED", 4),
    ("UNDELIV", 5),
    ("ACCEPTD", 6),
    ("UNKNOWN", 7),
    ("REJECTD", 8),
];
/// What no table has.
const UNHEARD_OF: [&str; 3] = ["ZZ:0815", "QQ:1", "NEWCODE"];

/// What became of a hand-over, as the carrier saw it.
#[derive(Clone, Debug)]
pub(super) struct Hand {
    pub(super) at: u64,
    /// The customer's own word for it, from the text.
    pub(super) text: String,
    pub(super) to: String,
    /// Its id with the carrier; none of what it did not take.
    pub(super) id: Option<u64>,
    /// With what it was refused.
    pub(super) status: Option<u32>,
    /// When the answer was heard, if it was.
    pub(super) answered: Option<u64>,
    pub(super) receipts: Vec<Sent>,
}

/// A receipt.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// When it was acknowledged; it is sent again until then.
    pub(super) acked: Option<u64>,
    /// Which of all acknowledgements that was.
    pub(super) order: Option<u64>,
    pub(super) stat: String,
    pub(super) err: String,
    pub(super) network: Option<[u8; 3]>,
}

pub(super) struct Carrier {
    pub(super) name: String,
    codes: Vec<String>,
    link: Option<LinkId>,
    pub(super) is_down: bool,
    out: BTreeMap<(MessageId, u8), usize>,
    pub(super) hands: Vec<Hand>,
}

impl Carrier {
    pub(super) fn new(settings: &CarrierSettings) -> Self {
        let families = settings.codes.families();
        // And what one of them writes by rules of its own.
        let own = std::iter::repeat_n("777".to_owned(), 9);
        let codes = families.flat_map(|family| codes_of(&family.name)).chain(own).collect();
        let name = settings.name.clone();
        Self { name, codes, link: None, is_down: false, out: BTreeMap::new(), hands: Vec::new() }
    }

    pub(super) fn lose_link(&mut self) {
        self.link = None;
        self.out.clear();
    }
}

/// All codes of a family's file.
fn codes_of(family: &str) -> Vec<String> {
    let text = fs::read_to_string(source::root().join(format!("config/codes/{family}.toml"))).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let rows = table["code"].as_array().unwrap().iter();
    rows.flat_map(|row| row["codes"].as_array().unwrap())
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

fn state(stat: &str) -> Option<u8> {
    STATES.iter().find(|(word, _)| *word == stat).map(|(_, state)| *state)
}

impl Month {
    pub(super) fn carrier(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        match event {
            Ev::CarrierUp(place) => {
                self.carriers[place].is_down = false;
                if self.gateway.is_none() || self.carriers[place].link.is_some() {
                    return;
                }
                let link = self.link();
                self.carriers[place].link = Some(link);
                inputs.push(Input::CarrierReady { carrier: self.number(place), link, credits: WINDOW });
            }
            Ev::CarrierDown(place) => {
                self.carriers[place].is_down = true;
                if self.gateway.is_some() {
                    self.disconnect(place, inputs);
                }
            }
            Ev::Answer { carrier, link, message, attempt } => {
                self.answers(carrier, link, (message, attempt), inputs);
            }
            Ev::Receipt { carrier, hand, sent } => self.reports(carrier, hand, sent, inputs),
            _ => {}
        }
    }

    fn number(&self, place: usize) -> CarrierId {
        let state = self.gateway.as_ref().unwrap().flow.state();
        state.carrier(&self.carriers[place].name).unwrap()
    }

    /// A connection is gone; what was sent on it and not answered is told one by one before.
    pub(super) fn disconnect(&mut self, place: usize, inputs: &mut Vec<Input>) {
        let carrier = self.number(place);
        let Some(link) = self.carriers[place].link.take() else { return };
        for (message, attempt) in std::mem::take(&mut self.carriers[place].out).into_keys() {
            inputs.push(Input::CarrierAnswered { message, attempt, answer: Answer::Silent });
        }
        inputs.push(Input::CarrierGone { carrier, link });
    }

    /// A message comes to a carrier, which does as it likes.
    pub(super) fn submitted(
        &mut self,
        link: LinkId,
        (message, attempt): (MessageId, u8),
        to: &Address,
        content: &Content,
    ) {
        let Some(carrier) = self.carriers.iter().position(|carrier| carrier.link == Some(link)) else {
            return self.gateway.as_mut().unwrap().undelivered.push((message, attempt));
        };
        let silent = self.chance.one_in(150);
        let takes = !silent || self.chance.one_in(2);
        let refuses = (!silent && self.chance.one_in(25))
            .then(|| self.chance.of(&[0x0B, 0x0B, 0x45, 0x45, 0x08, 0x64, 0x58, 0x65]));
        self.serial += 1;
        let id = (takes && refuses.is_none()).then_some(0x5000_0000 + self.serial);
        let hand = Hand {
            at: wall(self.at).as_millis(),
            text: text_of(content),
            to: String::from_utf8_lossy(to.as_slice()).into_owned(),
            id,
            status: refuses,
            answered: None,
            receipts: Vec::new(),
        };
        let place = self.carriers[carrier].hands.len();
        self.carriers[carrier].hands.push(hand);
        self.carriers[carrier].out.insert((message, attempt), place);
        let wait = if silent { RESPONSE_TIMER } else { self.chance.between(2, 300) * MILLI };
        self.after(wait, Ev::Answer { carrier, link, message, attempt });
        if id.is_some() {
            self.plan_receipts(carrier, place, (wait, silent));
        }
    }

    fn answers(
        &mut self,
        place: usize,
        link: LinkId,
        (message, attempt): (MessageId, u8),
        inputs: &mut Vec<Input>,
    ) {
        let carrier = &mut self.carriers[place];
        if carrier.link != Some(link) {
            return;
        }
        let Some(hand) = carrier.out.remove(&(message, attempt)) else { return };
        let is_silent = wall(self.at).as_millis() >= carrier.hands[hand].at + RESPONSE_TIMER / MILLI;
        let Hand { id, status, .. } = carrier.hands[hand];
        let answer = match (is_silent, status, id) {
            (false, Some(status), _) => Answer::Refused(status),
            (false, None, Some(id)) => {
                let id = if carrier.name == UNICOM { format!("{id:X}") } else { format!("{id}") };
                Answer::Taken(CarrierMessageId::new(id.as_bytes()))
            }
            _ => Answer::Silent,
        };
        if answer != Answer::Silent {
            self.answered.push((place, hand));
        }
        inputs.push(Input::CarrierAnswered { message, attempt, answer });
        inputs.push(Input::CarrierReady { carrier: self.number(place), link, credits: 1 });
    }

    // ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────

    /// What will be said of a message that was taken. Of one whose answer was never heard, soon or too late to be
    /// taken for it.
    fn plan_receipts(&mut self, carrier: usize, hand: usize, (wait, silent): (u64, bool)) {
        if self.chance.one_in(40) {
            return;
        }
        let (stat, err) = if self.is_clean(carrier, hand) {
            ("DELIVRD".to_owned(), "000".to_owned())
        } else {
            self.word(carrier)
        };
        let delay = match self.chance.below(100) {
            _ if silent => self.chance.of(&[20 * SEC, 5 * MIN, 4 * HOUR]),
            0..4 => self.chance.between(1, wait / MILLI) * MILLI,
            4..80 => wait + self.chance.between(1, 40) * SEC,
            80..92 => wait + self.chance.between(2, 2_000) * MIN,
            92..97 => self.chance.between(75, 110) * HOUR,
            _ => 5 * DAY + self.chance.between(2, 100) * HOUR,
        };
        if !silent && self.chance.one_in(8) {
            self.sends(carrier, hand, delay / 2, ("ENROUTE", "000"));
        }
        self.sends(carrier, hand, delay, (&stat, &err));
        if state(&stat) != Some(2) && self.chance.one_in(3) {
            self.sends(carrier, hand, delay + 30 * SEC, ("DELIVRD", "000"));
        }
        if self.chance.one_in(20) {
            self.sends(carrier, hand, delay + 10 * SEC, (&stat, &err));
        }
        if self.chance.one_in(40) {
            let (stat, err) = self.word(carrier);
            self.sends(carrier, hand, delay + 60 * SEC, (&stat, &err));
        }
    }

    /// The shop looks after its list of numbers: so it is below its target, and not as far as the others.
    fn is_clean(&mut self, carrier: usize, hand: usize) -> bool {
        let place: usize = self.carriers[carrier].hands[hand].text.parse().unwrap();
        self.said[place].account == SHOP && self.chance.percent(45)
    }

    /// How a message ends, in the words of its carrier's families.
    fn word(&mut self, carrier: usize) -> (String, String) {
        let chosen = self.chance.below(self.carriers[carrier].codes.len() as u64) as usize;
        let code = self.carriers[carrier].codes[chosen].clone();
        let word = |stat: &str, err: &str| (stat.to_owned(), err.to_owned());
        match self.chance.below(100) {
            0..78 => word("DELIVRD", "000"),
            78..86 => (code, "000".to_owned()),
            86..94 => (self.chance.of(&["UNDELIV", "REJECTD", "EXPIRED"]).to_owned(), code),
            94 => word("DELIVRD", &code),
            95 => (self.chance.of(&UNHEARD_OF).to_owned(), "000".to_owned()),
            96 => word("UNDELIV", self.chance.of(&UNHEARD_OF)),
            // As a family of somebody else writes it.
            97 => word(self.chance.of(&["MK:0013", "map:27", "UNDELIV_601", "TX:3000", "CJ:0008"]), "000"),
            _ => word(self.chance.of(&["UNDELIV", "EXPIRED", "DELETED", "REJECTD", "UNKNOWN"]), "000"),
        }
    }

    fn sends(&mut self, carrier: usize, hand: usize, delay: u64, (stat, err): (&str, &str)) {
        let network = (err.starts_with("map:") && self.chance.one_in(2))
            .then(|| err.get(4..).and_then(|code| code.parse::<u16>().ok()))
            .flatten();
        let err = if network.is_some() { "000" } else { err };
        let network = network.map(|code| [3, code.to_be_bytes()[0], code.to_be_bytes()[1]]);
        let receipts = &mut self.carriers[carrier].hands[hand].receipts;
        let (stat, err) = (stat.to_owned(), err.to_owned());
        receipts.push(Sent { acked: None, order: None, stat, err, network });
        let sent = receipts.len() - 1;
        self.after(delay, Ev::Receipt { carrier, hand, sent });
    }

    fn reports(&mut self, place: usize, hand: usize, sent: usize, inputs: &mut Vec<Input>) {
        if self.gateway.is_none() || self.carriers[place].link.is_none() {
            let wait = self.chance.between(10, 120) * SEC;
            return self.after(wait, Ev::Receipt { carrier: place, hand, sent });
        }
        let Hand { id, to, receipts, .. } = &self.carriers[place].hands[hand];
        let Sent { stat, err, network, .. } = &receipts[sent];
        let receipt = Receipt {
            carrier: self.number(place),
            id: CarrierMessageId::new(id.unwrap().to_string().as_bytes()),
            state: ReceiptState { message_state: state(stat), stat: Octets::new(stat.as_bytes()).unwrap() },
            err: Octets::new(err.as_bytes()).unwrap(),
            network_error_code: *network,
            recipient: Address::new(1, 1, to.as_bytes()).unwrap(),
            sender: Address::default(),
        };
        let reply = self.reply(Asked::Receipt { carrier: place, hand, sent });
        inputs.push(Input::Receipt { receipt, reply });
    }
}
