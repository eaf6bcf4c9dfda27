#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, settings::STYLESHEET},
};

fuzz_target!(init: begin(&STYLESHEET), |input: &[u8]| check(&STYLESHEET, input));
