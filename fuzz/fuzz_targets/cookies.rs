#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, headers::COOKIES},
};

fuzz_target!(init: begin(&COOKIES), |input: &[u8]| check(&COOKIES, input));
