//! The connections there are, and which of them makes room when there are too many.
//!
//! Whoever comes is let in before whoever stays without asking anything: a flood of silent connections costs those
//! connections, not the visitors who come after them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::accounts::network::Network;

/// Set in [`Line::requests`] once a connection has to make room.
const EVICTED: usize = 1 << (usize::BITS - 1);

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub all: usize,
    /// From one IPv4 address or one /64 of IPv6.
    pub per_address: usize,
}

/// Every open connection, by where it comes from.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    table: Mutex<Table>,
    /// Those in the table, and those that made room and are not closed yet.
    sockets: AtomicUsize,
}

#[derive(Debug, Default)]
struct Table {
    /// Of the connection that came last.
    number: u64,
    all: usize,
    /// In the order they came.
    by_address: HashMap<Network, BTreeMap<u64, Arc<Line>>>,
}

/// What is to be known of one connection from outside.
#[derive(Debug, Default)]
pub struct Line {
    /// Requests in flight, or [`EVICTED`].
    requests: AtomicUsize,
    /// Of these, those whose body is still on its way.
    receiving: AtomicUsize,
    /// Requests so far.
    begun: AtomicUsize,
    /// Whether what comes between requests is the head of one, which has to be there soon (HTTP/1).
    pub reads_heads: AtomicBool,
    first_request: Notify,
    evicted: CancellationToken,
}

/// A request in flight; ends when dropped.
pub struct InFlight<'a>(&'a Line);

impl Line {
    /// `None` where the connection was just told to make room.
    pub fn begin(&self) -> Option<InFlight<'_>> {
        let more = |requests: usize| (requests & EVICTED == 0).then(|| requests + 1);
        self.requests.fetch_update(SeqCst, SeqCst, more).ok()?;
        if self.begun.fetch_add(1, SeqCst) == 0 {
            self.first_request.notify_waiters();
        }
        Some(InFlight(self))
    }

    /// Whether no request is in flight.
    pub fn is_quiet(&self) -> bool {
        self.requests.load(SeqCst) & !EVICTED == 0
    }

    /// How many requests there were so far.
    pub fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    /// Ends when there has been a request.
    pub async fn first_request(&self) {
        let first = self.first_request.notified();
        if self.begun() == 0 {
            first.await;
        }
    }

    /// Ends when the connection has to make room.
    pub async fn evicted(&self) {
        self.evicted.cancelled().await;
    }

    /// A request whose body is still on its way, until this is dropped.
    pub fn receive(self: &Arc<Self>) -> Receiving {
        self.receiving.fetch_add(1, SeqCst);
        Receiving(Arc::clone(self))
    }

    /// A request in flight keeps its connection; one that is still arriving does not where all others are at work.
    fn evict(&self, also_receiving: bool) -> bool {
        let kept = if also_receiving { self.receiving.load(SeqCst) } else { 0 };
        let can_go = |requests: usize| (requests <= kept).then_some(requests | EVICTED);
        let is_evicted = self.requests.fetch_update(SeqCst, SeqCst, can_go).is_ok();
        if is_evicted {
            self.evicted.cancel();
        }
        is_evicted
    }
}

/// A body that is still on its way.
pub struct Receiving(Arc<Line>);

impl Drop for Receiving {
    fn drop(&mut self) {
        self.0.receiving.fetch_sub(1, SeqCst);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, SeqCst);
    }
}

/// A place among the connections; free again when dropped.
pub struct Place {
    connections: Arc<Connections>,
    address: Network,
    number: u64,
    pub line: Arc<Line>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.table().remove(self.address, self.number);
        self.connections.sockets.fetch_sub(1, SeqCst);
    }
}

