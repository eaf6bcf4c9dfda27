#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, words::STORED_PASSWORD},
};

fuzz_target!(init: begin(&STORED_PASSWORD), |input: &[u8]| check(&STORED_PASSWORD, input));
