//! Is this one of those words? However it was typed: spaces around it, capital letters and wide forms do not matter.

/// Words, or short texts, in the form in which they are compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words(Vec<String>);

impl Words {
    /// These words. One that is empty after its spaces were taken away is none.
    pub fn new<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| plain(word.as_ref()));
        Self(words.filter(|word| !word.is_empty()).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the whole of a text is one of them.
    #[must_use]
    pub fn have(&self, text: &str) -> bool {
        let text = plain(text);
        self.0.contains(&text)
    }

    /// Whether one of them stands anywhere in a text.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        let text = plain(text);
        self.0.iter().any(|word| text.contains(word))
    }
}

/// How far the wide form of an ASCII character stands behind it (Unicode, Halfwidth and Fullwidth Forms).
const WIDE: u32 = 0xFEE0;

/// A text as it is compared: narrow, in small letters, without spaces around it.
fn plain(text: &str) -> String {
    let narrow = |character: char| match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - WIDE).unwrap_or(character),
        '\u{3000}' => ' ',
        other => other,
    };
    let narrow: String = text.trim().chars().map(narrow).collect();
    narrow.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r51_a_word_is_one_however_it_was_typed_and_no_longer_text_is() {
        let words = Words::new(["TD", "退订", "Opt-Out", "0000", " "]);
        for said in ["TD", "td", " Td\r\n", "ＴＤ", "　ｔｄ　", "退订", "OPT-OUT", "００００"] {
            assert!(words.have(said), "{said}");
        }
        for said in ["", " ", "T D", "TD please", "退订吧", "000", "00000"] {
            assert!(!words.have(said), "{said}");
        }
    }

    #[test]
    fn a_phrase_stands_anywhere_in_a_text() {
        let phrases = Words::new(["回T退订", "Reply STOP"]);
        for text in ["今日特价，回T退订", "回Ｔ退订 今日特价", "Sale! reply stop to end."] {
            assert!(phrases.stand_in(text), "{text}");
        }
        assert!(!phrases.stand_in("今日特价，回T 退订"));
        assert!(!Words::default().stand_in("anything"));
    }
}