impl Connections {
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { limits, table: Mutex::default(), sockets: AtomicUsize::new(0) }
    }

    /// Whether what had to make room has done so, but for `spare`: connections come faster than others close.
    #[must_use]
    pub fn has_settled(&self, spare: usize) -> bool {
        self.sockets.load(SeqCst) <= self.limits.all + spare
    }

    /// How many there are.
    #[must_use]
    pub fn open(&self) -> usize {
        self.table().all
    }

    /// A place for a connection. Where there is none, the oldest that has no request in flight makes room, or else the oldest
    /// whose request is still arriving: one from the same address if that has too many, or else one from the address that
    /// has most. `is_exempt`: a reverse proxy, with
    /// which everybody comes from one address.
    ///
    /// `None` when all are at work.
    pub fn admit(self: &Arc<Self>, remote: SocketAddr, is_exempt: bool) -> Option<Place> {
        let address = Network::of(remote.ip());
        let mut table = self.table();
        if !is_exempt
            && table.from(address) >= self.limits.per_address
            && !(table.evict_from(address, false) || table.evict_from(address, true))
        {
            return None;
        }
        if table.all >= self.limits.all && !(table.evict_one(false) || table.evict_one(true)) {
            return None;
        }
        table.number += 1;
        table.all += 1;
        let (number, line) = (table.number, Arc::new(Line::default()));
        table.by_address.entry(address).or_default().insert(number, Arc::clone(&line));
        drop(table);
        self.sockets.fetch_add(1, SeqCst);
        Some(Place { connections: Arc::clone(self), address, number, line })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn from(&self, address: Network) -> usize {
        self.by_address.get(&address).map_or(0, BTreeMap::len)
    }

    fn remove(&mut self, address: Network, number: u64) {
        let Some(lines) = self.by_address.get_mut(&address) else { return };
        // It may have made room already.
        if lines.remove(&number).is_some() {
            self.all -= 1;
        }
        if lines.is_empty() {
            self.by_address.remove(&address);
        }
    }

    fn evict_from(&mut self, address: Network, also_receiving: bool) -> bool {
        let oldest = self.by_address.get(&address).into_iter().flatten().find(|(_, line)| line.evict(also_receiving));
        let Some(number) = oldest.map(|(number, _)| *number) else { return false };
        self.remove(address, number);
        true
    }

    /// Of addresses that have as many, the one whose oldest connection is older.
    fn evict_one(&mut self, also_receiving: bool) -> bool {
        let oldest_of_most = |(address, lines): (&Network, &BTreeMap<u64, Arc<Line>>)| {
            Some((Reverse(lines.len()), *lines.first_key_value()?.0, *address))
        };
        let mut addresses: Vec<(Reverse<usize>, u64, Network)> =
            self.by_address.iter().filter_map(oldest_of_most).collect();
        addresses.sort_unstable_by_key(|(most, oldest, _)| (*most, *oldest));
        addresses.into_iter().any(|(.., address)| self.evict_from(address, also_receiving))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, per_address: usize) -> Arc<Connections> {
        Arc::new(Connections::new(ConnectionLimits { all, per_address }))
    }

    fn from(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().expect("an address"), 1)
    }

    fn is_evicted(place: &Place) -> bool {
        place.line.evicted.is_cancelled()
    }

    #[test]
    fn the_oldest_quiet_one_of_an_address_makes_room() {
        let connections = connections(10, 2);
        let first = connections.admit(from("192.0.2.1"), false).expect("a place");
        let second = connections.admit(from("192.0.2.1"), false).expect("a place");
        let other = connections.admit(from("192.0.2.2"), false).expect("a place");
        let at_work = first.line.begin().expect("a request");
        let third = connections.admit(from("192.0.2.1"), false).expect("a place");
        assert_eq!([&first, &second, &other, &third].map(is_evicted), [false, true, false, false]);
        assert!(second.line.begin().is_none(), "what makes room takes no request any more");
        let also_at_work = third.line.begin().expect("a request");
        assert!(connections.admit(from("192.0.2.1"), false).is_none(), "all are at work");
        assert!(connections.admit(from("192.0.2.1"), true).is_some(), "a reverse proxy has no limit of its own");
        drop((at_work, also_at_work));
        assert!(connections.admit(from("192.0.2.1"), false).is_some() && is_evicted(&first));
    }

    #[test]
    fn the_address_with_most_makes_room_for_others() {
        let connections = connections(4, 10);
        let many: Vec<Place> = (0..3).map(|_| connections.admit(from("192.0.2.1"), false).expect("a place")).collect();
        let one = connections.admit(from("192.0.2.2"), false).expect("a place");
        let another = connections.admit(from("192.0.2.3"), false).expect("a place");
        assert_eq!(many.iter().map(is_evicted).collect::<Vec<_>>(), [true, false, false]);
        assert!(!is_evicted(&one) && !is_evicted(&another));
        assert_eq!(connections.open(), 4);
        drop((many, one, another));
        assert_eq!(connections.open(), 0);
        assert!(connections.table().by_address.is_empty());
    }

    #[test]
    fn of_addresses_with_as_many_the_oldest_makes_room() {
        let connections = connections(3, 10);
        let places = ["2001:db8::1", "2001:db9::1", "192.0.2.1", "2a02::1", "192.0.2.9"]
            .map(|address| connections.admit(from(address), false).expect("a place"));
        assert_eq!(places.each_ref().map(is_evicted), [true, true, false, false, false]);
    }

    #[test]
    fn who_is_still_sending_makes_room_where_all_others_are_at_work() {
        let connections = connections(2, 10);
        let sending = connections.admit(from("192.0.2.1"), false).expect("a place");
        let (_request, body) = (sending.line.begin().expect("a request"), sending.line.receive());
        let quiet = connections.admit(from("192.0.2.2"), false).expect("a place");
        let at_work = connections.admit(from("192.0.2.3"), false).expect("a place");
        assert_eq!([&sending, &quiet, &at_work].map(is_evicted), [false, true, false]);
        let _other_request = at_work.line.begin().expect("a request");
        let _newcomer = connections.admit(from("192.0.2.4"), false).expect("a place");
        assert_eq!([&sending, &at_work].map(is_evicted), [true, false]);
        drop(body);
    }
}
