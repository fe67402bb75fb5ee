//! The customers: short and long texts to everywhere, some in parts that do not all come, some taken back.

use std::time::Duration;

use bytes::Bytes;
use telegraphy::base::ids::MessageId;
use telegraphy::flow::{Input, Manage};
use telegraphy::message::{Address, Content, Label, Part, PartForm, Refusal, Submission, When, Wishes};

use super::world::{Asked, DAY, Ev, HOUR, MIN, Month, SEC, SHOP, at_day, wall};

/// `data_coding` of texts outside the GSM alphabet.
const UCS2: u8 = 8;
/// Characters of a part of a long message in UCS-2, at most.
const PART: u64 = 67;

/// What a customer submitted, and what it was answered.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) account: usize,
    pub(super) to: String,
    /// When it was submitted last.
    pub(super) at: u64,
    pub(super) ucs2: bool,
    pub(super) characters: u64,
    /// Number and total of a part.
    pub(super) part: Option<(u8, u8)>,
    /// What it belongs to: the place of the first part that was to be submitted.
    pub(super) whole: usize,
    pub(super) valid_for: Option<u64>,
    pub(super) scheduled: Option<u64>,
    pub(super) id: Option<u64>,
    pub(super) accepted_at: u64,
    pub(super) refusal: Option<&'static str>,
    pub(super) cancelled: bool,
    /// Whether it is the first of its message that was accepted.
    first: bool,
}

impl Said {
    pub(super) const fn is_first(&self) -> bool {
        self.first
    }
}

