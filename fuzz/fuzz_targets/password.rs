#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, words::PASSWORD},
};

fuzz_target!(init: begin(&PASSWORD), |input: &[u8]| check(&PASSWORD, input));
