//! The table of open connections, its limits and eviction.
//!
//! A new connection evicts an idle one, so a flood of silent connections does not lock out other clients. The eviction
//! order is updated as requests begin and end, so that eviction needs no search.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{domain::network::Network, net::connection_limits::ConnectionLimits};

/// The open connections, grouped by client network.
#[derive(Debug)]
pub(super) struct Connections {
    limits: ConnectionLimits,
    table: Mutex<Table>,
    /// Connections in the table, and evicted ones that are not closed yet.
    sockets: AtomicUsize,
}

#[derive(Debug, Default)]
struct Table {
    /// Number of the newest connection.
    number: u64,
    /// Connections in the table.
    all: usize,
    by_address: HashMap<Network, Group>,
    /// Groups with evictable connections, in eviction order.
    ranking: ByEviction<BTreeSet<Rank>>,
}

/// Largest group first; of equal groups, the one with the older oldest connection.
type Rank = (Reverse<usize>, u64, Network);

/// The connections of one network, by age.
#[derive(Debug, Default)]
struct Group {
    all: BTreeMap<u64, Arc<ConnectionState>>,
    evictable: ByEviction<BTreeSet<u64>>,
}

/// Classes of evictable connections, in eviction order.
#[derive(Debug, Clone, Copy)]
enum Eviction {
    /// Without a request in flight.
    Idle,
    /// All requests in flight are still receiving their bodies.
    Receiving,
}

#[derive(Debug, Default)]
struct ByEviction<T> {
    idle: T,
    receiving: T,
}

impl<T> ByEviction<T> {
    fn get_mut(&mut self, class: Eviction) -> &mut T {
        match class {
            Eviction::Idle => &mut self.idle,
            Eviction::Receiving => &mut self.receiving,
        }
    }
}

impl Group {
    /// Its place in a ranking; `None` without connections of the class.
    fn rank(&mut self, address: Network, class: Eviction) -> Option<Rank> {
        let oldest = *self.all.first_key_value()?.0;
        (!self.evictable.get_mut(class).is_empty()).then_some((Reverse(self.all.len()), oldest, address))
    }
}

/// State of one connection, changed under the lock of its table.
#[derive(Debug, Default)]
pub(super) struct ConnectionState {
    /// `None`: a refused connection, not in the table.
    entry: Option<Entry>,
    /// Requests in flight.
    requests: AtomicUsize,
    /// Requests in flight with incomplete bodies.
    receiving: AtomicUsize,
    /// Requests so far.
    begun: AtomicUsize,
    /// Whether input between requests is a request head, with a deadline (HTTP/1).
    pub reads_heads: AtomicBool,
    first_request: Notify,
    evicted: CancellationToken,
}

/// Key of a connection in the table.
#[derive(Debug, Clone)]
struct Entry {
    connections: Arc<Connections>,
    address: Network,
    number: u64,
}

/// A request in flight; ends when dropped.
pub(super) struct InFlight<'a>(&'a ConnectionState);

impl ConnectionState {
    /// Begins a request; `None`: the connection has been evicted.
    pub(super) fn begin(&self) -> Option<InFlight<'_>> {
        let mut may_begin = false;
        self.change(|| {
            may_begin = !self.evicted.is_cancelled();
            self.requests.fetch_add(usize::from(may_begin), SeqCst);
        });
        if !may_begin {
            return None;
        }
        if self.begun.fetch_add(1, SeqCst) == 0 {
            self.first_request.notify_waiters();
        }
        Some(InFlight(self))
    }

    /// Whether no request is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.requests.load(SeqCst) == 0
    }

    /// Number of requests so far.
    pub(super) fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    /// Waits for the first request.
    pub(super) async fn first_request(&self) {
        let first = self.first_request.notified();
        if self.begun() == 0 {
            first.await;
        }
    }

    /// Waits for eviction.
    pub(super) async fn evicted(&self) {
        self.evicted.cancelled().await;
    }

    /// Counts a request as receiving its body until the guard is dropped.
    pub(super) fn receive(self: &Arc<Self>) -> Receiving {
        self.change(|| {
            self.receiving.fetch_add(1, SeqCst);
        });
        Receiving(Arc::clone(self))
    }

    /// Changes counters, and the eviction class with them.
    fn change(&self, change: impl FnOnce()) {
        let Some(Entry { connections, address, number }) = &self.entry else { return change() };
        let mut table = connections.table();
        change();
        // Does nothing after an eviction.
        table.update(*address, |group| group.classify(*number));
    }

    /// A request in process prevents eviction; one that is receiving its body prevents idle eviction only.
    fn is_evictable(&self, class: Eviction) -> bool {
        let evictable = match class {
            Eviction::Idle => 0,
            Eviction::Receiving => self.receiving.load(SeqCst),
        };
        self.requests.load(SeqCst) <= evictable
    }
}

