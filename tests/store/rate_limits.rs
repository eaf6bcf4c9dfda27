//! Counters of rate limits: exact under concurrency, deleted when expired.

use std::thread;

use chrono::TimeDelta;
use rstest::rstest;
use vestibule::{
    domain::rate::{Counter, CounterKey, Rule},
    store::{migrations, rate_limits},
};

use crate::support::{Backend, TestDatabase};

use Backend::{Postgres, Sqlite};

const SECOND: i64 = 1_000_000;
/// An arbitrary time, in microseconds.
const NOW: i64 = 1_800_000_000 * SECOND;

fn counter(limit: u32, per: TimeDelta, subject: &str) -> Counter {
    CounterKey([7; 32]).counter(&Rule { name: "test", limit, per }, &[subject])
}

fn migrated(backend: Backend) -> TestDatabase {
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    database
}

#[rstest]
fn a_limit_allows_a_burst_and_then_a_steady_rate(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let connection = &mut database.connect();
    let hourly = counter(6, TimeDelta::hours(1), "a");
    let mut consume = |counter: &Counter, seconds: i64| {
        rate_limits::consume(connection, counter, NOW + seconds * SECOND).expect("an answer")
    };
    assert_eq!((0..10).filter(|_| consume(&hourly, 0)).count(), 6);
    // One every ten minutes.
    assert_eq!([599, 600, 600].map(|seconds| consume(&hourly, seconds)), [false, true, false]);
    assert_eq!((0..10).filter(|_| consume(&hourly, 1800)).count(), 2);
    // After the whole period the full burst, and no more.
    assert_eq!((0..10).filter(|_| consume(&hourly, 100_000)).count(), 6);
    // Counters of other subjects are independent.
    assert!(consume(&counter(6, TimeDelta::hours(1), "b"), 100_000));
    assert_eq!((0..9).filter(|_| consume(&counter(7, TimeDelta::seconds(1), "c"), 0)).count(), 7);
}

#[rstest]
fn refunds_restore_no_more_than_was_consumed(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let connection = &mut database.connect();
    let counter = counter(2, TimeDelta::hours(1), "a");
    assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
    for _ in 0..5 {
        rate_limits::refund(connection, &counter, NOW).expect("refunded");
    }
    let consumed = (0..5).filter(|_| rate_limits::consume(connection, &counter, NOW).expect("an answer")).count();
    assert_eq!(consumed, 2);
    rate_limits::refund(connection, &counter, NOW).expect("refunded");
    assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
    assert!(!rate_limits::consume(connection, &counter, NOW).expect("an answer"));
}

#[rstest]
fn concurrent_requests_do_not_exceed_the_limit(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let counter = counter(37, TimeDelta::days(1), "a");
    let consumed: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    (0..25).filter(|_| rate_limits::consume(connection, &counter, NOW).expect("an answer")).count()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("ended")).sum()
    });
    assert_eq!(consumed, 37);
}

#[rstest]
fn an_id_is_accepted_once_until_it_expires(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let until = NOW + 60 * SECOND;
    let used: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    (0..10).filter(|_| rate_limits::use_once(connection, b"id", NOW, until).expect("an answer")).count()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("ended")).sum()
    });
    assert_eq!(used, 1);
    let connection = &mut database.connect();
    assert!(!rate_limits::use_once(connection, b"id", until - 1, until + 9).expect("an answer"));
    assert!(rate_limits::use_once(connection, b"another", NOW, until).expect("an answer"));
    assert!(rate_limits::use_once(connection, b"id", until, until + 9).expect("an answer"));
}

/// Several instances delete at once.
#[rstest]
fn only_expired_counters_are_deleted(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    {
        let connection = &mut database.connect();
        for number in 0..600 {
            let counter = counter(1, TimeDelta::seconds(1 + number % 2 * 100), &number.to_string());
            assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
        }
    }
    let deleted: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    let mut delete = || {
                        connection
                            .write_transaction(|connection| rate_limits::delete_expired(connection, NOW + 50 * SECOND))
                            .expect("an answer")
                    };
                    std::iter::repeat_with(&mut delete).take(40).sum::<usize>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("ended")).sum()
    });
    assert_eq!(deleted, 300);
    assert_eq!(database.count("SELECT count(*) FROM rate_limits"), 300);
}
