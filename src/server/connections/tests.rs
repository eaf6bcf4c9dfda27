//! Limits and eviction of connections.

use proptest::prelude::*;

use super::*;

fn connections(all: usize, per_address: usize) -> Arc<Connections> {
    Arc::new(Connections::new(ConnectionLimits { all, per_address }))
}

fn from(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().expect("an address"), 1)
}

fn is_evicted(slot: &Slot) -> bool {
    slot.state.evicted.is_cancelled()
}

#[test]
fn the_oldest_idle_connection_of_an_address_is_evicted() {
    let connections = connections(10, 2);
    let first = connections.admit(from("192.0.2.1"), false).expect("a slot");
    let second = connections.admit(from("192.0.2.1"), false).expect("a slot");
    let other = connections.admit(from("192.0.2.2"), false).expect("a slot");
    let at_work = first.state.begin().expect("a request");
    let third = connections.admit(from("192.0.2.1"), false).expect("a slot");
    assert_eq!([&first, &second, &other, &third].map(is_evicted), [false, true, false, false]);
    assert!(second.state.begin().is_none(), "an evicted connection accepts no request");
    let also_at_work = third.state.begin().expect("a request");
    assert!(connections.admit(from("192.0.2.1"), false).is_none(), "all connections are busy");
    assert!(connections.admit(from("192.0.2.1"), true).is_some(), "a reverse proxy has no limit per network");
    drop((at_work, also_at_work));
    assert!(connections.admit(from("192.0.2.1"), false).is_some());
    assert!(is_evicted(&first));
}

#[test]
fn the_address_with_the_most_connections_loses_one() {
    let connections = connections(4, 10);
    let many: Vec<Slot> = (0..3).map(|_| connections.admit(from("192.0.2.1"), false).expect("a slot")).collect();
    let one = connections.admit(from("192.0.2.2"), false).expect("a slot");
    let another = connections.admit(from("192.0.2.3"), false).expect("a slot");
    assert_eq!(many.iter().map(is_evicted).collect::<Vec<_>>(), [true, false, false]);
    assert!(!is_evicted(&one));
    assert!(!is_evicted(&another));
    assert_eq!(connections.open(), 4);
    drop((many, one, another));
    assert_eq!(connections.open(), 0);
    assert!(connections.table().by_address.is_empty());
}

#[test]
fn among_addresses_with_equally_many_the_oldest_is_evicted() {
    let connections = connections(3, 10);
    let slots = ["2001:db8::1", "2001:db9::1", "192.0.2.1", "2a02::1", "192.0.2.9"]
        .map(|address| connections.admit(from(address), false).expect("a slot"));
    assert_eq!(slots.each_ref().map(is_evicted), [true, true, false, false, false]);
}

#[test]
fn a_connection_still_sending_is_evicted_if_all_others_are_busy() {
    let connections = connections(2, 10);
    let sending = connections.admit(from("192.0.2.1"), false).expect("a slot");
    let (_request, body) = (sending.state.begin().expect("a request"), sending.state.receive());
    let quiet = connections.admit(from("192.0.2.2"), false).expect("a slot");
    let at_work = connections.admit(from("192.0.2.3"), false).expect("a slot");
    assert_eq!([&sending, &quiet, &at_work].map(is_evicted), [false, true, false]);
    let _other_request = at_work.state.begin().expect("a request");
    let _newcomer = connections.admit(from("192.0.2.4"), false).expect("a slot");
    assert_eq!([&sending, &at_work].map(is_evicted), [true, false]);
    drop(body);
}

/// A reference implementation, which searches all connections.
#[derive(Default)]
struct Rule {
    connections: Vec<Known>,
    next: usize,
}

struct Known {
    number: usize,
    address: u8,
    requests: usize,
    receiving: usize,
}

impl Rule {
    fn evict(&mut self, is_among: impl Fn(&Known) -> bool, evicted: &mut Vec<usize>) -> bool {
        for counts_receiving in [false, true] {
            let is_evictable = |one: &Known| one.requests <= if counts_receiving { one.receiving } else { 0 };
            let group = |address: u8| self.connections.iter().filter(move |one| one.address == address);
            let candidates = self.connections.iter().filter(|one| is_among(one) && is_evictable(one));
            let first = candidates.min_by_key(|one| {
                let oldest = group(one.address).map(|one| one.number).min();
                (Reverse(group(one.address).count()), oldest, one.number)
            });
            if let Some(number) = first.map(|one| one.number) {
                self.connections.retain(|one| one.number != number);
                evicted.push(number);
                return true;
            }
        }
        false
    }

