//! The operators' socket: facts are said here, by whoever may write to its file, and by nobody over a network.
//!
//! One line of JSON is asked, one line is answered ([`Asked`], [`Answered`]); a connection may ask several times. The
//! socket's file belongs to the gateway's user and lets nobody else in (mode 0600): the operating system checks that,
//! and says which user asks, which becomes part of the fact.
//!
//! It is long because what may be asked, what is answered, and the reading of both stand together.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as Knock;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::cases::{self, CaseLine};
use crate::app::money::said::{self, Doing};
use crate::app::names::Names;
use crate::base::privacy::Masked;
use crate::base::time::Timestamp;
use crate::engine::door::{Door, Effect, FactNow, Input, ReplyTo, Stopped, Told};
use crate::message::address::ADDRESS_LEN_MAX;
use crate::message::label::ZONE_DIGITS_MAX;
use crate::message::{Address, Category, Exclusion, Fact, FactId, Says, Scope, Window, Zone};

/// The longest line that is read: a fact has three texts of 255 octets.
const LINE_LEN_MAX: u64 = 16 * 1024;
/// Connections at once: operators are people. One more waits until one of them is gone.
const CONNECTIONS_MAX: usize = 16;
/// How long a connection may say nothing, or not take its answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// Write down that messages of this time are excluded.
    Exclude {
        /// Who says it; the user of the operating system stands beside it.
        by: String,
        /// Why, and where the evidence is.
        why: String,
        /// Which exclusion, by its name.
        exclusion: String,
        /// From then on, in milliseconds since 1970 in UTC.
        from: u64,
        /// Until then, not included.
        to: u64,
        /// When it was published, where it has to be announced.
        published_at: Option<u64>,
        /// Of this account only.
        account: Option<String>,
        /// Over this carrier only.
        carrier: Option<String>,
        /// To numbers that begin so only.
        prefix: Option<String>,
        /// To this number only.
        number: Option<String>,
    },
    /// Take a fact back.
    Withdraw {
        /// Who says it.
        by: String,
        /// Why.
        why: String,
        /// Its number.
        fact: u32,
    },
    /// Write down what kind of messages an account sends, whatever the settings say.
    Categorise {
        /// Who says it.
        by: String,
        /// Why, and where that was decided.
        why: String,
        /// Which account.
        account: String,
        /// Which kind, by its name.
        category: String,
    },
    /// Write down that a recipient wants no more of an account's messages, or wants them again.
    Opt {
        /// Who says it.
        by: String,
        /// Why, and how the recipient said so.
        why: String,
        /// Whose messages.
        account: String,
        /// Which recipient.
        number: String,
        /// Whether it wants no more.
        out: bool,
    },
    /// Write down that an account has announced that it will submit much.
    Announce {
        /// Who says it.
        by: String,
        /// Why, and where the announcement is.
        why: String,
        /// Which account.
        account: String,
        /// From then on, in milliseconds since 1970 in UTC.
        from: u64,
        /// Until then, not included.
        to: u64,
    },
    /// Do something to an account's money, and write that down.
    Money {
        /// Who says it.
        by: String,
        /// Why, and where the evidence is.
        why: String,
        /// Whose money.
        account: String,
        /// What is done.
        doing: Doing,
    },
    /// Write down that an account has claimed compensation.
    Claim {
        /// Who says it.
        by: String,
        /// Why, and where the claim is.
        why: String,
        /// Which account.
        account: String,
        /// For which period, by its name.
        period: String,
        /// How it was filed, in one word.
        channel: String,
    },
    /// Write down what was answered to a claim or a complaint.
    Answer {
        /// Who says it.
        by: String,
        /// What was answered.
        why: String,
        /// The number of the claim or the complaint.
        fact: u32,
        /// Whether compensation is paid; none of a complaint.
        granted: Option<bool>,
    },
    /// Tell all facts.
    List,
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// It is a fact now, and durable, under this number.
    Written(u32),
    /// The same, and so much is to be paid out by it.
    Due {
        /// The number of the fact.
        fact: u32,
        /// In the account's currency.
        amount: String,
    },
    /// It is none, for this reason; nothing has changed.
    Refused(String),
    /// The facts, the oldest first.
    Facts(Vec<FactLine>),
}

