//! One fault at a time.

use std::path::Path;

use crate::config::load;
use crate::config::tests::{LEAST, environment, resolve, said, says, with};

#[test]
fn an_unknown_key_is_refused_wherever_it_stands_with_the_one_that_was_meant() {
    let known = "known here: account, carrier, control, customers, log, parking, route";
    let top = said(&format!("colour = 1\n{LEAST}"));
    assert_eq!(top.len(), 1, "{top:?}");
    assert!(top[0].starts_with("colour: unknown key at the top of the file; known here: "), "{top:?}");
    for name in known.split([':', ',']).skip(1) {
        assert!(top[0].contains(&format!(" {}", name.trim())), "{name} in {top:?}");
    }
    says(
        "name = \"north\"",
        "name = \"north\"\nwindw = 5",
        "carrier[0].windw: unknown key in [[carrier]] north; did you mean `window`?",
    );
    says("[log]", "[log]\nsegmnet = 1", "log.segmnet: unknown key in [log]; did you mean `segment`?");
    says(
        "{ env = \"ACME\" }",
        "{ evn = \"ACME\" }",
        "account[0].system[0].password.evn: unknown key in [[account]] acme; did you mean `env`?",
    );
    says(
        "name = \"acme\"",
        "name = \"acme\"\nrate = { per_second = 1, per_minute = 60 }",
        "account[0].rate.per_minute: unknown key in [[account]] acme; known here: per_second, burst",
    );
    says("[[route]]", "[[routes]]", "routes: unknown key at the top of the file; did you mean `route`?");
}

#[test]
fn what_is_of_another_type_is_refused() {
    says(
        "path = \"data\"",
        "path = 5",
        "log.path = 5: a text in quotes is wanted here; times and sizes have their unit, as in \"30s\" or \"64MiB\"",
    );
    let table = "a table such as { per_second = 100, burst = 200 } is wanted here";
    says("name = \"acme\"", "name = \"acme\"\nrate = 5", &format!("account[0].rate = 5: {table}"));
    says("name = \"acme\"", "name = \"acme\"\nrate = [1, 2]", &format!("account[0].rate: {table}"));
    says(
        "name = \"acme\"",
        "name = \"acme\"\nbinds = 1.5",
        "account[0].binds = 1.5: a whole number is wanted here",
    );
    says(
        "name = \"acme\"",
        "name = \"acme\"\nbinds = \"2\"",
        "account[0].binds = \"2\": a whole number is wanted here",
    );
    let ids = "a table such as { response = \"hex\", receipt = \"decimal\" }, or \"learn\" is wanted here";
    says(
        "name = \"north\"",
        "name = \"north\"\nmessage_id = 5",
        &format!("carrier[0].message_id = 5: {ids}"),
    );
    says("[log]", "[[log]]", "log: a table, [log], is wanted here");
    says("[[route]]", "[route]", "route: there may be several of these; write [[route]]");
    says(
        "[[account.system]]",
        "[account.system]",
        "account[0].system: there may be several of these; write [[account.system]]",
    );
}

#[test]
fn a_quantity_out_of_its_bounds_is_refused() {
    let account =
        |line: &str, wanted: &str| says("name = \"acme\"", &format!("name = \"acme\"\n{line}"), wanted);
    account("window = 0", "account[0].window = 0: is out of bounds; write 1 to 10000");
    account("window = 10001", "account[0].window = 10001: is out of bounds; write 1 to 10000");
    account("binds = -1", "account[0].binds = -1: is out of bounds; write 1 to 10000");
    account(
        "binds = 99999999999999999999",
        "account[0].binds = 99999999999999999999: a whole number is wanted here",
    );
    account(
        "rate = { per_second = 0 }",
        "account[0].rate.per_second = 0: is out of bounds; write 1 to 10000000",
    );
    account(
        "rate = { per_second = 1, burst = 0 }",
        "account[0].rate.burst = 0: is out of bounds; write 1 to 10000000",
    );
    account("rate = {}", "account[0].rate.per_second: is missing; write how many messages per second");
    account(
        "receipt_pause = \"2h\"",
        "account[0].receipt_pause = \"2h\": is out of bounds; write \"10ms\" to \"1h\"",
    );
    account(
        "receipt_pause = \"5\"",
        "account[0].receipt_pause = \"5\": \
         a time such as \"250ms\", \"30s\", \"5m\", \"72h\" or \"30d\" is wanted here",
    );
    says("[log]", "[log]\nshard = 1024", "log.shard = 1024: is out of bounds; write 0 to 1023");
    says(
        "[log]",
        "[log]\nsegment = \"64MB\"",
        "log.segment = \"64MB\": a size such as \"512KiB\", \"64MiB\" or \"1GiB\" is wanted here",
    );
    says(
        "name = \"north\"",
        "name = \"north\"\nreconnect = { min = \"5m\" }",
        "carrier[0].reconnect.min = \"5m\": the first wait, \"5m\", is longer than the longest, \"1m\"",
    );
    says(
        "name = \"north\"",
        "name = \"north\"\nthrottle_pause = \"31s\"",
        "carrier[0].throttle_pause = \"31s\": is out of bounds; write \"1ms\" to \"30s\"",
    );
}

