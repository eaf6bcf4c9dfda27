#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{
    begin,
    targets::{check, proxies::PROXIES},
};

fuzz_target!(init: begin(&PROXIES), |input: &[u8]| check(&PROXIES, input));