/// A fact, as it is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FactLine {
    /// Its number.
    pub fact: u32,
    /// Whether it still holds.
    pub holds: bool,
    /// When it was said, in milliseconds since 1970.
    pub told_at: u64,
    /// Who said it.
    pub by: String,
    /// Over which way.
    pub through: String,
    /// Why.
    pub why: String,
    /// What it takes back, when it does that.
    pub withdraws: Option<u32>,
    /// What it excludes, when it does that, by name.
    pub excludes: Option<String>,
    /// Since when.
    pub from: Option<u64>,
    /// Until when.
    pub to: Option<u64>,
    /// What kind of messages it says that an account sends, when it does that.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether it says that a recipient wants no more messages, or wants them again, when it does that.
    #[serde(default)]
    pub opts_out: Option<bool>,
    /// For which period it claims, and how that was filed, in words, when it does that.
    #[serde(default)]
    pub claims: Option<String>,
    /// What it answers, when it does that.
    #[serde(default)]
    pub answers: Option<u32>,
    /// Whether it grants a claim, when it answers one.
    #[serde(default)]
    pub granted: Option<bool>,
    /// How it stands now, of a claim or a complaint that was not taken back; in a list only, never in a report.
    #[serde(default)]
    pub case: Option<CaseLine>,
    /// Whether messages that were over when it was said are still being counted anew; in a list only.
    #[serde(default)]
    pub is_counting: bool,
    /// What was done to money, in words, when it does that.
    pub money: Option<String>,
    /// What it is about, in words; a number is masked.
    pub about: String,
}

/// Opens the socket and serves until the shutdown.
///
/// # Errors
/// What the operating system said; also when another process serves there.
pub(super) fn listen(path: PathBuf, door: Door, shutdown: CancellationToken) -> io::Result<JoinHandle<()>> {
    let listener = open(&path)?;
    Ok(super::spawn(async move {
        let mut connections = JoinSet::new();
        while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok((stream, _)) => {
                    let (door, shutdown) = (door.clone(), shutdown.clone());
                    connections.spawn(async move {
                        let _ = shutdown.run_until_cancelled(serve(stream, &door)).await;
                    });
                }
                Err(error) => warn!(%error, "an operator's connection was not accepted"),
            }
            while connections.len() >= CONNECTIONS_MAX {
                connections.join_next().await;
            }
        }
        connections.shutdown().await;
        // A file that stays says that somebody is there.
        let _gone = fs::remove_file(&path);
    }))
}

/// The socket is made where nobody else may look, and comes to its place when its mode is right. It takes the place of
/// a socket that a killed gateway left, and of nothing else: a wrong path must not cost anybody a file.
fn open(path: &Path) -> io::Result<UnixListener> {
    if Knock::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another gateway serves there"));
    }
    match fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is something that is no socket"));
        }
        _ => {}
    }
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(".new");
    let hidden = PathBuf::from(hidden);
    let made = hidden.join("socket");
    // What a start that was killed here left, with the socket or without; a folder with anything else in it stays, and
    // is refused below.
    let _left = (fs::remove_file(&made), fs::remove_dir(&hidden));
    DirBuilder::new().mode(0o700).create(&hidden)?;
    let listener = UnixListener::bind(&made)?;
    fs::set_permissions(&made, Permissions::from_mode(0o600))?;
    fs::rename(&made, path)?;
    fs::remove_dir(&hidden)?;
    Ok(listener)
}

