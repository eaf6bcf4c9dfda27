#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{bodies::FORM, check},
};

fuzz_target!(init: begin(&FORM), |input: &[u8]| check(&FORM, input));
