#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, headers::HOST},
};

fuzz_target!(init: begin(&HOST), |input: &[u8]| check(&HOST, input));
