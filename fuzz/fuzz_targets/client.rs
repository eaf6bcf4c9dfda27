#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, headers::CLIENT},
};

fuzz_target!(init: begin(&CLIENT), |input: &[u8]| check(&CLIENT, input));
