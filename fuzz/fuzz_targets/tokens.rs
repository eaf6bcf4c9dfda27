#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, words::TOKENS},
};

fuzz_target!(init: begin(&TOKENS), |input: &[u8]| check(&TOKENS, input));