/// A text of so many characters that says its number; letters only, so that each is one in every alphabet.
fn content(place: usize, ucs2: bool, characters: u64) -> Content {
    let mut text = format!("{place} ");
    while (text.len() as u64) < characters {
        text.push('a');
    }
    let (data_coding, body) = if ucs2 {
        (UCS2, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
    } else {
        (0, text.into_bytes())
    };
    Content { data_coding, body: Bytes::from(body), ..Content::default() }
}

/// The number that a text says, as whoever reads it finds it.
pub(super) fn text_of(content: &Content) -> String {
    let octets = content.body.iter().filter(|octet| **octet != 0);
    octets.take_while(|octet| **octet != b' ').map(|octet| char::from(*octet)).collect()
}

impl Month {
    /// When they submit: by day more than by night, the shop much on one day and much more on another.
    pub(super) fn plan_customers(&mut self, messages: u64) {
        let (first, last) = (self.at, at_day(12, 3));
        for _ in 0..messages {
            let account = self.chance.of(&[0, 0, SHOP, SHOP, 2]);
            let day = first + self.chance.below((last - first) / DAY) * DAY;
            let hour = self.chance.of(&[1, 7, 8, 9, 10, 10, 11, 13, 14, 15, 16, 17, 19, 21, 23]);
            let within = self.chance.below(HOUR);
            self.on(day + hour * HOUR + within, Ev::Submit(account));
        }
        for day in [11, 26] {
            for _ in 0..messages / 20 {
                let within = self.chance.between(8 * HOUR, 20 * HOUR);
                self.on(at_day(11, day) + within, Ev::Submit(SHOP));
            }
        }
        // Around the edges of the month.
        for edge in [at_day(11, 1), at_day(12, 1)] {
            for _ in 0..messages / 40 {
                let within = self.chance.below(20 * MIN);
                let account = self.chance.of(&[0, SHOP, 2]);
                self.on(edge - 10 * MIN + within, Ev::Submit(account));
            }
        }
    }

    pub(super) fn customer(&mut self, event: Ev, inputs: &mut Vec<Input>) {
        if self.gateway.is_none() {
            // Nobody is there: later.
            let wait = self.chance.between(200, 900);
            return self.after(wait * SEC, event);
        }
        match event {
            Ev::Submit(account) if self.chance.one_in(16) => self.plan_long(account),
            Ev::Submit(account) => {
                let place = self.note(account, None);
                if account == 2 && self.chance.one_in(12) {
                    self.said[place].scheduled = Some(self.chance.between(20, 200) * 60);
                }
                if self.chance.one_in(15) {
                    self.said[place].valid_for = Some(self.chance.between(60, 4_000));
                }
                self.submit(place, inputs);
            }
            Ev::Part(place) => self.submit(place, inputs),
            Ev::Cancel { account, message, place } => {
                let request = Manage::Cancel { message, source: Address::default() };
                let (account, reply) = (self.account(account), self.reply(Asked::Cancel(place)));
                inputs.push(Input::Manage { reply, account, request });
            }
            _ => {}
        }
    }

    /// Nobody else has its number.
    fn recipient(&mut self, account: usize) -> String {
        let prefix = match (account, self.chance.below(100)) {
            (_, 0..40) => "86138",
            (_, 40..62) => "86130",
            (_, 62..84) => "86133",
            (0, 84..97) | (_, 84..90) => "44770",
            (_, 90..95) => "49151",
            _ => "1415",
        };
        format!("{prefix}{:07}", self.said.len())
    }

    fn note(&mut self, account: usize, of: Option<(usize, u8, u8)>) -> usize {
        let place = self.said.len();
        let (to, ucs2) = match of {
            Some((whole, number, _)) if number > 1 => (self.said[whole].to.clone(), self.said[whole].ucs2),
            _ => (self.recipient(account), self.chance.one_in(3)),
        };
        let characters = match of {
            Some((_, number, total)) if number < total => {
                if ucs2 {
                    PART
                } else {
                    153
                }
            }
            Some(_) => self.chance.between(9, PART),
            None => self.chance.of(&[9, 30, 60, 69, 70, 71, 100, 134, 135, 159, 160, 161, 200]),
        };
        self.said.push(Said {
            account,
            to,
            at: 0,
            ucs2,
            characters,
            part: of.map(|(_, number, total)| (number, total)),
            whole: of.map_or(place, |(whole, ..)| whole),
            valid_for: None,
            scheduled: None,
            id: None,
            accepted_at: 0,
            refusal: None,
            cancelled: false,
            first: false,
        });
        place
    }

    /// Parts in any order; of some messages one never comes.
    fn plan_long(&mut self, account: usize) {
        let (total, whole) = (self.chance.between(2, 4) as u8, self.said.len());
        let missing = self.chance.one_in(8).then(|| self.chance.between(1, u64::from(total)) as u8);
        for number in 1..=total {
            let place = self.note(account, Some((whole, number, total)));
            if missing != Some(number) {
                let within = self.chance.below(3 * SEC);
                self.after(within, Ev::Part(place));
            }
        }
    }

    fn submit(&mut self, place: usize, inputs: &mut Vec<Input>) {
        let now = self.now();
        let said = &mut self.said[place];
        said.at = now.wall.as_millis();
        let within = |seconds: Option<u64>| seconds.map(|seconds| When::In(Duration::from_secs(seconds)));
        let (schedule, validity) = (within(said.scheduled), within(said.valid_for));
        let content = content(place, said.ucs2, said.characters);
        let to = Address::new(1, 1, said.to.as_bytes()).unwrap();
        let part = said.part.map(|(number, total)| Part {
            form: PartForm::Udh8,
            reference: (said.whole % 256) as u16,
            total,
            number,
        });
        let account = said.account;
        let submission = Submission {
            account: self.account(account),
            source: Address::new(5, 0, b"SENDER").unwrap(),
            destination: to,
            registered_delivery: 1,
            wishes: Wishes { schedule, validity, ..Wishes::default() },
            label: Label::default(),
            bill: None,
            part,
            content,
        };
        let gateway = self.gateway.as_mut().unwrap();
        match gateway.prepare.prepare(now, submission) {
            Ok(prepared) => {
                let reply = self.reply(Asked::Submit(place));
                inputs.push(Input::Submit { reply, prepared });
            }
            Err(reason) => {
                let account = self.account(account);
                *self.gateway.as_mut().unwrap().refused.entry((account, reason)).or_default() += 1;
                self.said[place].refusal = Some(reason.name());
            }
        }
    }

    pub(super) fn answer(&mut self, place: usize, result: Result<MessageId, Refusal>) {
        match result {
            Err(reason) => self.said[place].refusal = Some(reason.name()),
            Ok(id) => {
                let whole = self.said[place].whole;
                let first =
                    self.said[whole..].iter().take(4).all(|other| other.whole != whole || !other.first);
                let scheduled = self.said[place].scheduled;
                let at = wall(self.at).as_millis();
                let said = &mut self.said[place];
                (said.id, said.first, said.accepted_at) = (Some(id.as_u64()), first, at);
                if scheduled.is_some() && self.chance.one_in(3) {
                    let account = self.said[place].account;
                    self.after(5 * MIN, Ev::Cancel { account, message: id, place });
                }
            }
        }
    }
}
