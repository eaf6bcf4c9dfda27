//! Metric families of numbers that are counted elsewhere.

use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

#[must_use]
pub(crate) fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    family(MetricType::GAUGE, name, help, vec![of_gauge(Metric::default(), value)])
}

/// One gauge for each value of a label.
#[must_use]
pub(crate) fn gauges(name: &str, help: &str, label: &str, values: &[(&str, f64)]) -> MetricFamily {
    let metrics = values.iter().map(|(label_value, value)| of_gauge(labelled(label, label_value), *value));
    family(MetricType::GAUGE, name, help, metrics.collect())
}

#[must_use]
pub(crate) fn counter(name: &str, help: &str, value: f64) -> MetricFamily {
    family(MetricType::COUNTER, name, help, vec![of_counter(Metric::default(), value)])
}

#[must_use]
pub(crate) fn counters(name: &str, help: &str, label: &str, counts: &[(&str, u64)]) -> MetricFamily {
    let metrics = counts.iter().map(|(label_value, count)| of_counter(labelled(label, label_value), float(*count)));
    family(MetricType::COUNTER, name, help, metrics.collect())
}

/// `buckets`: upper bounds and counts, not cumulative; `overflow`: the count above the last bound.
pub(crate) fn histogram(
    name: &str,
    help: &str,
    buckets: impl Iterator<Item = (f64, u64)>,
    overflow: u64,
    sum: f64,
) -> MetricFamily {
    let mut count = 0;
    let buckets = buckets.map(|(limit, within)| {
        count += within;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(limit);
        bucket.set_cumulative_count(count);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(count + overflow);
    histogram.set_sample_sum(sum);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    family(MetricType::HISTOGRAM, name, help, vec![metric])
}

fn family(kind: MetricType, name: &str, help: &str, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn labelled(name: &str, value: &str) -> Metric {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    Metric::from_label(vec![label])
}

fn of_gauge(mut metric: Metric, value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    metric.set_gauge(gauge);
    metric
}

fn of_counter(mut metric: Metric, value: f64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(value);
    metric.set_counter(counter);
    metric
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus' numbers are floats")]
#[must_use]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
