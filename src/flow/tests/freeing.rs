//! Old segments are freed whenever it pleases: what is left of the log tells the same for ever after.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::audit;
use super::seeds::seeds;
use super::wild::Wild;
use super::world::{BRITISH, LINK_1, World, settings};
use crate::flow::{Flow, Line};

/// Runs so many histories, or those that are asked for. The seed of the first that fails is printed.
fn for_seeds(count: u64, steps: usize, tell: impl Fn(&mut Wild, usize)) {
    let (first, count) = seeds(count);
    for seed in (0..count).map(|n| first.wrapping_add(n)) {
        let mut wild = Wild::new(seed);
        let mut step = 0;
        let told = catch_unwind(AssertUnwindSafe(|| {
            while step < steps {
                tell(&mut wild, step);
                step += 1;
            }
            wild.come_to_an_end();
            wild.world.assert_log_is_whole();
        }));
        if let Err(panic) = told {
            eprintln!("SEED={seed} fails at step {step}");
            resume_unwind(panic);
        }
    }
}

/// Begins to free the log, goes on with it, or ends it, with other things in between.
fn free_a_little(wild: &mut Wild) {
    if wild.world.freeing.is_none() {
        let place = wild.chance.below(wild.world.groups.len());
        let start = wild.world.log.start;
        if let Some(up_to) = wild.world.groups.get(place).copied().filter(|up_to| *up_to > start) {
            wild.world.free(up_to);
        }
        return;
    }
    let records = 1 + wild.chance.below(30);
    if !wild.world.carry(records) {
        if wild.chance.one_in(2) {
            wild.step();
        }
        wild.world.carried_all();
    }
}

#[test]
fn promise_2_what_is_left_of_a_freed_log_tells_the_same_for_ever_after() {
    for_seeds(40, 250, |wild, step| {
        match wild.chance.below(6) {
            0 | 1 => free_a_little(wild),
            _ => wild.step(),
        }
        if wild.world.log.start > 0 && step % 10 == 0 {
            wild.world.assert_log_is_whole();
        }
    });
}

#[test]
fn promise_2_a_stop_at_any_moment_of_freeing_loses_nothing() {
    for_seeds(40, 250, |wild, _| match wild.chance.below(12) {
        0..5 => free_a_little(wild),
        5 => wild.restart(),
        _ => wild.step(),
    });
}

#[test]
fn promises_2_3_4_and_6_hold_whatever_happens() {
    for_seeds(40, 250, |wild, _| if wild.chance.one_in(60) { wild.restart() } else { wild.step() });
}

/// A batch of the log may end within a snapshot, and the process with it.
#[test]
fn a_snapshot_that_was_cut_off_anywhere_changes_nothing() {
    let (seed, _) = seeds(1);
    let mut wild = Wild::new(seed);
    for _ in 0..150 {
        wild.step();
    }
    let world = &mut wild.world;
    world.do_chores();
    world.idle = true;
    world.free(world.log.end());
    while world.carry(100) {}
    let before = world.log.end();
    world.carried_all();
    assert!(world.log.end() > before + 5, "SEED={seed}");
    let mut cut = world.log.clone();
    while cut.end() >= before {
        audit::assert_same(&audit::replayed(&world.settings, &cut), &world.flow);
        cut.records.pop_back();
    }
}

#[test]
fn records_have_names_although_a_replay_learns_them_late() {
    let mut world = World::new();
    world.carrier_ready("north", LINK_1, 10);
    let (before, after) = (world.submit("acme", BRITISH), world.submit("acme", BRITISH));
    world.taken(before, "1");
    world.taken(after, "2");
    world.free(world.log.end());
    while world.carry(10) {}
    world.receipt("north", "1", "DELIVRD");
    world.carried_all();
    world.receipt("north", "2", "DELIVRD");

    let mut flow = Flow::new(settings());
    flow.record();
    world.log.iter().for_each(|(home, event)| flow.apply(home, event));
    let mut lines = Vec::new();
    flow.take_lines(&mut lines);
    let Some((_, Line::Message(last))) = lines.last() else { panic!("{lines:?}") };
    assert_eq!((last.message, &*last.account, last.carrier.as_deref()), (after, "acme", Some("north")));
    assert_eq!(lines.len(), 2);
}
