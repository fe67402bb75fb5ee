use super::*;
use crate::app::report::tests::{closed, sample};

#[test]
fn names_are_escaped_for_the_path() {
    assert_eq!(escaped("acme & co/北"), "acme%20%26%20co%2F%E5%8C%97");
}

/// Walks through a page as XML: the names of its elements and its texts. Panics where it is not well-formed.
fn parsed(page: &str) -> (Vec<String>, String) {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let (mut open, mut elements, mut texts) = (Vec::new(), Vec::new(), String::new());
    while let Some((text, behind)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text}");
        for reference in text.split('&').skip(1) {
            let (name, _) = reference.split_once(';').expect("a reference that ends");
            assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "&{name};");
        }
        texts.push_str(text);
        let (tag, behind) = behind.split_once('>').expect("a tag that ends");
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{tag}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let is_empty = tag.ends_with('/');
        let quotes = attributes.matches('"').count();
        assert_eq!(quotes, 2 * attributes.matches('=').count(), "every attribute is quoted: {tag}");
        elements.push(name.trim_end_matches('/').to_owned());
        if !is_empty {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    (elements, texts)
}

#[test]
fn the_page_is_well_formed_stands_alone_and_has_no_script() {
    let page = html::page(&sample("acme"));
    let (elements, texts) = parsed(&page);
    for forbidden in ["script", "link", "img", "iframe", "object", "use", "image"] {
        assert!(!elements.iter().any(|element| element == forbidden), "{forbidden}");
    }
    for elsewhere in ["href", "src=", "url(http", "@import", "onload"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    assert_eq!(elements.iter().filter(|element| *element == "svg").count(), 2 + 5, "two charts and a key");
    // A circle for each of the three days on which something counts, and that of a pattern.
    assert_eq!(elements.iter().filter(|element| *element == "circle").count(), 3 + 1);
    let ids: Vec<_> = page.match_indices(" id=\"").map(|(at, _)| page.get(at..at + 12).unwrap()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<std::collections::BTreeSet<_>>().len(), "{ids:?}");
    for says in ["acme", "strict (judged by this): 95.31 %, 12 failures of 256", "fact", "forecast", "target"]
    {
        assert!(texts.contains(says), "{says}: {texts}");
    }
}

#[test]
fn a_hostile_name_is_text_and_nothing_else() {
    let hostile = "<script>alert('x')</script>&\"\u{1}]]>";
    let page = html::page(&sample(hostile));
    let (elements, texts) = parsed(&page);
    assert!(!elements.iter().any(|element| element == "script"));
    assert!(texts.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;?]]&gt;"));
}

#[test]
fn a_page_about_nothing_is_well_formed_too() {
    let (_, texts) = parsed(&html::page(&Document::default()));
    assert!(texts.contains("nothing to measure") || texts.contains("nothing promised yet"));
}

/// The fields of rows as RFC 4180 has them.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            char => field.push(char),
        }
    }
    assert!(row.is_empty() && field.is_empty(), "the last line ends, too");
    rows
}

#[test]
fn the_rows_that_count_add_up_to_the_sums() {
    let hostile = "a,\"b\"\r\nc";
    let document = sample(hostile);
    let rows = read_csv(&csv::csv(&document));
    let (head, rows) = rows.split_first().unwrap();
    assert_eq!(rows.len(), document.cells.len());
    let column = |name: &str| head.iter().position(|column| column == name).expect(name);
    let sum = |name: &str| -> u64 {
        let counted = rows.iter().filter(|row| row[column("counted")] == "yes");
        counted.map(|row| row[column(name)].parse::<u64>().unwrap()).sum()
    };
    let standing = &document.standing;
    assert_eq!((sum("ended"), sum("reported")), (standing.ended, standing.reported));
    for (class, count) in &standing.by_class {
        assert_eq!(sum(class), *count, "{class}");
    }
    for (variant, success) in &standing.success {
        assert_eq!((sum(&format!("failures_{variant}")), sum("valid")), (success.failures, success.valid));
    }
    assert!(rows.iter().all(|row| row.len() == head.len() && row[column("account")] == hostile));
}

#[test]
fn the_table_says_what_the_document_says() {
    let table = table::table(&sample("acme"));
    for words in [
        "receipt coverage 98.89 %",
        "by day                ended      valid     failed",
        "2021-11-02",
        "forecast   95.34 % with 65 failures of 1396, the target kept; 69 would be allowed, 57 are left\n",
        "    1  pumping of account acme, the number 1/1:861********00 from ",
        "       by Mei (local socket) at ",
        "codes      smpp 1\n",
        "digest     ",
    ] {
        assert!(table.contains(words), "{words}\n{table}");
    }
    assert!(!table.contains("\n2021-11-03"), "a day on which nothing was is left out");
}

#[test]
fn promise_14_what_came_after_the_close_stands_apart_in_every_form() {
    let document = closed::sample("a,<b>");
    let table = table::table(&document);
    for words in [
        "closed since 2021-12-03",
        "at close   5 messages were not over, and count as pending\n",
        "adjusted   explicit_failure   +4 -0 since the close\n",
        "\nsince the close\n2021-11-05 north notification 86       +4 -3\n",
        "    1  pumping of account acme",
    ] {
        assert!(table.contains(words), "{words}\n{table}");
    }
    let (_, texts) = parsed(&html::page(&document));
    for words in ["Since the close", "explicit_failure 4", "pending 3", "+4", "at the close"] {
        assert!(texts.contains(words), "{words}\n{texts}");
    }
    let rows = read_csv(&csv::csv(&document));
    let (before, behind) = rows.split_at(rows.iter().position(|row| row == &[""]).unwrap());
    assert_eq!(before.len(), 1 + document.cells.len());
    assert_eq!(behind[1][0], "since_close");
    assert!(behind[2..].iter().all(|row| row.len() == behind[1].len() && row[1] == "a,<b>"), "{behind:?}");
    let ended = behind[1].iter().position(|column| column == "ended").unwrap();
    let seen: Vec<_> = behind[2..].iter().map(|row| (row[0].as_str(), row[ended].as_str())).collect();
    assert_eq!(seen, [("more", "4"), ("less", "3"), ("more", "1"), ("less", "1")]);
}

#[test]
fn r74_availability_stands_in_every_form() {
    let document = closed::sample_of_time();
    let table = table::table(&document);
    assert!(table.contains("time       43200 min, 87 min of them down\n"), "{table}");
    assert!(table.contains("\noutage     2021-11-10"), "{table}");
    let (_, texts) = parsed(&html::page(&document));
    for words in ["Availability", "43200 min, 87 min of them down", "counted", "over since"] {
        assert!(texts.contains(words), "{words}\n{texts}");
    }
    let rows = read_csv(&csv::csv(&document));
    let sums = rows.iter().position(|row| row[0] == "minutes").unwrap();
    assert_eq!(rows[sums + 1][..2], ["43200", "5220000"]);
    let outage = rows.last().unwrap();
    assert_eq!((outage[3].as_str(), outage[6].as_str(), outage[7].as_str()), ("bind", "5220000", "counted"));
}