#[test]
fn a_text_longer_than_the_protocol_allows_is_refused_unless_the_peer_needs_it() {
    let long = "a-system-id-too-long";
    says(
        "system_id = \"acme\"",
        &format!("system_id = \"{long}\""),
        "account[0].system[0].system_id = \"a-system-id-too-long\": has 20 octets, and at most 15 are allowed; \
         limits = \"lenient\" allows more than SMPP does",
    );
    says(
        "env = \"NORTH\"",
        "env = \"LONG\"",
        "carrier[0].password: environment variable LONG holds 9 octets, and at most 8 are allowed; \
         limits = \"lenient\" allows more than SMPP does",
    );
    let lenient = with("env = \"NORTH\" }", "env = \"LONG\" }\nlimits = \"lenient\"");
    assert_eq!(resolve(&lenient).unwrap().carriers[0].password.expose(), b"nine-long");
    let lenient = with("env = \"ACME\" }", "env = \"LONG\" }\nlimits = \"lenient\"");
    assert_eq!(resolve(&lenient).unwrap().customers.accounts[0].systems[0].password.expose(), b"nine-long");
    says(
        "system_id = \"gateway\"",
        "system_id = \"gâteway\"",
        "carrier[0].system_id = \"gâteway\": SMPP allows printable ASCII only",
    );
}

#[test]
fn names_that_must_differ_do() {
    let again = |table: &str| format!("{LEAST}{table}");
    let bind = |system_id: &str| format!("system_id = \"{system_id}\"\npassword = {{ env = \"ACME\" }}\n");
    let account = format!("[[account]]\nname = \"acme\"\n[[account.system]]\n{}", bind("b"));
    assert_eq!(
        said(&again(&account)),
        ["account[1].name = \"acme\": is already that of another [[account]] (line 5); each needs its own"]
    );
    let system = format!("[[account]]\nname = \"b\"\n[[account.system]]\n{}", bind("acme"));
    assert_eq!(
        said(&again(&system)),
        [
            "account[1].system[0].system_id = \"acme\": is already that of another [[account.system]] (line 7); \
          each needs its own"
        ]
    );
    let carrier = format!("[[carrier]]\nname = \"north\"\naddress = \"h:1\"\n{}", bind("x"));
    assert_eq!(
        said(&again(&carrier)),
        ["carrier[1].name = \"north\": is already that of another [[carrier]] (line 10); each needs its own"]
    );
    let route = "[[route]]\nprefix = \"\"\ncarrier = \"north\"\n";
    assert_eq!(
        said(&again(route)),
        ["route[1].prefix = \"\": is already that of another [[route]] (line 15); each needs its own"]
    );
}

#[test]
fn a_name_can_be_printed() {
    says("name = \"acme\"", "name = \"\"", "account[0].name = \"\": is empty; every one needs a name");
    says(
        "name = \"acme\"",
        "name = \" acme\"",
        "account[0].name = \" acme\": has space around it, or control characters in it",
    );
    let long = "n".repeat(256);
    let faults = said(&with("name = \"acme\"", &format!("name = \"{long}\"")));
    let cut = format!("account[0].name = \"{}…: a name has at most 255 octets", "n".repeat(39));
    assert_eq!(faults, [cut]);
}

#[test]
fn a_route_leads_from_digits_to_a_carrier() {
    let prefix = "a prefix is at most 20 digits";
    says("prefix = \"\"", "prefix = \"+44\"", &format!("route[0].prefix = \"+44\": {prefix}; write \"44\""));
    says("prefix = \"\"", "prefix = \"44*\"", &format!("route[0].prefix = \"44*\": {prefix}"));
    says(
        "prefix = \"\"",
        "prefix = \"123456789012345678901\"",
        &format!("route[0].prefix = \"123456789012345678901\": {prefix}"),
    );
    says(
        "prefix = \"\"",
        "",
        "route[0].prefix: is missing; write prefix = \"\" for every destination without a better route",
    );
    says(
        "carrier = \"north\"",
        "carrier = \"nroth\"",
        "route[0].carrier = \"nroth\": there is no [[carrier]] of this name; did you mean \"north\"?",
    );
    // No default route: then a destination that no prefix fits is refused, which may be what is wanted.
    resolve(&with("prefix = \"\"", "prefix = \"44\"")).unwrap();
}

