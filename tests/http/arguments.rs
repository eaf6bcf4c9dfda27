//! Command-line arguments: an unknown one is named, and the nearest known one suggested.

use std::process::Output;

use rstest::rstest;

use crate::support::{Backend::Sqlite, TestDatabase, server::command};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let database = TestDatabase::new(Sqlite);
    let Output { status, stdout, stderr } = command(&database.url, &[]).args(arguments).output().expect("vestibule");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn help_is_printed_by_command_and_by_flag() {
    let (code, help, errors) = run(&["help"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(help.contains("Usage: vestibule") && help.contains("check-templates") && help.contains("--port <PORT>"));
    assert_eq!(run(&["--help"]), (Some(0), help, String::new()));
    let (code, help, errors) = run(&["help", "gallery"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(help.contains("Usage: vestibule gallery") && help.contains("--out <DIR>"), "{help}");
}

#[rstest]
#[case(&["dance"], "`dance` is not a command; use one of serve, design, gallery, check-templates; see `vestibule --help`")]
#[case(&["servr"], "`servr` is not a command; did you mean `serve`? See `vestibule --help`")]
#[case(&["check-template"], "`check-template` is not a command; did you mean `check-templates`? See `vestibule --help`")]
#[case(&["version"], "`version` is not a command; did you mean `--version`?")]
#[case(&["design", "foo"], "`foo` is unexpected: `design` takes no arguments; see `vestibule --help`")]
#[case(&["Gallery"], "`Gallery` is not a command; did you mean `gallery`? See `vestibule --help`")]
#[case(&["help", "galery"], "`galery` is not a command; use one of serve, design, gallery, check-templates; see `vestibule --help`")]
#[case(&["serve", "now"], "`now` is unexpected: `serve` takes no arguments; see `vestibule --help`")]
#[case(&["--prot", "80"], "--prot is not a setting; did you mean --port? See `vestibule --help`")]
#[case(&["serve", "--secret-kye=s3cret"], "--secret-kye is not a setting; did you mean --secret-key? See `vestibule --help`")]
#[case(&["gallery", "--outt", "x"], "--outt is not a setting; did you mean --out? See `vestibule --help`")]
#[case(&["--colour"], "--colour is not a setting; see `vestibule --help`")]
#[case(&["-x"], "-x is not a setting; see `vestibule --help`")]
// It may be a password, or a URL with one.
#[case(&["postgres://u:s3cret@h/db"], "argument 1 (not shown: it may be a secret) is not a command; use one of serve, design, gallery, check-templates; see `vestibule --help`")]
#[case(&["--port", "0", "serve", "postgres://u:s3cret@h/db"], "argument 4 (not shown: it may be a secret) is unexpected: `serve` takes no arguments; see `vestibule --help`")]
#[case(&["s3cret"], "argument 1 (not shown: it may be a secret) is not a command; use one of serve, design, gallery, check-templates; see `vestibule --help`")]
#[case(&["serve", "correct-horse-battery-staple"], "argument 2 (not shown: it may be a secret) is unexpected: `serve` takes no arguments; see `vestibule --help`")]
fn an_unknown_argument_is_named_unless_it_may_be_secret(#[case] arguments: &[&str], #[case] line: &str) {
    assert_eq!(run(arguments), (Some(2), String::new(), format!("vestibule: {line}\n")));
}
