//! Where passwords come from, and that they go nowhere else.

use std::fs;

use crate::config::load;
use crate::config::tests::{environment, said, says, with};

#[test]
fn promise_13_a_secret_written_down_is_refused_and_not_repeated() {
    let refused = "a secret is not written down here; write { env = \"NAME\" } or { file = \"path\" }";
    let secret = "hunter2-hunter2";
    for wrong in [
        format!("password = \"{secret}\""),
        format!("password = {{ env = \"ACME\", value = \"{secret}\" }}"),
        format!("passwd = \"{secret}\""),
        format!("password = [\"{secret}\"]"),
        format!("password = \"{secret}"),
        format!("password = {secret}"),
    ] {
        let faults = said(&with("password = { env = \"ACME\" }", &wrong));
        assert!(faults.iter().all(|fault| !fault.contains(secret)), "{faults:?}");
    }
    says("{ env = \"ACME\" }", "\"hunter2\"", &format!("account[0].system[0].password: {refused}"));
    says("{ env = \"NORTH\" }", "8", &format!("carrier[0].password: {refused}"));
}

#[test]
fn promise_12_a_password_that_cannot_be_had_admits_nobody() {
    let says = |password: &str, wanted: &str| {
        says("{ env = \"ACME\" }", password, &format!("account[0].system[0].password: {wanted}"));
    };
    says("{ env = \"ABSENT\" }", "environment variable ABSENT is not set; set it before the start");
    says("{ env = \"EMPTY\" }", "environment variable EMPTY is empty");
    says(
        "{ env = \"LINES\" }",
        "environment variable LINES holds more than one line, or a NUL; a password is one line",
    );
    says("{}", "names no source; write { env = \"NAME\" } or { file = \"path\" }");
    says(
        "{ env = \"ACME\", file = \"acme\" }",
        "names two sources; write { env = \"NAME\" } or { file = \"path\" }",
    );
    let absent = said(&with("{ env = \"ACME\" }", "{ file = \"absent\" }"));
    let [absent] = absent.as_slice() else { panic!("{absent:?}") };
    assert!(
        absent.starts_with("account[0].system[0].password: file etc/absent cannot be read: "),
        "{absent}"
    );
}

#[test]
fn a_password_file_counts_from_the_folder_of_the_settings_and_loses_its_line_break() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let text = with("{ env = \"ACME\" }", "{ file = \"secrets/acme\" }");
    fs::write(&file, text).unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    for (written, password) in
        [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("s3cret", "s3cret"), (" s \n", " s ")]
    {
        fs::write(folder.path().join("secrets/acme"), written).unwrap();
        let settings = load(&file, environment).unwrap();
        assert_eq!(settings.customers.accounts[0].systems[0].password.expose(), password.as_bytes());
        assert_eq!(settings.log.path, folder.path().join("data"));
    }
    fs::write(folder.path().join("secrets/acme"), vec![b'x'; 5000]).unwrap();
    let faults = load(&file, environment).unwrap_err();
    assert!(faults.to_string().contains("it is longer than 4096 octets"), "{faults}");
}
