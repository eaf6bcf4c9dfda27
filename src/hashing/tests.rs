use bcrypt_lanes::MAX_LANES;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::*;
use crate::domain::password::{Owner, PasswordPolicy};

/// Too long to refuse any request.
const LONG_WAIT: Duration = Duration::from_hours(10_000);
/// Too expensive to finish during the test.
const ENDLESS: u32 = 22;

fn password(text: &str) -> Password {
    Password::parse(secret(text), &PasswordPolicy::LENGTH_ONLY, Owner::Unknown).expect("a password")
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn hasher(threads: usize, max_wait: Duration, cost: u32) -> Hasher {
    Hasher::start(threads, max_wait, cost).expect("threads")
}

async fn hash(hasher: &Hasher, text: &str) -> Result<StoredPassword, WorkError> {
    hasher.hash(hasher.reserve(HashPurpose::SignUp)?, &password(text)).await
}

/// Concurrent sign-ups, each of a client that can disconnect.
fn sign_ups(hasher: &Hasher, count: usize) -> Vec<JoinHandle<Result<StoredPassword, WorkError>>> {
    let clients = std::iter::repeat_n(hasher.clone(), count);
    clients.map(|hasher| tokio::spawn(async move { hash(&hasher, "correct horse").await })).collect()
}

async fn verify_stored(hasher: &Hasher, text: &str, stored: Option<&str>) -> Verdict {
    let stored = stored.map(|stored| StoredPassword::new(stored.to_owned()));
    let place = hasher.reserve(HashPurpose::Login).expect("a place");
    hasher.verify(place, &secret(text), stored.as_ref()).await.expect("a verdict")
}

async fn until(hasher: &Hasher, is_met: impl Fn(&Report) -> bool) -> Report {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let report = hasher.report();
        if is_met(&report) {
            return report;
        }
        assert!(Instant::now() < deadline, "timed out: {report:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the threads have recorded their progress, just after their replies.
async fn settled(hasher: &Hasher) -> Report {
    until(hasher, |report| {
        let counts = &report.counts;
        report.computing == 0 && counts.started == counts.finished + counts.left_computing
    })
    .await
}

fn rounds(report: &Report) -> u64 {
    report.counts.rounds_by_lanes.iter().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_their_own_hashes() {
    let hasher = hasher(2, LONG_WAIT, 6);
    let texts: Vec<String> = (0..100).map(|number| format!("{number} {}", "password ".repeat(number % 12))).collect();
    let made = join_all(texts.iter().map(|text| hash(&hasher, text))).await;
    for (text, hash) in texts.iter().zip(made) {
        assert_eq!(verify(text, hash.expect("a hash").as_str()), Ok(true), "{text}");
    }
    let report = settled(&hasher).await;
    assert_eq!((report.counts.started, report.counts.finished, report.sign_ups_waiting), (100, 100, 0));
    assert_eq!(report.counts.waits.iter().sum::<u64>(), 100);
    assert!(report.counts.rounds_by_lanes[MAX_LANES - 1] > 0, "side by side: {:?}", report.counts);
}

#[tokio::test]
async fn a_verdict_says_whether_to_rehash() {
    let hasher = hasher(1, LONG_WAIT, 6);
    let ours = hash(&hasher, "correct horse").await.expect("a hash");
    let long = hash(&hasher, &"correct horse ".repeat(9)).await.expect("a hash");
    let right = |needs_rehash| Verdict::Right { needs_rehash };
    for (text, stored, expected) in [
        ("correct horse", ours.as_str(), right(false)),
        ("correct horsf", ours.as_str(), Verdict::Wrong),
        ("correct horse\0", ours.as_str(), Verdict::Wrong),
        (&"correct horse ".repeat(9), ours.as_str(), Verdict::Wrong),
        (&"correct horse ".repeat(9), long.as_str(), right(false)),
        ("correct horse", long.as_str(), Verdict::Wrong),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", right(true)),
        ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", right(true)),
        (
            "password",
            "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
            right(true),
        ),
        (
            "a",
            "$2a$31$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
            Verdict::Unreadable(FormatError::CostTooHigh),
        ),
        ("a", "!", Verdict::Unreadable(FormatError::Unknown)),
    ] {
        assert_eq!(verify_stored(&hasher, text, Some(stored)).await, expected, "{text:?} {stored}");
    }
    assert_eq!(verify_stored(&hasher, "correct horse", None).await, Verdict::Wrong);
}

/// Time must not reveal the verdict.
#[tokio::test]
async fn every_verdict_takes_the_same_rounds() {
    let hasher = hasher(1, LONG_WAIT, 8);
    for (text, stored) in [
        ("right", Some("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")),
        ("U*U", Some("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")),
        ("U*U\0", Some("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")),
        (&"long".repeat(100), Some("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")),
        ("a", Some("$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.")),
        ("a", Some("not a hash")),
        ("a", Some("$2a$31$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.")),
        ("a", None),
    ] {
        let before = rounds(&settled(&hasher).await);
        verify_stored(&hasher, text, stored).await;
        assert_eq!(rounds(&settled(&hasher).await) - before, 1 << 8, "{stored:?}");
    }
}

/// The thread's speed is given, so that the estimate is exact.
#[test]
fn a_job_that_would_wait_too_long_is_refused_with_the_expected_wait() {
    let queue = Arc::new(Queue::new(1, Duration::from_secs(2)));
    queue.register_worker(0, MAX_LANES, Some(1000.0));
    let places: Vec<_> = (0..MAX_LANES).map_while(|_| queue.reserve(HashPurpose::SignUp, 1000).ok()).collect();
    assert_eq!(places.len(), MAX_LANES);
    let Some(WorkError::Busy { retry_after, .. }) = queue.reserve(HashPurpose::SignUp, 1000).err() else {
        unreachable!("all lanes are taken");
    };
    assert_eq!(retry_after, Duration::from_secs(MAX_LANES as u64));
    assert_eq!(queue.report().counts.refused, 1);
    drop(places);
    assert!(queue.reserve(HashPurpose::SignUp, 1000).is_ok(), "there is room again");
}

/// An estimate can be wrong: here the thread's speed is unknown.
#[tokio::test]
async fn no_job_waits_longer_than_the_limit() {
    let queue = Arc::new(Queue::new(1, Duration::from_millis(50)));
    let place = queue.reserve(HashPurpose::SignUp, 16).expect("a place");
    let refused = place.compute(formats::dummy(4), 0).await;
    assert!(matches!(refused, Err(WorkError::Busy { retry_after, .. }) if retry_after >= Duration::from_secs(1)));
    let report = queue.report();
    assert_eq!((report.counts.expired, report.sign_ups_waiting), (1, 0));
}

#[tokio::test]
async fn a_disconnected_client_cancels_its_hash() {
    let hasher = hasher(1, LONG_WAIT, ENDLESS);
    // More jobs than one thread has lanes.
    let clients = sign_ups(&hasher, 3 * MAX_LANES);
    until(&hasher, |report| report.computing == MAX_LANES && report.sign_ups_waiting == 2 * MAX_LANES).await;
    // The last first: a free lane starts the next waiting job.
    clients.iter().rev().for_each(JoinHandle::abort);
    join_all(clients).await;
    let report = settled(&hasher).await;
    assert_eq!((report.counts.left_waiting, report.sign_ups_waiting), (2 * MAX_LANES as u64, 0));
    assert_eq!((report.counts.left_computing, report.counts.finished), (MAX_LANES as u64, 0));
    assert!(rounds(&report) < 1 << ENDLESS, "cancelled long before the end");
    assert_eq!(report.wait, Duration::ZERO);
}

/// Only bcrypt runs in parallel lanes. Imported hashes start one by one, so that waiting ones can still be cancelled.
#[tokio::test]
async fn a_disconnected_client_cancels_its_imported_hash() {
    const SCRYPT: &str = "$scrypt$ln=14,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
    let queue = Arc::new(Queue::new(1, LONG_WAIT));
    let clients: Vec<_> = (0..MAX_LANES)
        .map(|_| {
            let place = queue.reserve(HashPurpose::Login, 16).expect("a place");
            let derivation =
                StoredFormat::parse(SCRYPT).expect("a format").derivation("password").expect("a derivation");
            tokio::spawn(async move { drop(place.compute(derivation, 0).await) })
        })
        .collect();
    tokio::task::yield_now().await;
    let begun = queue.next(0, &job::Progress::default()).expect("open");
    clients.iter().for_each(JoinHandle::abort);
    join_all(clients).await;
    assert_eq!((begun.len(), queue.report().counts.left_waiting), (1, MAX_LANES as u64 - 1));
}

/// The number of added rounds depends on the machine; `worker::missing_rounds` computes it.
#[tokio::test]
async fn a_low_cost_imported_hash_is_padded_with_rounds() {
    const COST: u32 = 14;
    let hasher = hasher(1, LONG_WAIT, COST);
    let stored = "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ";
    for text in ["password", "Password"] {
        let before = rounds(&settled(&hasher).await);
        verify_stored(&hasher, text, Some(stored)).await;
        let taken = rounds(&settled(&hasher).await) - before;
        assert!((1..=1 << COST).contains(&taken), "{taken} rounds");
    }
}

#[test]
fn missing_rounds_of_an_imported_hash_are_computed() {
    let speed = self_test::Speed { one_lane: 1000.0, most: 4000.0 };
    for (milliseconds, rounds) in [(0, 4096), (96, 4000), (4000, 96), (4096, 0), (60_000, 0)] {
        assert_eq!(
            worker::missing_rounds(4096, Duration::from_millis(milliseconds), speed),
            rounds,
            "{milliseconds} ms"
        );
    }
}

/// Waiting jobs of a queue without threads.
fn waiting(queue: &Arc<Queue>, count: usize) -> Vec<JoinHandle<()>> {
    (0..count)
        .map(|_| {
            let place = queue.reserve(HashPurpose::SignUp, 16).expect("a place");
            tokio::spawn(async move { drop(place.compute(formats::dummy(4), 0).await) })
        })
        .collect()
}

#[tokio::test]
async fn jobs_are_shared_equally_between_threads() {
    let queue = Arc::new(Queue::new(2, LONG_WAIT));
    let _clients = waiting(&queue, 7);
    tokio::task::yield_now().await;
    let one_in_use = job::Progress { in_use: 1, rounds_left: 16, ..Default::default() };
    let first = queue.next(0, &one_in_use).expect("open");
    let second = queue.next(1, &one_in_use).expect("open");
    assert_eq!((first.len(), second.len()), (3, 4));
    assert_eq!(queue.report().computing, 9);
}

/// Assigned jobs count until the thread reports progress.
#[tokio::test]
async fn the_expected_wait_includes_jobs_just_assigned() {
    let queue = Arc::new(Queue::new(1, LONG_WAIT));
    let _clients = waiting(&queue, MAX_LANES + 1);
    tokio::task::yield_now().await;
    let before = queue.report().wait;
    assert_eq!(queue.next(0, &job::Progress::default()).expect("open").len(), MAX_LANES);
    assert_eq!(queue.report().wait, before);
}

#[test]
fn a_suspended_machine_does_not_lower_the_measured_speed() {
    let queue = Queue::new(1, LONG_WAIT);
    queue.register_worker(0, MAX_LANES, Some(100_000.0));
    let mut progress = job::Progress { in_use: MAX_LANES, ..Default::default() };
    progress.add(MAX_LANES, 16, Duration::from_secs(5));
    queue.next(0, &progress);
    assert!(queue.report().rounds_per_second > 80_000.0);
}

#[tokio::test]
async fn an_unused_reservation_is_released() {
    let hasher = hasher(1, Duration::ZERO, 14);
    let places: Vec<_> = (0..MAX_LANES).map_while(|_| hasher.reserve(HashPurpose::SignUp).ok()).collect();
    assert!(hasher.reserve(HashPurpose::SignUp).is_err());
    drop(places);
    assert!(hasher.reserve(HashPurpose::SignUp).is_ok());
}

/// The thread's speed is given, and so slow that the duration of the test is negligible.
#[tokio::test]
async fn a_stop_refuses_the_last_jobs_that_would_miss_the_deadline() {
    const ROUNDS: u64 = 16;
    let queue = Arc::new(Queue::new(1, LONG_WAIT));
    queue.register_worker(0, MAX_LANES, Some(0.01));
    let clients: Vec<_> = (0..40 * MAX_LANES)
        .map(|_| {
            let place = queue.reserve(HashPurpose::SignUp, ROUNDS).expect("a place");
            tokio::spawn(async move { place.compute(formats::dummy(4), 0).await })
        })
        .collect();
    while queue.report().sign_ups_waiting < clients.len() {
        tokio::task::yield_now().await;
    }
    let begun = queue.next(0, &job::Progress::default()).expect("open");
    assert_eq!(begun.len(), MAX_LANES);
    // Time for half of them, less one round.
    let half = 20 * MAX_LANES as u64;
    queue.stop_within(Duration::from_secs((half * ROUNDS - 1) * 100));
    let refused = queue.report().counts.refused;
    assert_eq!(refused, half + 1);
    assert!(queue.reserve(HashPurpose::SignUp, ROUNDS).is_err(), "nobody else comes in");
    for (number, client) in clients.into_iter().enumerate().rev() {
        if number as u64 >= half - 1 {
            let answer = client.await.expect("a task").map(|computed| computed.digest);
            assert!(matches!(answer, Err(WorkError::Busy { .. })), "{number}: {answer:?}");
        } else {
            assert!(!client.is_finished(), "{number} is in time");
        }
    }
}

#[tokio::test]
async fn a_stop_with_enough_time_finishes_all_jobs() {
    let hasher = hasher(1, LONG_WAIT, 6);
    let clients = sign_ups(&hasher, 3 * MAX_LANES);
    until(&hasher, |report| report.counts.started > 0).await;
    hasher.stop_within(LONG_WAIT);
    for answer in join_all(clients).await {
        assert!(answer.expect("a task").is_ok());
    }
}

#[tokio::test]
async fn jobs_in_progress_are_refused_at_the_stop_deadline() {
    let hasher = hasher(1, LONG_WAIT, ENDLESS);
    let clients = sign_ups(&hasher, 3 * MAX_LANES);
    until(&hasher, |report| report.computing == MAX_LANES).await;
    hasher.stop_within(Duration::ZERO);
    for answer in join_all(clients).await {
        assert!(matches!(answer.expect("a task"), Err(WorkError::Busy { .. })));
    }
}

/// The fallback after a failed self-test.
#[tokio::test]
async fn the_bcrypt_crate_is_the_fallback() {
    let queue = Arc::new(Queue::new(1, LONG_WAIT));
    let thread = {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || worker::work(&queue, 0, None))
    };
    let hasher = Hasher { threads: Arc::new(HashThreads(queue)), cost: 6 };
    let made = join_all((0..20).map(|_| hash(&hasher, "correct horse"))).await;
    for hash in made {
        assert_eq!(verify("correct horse", hash.expect("a hash").as_str()), Ok(true));
    }
    let cheap = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    assert_eq!(verify_stored(&hasher, "U*U", Some(cheap)).await, Verdict::Right { needs_rehash: true });
    drop(hasher);
    thread.join().expect("it ends with the hasher");
}

#[test]
fn debug_output_reveals_no_secret() {
    let stored = StoredPassword::new("$2b$04$secret".to_owned());
    assert_eq!(format!("{stored:?}"), "StoredPassword(…)");
}