    fn admit(&mut self, address: u8, limits: ConnectionLimits, evicted: &mut Vec<usize>) -> Option<usize> {
        let from_there = self.connections.iter().filter(|one| one.address == address).count();
        if from_there >= limits.per_address && !self.evict(|one| one.address == address, evicted) {
            return None;
        }
        if self.connections.len() >= limits.all && !self.evict(|_| true, evicted) {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.connections.push(Known { number, address, requests: 0, receiving: 0 });
        Some(number)
    }

    fn known(&mut self, number: usize) -> Option<&mut Known> {
        self.connections.iter_mut().find(|one| one.number == number)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Open(u8),
    Close(prop::sample::Index),
    Begin(prop::sample::Index),
    End(prop::sample::Index),
    Receive(prop::sample::Index),
    Received(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u8).prop_map(Step::Open),
        1 => any::<prop::sample::Index>().prop_map(Step::Close),
        3 => any::<prop::sample::Index>().prop_map(Step::Begin),
        2 => any::<prop::sample::Index>().prop_map(Step::End),
        2 => any::<prop::sample::Index>().prop_map(Step::Receive),
        1 => any::<prop::sample::Index>().prop_map(Step::Received),
    ];
    prop::collection::vec(step, 1..120)
}

/// A connection of the test, with its requests.
struct Held {
    number: usize,
    slot: Slot,
    in_flight: usize,
    receiving: Vec<Receiving>,
}

proptest! {
    /// After any steps exactly the connections that the rule names are evicted.
    #[test]
    fn evictions_match_the_reference_implementation(steps in steps()) {
        let limits = ConnectionLimits { all: 8, per_address: 4 };
        let connections = Arc::new(Connections::new(limits));
        let (mut rule, mut held) = (Rule::default(), Vec::<Held>::new());
        for step in steps {
            let mut named = Vec::new();
            let chosen = match &step {
                Step::Open(_) => None,
                _ if held.is_empty() => continue,
                Step::Close(index) | Step::Begin(index) | Step::End(index) | Step::Receive(index)
                | Step::Received(index) => Some(index.index(held.len())),
            };
            match (step, chosen) {
                (Step::Open(address), _) => {
                    let slot = connections.admit(from(&format!("192.0.2.{address}")), false);
                    let number = rule.admit(address, limits, &mut named);
                    prop_assert_eq!(slot.is_some(), number.is_some());
                    if let (Some(slot), Some(number)) = (slot, number) {
                        held.push(Held { number, slot, in_flight: 0, receiving: Vec::new() });
                    }
                }
                (Step::Close(_), Some(index)) => {
                    let gone = held.swap_remove(index);
                    rule.connections.retain(|one| one.number != gone.number);
                }
                (Step::Begin(_), Some(index)) => {
                    let state = Arc::clone(&held[index].slot.state);
                    let begun = state.begin();
                    let known = rule.known(held[index].number);
                    prop_assert_eq!(begun.is_some(), known.is_some());
                    if let (Some(begun), Some(known)) = (begun, known) {
                        std::mem::forget(begun);
                        known.requests += 1;
                        held[index].in_flight += 1;
                    }
                }
                (Step::End(_), Some(index)) if held[index].in_flight > held[index].receiving.len() => {
                    held[index].in_flight -= 1;
                    drop(InFlight(&held[index].slot.state));
                    if let Some(known) = rule.known(held[index].number) {
                        known.requests -= 1;
                    }
                }
                (Step::Receive(_), Some(index)) if held[index].in_flight > held[index].receiving.len() => {
                    let receiving = held[index].slot.state.receive();
                    held[index].receiving.push(receiving);
                    if let Some(known) = rule.known(held[index].number) {
                        known.receiving += 1;
                    }
                }
                (Step::Received(_), Some(index)) if held[index].receiving.pop().is_some() => {
                    if let Some(known) = rule.known(held[index].number) {
                        known.receiving -= 1;
                    }
                }
                _ => {}
            }
            for one in &held {
                prop_assert_eq!(is_evicted(&one.slot), rule.known(one.number).is_none());
            }
            prop_assert_eq!(connections.open(), rule.connections.len());
        }
        drop(held);
        let table = connections.table();
        prop_assert!(table.by_address.is_empty());
        prop_assert!(table.ranking.idle.is_empty());
        prop_assert!(table.ranking.receiving.is_empty());
    }
}
