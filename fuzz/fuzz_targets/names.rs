#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, words::NAMES},
};

fuzz_target!(init: begin(&NAMES), |input: &[u8]| check(&NAMES, input));
