#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, settings::TEXTS},
};

fuzz_target!(init: begin(&TEXTS), |input: &[u8]| check(&TEXTS, input));
