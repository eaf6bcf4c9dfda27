//! The metrics of a server, and waits for their values.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{
    eventually,
    server::{Answer, Server},
};

/// The setting that a server needs for [`Server::metrics`].
pub const METRICS: (&str, &str) = ("METRICS_ADDR", "127.0.0.1:0");

/// An exposition in Prometheus' text format.
pub struct Metrics(pub String);

impl Metrics {
    pub async fn at(address: SocketAddr) -> Self {
        let answer = Answer::of(reqwest::get(format!("http://{address}/metrics")).await.expect("an answer")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4"));
        Self(answer.text().to_owned())
    }

    /// The address of the metrics, from a log.
    pub fn address(log: &str) -> Option<SocketAddr> {
        log.split("serving metrics at http://").nth(1)?.split("/metrics").next()?.parse().ok()
    }

    /// The value of a series, with its labels in order.
    pub fn value(&self, series: &str) -> Option<f64> {
        let line = self.0.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map(|value| value.parse().expect("a number"))
    }

    #[track_caller]
    pub fn assert(&self, expected: &[(&str, f64)]) {
        for (series, value) in expected {
            assert_eq!(self.value(series), Some(*value), "{series}: {}", self.0);
        }
    }

    /// Names with their types.
    pub fn names(&self) -> BTreeMap<&str, &str> {
        self.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
    }
}

impl Server {
    /// The address of the metrics. The server must have been started with [`METRICS`].
    pub async fn metrics_address(&self) -> SocketAddr {
        let log = self.log_with("serving metrics at").await;
        Metrics::address(&log).expect("an address")
    }

    pub async fn metrics(&self) -> Metrics {
        Metrics::at(self.metrics_address().await).await
    }

    /// Waits until this series is at least `least`; returns the metrics.
    pub async fn metrics_with(&self, series: &str, least: f64) -> Metrics {
        let address = self.metrics_address().await;
        eventually(&format!("{series} is {least} or more"), async || {
            let metrics = Metrics::at(address).await;
            metrics.value(series).is_some_and(|value| value >= least).then_some(metrics)
        })
        .await
    }

    /// Waits until this number of requests is in flight.
    pub async fn has_in_flight(&self, requests: u32) {
        self.metrics_with("vestibule_http_requests_in_flight", requests.into()).await;
    }
}
