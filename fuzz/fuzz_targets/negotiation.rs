#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, headers::NEGOTIATION},
};

fuzz_target!(init: begin(&NEGOTIATION), |input: &[u8]| check(&NEGOTIATION, input));