async fn serve(stream: UnixStream, door: &Door) {
    let through = match stream.peer_cred() {
        Ok(peer) => format!("local socket, uid {}", peer.uid()),
        Err(_) => "local socket".to_owned(),
    };
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        let mut reading = (&mut read).take(LINE_LEN_MAX);
        match tokio::time::timeout(PATIENCE, reading.read_until(b'\n', &mut line)).await {
            Ok(Ok(_)) if line.ends_with(b"\n") => {}
            _ => return,
        }
        let Ok(answered) = answer(door, &line, &through).await else { return };
        let Ok(mut octets) = serde_json::to_vec(&answered) else { return };
        octets.push(b'\n');
        if !matches!(tokio::time::timeout(PATIENCE, write.write_all(&octets)).await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn answer(door: &Door, line: &[u8], through: &str) -> Result<Answered, Stopped> {
    let asked = match serde_json::from_slice(line) {
        Ok(asked) => asked,
        Err(error) => return Ok(Answered::Refused(format!("not understood: {error}"))),
    };
    let told = match asked {
        Asked::List => {
            let facts = door.facts_and_waits().await?;
            return Ok(Answered::Facts(facts.iter().map(|told| line_now(door, told)).collect()));
        }
        Asked::Withdraw { by, why, fact } => Ok(Told {
            by: by.into(),
            through: through.to_owned().into(),
            why: why.into(),
            says: Says::Withdrawn(FactId(fact)),
        }),
        exclude @ Asked::Exclude { .. } => excluded(door, exclude, through),
        Asked::Announce { by, why, account, from, to } => match door.account(&account) {
            Some(account) => {
                let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(to));
                let says = Says::Announced { account, from, to };
                Ok(Told { by: by.into(), through: through.to_owned().into(), why: why.into(), says })
            }
            None => Err(format!("there is no account \"{account}\"")),
        },
        Asked::Categorise { by, why, account, category } => categorised(door, &account, &category)
            .map(|says| Told { by: by.into(), through: through.to_owned().into(), why: why.into(), says }),
        Asked::Opt { by, why, account, number, out } => opted(door, &account, &number, out)
            .map(|says| Told { by: by.into(), through: through.to_owned().into(), why: why.into(), says }),
        Asked::Claim { by, why, account, period, channel } => {
            cases::claimed(door, &account, &period, &channel).map(|says| Told {
                by: by.into(),
                through: through.to_owned().into(),
                why: why.into(),
                says,
            })
        }
        Asked::Answer { by, why, fact, granted } => Ok(Told {
            by: by.into(),
            through: through.to_owned().into(),
            why: why.into(),
            says: Says::Answered { fact: FactId(fact), granted },
        }),
        Asked::Money { by, why, account, doing } => money(door, &account, doing).map(|says| Told {
            by: by.into(),
            through: through.to_owned().into(),
            why: why.into(),
            says,
        }),
    };
    match told {
        Ok(told) => tell(door, told).await,
        Err(reason) => Ok(Answered::Refused(reason)),
    }
}

/// What kind of messages an account sends, in the words of the log.
fn categorised(door: &Door, account: &str, category: &str) -> Result<Says, String> {
    let account = door.account(account).ok_or_else(|| format!("there is no account \"{account}\""))?;
    let known = Category::ALL.into_iter().find(|known| known.name() == category);
    let category = known.ok_or_else(|| {
        let names = Category::ALL.map(Category::name).join(", ");
        format!("there is no kind \"{category}\"; there are: {names}")
    })?;
    Ok(Says::Categorised { account, category })
}

/// What a recipient wants of an account, in the words of the log. In which form the number is kept, the flow says.
fn opted(door: &Door, account: &str, number: &str, out: bool) -> Result<Says, String> {
    let account = door.account(account).ok_or_else(|| format!("there is no account \"{account}\""))?;
    Ok(Says::Opted { account, number: recipient(number)?, out })
}

/// What is done to an account's money, in the words of the log. What there was before and after, the flow says.
fn money(door: &Door, account: &str, doing: Doing) -> Result<Says, String> {
    let account = door.account(account).ok_or_else(|| format!("there is no account \"{account}\""))?;
    let operation = said::operation(doing, door.clock().wall())?;
    let (before, after) = Default::default();
    Ok(Says::Money { account, operation, before, after })
}

/// What is excluded, in the words of the log; or what is named and does not exist.
fn excluded(door: &Door, asked: Asked, through: &str) -> Result<Told, String> {
    let Asked::Exclude { by, why, exclusion, from, to, published_at, account, carrier, prefix, number } =
        asked
    else {
        return Err("nothing is excluded".to_owned());
    };
    let known = Exclusion::ALL.into_iter().find(|known| known.name() == exclusion);
    let exclusion = known.ok_or_else(|| {
        let names = Exclusion::ALL.map(Exclusion::name).join(", ");
        format!("there is no exclusion \"{exclusion}\"; there are: {names}")
    })?;
    let named = |what, name: &str| format!("there is no {what} \"{name}\"");
    let scope = Scope {
        account: account
            .map(|name| door.account(&name).ok_or_else(|| named("account", &name)))
            .transpose()?,
        carrier: carrier
            .map(|name| door.carrier(&name).ok_or_else(|| named("carrier", &name)))
            .transpose()?,
        zone: prefix.map(|prefix| zone(&prefix)).transpose()?,
        recipient: number.map(|number| recipient(&number)).transpose()?,
    };
    let window = Window {
        exclusion,
        scope,
        from: Timestamp::from_millis(from),
        to: Timestamp::from_millis(to),
        published_at: published_at.map(Timestamp::from_millis),
    };
    let says = Says::Excluded(window);
    Ok(Told { by: by.into(), through: through.to_owned().into(), why: why.into(), says })
}

fn zone(prefix: &str) -> Result<Zone, String> {
    let zone = Zone::new(prefix.as_bytes(), ZONE_DIGITS_MAX);
    if !prefix.is_empty() && zone.to_string() == prefix {
        Ok(zone)
    } else {
        Err(format!("a prefix is 1 to {ZONE_DIGITS_MAX} digits"))
    }
}

fn recipient(number: &str) -> Result<Address, String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let address = Address::new(1, 1, digits.as_bytes()).ok().filter(|_| is_number);
    address.ok_or_else(|| format!("a number is 1 to {ADDRESS_LEN_MAX} digits"))
}

