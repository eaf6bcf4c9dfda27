#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, words::EMAIL},
};

fuzz_target!(init: begin(&EMAIL), |input: &[u8]| check(&EMAIL, input));
