//! The connections there are, and which of them makes room when there are too many.
//!
//! Whoever comes is let in before whoever stays without asking anything: a flood of silent connections costs those
//! connections, not the visitors who come after them. Which one goes is known without a search, so that a flood costs little
//! else: its order is kept as requests begin and end.

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
    by_address: HashMap<Network, Lines>,
    /// The addresses that have a connection of this kind, the one that has to make room first.
    ranking: ByKind<BTreeSet<Rank>>,
}

/// Most connections first; of as many, the one whose oldest is older.
type Rank = (Reverse<usize>, u64, Network);

/// The connections of one address, in the order they came.
#[derive(Debug, Default)]
struct Lines {
    all: BTreeMap<u64, Arc<Line>>,
    evictable: ByKind<BTreeSet<u64>>,
}

/// Which connections make room, those without a request in flight before those whose requests are all still arriving.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Quiet,
    Arriving,
}

#[derive(Debug, Default)]
struct ByKind<T> {
    quiet: T,
    arriving: T,
}

impl<T> ByKind<T> {
    fn of(&mut self, kind: Kind) -> &mut T {
        match kind {
            Kind::Quiet => &mut self.quiet,
            Kind::Arriving => &mut self.arriving,
        }
    }
}

impl Lines {
    /// As it stands in a ranking; `None` where it has no connection of the kind.
    fn rank(&mut self, address: Network, kind: Kind) -> Option<Rank> {
        let oldest = *self.all.first_key_value()?.0;
        (!self.evictable.of(kind).is_empty()).then_some((Reverse(self.all.len()), oldest, address))
    }
}

/// What is to be known of one connection from outside. Changed under the lock of its table, if it is in one.
#[derive(Debug, Default)]
pub struct Line {
    /// `None`: it is only told that there is no room.
    home: Option<Home>,
    /// Requests in flight.
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

/// Where a connection stands in the table.
#[derive(Debug, Clone)]
struct Home {
    connections: Arc<Connections>,
    address: Network,
    number: u64,
}

/// A request in flight; ends when dropped.
pub struct InFlight<'a>(&'a Line);

impl Line {
    /// `None` where the connection was just told to make room.
    pub fn begin(&self) -> Option<InFlight<'_>> {
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
    pub fn is_quiet(&self) -> bool {
        self.requests.load(SeqCst) == 0
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
        self.change(|| {
            self.receiving.fetch_add(1, SeqCst);
        });
        Receiving(Arc::clone(self))
    }

    /// Changes what is counted, and its place in the table with it.
    fn change(&self, change: impl FnOnce()) {
        let Some(Home { connections, address, number }) = &self.home else { return change() };
        let mut table = connections.table();
        change();
        // Where it has made room already, nothing is there.
        table.update(*address, |lines| lines.sort_in(*number));
    }

    /// A request in flight keeps its connection; one that is still arriving does not where all others are at work.
    fn is(&self, kind: Kind) -> bool {
        let kept = match kind {
            Kind::Quiet => 0,
            Kind::Arriving => self.receiving.load(SeqCst),
        };
        self.requests.load(SeqCst) <= kept
    }
}

/// A body that is still on its way.
pub struct Receiving(Arc<Line>);

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

/// A place among the connections; free again when dropped.
pub struct Place {
    home: Home,
    pub line: Arc<Line>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Home { connections, address, number } = &self.home;
        connections.table().remove(*address, *number);
        connections.sockets.fetch_sub(1, SeqCst);
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
            && !(table.evict_from(address, Kind::Quiet) || table.evict_from(address, Kind::Arriving))
        {
            return None;
        }
        if table.all >= self.limits.all && !(table.evict_one(Kind::Quiet) || table.evict_one(Kind::Arriving)) {
            return None;
        }
        table.number += 1;
        table.all += 1;
        let home = Home { connections: Arc::clone(self), address, number: table.number };
        let line = Arc::new(Line { home: Some(home.clone()), ..Line::default() });
        table.update(address, |lines| {
            lines.all.insert(home.number, Arc::clone(&line));
            lines.sort_in(home.number);
        });
        drop(table);
        self.sockets.fetch_add(1, SeqCst);
        Some(Place { home, line })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Notes of which kind a connection is now.
    fn sort_in(&mut self, number: u64) {
        for kind in [Kind::Quiet, Kind::Arriving] {
            if self.all.get(&number).is_some_and(|line| line.is(kind)) {
                self.evictable.of(kind).insert(number);
            } else {
                self.evictable.of(kind).remove(&number);
            }
        }
    }
}

impl Table {
    fn from(&self, address: Network) -> usize {
        self.by_address.get(&address).map_or(0, |lines| lines.all.len())
    }

    /// Changes the connections of an address, and its places in the rankings with them.
    fn update(&mut self, address: Network, change: impl FnOnce(&mut Lines)) {
        let lines = self.by_address.entry(address).or_default();
        for kind in [Kind::Quiet, Kind::Arriving] {
            if let Some(rank) = lines.rank(address, kind) {
                self.ranking.of(kind).remove(&rank);
            }
        }
        change(lines);
        for kind in [Kind::Quiet, Kind::Arriving] {
            if let Some(rank) = lines.rank(address, kind) {
                self.ranking.of(kind).insert(rank);
            }
        }
        if lines.all.is_empty() {
            self.by_address.remove(&address);
        }
    }

    fn remove(&mut self, address: Network, number: u64) {
        let mut is_there = false;
        self.update(address, |lines| {
            // It may have made room already.
            is_there = lines.all.remove(&number).is_some();
            lines.sort_in(number);
        });
        if is_there {
            self.all -= 1;
        }
    }

    fn evict_from(&mut self, address: Network, kind: Kind) -> bool {
        let Some(lines) = self.by_address.get_mut(&address) else { return false };
        let Some(number) = lines.evictable.of(kind).first().copied() else { return false };
        if let Some(line) = lines.all.get(&number) {
            line.evicted.cancel();
        }
        self.remove(address, number);
        true
    }

    fn evict_one(&mut self, kind: Kind) -> bool {
        let first = self.ranking.of(kind).first().map(|(.., address)| *address);
        first.is_some_and(|address| self.evict_from(address, kind))
    }
}

#[cfg(test)]
mod tests;