#[test]
fn a_listener_has_an_address_of_its_own() {
    let listen =
        |customers: &str, control: &str| format!("[customers]\n{customers}\n[control]\n{control}\n{LEAST}");
    let wanted =
        "an address and a port in digits are wanted here; write \"127.0.0.1:2775\", or \"0.0.0.0:2775\"";
    for wrong in ["localhost:2775", "2775", "127.0.0.1", "127.0.0.1:70000", ""] {
        let faults = said(&listen(&format!("listen = \"{wrong}\""), ""));
        assert_eq!(faults, [format!("customers.listen = \"{wrong}\": {wanted}")]);
    }
    let own = "give each a port of its own";
    assert_eq!(
        said(&listen("", "listen = \"0.0.0.0:2775\"")),
        [format!(
            "control.listen = \"0.0.0.0:2775\": customers would be met on 127.0.0.1:2775, control on 0.0.0.0:2775; \
             {own}"
        )]
    );
    assert_eq!(
        said(&listen("listen = \"[::]:9775\"", "")),
        [format!(
            "customers.listen = \"[::]:9775\": customers would be met on [::]:9775, control on 127.0.0.1:9775; {own}"
        )]
    );
    for (customers, control) in [
        ("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:0\""),
        ("listen = \"127.0.0.1:99\"", "listen = \"127.0.0.2:99\""),
    ] {
        resolve(&listen(customers, control)).unwrap();
    }
}

#[test]
fn a_carrier_is_met_at_a_host_and_a_port() {
    for right in ["smsc.example.org:2775", "10.0.0.1:1", "[::1]:65535", "north:2775"] {
        let settings = resolve(&with("127.0.0.1:2776", right)).unwrap();
        assert_eq!(settings.carriers[0].address, right);
    }
    for wrong in
        ["smsc.example.org", "host:0", "host:65536", "host:+1", ":2775", "::1:2775", "[x]:1", "a b:1"]
    {
        says(
            "127.0.0.1:2776",
            wrong,
            &format!(
                "carrier[0].address = \"{wrong}\": a host and a port are wanted here; \
                 write host:port or [IPv6 address]:port"
            ),
        );
    }
}

#[test]
fn a_word_that_is_not_known_is_refused_with_those_that_are() {
    let carrier = |line: &str, wanted: &str| {
        says("name = \"north\"", &format!("name = \"north\"\n{line}"), &format!("carrier[0].{wanted}"));
    };
    let unknown = "is no word that is known here";
    carrier(
        "bind = \"tranceiver\"",
        &format!("bind = \"tranceiver\": {unknown}; did you mean \"transceiver\"?"),
    );
    carrier(
        "bind = \"both\"",
        &format!("bind = \"both\": {unknown}; write \"transceiver\" or \"transmitter+receiver\""),
    );
    carrier("limits = \"no\"", &format!("limits = \"no\": {unknown}; write \"strict\" or \"lenient\""));
    carrier(
        "message_id = { receipt = \"base64\" }",
        &format!(
            "message_id.receipt = \"base64\": {unknown}; write \"opaque\", \"hex\" or \"decimal\", and behind it, \
             where the carrier is so, \"+fold\", \"+no-zeros\", \"+no-hyphens\""
        ),
    );
    carrier(
        "message_id = { response = \"hexx\" }",
        &format!("message_id.response = \"hexx\": {unknown}; did you mean \"hex\"?"),
    );
    carrier(
        "message_id = { response = \"opaque+no-zeroes\" }",
        &format!(
            "message_id.response = \"opaque+no-zeroes\": \"no-zeroes\" {unknown}; did you mean \"no-zeros\"?"
        ),
    );
    carrier(
        "message_id = { response = \"hex+decimal\" }",
        "message_id.response = \"hex+decimal\": \"decimal\" cannot stand here; one of \"opaque\", \"hex\" and \
         \"decimal\" comes first, and each word once",
    );
    carrier(
        "message_id = \"hex\"",
        &format!(
            "message_id = \"hex\": {unknown}; write \"learn\", or a table such as {{ response = \"hex\", \
             receipt = \"decimal\" }}"
        ),
    );
}

#[test]
fn a_gateway_without_accounts_carriers_or_routes_is_refused() {
    assert_eq!(
        said(""),
        [
            "there is no [[account]]: nobody could bind; add one",
            "there is no [[carrier]]: there is nobody to hand a message to; add one",
            "there is no [[route]]: without a route every message is refused; add one",
            "log.path: is missing; write the folder that the log is kept in: path = \"data\"",
        ]
    );
    let nobody = "[[account.system]]\nsystem_id = \"acme\"\npassword = { env = \"ACME\" }\n";
    says(
        nobody,
        "",
        "account[0].system: is missing; add an [[account.system]] with a system_id and a password",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_from_a_file_with_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let faults = load(&file, environment).unwrap_err();
    assert!(faults.is_unreadable());
    let said = faults.to_string();
    assert!(said.starts_with(&format!("{}: cannot be read: ", file.display())), "{said}");

    std::fs::write(&file, b"\xff\xfe").unwrap();
    let faults = load(&file, environment).unwrap_err();
    assert!(faults.is_unreadable());
    assert!(faults.to_string().contains("is not text in UTF-8"), "{faults}");

    assert!(load(Path::new("."), environment).unwrap_err().is_unreadable());

    std::fs::write(&file, "[log]").unwrap();
    assert!(!load(&file, environment).unwrap_err().is_unreadable());
}
