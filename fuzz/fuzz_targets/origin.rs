#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, headers::ORIGIN},
};

fuzz_target!(init: begin(&ORIGIN), |input: &[u8]| check(&ORIGIN, input));
