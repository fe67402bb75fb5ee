//! How the house's own tests read the house: which files there are, and what a Rust file says
//! once its comments and strings are put aside.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the repository that git would keep, relative to the root, sorted.
///
/// Walks the folder instead of asking git, so that it also runs on an unpacked archive; of `.gitignore` it
/// understands what ours uses: `/path` from the root and `*.suffix`.
pub(crate) fn files() -> Vec<PathBuf> {
    let ignored = fs::read_to_string(root().join(".gitignore")).expect("a .gitignore at the root");
    let ignored: Vec<&str> =
        ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a readable folder") {
            let entry = entry.expect("a readable entry");
            let path = folder.join(entry.file_name());
            if path == Path::new(".git") || ignored.iter().any(|pattern| ignores(pattern, &path)) {
                continue;
            }
            let is_folder = entry.file_type().expect("a file type").is_dir();
            if is_folder { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn ignores(pattern: &str, path: &Path) -> bool {
    let path = path.to_string_lossy();
    match (pattern.strip_prefix('/'), pattern.strip_prefix('*')) {
        (Some(from_root), _) => path == from_root.trim_end_matches('/'),
        (None, Some(suffix)) => path.ends_with(suffix),
        (None, None) => {
            panic!(".gitignore: write `{pattern}` as `/path` or `*.suffix`, the walk knows no other")
        }
    }
}

/// One word or one mark of a Rust source, with the line it stands on (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// An identifier, keyword or number in full; `::` in full; any other mark as its single character.
    pub(crate) text: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

impl Token {
    /// Is it an identifier or a keyword?
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The tokens of a source; comments (so doc links too), strings, characters and lifetimes leave none.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: source.chars().collect(), at: 0, line: 1, found: Vec::new() };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.found
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn advance(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == '\n');
            self.at += 1;
        }
    }

    fn keep(&mut self, len: usize) {
        let text = self.chars.iter().skip(self.at).take(len).collect();
        self.found.push(Token { text, line: self.line });
        self.advance(len);
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.advance(1);
                }
            }
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.character_or_lifetime(),
            (':', ':') => self.keep(2),
            (c, _) if c.is_alphanumeric() || c == '_' => self.word(),
            (c, _) if c.is_whitespace() => self.advance(1),
            _ => self.keep(1),
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.advance(1);
                    continue;
                }
            }
            self.advance(2);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.advance(1);
        while self.at < self.chars.len() && self.peek(0) != '"' {
            self.advance(if self.peek(0) == '\\' { 2 } else { 1 });
        }
        self.advance(1);
    }

    fn raw_string(&mut self, hashes: usize) {
        self.advance(hashes + 1);
        while self.at < self.chars.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#') {
                return self.advance(hashes + 1);
            }
            self.advance(1);
        }
    }

    fn character_or_lifetime(&mut self) {
        if self.peek(1) == '\\' {
            self.advance(3);
            while self.at < self.chars.len() && self.peek(0) != '\'' {
                self.advance(1);
            }
            self.advance(1);
        } else if self.peek(2) == '\'' {
            self.advance(3);
        } else {
            self.advance(1);
            while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                self.advance(1);
            }
        }
    }

    /// A word, unless it turns out to be the prefix of a literal: `r#"…"#`, `b"…"`, `b'…'`, or of `r#word`.
    fn word(&mut self) {
        let len =
            (0..).take_while(|&ahead| self.peek(ahead).is_alphanumeric() || self.peek(ahead) == '_').count();
        let text: String = self.chars.iter().skip(self.at).take(len).collect();
        let hashes = (len..).take_while(|&ahead| self.peek(ahead) == '#').count();
        let raw = matches!(text.as_str(), "r" | "br" | "cr");
        match self.peek(len + hashes) {
            '"' if raw => {
                self.advance(len);
                self.raw_string(hashes);
            }
            '"' if hashes == 0 && matches!(text.as_str(), "b" | "c") => self.advance(len),
            '\'' if hashes == 0 && text == "b" => self.advance(len),
            _ if text == "r" && hashes == 1 => self.advance(2),
            _ => self.keep(len),
        }
    }
}

