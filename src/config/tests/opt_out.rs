//! How recipients stop messages: what may be chosen, and what is wrong with a choice.

use super::*;
use crate::message::Category;
use crate::policy::OptOut;

fn chosen(opt_out: &str, account: &str) -> Result<Settings, Faults> {
    let account = format!("name = \"acme\"\n{account}");
    resolve(&format!("{}\n{opt_out}\n", LEAST.replace("name = \"acme\"", &account)))
}

#[test]
fn a13_the_choices_are_those_of_the_reading_unless_something_else_is_written() {
    let nothing = resolve(LEAST).unwrap().flow.accounts[0].opt_out.clone();
    assert_eq!(*nothing, OptOut::default());
    let written = "[[opt_out]]\nname = \"home\"\nstop = [\"TD\", \"退订\"]\ntext = [\"回T退订\"]";
    let rules = chosen(written, "opt_out = \"home\"").unwrap().flow.accounts[0].opt_out.clone();
    assert_eq!((rules.heard("td"), rules.heard("start")), (Some(true), None));
    for category in Category::ALL {
        assert_eq!(rules.asks(category), category == Category::Marketing, "{category:?}");
        assert_eq!(rules.spares(category), category == Category::OneTimeCode, "{category:?}");
    }
    let more =
        "start = [\"START\"]\ntext_for = [\"marketing\", \"notifications\"]\nexcept = []\ncountry = \"86\"";
    let rules = chosen(&format!("{written}\n{more}"), "opt_out = \"home\"").unwrap();
    let rules = rules.flow.accounts[0].opt_out.clone();
    assert!(rules.asks(Category::Notification) && !rules.spares(Category::OneTimeCode));
    assert_eq!((rules.heard("Start"), &*rules.country), (Some(false), "86"));
}

#[test]
fn faults_of_a_choice_are_named() {
    let said = |opt_out: &str| {
        let written = format!("[[opt_out]]\nname = \"home\"\n{opt_out}");
        chosen(&written, "opt_out = \"home\"").unwrap_err().to_string()
    };
    let long = format!("stop = [\"{}\"]", "x".repeat(161));
    for (opt_out, wanted) in [
        ("", "opt_out[0].stop: is missing; write the words that stop messages"),
        ("stop = []", "opt_out[0].stop = []: is empty"),
        ("stop = \"TD\"", "opt_out[0].stop = \"TD\": "),
        ("stop = [\"TD\", \" \"]", "opt_out[0].stop[1] = \" \": is empty"),
        ("stop = [\"TD\", \"td\"]", "opt_out[0].stop[1] = \"td\": is already that of the same [[opt_out]]"),
        ("stop = [\"TD\"]\nstart = [\"td\"]", "opt_out[0].start[0] = \"td\": is already that"),
        (&long, "has more than 160 characters"),
        (
            "stop = [\"TD\"]\ntext_for = [\"marketing\"]",
            "opt_out[0].text_for = [\"marketing\"]: no text is asked for",
        ),
        (
            "stop = [\"TD\"]\nexcept = [\"codes\"]",
            "opt_out[0].except[0] = \"codes\": is no word that is known",
        ),
        (
            "stop = [\"TD\"]\ncountry = \"+86\"",
            "opt_out[0].country = \"+86\": a country's prefix is at most 4 digits; write \"86\"",
        ),
        (
            "stop = [\"TD\"]\nstops = []",
            "opt_out[0].stops: unknown key in [[opt_out]] home; did you mean `stop`?",
        ),
    ] {
        assert!(said(opt_out).contains(wanted), "{opt_out}\n{}", said(opt_out));
    }
    let unknown = chosen("", "opt_out = \"home\"").unwrap_err().to_string();
    assert!(
        unknown.contains("account[0].opt_out = \"home\": there is no [[opt_out]] of this name"),
        "{unknown}"
    );
}
