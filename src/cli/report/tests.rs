use super::*;

#[test]
fn names_are_escaped_for_the_path() {
    assert_eq!(escaped("acme & co/北"), "acme%20%26%20co%2F%E5%8C%97");
}
