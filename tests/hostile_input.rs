//! Properties of all parsers of external input (fuzz/src/targets), tested with the seeds and with mutations of them.
//! `./scripts/fuzz` searches longer, guided by coverage.

#[path = "support/random.rs"]
mod random;
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use random::random;
use targets::{MAX_BYTES, TARGETS, Target, check, take_reached};

/// Fragments that are significant to parsers.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\t",
    b"\r\n",
    b" ",
    b"%",
    b"%00",
    b"%ff",
    b"%2f",
    b"\\",
    b"/",
    b"//",
    b":",
    b";",
    b",",
    b"=",
    b"&",
    b"@",
    b".",
    b"..",
    b"-",
    b"--",
    b"xn--",
    b"$",
    b"$$",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b"<",
    b">",
    b"\"",
    b"'",
    b"#",
    b"?",
    b"*",
    b"q=",
    b"0",
    b"99999999999999999999",
    b"-1",
    b"1e999",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    "\u{301}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{131}".as_bytes(),
    "\u{ff0e}".as_bytes(),
    "\u{fdfa}".as_bytes(),
    b"\\u0000",
    b"\\ud800",
    b"<script>",
    b"' OR 1=1--",
];

#[test]
fn properties_hold_for_every_seed_and_its_mutations() {
    let rounds = if std::env::var_os("VESTIBULE_TEST_FULL").is_some() { 100_000 } else { 5_000 };
    let mut random = random();
    for target in TARGETS {
        for seed in target.seeds {
            check_input(target, seed);
        }
        for _ in 0..rounds {
            check_input(target, &mutated(target, &mut random));
        }
    }
    println!("{} targets, {rounds} inputs each", TARGETS.len());
}

/// The seeds reach the assertions about accepted input; a parser that refused everything would violate none of them.
#[test]
fn the_seeds_reach_every_assertion() {
    take_reached();
    for target in TARGETS {
        target.seeds.iter().for_each(|seed| check_input(target, seed));
    }
    let expected = [
        "a bcrypt hash",
        "a bcrypt hash that is computed",
        "a bearer token",
        "a client behind a proxy",
        "a code",
        "a colour",
        "a cookie",
        "a cookie of a page",
        "a form",
        "a form of the configured origin",
        "a form of the origin that was asked",
        "a kind of body",
        "a language",
        "a language of a link",
        "a name",
        "a password",
        "a path that is followed",
        "a problem of a text",
        "a style sheet",
        "a token",
        "a username",
        "an address",
        "an object of JSON",
        "an origin",
        "another hash that is computed",
        "our host",
        "the URL of PostgreSQL",
        "the URL of SQLite",
        "the URL of a mail server",
        "this machine",
    ];
    assert_eq!(take_reached().into_iter().collect::<Vec<_>>(), expected);
}

/// Inputs of the size of a request body stay within the time limit; a quadratic parser would not.
#[test]
fn inputs_of_maximum_size_stay_within_the_time_limit() {
    // Nearly the longest label that is decoded; decoding takes quadratic time.
    let label = format!("xn--{}.", "ba".repeat(990));
    for target in TARGETS {
        for piece in target.seeds.iter().chain(PIECES) {
            check_input(target, &piece.iter().copied().cycle().take(MAX_BYTES).collect::<Vec<u8>>());
        }
        for begin in [
            &b""[..],
            b"/",
            b"//",
            b"http://",
            b"\nhttp://",
            b"a@",
            b"xn--",
            b"//xn--",
            b"http://xn--",
            b"\nhttp://xn--",
        ] {
            for filling in [&b"a"[..], b"9", b"a.", b"a=b&", b"a;", b",", b"%61", b"\xcc\x81", label.as_bytes()] {
                let filling = filling.iter().cycle();
                check_input(target, &begin.iter().chain(filling).copied().take(MAX_BYTES).collect::<Vec<u8>>());
            }
        }
    }
}

/// Checks an input. On a failure prints it in the format of the seeds.
#[track_caller]
fn check_input(target: &Target, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(target, input))) {
        let begin = &input[..input.len().min(500)];
        eprintln!("{}: {} bytes, b\"{}\"", target.name, input.len(), begin.escape_ascii());
        resume_unwind(panic);
    }
}

fn mutated(target: &Target, random: &mut StdRng) -> Vec<u8> {
    let mut input = target.seeds.choose(random).map_or_else(Vec::new, |seed| seed.to_vec());
    for _ in 0..random.random_range(1..=6) {
        let at = random.random_range(0..=input.len());
        let end = random.random_range(at..=input.len().min(at + 16));
        match random.random_range(0..6) {
            0 => drop(input.splice(at..at, PIECES.choose(random).copied().unwrap_or_default().iter().copied())),
            1 => drop(input.splice(at..end, PIECES.choose(random).copied().unwrap_or_default().iter().copied())),
            2 => drop(input.drain(at..end)),
            3 => {
                let copy = input[at..end].repeat(random.random_range(1..=40));
                input.splice(at..at, copy);
            }
            4 => {
                let other = target.seeds.choose(random).copied().unwrap_or_default();
                let from = random.random_range(0..=other.len());
                input.splice(at.., other[from..].iter().copied());
            }
            _ => input[at..end].iter_mut().for_each(|byte| *byte ^= 1 << random.random_range(0..8)),
        }
    }
    input.truncate(MAX_BYTES);
    input
}
