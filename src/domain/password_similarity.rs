//! Passwords that are made of a name: of this service, or of whose account it is. Attackers try names first, with what
//! people put around them: years and dates, signs, capitals, and digits that look like letters.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::skeleton;
use zeroize::Zeroizing;

/// Shorter names stand in too many passwords by chance.
const NAME_CHARACTERS: usize = 3;
/// Shorter parts of a name (`the`, `www`, `com`) are no names.
const PART_CHARACTERS: usize = 4;
/// With so many letters and digits beside the names, more than these letters, it is a password of its own.
const LEFT: usize = 4;
const LETTERS: usize = 2;
/// More digits than a date or a count has. Fewer, and next to no letters, are no password of its own.
const DIGITS: usize = 10;

/// The words of a name that are names by themselves.
pub fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= PART_CHARACTERS)
}

/// Whether little is left once these names are taken out, of the text or of what it looks like.
pub fn is_made_of(text: &str, names: &[String]) -> bool {
    let looks: Vec<String> = names.iter().map(|name| look(name)).collect();
    is_made_of_these(text, names) || is_made_of_these(&Zeroizing::new(look(text)), &looks)
}

/// Letters of other scripts, widths and with marks as those that they look like (Unicode Technical Standard 39, section 4).
fn look(text: &str) -> String {
    let plain: Zeroizing<String> = Zeroizing::new(text.nfkd().filter(|c| !is_combining_mark(*c)).collect());
    let mut looks = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c.is_ascii() {
            // The table makes letters of digits; what those stand for is said below.
            looks.push(c);
        } else {
            looks.extend(skeleton(c.encode_utf8(&mut [0; 4])));
        }
    }
    looks
}

fn is_made_of_these(text: &str, names: &[String]) -> bool {
    let mut names: Vec<Vec<char>> = names.iter().map(|name| characters(name)).collect();
    names.retain(|name| name.len() >= NAME_CHARACTERS);
    // What is part of another name must not break that up.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut rest: Zeroizing<Vec<char>> = Zeroizing::new(Vec::with_capacity(text.len()));
    rest.extend(text.chars().flat_map(char::to_lowercase));
    let before = rest.len();
    for name in &names {
        take_out(&mut rest, name);
    }
    let letters = rest.iter().filter(|c| c.is_alphabetic()).count();
    let digits = rest.iter().filter(|c| c.is_numeric()).count();
    rest.len() < before && (letters + digits < LEFT || (letters <= LETTERS && digits <= DIGITS))
}

/// In lower case, without what may stand between; of a name that is hardly more than that, all of it.
fn characters(name: &str) -> Vec<char> {
    let all = || name.chars().flat_map(char::to_lowercase);
    let letters: Vec<char> = all().filter(|c| c.is_alphanumeric()).collect();
    if letters.len() < NAME_CHARACTERS { all().collect() } else { letters }
}

fn take_out(text: &mut Vec<char>, name: &[char]) {
    let mut at = 0;
    while at < text.len() {
        match text.get(at..).and_then(|rest| length_of(rest, name)) {
            Some(length) => drop(text.drain(at..at + length)),
            None => at += 1,
        }
    }
}

/// How much of the beginning of a text is this name.
fn length_of(text: &[char], name: &[char]) -> Option<usize> {
    let (mut left, mut same, mut length) = (name, 0, 0);
    for c in text {
        let Some((wanted, after)) = left.split_first() else { break };
        if c == wanted || looks_like(*c).contains(*wanted) {
            same += usize::from(c == wanted);
            left = after;
        } else if c.is_alphanumeric() || length == 0 {
            return None;
        }
        length += 1;
    }
    // Or a number would be a name.
    (left.is_empty() && same * 2 >= name.len()).then_some(length)
}

/// The letters that a digit or a sign stands for.
fn looks_like(c: char) -> &'static str {
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
    fn letters_that_look_like_those_of_a_name_are_those() {
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
    fn words_of_a_name_are_names() {
        assert_eq!(
            parts("accounts.the-pier_nine example+x").collect::<Vec<_>>(),
            ["accounts", "pier", "nine", "example"]
        );
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_name_with_years_dates_signs_and_look_alikes_is_nothing_else() {
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
    fn a_number_is_no_name_and_a_name_of_signs_is_itself() {
        assert!(!is_made_of("501501501501", &names(&["sol"])));
        assert!(!is_made_of("ab ab ab ab 20", &names(&["ab", ""])));
        assert!(is_made_of("!!!!!!!!!@x", &names(&["!!!!!!!!!@x"])));
    }
}