/// A path, groups written out, `self` and `super` made absolute: those from our own root start with `crate`.
#[derive(Debug)]
pub(crate) struct Named {
    /// Its words, without the colons.
    pub(crate) segments: Vec<String>,
    /// The line it stands on, from 1.
    pub(crate) line: usize,
}

/// Every path in the file of `module`, wherever it stands.
pub(crate) fn paths(tokens: &[Token], module: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    // The inline modules that are open: (their name, how many braces were open before theirs).
    let mut inline: Vec<(&str, usize)> = Vec::new();
    let (mut at, mut braces) = (0, 0);
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).map_or("", |at| tokens[at].text.as_str());
        at += 1;
        match token.text.as_str() {
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                inline.pop_if(|(_, outside)| *outside == braces);
            }
            "mod" if tokens.get(at + 1).is_some_and(|after| after.text == "{") => {
                inline.push((&tokens[at].text, braces));
            }
            _ if token.is_word() && !matches!(before, "::" | "." | "mod") => {
                let inside = inline.iter().map(|(name, _)| (*name).to_owned());
                let here: Vec<String> = module.iter().cloned().chain(inside).collect();
                at = spell(tokens, at - 1, &[], &here, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Writes out the path, or the tree of paths, that starts at `at` after `prefix`; returns where it ends.
fn spell(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    here: &[String],
    found: &mut Vec<Named>,
) -> usize {
    let mut segments = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => {
                at += 1;
                while let Some(member) = tokens.get(at) {
                    match member.text.as_str() {
                        "}" => break,
                        "," => at += 1,
                        "as" => at += 2,
                        _ => at = spell(tokens, at, &segments, here, found),
                    }
                }
                return at + 1;
            }
            "super" if segments.is_empty() => segments = climb(here, 1),
            "super" => _ = segments.pop(),
            "self" if segments.is_empty() => segments = climb(here, 0),
            "self" => {}
            word => segments.push(word.to_owned()),
        }
        let goes_on = |token: &Token| token.is_word() || matches!(token.text.as_str(), "{" | "*");
        match (tokens.get(at + 1), tokens.get(at + 2)) {
            (Some(colons), Some(next)) if colons.text == "::" && goes_on(next) => at += 2,
            _ => break,
        }
    }
    found.push(Named { segments, line });
    at + 1
}

/// The module `levels` above `here`, from the root.
fn climb(here: &[String], levels: usize) -> Vec<String> {
    let kept = here.len().saturating_sub(levels);
    std::iter::once("crate".to_owned()).chain(here.iter().take(kept).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source).into_iter().filter(Token::is_word).map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_strings_say_nothing() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(words(r##"let s = "x \" y"; r#"p " q"#; b"m"; b'n'; r"o"; z"##), ["let", "s", "z"]);
        assert_eq!(
            words(r"let c = 'x'; let n = '\''; let u = '\u{61}'; z"),
            ["let", "c", "let", "n", "let", "u", "z"]
        );
        assert_eq!(words("fn f<'a>(r#type: &'a str)"), ["fn", "f", "type", "str"]);
    }

    #[test]
    fn a_token_knows_its_line() {
        let found = tokens("a\n\"x\ny\"\n  b::c");
        let lines: Vec<_> = found.iter().map(|token| (token.text.as_str(), token.line)).collect();
        assert_eq!(lines, [("a", 1), ("b", 4), ("::", 4), ("c", 4)]);
    }

    #[test]
    fn the_walk_finds_this_file_and_nothing_ignored() {
        let found = files();
        assert!(found.contains(&PathBuf::from("proto-tests/source.rs")));
        assert!(found.iter().all(|path| !path.starts_with("target") && !path.starts_with(".git/")));
        assert!(
            ignores("*.log.tmp", Path::new("a/b.log.tmp")) && !ignores("/target", Path::new("src/target"))
        );
    }
}
