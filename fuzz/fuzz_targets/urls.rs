#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, settings::URLS},
};

fuzz_target!(init: begin(&URLS), |input: &[u8]| check(&URLS, input));