/// Says it to the engine, and waits until it is durable.
async fn tell(door: &Door, told: Told) -> Result<Answered, Stopped> {
    let mut link = door.connect();
    let reply = ReplyTo { link: link.id(), ticket: 0, since: door.clock().moment() };
    let mut inputs = door.list();
    inputs.push(Input::Fact { told, reply });
    door.pass(inputs).await?;
    loop {
        let effects = tokio::select! {
            effects = link.effects() => effects,
            stopped = door.wait_for_failure() => return Err(stopped),
        };
        for effect in effects {
            let Effect::AnswerFact { result, due, .. } = effect else { continue };
            return Ok(match result {
                Ok(fact) => {
                    info!(fact = fact.0, "an operator's fact is written down");
                    match due {
                        Some(due) => Answered::Due { fact: fact.0, amount: due.to_string() },
                        None => Answered::Written(fact.0),
                    }
                }
                Err(refusal) => Answered::Refused(refusal.to_string()),
            });
        }
    }
}

/// A fact, and as what it waits for its answer now, or has one.
fn line_now(door: &Door, now: &FactNow) -> FactLine {
    let case = now.case.as_ref().map(|case| CaseLine::new(case, door.clock().wall()));
    FactLine { case, is_counting: now.is_counting, ..line_of(door, &now.fact, now.holds) }
}

/// A fact, as it is told: with names, and numbers masked.
pub(super) fn line_of(door: &dyn Names, fact: &Fact, holds: bool) -> FactLine {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let mut line = FactLine {
        fact: fact.id.0,
        holds,
        told_at: fact.told_at.as_millis(),
        by: text(&fact.by),
        through: text(&fact.through),
        why: text(&fact.why),
        withdraws: None,
        excludes: None,
        from: None,
        to: None,
        category: None,
        opts_out: None,
        claims: None,
        answers: None,
        granted: None,
        case: None,
        is_counting: false,
        money: None,
        about: String::new(),
    };
    match &fact.says {
        Says::Withdrawn(other) => line.withdraws = Some(other.0),
        Says::Categorised { account, category } => {
            line.about = format!("account {}", door.account_name(*account));
            line.category = Some(category.name().to_owned());
        }
        Says::Opted { account, number, out } => {
            let account = door.account_name(*account);
            line.about = format!("the number {} of account {account}", Masked(number.as_slice()));
            line.opts_out = Some(*out);
        }
        Says::Claimed { account, period, channel } => {
            line.about = format!("account {}", door.account_name(*account));
            line.claims = Some(cases::claim_words(*period, *channel));
        }
        Says::Answered { fact, granted } => (line.answers, line.granted) = (Some(fact.0), *granted),
        Says::Money { account, operation, before, after } => {
            line.about = format!("account {}", door.account_name(*account));
            line.money = Some(said::words(operation, before, after));
        }
        Says::Announced { account, from, to } => {
            (line.from, line.to) = (Some(from.as_millis()), Some(to.as_millis()));
            line.about = format!("account {}", door.account_name(*account));
        }
        Says::Excluded(window) => {
            line.excludes = Some(window.exclusion.name().to_owned());
            line.from = Some(window.from.as_millis());
            line.to = Some(window.to.as_millis());
            line.about = about(door, &window.scope);
        }
    }
    line
}

/// What a fact is about, in words.
fn about(door: &dyn Names, scope: &Scope) -> String {
    let Scope { account, carrier, zone, recipient } = scope;
    let mut words = Vec::new();
    words.extend(account.map(|account| format!("account {}", door.account_name(account))));
    words.extend(carrier.map(|carrier| format!("carrier {}", door.carrier_name(carrier))));
    words.extend(zone.map(|zone| format!("numbers that begin with {zone}")));
    words.extend(recipient.map(|recipient| format!("the number {recipient:?}")));
    if words.is_empty() { "everything".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_takes_the_place_of_one_that_was_left_and_of_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("operators");
        let hidden = folder.path().join("operators.new");
        // Left by a gateway that was killed: while it served, and twice while it started.
        drop(open(&path).unwrap());
        fs::create_dir(&hidden).unwrap();
        drop(open(&path).unwrap());
        fs::create_dir(&hidden).unwrap();
        drop(UnixListener::bind(hidden.join("socket")).unwrap());
        let serving = open(&path).unwrap();
        assert_eq!(open(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(serving);

        // A folder and a file of somebody else's.
        fs::create_dir(&hidden).unwrap();
        fs::write(hidden.join("kept"), "kept").unwrap();
        assert_eq!(open(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(hidden.join("kept")).unwrap(), b"kept");
        let file = folder.path().join("file");
        fs::write(&file, "kept").unwrap();
        assert_eq!(open(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"kept");
    }
}
