//! Did you mean …? The known word that a mistyped one was meant to be.

/// The nearest of `known`, when it is near enough to be meant: a slip of the finger for each three letters.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips_max = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (slips(written, word), word))
        .filter(|(slips, _)| *slips <= slips_max)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

/// How many slips lie between two words: a letter too many, missing, wrong, or two that changed places (the optimal
/// string alignment distance).
fn slips(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (place, letter) in from.chars().enumerate() {
        let mut next = vec![place + 1];
        let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
        for (column, wanted) in to.iter().enumerate() {
            let wrong = at(&row, column) + usize::from(letter != *wanted);
            let mut least = wrong.min(at(&row, column + 1) + 1).min(at(&next, column) + 1);
            let changed_places =
                column > 0 && previous == Some(*wanted) && to.get(column - 1) == Some(&letter);
            if changed_places {
                least = least.min(at(&before, column - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        previous = Some(letter);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (from, to, count) in
            [("", "", 0), ("window", "window", 0), ("windw", "window", 1), ("widnow", "window", 1)]
        {
            assert_eq!(slips(from, to), count, "{from} {to}");
            assert_eq!(slips(to, from), count, "{to} {from}");
        }
        assert_eq!(slips("", "abc"), 3);
        assert_eq!(slips("abc", ""), 3);
        assert_eq!(slips("prefixes", "prefix"), 2);
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["window", "binds", "bind", "rate"];
        assert_eq!(nearest("windw", known), Some("window"));
        assert_eq!(nearest("bnds", known), Some("binds"));
        assert_eq!(nearest("bnd", known), Some("bind"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
