//! What the settings may not change any more: what is closed, and what was priced.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::world::*;
use crate::base::time::Timestamp;
use crate::flow::FlowSettings;
use crate::flow::agreed::{Agreed, TARIFFS_MAX};
use crate::message::{AgreedVersion, Agreement, ChargeOn, Event, Payment, Snapshot};
use crate::rating::Tariff;
use crate::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use crate::sla::terms::tests::policies::{self, share};
use crate::sla::terms::tests::{date, service_months};
use crate::sla::terms::{Contract, Policy, PolicyDraft};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Both accounts stand under the first policy; the term of `acme` begins a month before the world, that of `beta` with
/// it.
fn promised(policy: PolicyDraft) -> FlowSettings {
    let policy = Arc::new(Policy::new(policy).unwrap());
    let contract = |account: &str, first| Contract {
        account: account.into(),
        policy: Arc::clone(&policy),
        periods: service_months(first, 6),
    };
    let contracts = vec![contract("acme", "2025-12-01"), contract("beta", "2026-01-01")];
    FlowSettings { contracts, ..settings() }
}

/// The policy, with a target of 97 % from this day on.
fn from(effective_from: &str) -> PolicyDraft {
    let mut draft = policies::tencent().draft().clone();
    let mut second = draft.versions[0].clone();
    (second.number, second.effective_from) = (2, date(effective_from));
    second.notice_sent_at = Some(date("2025-11-01"));
    second.terms.target.share = share("97%");
    draft.versions.push(second);
    draft
}

fn as_it_was() -> PolicyDraft {
    policies::tencent().draft().clone()
}

/// December is closed for `acme`.
fn closed() -> World {
    let mut world = World::with(promised(as_it_was()));
    world.wait(4 * DAY);
    world.tick();
    let book = world.flow.state().book();
    assert_eq!(book.closings().of(world.account("acme")).len(), 1);
    assert!(book.closings().of(world.account("beta")).is_empty());
    world
}

fn agreements(world: &World) -> usize {
    world.log.iter().filter(|(_, event)| matches!(event, Event::Agreed(_))).count()
}

const DECEMBER: &str = "policy \"tencent\" of the account \"acme\": version 2 is new and in force from 2025-12-31: it \
    would change what is closed until 2025-12-31; let it have effective_from 2026-01-01 or later";

#[test]
fn promise_14_a_version_in_a_closed_month_is_refused_and_one_behind_it_is_remembered() {
    let mut world = closed();
    assert_eq!(agreements(&world), 2);
    assert_eq!(world.refused_with(&promised(from("2025-12-31"))), [DECEMBER]);
    world.restart_with(promised(from("2026-01-01")));
    assert_eq!(agreements(&world), 4, "of both accounts");
    world.restart();
    assert_eq!(agreements(&world), 4, "nothing new");
    world.restart_with(promised(from("2026-02-01")));
    assert_eq!(agreements(&world), 6, "what is not closed may still change");
    world.wait(31 * DAY);
    world.tick();
    let gone = world.refused_with(&promised(as_it_was()));
    assert!(gone.is_empty(), "February is open: {gone:?}");
    world.wait(28 * DAY);
    world.tick();
    let [gone] = &world.refused_with(&promised(as_it_was()))[..] else { panic!("one fault of both") };
    assert!(
        gone.starts_with("policy \"tencent\" of the accounts \"acme\", \"beta\": version 2, in force from "),
        "{gone}"
    );
    assert!(gone.contains(", is gone: ") && gone.ends_with("effective_from 2026-03-01 or later"), "{gone}");
}

#[test]
fn promise_14_what_was_agreed_outlives_the_segments_that_said_it() {
    let mut world = closed();
    world.carrier_ready("north", LINK_1, 10);
    let before = world.log.start;
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    assert!(world.log.start > before && agreements(&world) == 0, "it is in the snapshot alone");
    world.restart();
    assert_eq!(agreements(&world), 0, "and nothing is new");
    assert_eq!(world.refused_with(&promised(from("2025-12-31"))), [DECEMBER]);
}

#[test]
fn a_log_that_remembers_nothing_takes_what_the_settings_say_and_remembers_it_then() {
    let mut world = closed();
    world.forget_agreements();
    world.restart_with(promised(from("2025-12-31")));
    let refused = world.refused_with(&promised(as_it_was()));
    assert!(refused[0].contains("version 2, in force from 2025-12-31, is gone"), "{refused:?}");
}

