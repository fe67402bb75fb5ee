//! Which histories the tests play: the one place that asks for the day, and whoever runs them.

/// New seeds from the first on: `count`, or as many as `SEEDS` says; or that of `SEED` alone.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says which histories; the flow does not know"
)]
pub(super) fn seeds(count: u64) -> (u64, u64) {
    let given = |name: &str| std::env::var(name).ok().map(|number| number.parse::<u64>().unwrap());
    let fresh = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        since.as_nanos() as u64
    };
    given("SEED").map_or_else(|| (fresh(), given("SEEDS").unwrap_or(count)), |seed| (seed, 1))
}
