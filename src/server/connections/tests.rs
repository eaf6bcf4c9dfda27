//! Which connection makes room.

use proptest::prelude::*;

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
    assert!(connections.admit(from("192.0.2.1"), false).is_some());
    assert!(is_evicted(&first));
}

#[test]
fn the_address_with_most_makes_room_for_others() {
    let connections = connections(4, 10);
    let many: Vec<Place> = (0..3).map(|_| connections.admit(from("192.0.2.1"), false).expect("a place")).collect();
    let one = connections.admit(from("192.0.2.2"), false).expect("a place");
    let another = connections.admit(from("192.0.2.3"), false).expect("a place");
    assert_eq!(many.iter().map(is_evicted).collect::<Vec<_>>(), [true, false, false]);
    assert!(!is_evicted(&one));
    assert!(!is_evicted(&another));
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

/// The rule as it reads, by a search through all connections.
#[derive(Default)]
struct Rule {
    lines: Vec<Known>,
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
            let can_go = |line: &Known| line.requests <= if counts_receiving { line.receiving } else { 0 };
            let of = |address: u8| self.lines.iter().filter(move |line| line.address == address);
            let candidates = self.lines.iter().filter(|line| is_among(line) && can_go(line));
            let first = candidates.min_by_key(|line| {
                let oldest = of(line.address).map(|line| line.number).min();
                (Reverse(of(line.address).count()), oldest, line.number)
            });
            if let Some(number) = first.map(|line| line.number) {
                self.lines.retain(|line| line.number != number);
                evicted.push(number);
                return true;
            }
        }
        false
    }

    fn admit(&mut self, address: u8, limits: ConnectionLimits, evicted: &mut Vec<usize>) -> Option<usize> {
        let from_there = self.lines.iter().filter(|line| line.address == address).count();
        if from_there >= limits.per_address && !self.evict(|line| line.address == address, evicted) {
            return None;
        }
        if self.lines.len() >= limits.all && !self.evict(|_| true, evicted) {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.lines.push(Known { number, address, requests: 0, receiving: 0 });
        Some(number)
    }

    fn line(&mut self, number: usize) -> Option<&mut Known> {
        self.lines.iter_mut().find(|line| line.number == number)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Come(u8),
    Leave(prop::sample::Index),
    Begin(prop::sample::Index),
    End(prop::sample::Index),
    Receive(prop::sample::Index),
    Received(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u8).prop_map(Step::Come),
        1 => any::<prop::sample::Index>().prop_map(Step::Leave),
        3 => any::<prop::sample::Index>().prop_map(Step::Begin),
        2 => any::<prop::sample::Index>().prop_map(Step::End),
        2 => any::<prop::sample::Index>().prop_map(Step::Receive),
        1 => any::<prop::sample::Index>().prop_map(Step::Received),
    ];
    prop::collection::vec(step, 1..120)
}

/// A connection in the test, with what is under way on it.
struct Held {
    number: usize,
    place: Place,
    in_flight: usize,
    receiving: Vec<Receiving>,
}

proptest! {
    /// Whatever comes, leaves, begins and ends: those make room that the rule names, and no others.
    #[test]
    fn who_makes_room_is_whom_the_rule_names(steps in steps()) {
        let limits = ConnectionLimits { all: 8, per_address: 4 };
        let connections = Arc::new(Connections::new(limits));
        let (mut rule, mut held) = (Rule::default(), Vec::<Held>::new());
        for step in steps {
            let mut named = Vec::new();
            let chosen = match &step {
                Step::Come(_) => None,
                _ if held.is_empty() => continue,
                Step::Leave(index) | Step::Begin(index) | Step::End(index) | Step::Receive(index)
                | Step::Received(index) => Some(index.index(held.len())),
            };
            match (step, chosen) {
                (Step::Come(address), _) => {
                    let place = connections.admit(from(&format!("192.0.2.{address}")), false);
                    let number = rule.admit(address, limits, &mut named);
                    prop_assert_eq!(place.is_some(), number.is_some());
                    if let (Some(place), Some(number)) = (place, number) {
                        held.push(Held { number, place, in_flight: 0, receiving: Vec::new() });
                    }
                }
                (Step::Leave(_), Some(index)) => {
                    let gone = held.swap_remove(index);
                    rule.lines.retain(|line| line.number != gone.number);
                }
                (Step::Begin(_), Some(index)) => {
                    let line = Arc::clone(&held[index].place.line);
                    let begun = line.begin();
                    let known = rule.line(held[index].number);
                    prop_assert_eq!(begun.is_some(), known.is_some());
                    if let (Some(begun), Some(known)) = (begun, known) {
                        std::mem::forget(begun);
                        known.requests += 1;
                        held[index].in_flight += 1;
                    }
                }
                (Step::End(_), Some(index)) if held[index].in_flight > held[index].receiving.len() => {
                    held[index].in_flight -= 1;
                    drop(InFlight(&held[index].place.line));
                    if let Some(known) = rule.line(held[index].number) {
                        known.requests -= 1;
                    }
                }
                (Step::Receive(_), Some(index)) if held[index].in_flight > held[index].receiving.len() => {
                    let receiving = held[index].place.line.receive();
                    held[index].receiving.push(receiving);
                    if let Some(known) = rule.line(held[index].number) {
                        known.receiving += 1;
                    }
                }
                (Step::Received(_), Some(index)) if held[index].receiving.pop().is_some() => {
                    if let Some(known) = rule.line(held[index].number) {
                        known.receiving -= 1;
                    }
                }
                _ => {}
            }
            for one in &held {
                prop_assert_eq!(is_evicted(&one.place), rule.line(one.number).is_none());
            }
            prop_assert_eq!(connections.open(), rule.lines.len());
        }
        drop(held);
        let table = connections.table();
        prop_assert!(table.by_address.is_empty());
        prop_assert!(table.ranking.quiet.is_empty());
        prop_assert!(table.ranking.arriving.is_empty());
    }
}