#[test]
fn promise_14_a_contract_that_was_taken_away_comes_back_as_it_was_and_under_whatever_name() {
    let mut world = closed();
    world.restart_with(settings());
    assert_eq!(agreements(&world), 2);
    assert_eq!(world.refused_with(&promised(from("2025-12-31"))), [DECEMBER]);
    world.restart_with(promised(PolicyDraft { name: "other".into(), ..as_it_was() }));
    assert_eq!(agreements(&world), 4, "the same by another name");
    let jd = policies::jd().draft().clone();
    let refused = world.refused_with(&promised(jd));
    let of = "policy \"jd\" of the account \"acme\", in place of \"other\": ";
    assert!(refused.iter().all(|fault| fault.starts_with(of)), "{refused:?}");
    assert!(refused[0].contains("its clock or its division of time is another one"), "{refused:?}");
    assert!(refused[1].contains("version 1, in force from 2021-01-01, is not what it was"), "{refused:?}");
    assert_eq!(refused.len(), 2);
}

/// A price from the beginning, and this one for all from so long after the world began.
fn priced(name: &str, later: Option<(Duration, &str)>) -> FlowSettings {
    let mut settings = settings();
    let version = |number, effective, price: &str| {
        let tiers = vec![Tier { over: 0, up_to: None, price: price.parse().unwrap() }];
        let prices = vec![PrefixPrice { prefix: String::new(), tiers }];
        VersionSettings { number, effective, announced: None, prices }
    };
    let mut versions = vec![version(1, Timestamp::default(), "0.05")];
    let start = World::new().now.wall;
    versions.extend(later.map(|(after, price)| version(2, start + after, price)));
    let tariff = Arc::new(Tariff::new(versions, Duration::ZERO).unwrap());
    for account in &mut settings.accounts {
        let mut paying = paying(ChargeOn::Accept, Payment::Prepaid).unwrap();
        (paying.tariff, paying.pricing.tariff) = (name.to_owned(), Arc::clone(&tariff));
        account.paying = Some(paying);
    }
    settings
}

#[test]
fn r45_a_tariff_keeps_what_has_taken_effect_and_may_change_what_has_not() {
    let mut world = World::with(priced("list", None));
    assert_eq!(agreements(&world), 1, "one tariff of two accounts");
    let tomorrow = priced("list", Some((DAY, "0.04")));
    world.restart_with(tomorrow.clone());
    world.restart_with(priced("list", Some((DAY, "0.03"))));
    world.restart_with(tomorrow);
    assert_eq!(agreements(&world), 4);
    world.wait(DAY);
    let rewritten = "tariff \"list\" of the accounts \"acme\", \"beta\": version 2: it has taken effect and cannot be \
        changed or taken away; leave it as it was, and add a version that takes effect after this start";
    assert_eq!(world.refused_with(&priced("list", Some((DAY, "0.03")))), [rewritten]);
    assert_eq!(world.refused_with(&priced("list", None)), [rewritten]);
    assert_eq!(world.refused_with(&priced("list", Some((HOUR, "0.04")))), [rewritten], "sooner than it did");
}

#[test]
fn r45_a_tariff_that_nobody_pays_by_any_more_is_known_by_its_name_and_another_one_is_another() {
    let mut world = World::with(priced("list", None));
    world.restart_with(priced("other", Some((Duration::ZERO, "0.01"))));
    world.restart_with(settings());
    world.wait(2 * DAY);
    let backdated = "tariff \"list\" of the accounts \"acme\", \"beta\": version 2: it is new and would have taken \
        effect already; let it take effect after this start";
    assert_eq!(world.refused_with(&priced("list", Some((DAY, "0.04")))), [backdated]);
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    assert_eq!(agreements(&world), 0, "it is in the snapshot alone");
    assert_eq!(world.refused_with(&priced("list", Some((DAY, "0.04")))), [backdated]);
    world.restart_with(priced("list", Some((3 * DAY, "0.04"))));
}

#[test]
fn promise_7_tariffs_are_remembered_up_to_a_bound_and_those_that_are_known_may_still_change() {
    let mut agreed = Agreed::default();
    let tariff = |name: usize, number| {
        let versions = vec![AgreedVersion { number, effective: 0, fingerprint: 0 }];
        Agreement::Tariff { name: Bytes::from(format!("{name:05}")), versions }
    };
    (0..=TARIFFS_MAX).for_each(|name| agreed.agree(tariff(name, 1)));
    agreed.agree(tariff(7, 2));
    let known: Vec<_> = agreed.to_snapshot().collect();
    assert_eq!(known.len(), TARIFFS_MAX);
    assert_eq!(known[7], Snapshot::Agreed(tariff(7, 2)));
    assert_eq!(known[TARIFFS_MAX - 1], Snapshot::Agreed(tariff(TARIFFS_MAX - 1, 1)));
}