/// A request that is receiving its body.
pub(super) struct Receiving(Arc<ConnectionState>);

impl Drop for Receiving {
    fn drop(&mut self) {
        self.0.change(|| {
            self.0.receiving.fetch_sub(1, SeqCst);
        });
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.change(|| {
            self.0.requests.fetch_sub(1, SeqCst);
        });
    }
}

/// A slot in the table; released when dropped.
pub(super) struct Slot {
    entry: Entry,
    pub state: Arc<ConnectionState>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Entry { connections, address, number } = &self.entry;
        connections.table().remove(*address, *number);
        connections.sockets.fetch_sub(1, SeqCst);
    }
}

impl Connections {
    #[must_use]
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self { limits, table: Mutex::default(), sockets: AtomicUsize::new(0) }
    }

    /// Whether at most `spare` evicted connections are not closed yet.
    #[must_use]
    pub(super) fn has_settled(&self, spare: usize) -> bool {
        self.sockets.load(SeqCst) <= self.limits.all + spare
    }

    /// Number of open connections, without evicted ones.
    #[must_use]
    pub(super) fn open(&self) -> usize {
        self.table().all
    }

    /// A slot for a new connection. At a limit it evicts the oldest idle connection, otherwise the oldest that is still
    /// receiving: of the same network at the limit per network, otherwise of the largest group. `is_exempt`: a reverse
    /// proxy, without limit per network.
    ///
    /// `None`: no connection is evictable.
    pub(super) fn admit(self: &Arc<Self>, remote: SocketAddr, is_exempt: bool) -> Option<Slot> {
        let address = Network::of(remote.ip());
        let mut table = self.table();
        if !is_exempt
            && table.from(address) >= self.limits.per_address
            && !(table.evict_from(address, Eviction::Idle) || table.evict_from(address, Eviction::Receiving))
        {
            return None;
        }
        if table.all >= self.limits.all && !(table.evict_one(Eviction::Idle) || table.evict_one(Eviction::Receiving)) {
            return None;
        }
        table.number += 1;
        table.all += 1;
        let entry = Entry { connections: Arc::clone(self), address, number: table.number };
        let state = Arc::new(ConnectionState { entry: Some(entry.clone()), ..ConnectionState::default() });
        table.update(address, |group| {
            group.all.insert(entry.number, Arc::clone(&state));
            group.classify(entry.number);
        });
        drop(table);
        self.sockets.fetch_add(1, SeqCst);
        Some(Slot { entry, state })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    /// Updates the eviction classes of a connection.
    fn classify(&mut self, number: u64) {
        for class in [Eviction::Idle, Eviction::Receiving] {
            if self.all.get(&number).is_some_and(|connection| connection.is_evictable(class)) {
                self.evictable.get_mut(class).insert(number);
            } else {
                self.evictable.get_mut(class).remove(&number);
            }
        }
    }
}

impl Table {
    fn from(&self, address: Network) -> usize {
        self.by_address.get(&address).map_or(0, |group| group.all.len())
    }

    /// Changes a group, and its places in the rankings with it.
    fn update(&mut self, address: Network, change: impl FnOnce(&mut Group)) {
        let group = self.by_address.entry(address).or_default();
        for class in [Eviction::Idle, Eviction::Receiving] {
            if let Some(rank) = group.rank(address, class) {
                self.ranking.get_mut(class).remove(&rank);
            }
        }
        change(group);
        for class in [Eviction::Idle, Eviction::Receiving] {
            if let Some(rank) = group.rank(address, class) {
                self.ranking.get_mut(class).insert(rank);
            }
        }
        if group.all.is_empty() {
            self.by_address.remove(&address);
        }
    }

    fn remove(&mut self, address: Network, number: u64) {
        let mut is_removed = false;
        self.update(address, |group| {
            // It may have been evicted before.
            is_removed = group.all.remove(&number).is_some();
            group.classify(number);
        });
        if is_removed {
            self.all -= 1;
        }
    }

    fn evict_from(&mut self, address: Network, class: Eviction) -> bool {
        let Some(group) = self.by_address.get_mut(&address) else { return false };
        let Some(number) = group.evictable.get_mut(class).first().copied() else { return false };
        if let Some(connection) = group.all.get(&number) {
            connection.evicted.cancel();
        }
        self.remove(address, number);
        true
    }

    fn evict_one(&mut self, class: Eviction) -> bool {
        let first = self.ranking.get_mut(class).first().map(|(.., address)| *address);
        first.is_some_and(|address| self.evict_from(address, class))
    }
}

#[cfg(test)]
mod tests;
