//! What a server says of itself, for tests that wait until it is at work.

use crate::support::{Answer, Server, eventually};

/// A setting for the servers whose gauges are read. A listener of its own, so that asking takes no place of a visitor's.
pub const METRICS: (&str, &str) = ("METRICS_ADDR", "127.0.0.1:0");

/// Waits until this series of `/metrics` has this value.
pub async fn until(server: &Server, series: &str, value: &str) {
    let log = server.log_with("metrics are at").await;
    let url = log.split("metrics are at ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a URL");
    let line = format!("{series} {value}");
    eventually(&line, async || {
        let answer = Answer::of(reqwest::get(url).await.expect("an answer")).await;
        answer.text().lines().any(|found| found == line).then_some(())
    })
    .await;
}

/// Until so many requests are in flight.
pub async fn in_flight(server: &Server, requests: usize) {
    until(server, "vestibule_http_requests_in_flight", &requests.to_string()).await;
}
