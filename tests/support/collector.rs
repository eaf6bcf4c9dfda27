//! A collector of OpenTelemetry traces (OTLP over HTTP) that stores the received requests.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;

use super::eventually;

/// How the collector responds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Collecting {
    Takes,
    /// Reads nothing and answers nothing.
    IsSilent,
}

/// Listens on a port of its own until the test ends.
pub struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

/// One request of the exporter.
#[derive(Clone)]
pub struct Received {
    /// Request line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Collector {
    pub fn start(collecting: Collecting) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let received = Arc::clone(&received);
            move || {
                let mut kept = Vec::new();
                for stream in listener.incoming().flatten() {
                    if collecting == Collecting::IsSilent {
                        kept.push(stream);
                        continue;
                    }
                    let received = Arc::clone(&received);
                    thread::spawn(move || while let Some(()) = take(&stream, &received) {});
                }
            }
        });
        Self { address, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("the requests").clone()
    }

    fn exports(&self) -> Vec<ExportTraceServiceRequest> {
        let decode =
            |received: Received| ExportTraceServiceRequest::decode(received.body.as_slice()).expect("protobuf");
        self.received().into_iter().map(decode).collect()
    }

    /// The resource attributes of the first export.
    pub fn resource(&self) -> BTreeMap<String, String> {
        let export = self.exports().into_iter().next().expect("an export");
        attributes(&export.resource_spans[0].resource.as_ref().expect("a resource").attributes)
    }

    pub fn spans(&self) -> Vec<Span> {
        let resources = self.exports().into_iter().flat_map(|export| export.resource_spans);
        resources.flat_map(|spans| spans.scope_spans).flat_map(|spans| spans.spans).collect()
    }

    /// Waits for a root span of this name, which ends last; returns the spans of its trace.
    pub async fn trace(&self, name: &str) -> Vec<Span> {
        let root = self.span_with(name, |span| span.name == name && span.parent_span_id.is_empty()).await;
        self.spans().into_iter().filter(|span| span.trace_id == root.trace_id).collect()
    }

    /// Waits for the first span that matches `is_it`.
    pub async fn span_with(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Span {
        eventually(&format!("a span: {what}"), async || self.spans().into_iter().find(&is_it)).await
    }
}

fn take(mut stream: &TcpStream, received: &Mutex<Vec<Received>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.to_lowercase().split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    received.lock().expect("the requests").push(Received { head, body });
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n").ok()
}

pub fn attributes(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let value = |attribute: &KeyValue| attribute.value.as_ref().and_then(|value| value.value.as_ref()).map(text);
    attributes.iter().map(|attribute| (attribute.key.clone(), value(attribute).unwrap_or_default())).collect()
}

/// The names of the spans as an indented tree, children in order of their start.
pub fn tree(spans: &[Span]) -> Vec<String> {
    fn add(spans: &[Span], parent: &[u8], depth: usize, lines: &mut Vec<String>) {
        let mut children: Vec<&Span> = spans.iter().filter(|span| span.parent_span_id == parent).collect();
        children.sort_by_key(|span| (span.start_time_unix_nano, span.end_time_unix_nano));
        for span in children {
            lines.push(format!("{}{}", "  ".repeat(depth), span.name));
            add(spans, &span.span_id, depth + 1, lines);
        }
    }
    let mut lines = Vec::new();
    add(spans, &[], 0, &mut lines);
    lines
}
