#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{bodies::KIND, check},
};

fuzz_target!(init: begin(&KIND), |input: &[u8]| check(&KIND, input));
