//! Passwords derived from a name: of this service or of the account. Attackers try these first, with common variations:
//! years and dates, punctuation, capitals, and digits that look like letters.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::skeleton;
use zeroize::Zeroizing;

/// Shorter names occur in too many passwords by chance.
const MIN_NAME_CHARACTERS: usize = 3;
/// Shorter parts of a name (`the`, `www`, `com`) are ignored.
const MIN_PART_CHARACTERS: usize = 4;
/// With fewer letters and digits beside the names, a password is derived from them.
const MIN_OTHER_CHARACTERS: usize = 4;
/// So is one with at most these letters and digits, such as a date or a count.
const MAX_OTHER_LETTERS: usize = 2;
const MAX_OTHER_DIGITS: usize = 10;

/// The parts of a name that count as names.
pub(crate) fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= MIN_PART_CHARACTERS)
}

/// Whether little remains without these names, of the text or of its skeleton.
#[must_use]
pub(crate) fn is_made_of(text: &str, names: &[String]) -> bool {
    let skeletons: Vec<String> = names.iter().map(|name| skeleton_of(name)).collect();
    leaves_little(text, names) || leaves_little(&Zeroizing::new(skeleton_of(text)), &skeletons)
}

/// Maps letters with marks, of other widths and scripts to those that they look like (Unicode UTS 39, section 4).
fn skeleton_of(text: &str) -> String {
    let plain: Zeroizing<String> = Zeroizing::new(text.nfkd().filter(|c| !is_combining_mark(*c)).collect());
    let mut mapped = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c.is_ascii() {
            // UTS 39 maps digits to other letters than `letters_like`.
            mapped.push(c);
        } else {
            mapped.extend(skeleton(c.encode_utf8(&mut [0; 4])));
        }
    }
    mapped
}

fn leaves_little(text: &str, names: &[String]) -> bool {
    let mut names: Vec<Vec<char>> = names.iter().map(|name| characters(name)).collect();
    names.retain(|name| name.len() >= MIN_NAME_CHARACTERS);
    // A name must not break up a longer one that contains it.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut rest: Zeroizing<Vec<char>> = Zeroizing::new(Vec::with_capacity(text.len()));
    rest.extend(text.chars().flat_map(char::to_lowercase));
    let before = rest.len();
    for name in &names {
        remove_all(&mut rest, name);
    }
    let letters = rest.iter().filter(|c| c.is_alphabetic()).count();
    let digits = rest.iter().filter(|c| c.is_numeric()).count();
    rest.len() < before
        && (letters + digits < MIN_OTHER_CHARACTERS || (letters <= MAX_OTHER_LETTERS && digits <= MAX_OTHER_DIGITS))
}

/// Lower-case letters and digits; all characters of a name with few of these.
fn characters(name: &str) -> Vec<char> {
    let all = || name.chars().flat_map(char::to_lowercase);
    let letters: Vec<char> = all().filter(|c| c.is_alphanumeric()).collect();
    if letters.len() < MIN_NAME_CHARACTERS { all().collect() } else { letters }
}

fn remove_all(text: &mut Vec<char>, name: &[char]) {
    let mut at = 0;
    while at < text.len() {
        match text.get(at..).and_then(|rest| match_length(rest, name)) {
            Some(length) => drop(text.drain(at..at + length)),
            None => at += 1,
        }
    }
}

/// Length of the name at the start of the text, with separators.
fn match_length(text: &[char], name: &[char]) -> Option<usize> {
    let (mut left, mut same, mut length) = (name, 0, 0);
    for c in text {
        let Some((wanted, after)) = left.split_first() else { break };
        if c == wanted || letters_like(*c).contains(*wanted) {
            same += usize::from(c == wanted);
            left = after;
        } else if c.is_alphanumeric() || length == 0 {
            return None;
        }
        length += 1;
    }
    // Half must match exactly: a number is no name.
    (left.is_empty() && same * 2 >= name.len()).then_some(length)
}

/// Letters that a digit or sign replaces.
fn letters_like(c: char) -> &'static str {
    match c {
        '0' => "o",
        '1' | '!' | '|' => "il",
        '2' => "z",
        '3' | '€' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '6' | '9' => "g",
        '7' | '+' => "t",
        '8' => "b",
        '(' => "c",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alike_letters_match_the_letters_of_a_name() {
        let names = names(&["Acme", "Müller"]);
        for text in
            ["Acme2026!", "Ａｃｍｅ２０２６！", "Аcme2026!", "Àcmé2026!", "𝐀𝐜𝐦𝐞2026", "Muller-1999!", "MÜLLER 1999"]
        {
            assert!(is_made_of(text, &names), "{text}");
        }
        for text in ["Асфальт2026!", "amber-2026-acre"] {
            assert!(!is_made_of(text, &names), "{text}");
        }
    }

    #[test]
    fn names_are_split_into_words() {
        assert_eq!(
            parts("accounts.the-pier_nine example+x").collect::<Vec<_>>(),
            ["accounts", "pier", "nine", "example"]
        );
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_name_with_dates_signs_or_look_alikes_is_made_of_the_name() {
        let names = names(&["Acme Cloud", "acme", "cloud", "Straße", "ОБЛАКО"]);
        for text in [
            "acmecloud",
            "Acme Cloud",
            "ACME-CLOUD-2026",
            "2026acme_cloud!",
            "Acme.Cloud.31.12.2026",
            "@cm3 Cl0ud 1234567890",
            "a.c.m.e 99",
            "Cloud2026!!!!",
            "acme acme acme 1",
            "STRAßE2026",
            "облако-2026",
            "acmecloudxyz",
            "MyAcmeCloud2026!",
            "acme-cloud-2026-x",
        ] {
            assert!(is_made_of(text, &names), "{text}");
        }
        for text in [
            "acme clouds drift by",
            "2026-2027-2028",
            "securepassword123",
            "correct-horse-battery",
            "acmecloud-q7vx",
            "acme 123456789012",
            "a cat may elope 1999",
            "",
        ] {
            assert!(!is_made_of(text, &names), "{text}");
        }
    }

    #[test]
    fn numbers_do_not_match_names_and_names_of_signs_match_exactly() {
        assert!(!is_made_of("501501501501", &names(&["sol"])));
        assert!(!is_made_of("ab ab ab ab 20", &names(&["ab", ""])));
        assert!(is_made_of("!!!!!!!!!@x", &names(&["!!!!!!!!!@x"])));
    }
}
