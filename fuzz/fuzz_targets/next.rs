#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{addresses::NEXT, check},
};

fuzz_target!(init: begin(&NEXT), |input: &[u8]| check(&NEXT, input));
