//! Counters of limits: exact among many at once, and over when their time is.

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
/// Some moment.
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
fn so_many_at_once_and_then_one_each_part_of_the_time(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let connection = &mut database.connect();
    let hourly = counter(6, TimeDelta::hours(1), "a");
    let mut take = |counter: &Counter, seconds: i64| {
        rate_limits::consume(connection, counter, NOW + seconds * SECOND).expect("an answer")
    };
    assert_eq!((0..10).filter(|_| take(&hourly, 0)).count(), 6);
    // One each ten minutes.
    assert_eq!([599, 600, 600].map(|seconds| take(&hourly, seconds)), [false, true, false]);
    assert_eq!((0..10).filter(|_| take(&hourly, 1800)).count(), 2);
    // After the whole time all of them, and not more.
    assert_eq!((0..10).filter(|_| take(&hourly, 100_000)).count(), 6);
    // Others have counters of their own.
    assert!(take(&counter(6, TimeDelta::hours(1), "b"), 100_000));
    assert_eq!((0..9).filter(|_| take(&counter(7, TimeDelta::seconds(1), "c"), 0)).count(), 7);
}

#[rstest]
fn what_is_given_back_can_be_taken_again_and_nothing_more(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let connection = &mut database.connect();
    let counter = counter(2, TimeDelta::hours(1), "a");
    assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
    for _ in 0..5 {
        rate_limits::refund(connection, &counter, NOW).expect("given");
    }
    let taken = (0..5).filter(|_| rate_limits::consume(connection, &counter, NOW).expect("an answer")).count();
    assert_eq!(taken, 2);
    rate_limits::refund(connection, &counter, NOW).expect("given");
    assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
    assert!(!rate_limits::consume(connection, &counter, NOW).expect("an answer"));
}

#[rstest]
fn of_many_at_once_no_more_come_through_than_may(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let counter = counter(37, TimeDelta::days(1), "a");
    let taken: usize = thread::scope(|scope| {
        let takers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    (0..25).filter(|_| rate_limits::consume(connection, &counter, NOW).expect("an answer")).count()
                })
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().expect("ended")).sum()
    });
    assert_eq!(taken, 37);
}

#[rstest]
fn an_id_is_used_once_until_its_time(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let until = NOW + 60 * SECOND;
    let used: usize = thread::scope(|scope| {
        let users: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    (0..10).filter(|_| rate_limits::use_once(connection, b"id", NOW, until).expect("an answer")).count()
                })
            })
            .collect();
        users.into_iter().map(|user| user.join().expect("ended")).sum()
    });
    assert_eq!(used, 1);
    let connection = &mut database.connect();
    assert!(!rate_limits::use_once(connection, b"id", until - 1, until + 9).expect("an answer"));
    assert!(rate_limits::use_once(connection, b"another", NOW, until).expect("an answer"));
    assert!(rate_limits::use_once(connection, b"id", until, until + 9).expect("an answer"));
}

/// Several instances do it at once, and meet those who take.
#[rstest]
fn what_is_over_is_taken_away_and_nothing_else(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    {
        let connection = &mut database.connect();
        for number in 0..600 {
            let counter = counter(1, TimeDelta::seconds(1 + number % 2 * 100), &number.to_string());
            assert!(rate_limits::consume(connection, &counter, NOW).expect("an answer"));
        }
    }
    let forgotten: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let connection = &mut database.connect();
                    let mut forget = || {
                        connection
                            .write_transaction(|connection| rate_limits::delete_expired(connection, NOW + 50 * SECOND))
                            .expect("an answer")
                    };
                    std::iter::repeat_with(&mut forget).take(40).sum::<usize>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("ended")).sum()
    });
    assert_eq!(forgotten, 300);
    assert_eq!(database.count("SELECT count(*) FROM rate_limits"), 300);
}
