#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{addresses::QUERY, check},
};

fuzz_target!(init: begin(&QUERY), |input: &[u8]| check(&QUERY, input));
