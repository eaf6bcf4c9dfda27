#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{bodies::JSON, check},
};

fuzz_target!(init: begin(&JSON), |input: &[u8]| check(&JSON, input));
