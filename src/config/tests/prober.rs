//! A customer of our own: who it is, and what it may not be.

use super::*;

#[test]
fn r75_the_prober_binds_as_the_first_system_of_its_account_and_nobody_probes_unasked() {
    assert!(resolve(LEAST).unwrap().prober.is_none());
    let settings = resolve(&format!("{LEAST}[prober]\naccount = \"acme\"\ninterval = \"5s\"\n")).unwrap();
    let prober = settings.prober.unwrap();
    assert_eq!((&*prober.system_id, prober.password.expose()), ("acme", b"a-secret".as_slice()));
    assert_eq!((prober.interval, prober.timeout), (Duration::from_secs(5), Duration::from_secs(10)));
}

#[test]
fn faults_of_the_prober_are_named() {
    let said = |prober: &str| resolve(&format!("{LEAST}[prober]\n{prober}\n")).unwrap_err().to_string();
    for (prober, wanted) in [
        ("interval = \"5s\"", "prober.account: is missing"),
        ("account = \"acne\"", "prober.account = \"acne\""),
        ("account = \"acme\"\ninterval = \"10ms\"", "prober.interval = \"10ms\""),
        ("account = \"acme\"\npassword = \"x\"", "prober.password"),
    ] {
        assert!(said(prober).contains(wanted), "{prober}\n{}", said(prober));
    }
}
