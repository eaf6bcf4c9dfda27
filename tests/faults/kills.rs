//! The process ends at any moment, and what was acknowledged is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use rstest::rstest;
use tokio::{task::JoinSet, time};

use crate::{
    GRACE,
    support::{Backend, Cluster, Mailbox, Server, TestDatabase, eventually, is_full, random},
    wire::{Door, Wire, log_in, sign_up},
};
use Backend::{Postgres, Sqlite};

const CLIENTS: usize = 32;
/// What is promised from the moment at which PostgreSQL is there again.
const COMEBACK: Duration = Duration::from_secs(5);
/// Accounts that log in after each round; all of them do at the end.
const SAMPLE: usize = 8;
/// Between two sign-ups of a client in the short run, so that fewer log in at the end.
const PAUSE: Duration = Duration::from_millis(50);
/// Longer than a mail stays leased to the instance that was to send it.
const MAIL_WAIT: Duration = Duration::from_mins(6);

/// Who waits for a mail.
const PENDING: &str = "SELECT recipient AS t FROM outbox WHERE state = 'pending'";
/// Whose mail an instance had taken to send it.
const LEASED: &str = "SELECT recipient AS t FROM outbox WHERE state = 'pending' AND lease_until IS NOT NULL";

/// Sign-ups of many rounds, and what came of them.
#[derive(Default)]
struct Campaign {
    next: AtomicUsize,
    is_over: AtomicBool,
    outcomes: Mutex<Outcomes>,
}

#[derive(Default)]
struct Outcomes {
    /// Somebody was told that the account is there.
    acknowledged: Vec<String>,
    /// Nobody was told: the connection broke, or the answer was a 503.
    unanswered: Vec<(Door, String)>,
    /// Tried again: how many were made now, and how many had been made already.
    retried: usize,
    found_taken: usize,
    refused: usize,
    first_after: Option<Instant>,
}

impl Campaign {
    /// Who is next: somebody who was not answered tries again, every second time.
    fn next(&self) -> (Door, String, bool) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let again = if number.is_multiple_of(2) { self.outcomes().unanswered.pop() } else { None };
        match again {
            Some((door, email)) => (door, email, true),
            None if number.is_multiple_of(3) => (Door::Form, format!("form-{number}@example.com"), false),
            None => (Door::Json, format!("json-{number}@example.com"), false),
        }
    }

    fn outcomes(&self) -> std::sync::MutexGuard<'_, Outcomes> {
        self.outcomes.lock().expect("the outcomes")
    }

    /// Signs up one after the other until the connection breaks.
    async fn sign_up_all(&self, address: SocketAddr) {
        let Ok(mut wire) = Wire::open(address).await else { return };
        while !self.is_over.load(Ordering::Relaxed) {
            let (door, email, is_retry) = self.next();
            if !self.sign_up(&mut wire, door, email, is_retry).await {
                return;
            }
            if !is_full() {
                time::sleep(PAUSE).await;
            }
        }
    }

    /// Whether the connection is still good.
    async fn sign_up(&self, wire: &mut Wire, door: Door, email: String, is_retry: bool) -> bool {
        let Ok(reply) = wire.exchange(&sign_up(door, &email)).await else {
            self.outcomes().unanswered.push((door, email));
            return false;
        };
        {
            let mut outcomes = self.outcomes();
            if reply.status == 503 {
                assert!(reply.retry_after.is_some(), "{reply:?}");
                outcomes.refused += 1;
                outcomes.unanswered.push((door, email));
            } else {
                let is_made_before = is_retry && reply.is_taken();
                assert!(reply.is_acknowledged() || is_made_before, "{email}: {reply:?}");
                outcomes.first_after.get_or_insert_with(Instant::now);
                outcomes.acknowledged.push(email);
                outcomes.found_taken += usize::from(is_made_before);
                outcomes.retried += usize::from(is_retry && !is_made_before);
                return !reply.is_last;
            }
        }
        time::sleep(Duration::from_millis(100)).await;
        !reply.is_last
    }

    /// Those who were never answered, until everybody is.
    async fn finish(&self, address: SocketAddr) {
        let mut wire = Wire::open(address).await.expect("a connection");
        loop {
            let Some((door, email)) = self.outcomes().unanswered.pop() else { return };
            assert!(self.sign_up(&mut wire, door, email, true).await);
        }
    }

    /// Some who were acknowledged, or all of them. How many there are depends on the machine, so whom it takes is drawn apart:
    /// the moments of a seed stay the same.
    async fn log_in(&self, address: SocketAddr, most: usize, seed: u64) -> usize {
        let mut emails = self.outcomes().acknowledged.clone();
        emails.shuffle(&mut StdRng::seed_from_u64(seed));
        emails.truncate(most);
        let logins = stream::iter(&emails).map(async |email| {
            let reply = Wire::open(address).await.expect("a connection").exchange(&log_in(email)).await;
            assert_eq!(reply.expect("an answer").status, 200, "{email} was acknowledged");
        });
        logins.buffer_unordered(16).count().await
    }
}

/// An account is one row in each of these tables, or in none.
fn assert_no_half_accounts(database: &TestDatabase) {
    let registered = "audit_log WHERE event = 'account_registered'";
    let mailed = "outbox WHERE kind = 'verify_email'";
    let browser = "sessions WHERE kind = 'browser'";
    for (rows, whose, wanted) in
        [(registered, "%", 1), (mailed, "%", 1), (browser, "form-%", 1), (browser, "json-%", 0)]
    {
        let counted = format!("SELECT user_id, count(*) AS n FROM {rows} GROUP BY user_id");
        let joined = format!("users u LEFT JOIN ({counted}) c ON c.user_id = u.id");
        let other = format!("u.email LIKE '{whose}' AND COALESCE(c.n, 0) <> {wanted}");
        let half = database.count(&format!("SELECT count(*) FROM {joined} WHERE {other}"));
        assert_eq!(half, 0, "accounts {whose} have not {wanted} of {rows}");
        let strays = format!("({counted}) c LEFT JOIN users u ON u.id = c.user_id WHERE u.id IS NULL");
        assert_eq!(database.count(&format!("SELECT count(*) FROM {strays}")), 0, "{rows} without an account");
    }
}

fn assert_intact(database: &TestDatabase) {
    if database.backend == Sqlite {
        assert_eq!(database.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
    }
}

/// Sign-ups until a moment after the first has been acknowledged.
async fn load(campaign: &Arc<Campaign>, address: SocketAddr, random: &mut StdRng) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let campaign = Arc::clone(campaign);
        clients.spawn(async move { campaign.sign_up_all(address).await });
    }
    let before = campaign.outcomes().acknowledged.len();
    eventually("sign-ups", async || (campaign.outcomes().acknowledged.len() > before).then_some(())).await;
    time::sleep(Duration::from_millis(random.random_range(0..=if is_full() { 3000 } else { 1000 }))).await;
    clients
}

async fn join(mut clients: JoinSet<()>) {
    while let Some(client) = clients.join_next().await {
        client.expect("every answer was one of those promised");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_at_any_moment(#[values(Sqlite, Postgres)] backend: Backend) {
    let rounds = if is_full() { 50 } else { 4 };
    let mailbox = Mailbox::open();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("HASH_QUEUE_SECONDS", "30")];
    let (campaign, mut random) = (Arc::new(Campaign::default()), random());
    let (mut lost_answers, mut logins, mut leased) = (0, 0, BTreeSet::new());
    for _ in 0..rounds {
        let server = Server::start_on(Arc::clone(&database), &settings);
        logins += campaign.log_in(server.address, SAMPLE, random.random()).await;
        let clients = load(&campaign, server.address, &mut random).await;
        server.kill();
        join(clients).await;
        lost_answers += campaign.outcomes().unanswered.len();
        leased.extend(database.texts(LEASED));
        assert_intact(&database);
        assert_no_half_accounts(&database);
    }
    let server = Server::start_on(Arc::clone(&database), &settings);
    campaign.finish(server.address).await;
    logins += campaign.log_in(server.address, usize::MAX, random.random()).await;
    assert_intact(&database);
    assert_no_half_accounts(&database);

    let (acknowledged, found_taken) = {
        let outcomes = campaign.outcomes();
        (outcomes.acknowledged.len(), outcomes.found_taken)
    };
    eprintln!(
        "{backend:?}: killed {rounds} times, {acknowledged} acknowledged, all there ({logins} logins); \
         {lost_answers} answers lost, of which {found_taken} had been made"
    );
    assert!(acknowledged >= if is_full() { 2000 } else { 4 }, "{acknowledged} say too little");
    assert_eq!(usize::try_from(database.count("SELECT count(*) FROM users")), Ok(acknowledged));
    if is_full() {
        let twice = arrive(&leased, &database, &mailbox).await;
        eprintln!(
            "{backend:?}: {} mails were being sent at a kill; all have come, {twice} of them twice",
            leased.len()
        );
    }
}

/// Waits until these have their mails, and gives how many came twice: nobody knows whether the first one was taken.
async fn arrive(recipients: &BTreeSet<String>, database: &TestDatabase, mailbox: &Mailbox) -> usize {
    let deadline = Instant::now() + MAIL_WAIT;
    while database.texts(PENDING).iter().any(|recipient| recipients.contains(recipient)) {
        assert!(Instant::now() < deadline, "mails do not leave");
        time::sleep(Duration::from_secs(5)).await;
    }
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in mailbox.all() {
        *mails.entry(mail.to.concat()).or_default() += 1;
    }
    assert!(recipients.iter().all(|recipient| mails.contains_key(recipient)), "a mail was not sent and counts as sent");
    recipients.iter().filter(|recipient| mails.get(*recipient) > Some(&1)).count()
}

/// The service goes on: nobody starts it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_the_end_of_postgres() {
    let rounds = if is_full() { 10 } else { 2 };
    let mailbox = Mailbox::open();
    let mut cluster = Cluster::start();
    let database = Arc::new(TestDatabase::at(cluster.url.clone(), Postgres));
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("HASH_QUEUE_SECONDS", "30")];
    let server = Server::start_on(Arc::clone(&database), &settings);
    let (campaign, mut random) = (Arc::new(Campaign::default()), random());
    let (mut recovery, mut comeback) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        campaign.is_over.store(false, Ordering::Relaxed);
        let clients = load(&campaign, server.address, &mut random).await;
        cluster.kill();
        time::sleep(Duration::from_millis(500)).await;
        campaign.outcomes().first_after = None;
        recovery = recovery.max(cluster.up());
        let revived = Instant::now();
        let first = eventually("a sign-up goes through", async || campaign.outcomes().first_after).await;
        comeback = comeback.max(first.saturating_duration_since(revived));
        campaign.is_over.store(true, Ordering::Relaxed);
        join(clients).await;
        assert_no_half_accounts(&database);
    }
    campaign.finish(server.address).await;
    let logins = campaign.log_in(server.address, usize::MAX, random.random()).await;
    assert_no_half_accounts(&database);
    let outcomes = campaign.outcomes();
    let acknowledged = outcomes.acknowledged.len();
    eprintln!(
        "PostgreSQL killed {rounds} times: {acknowledged} acknowledged, all there ({logins} logins); {} answers 503, \
         of which {} had been made; PostgreSQL back after at most {recovery:.1?}, the first sign-up {comeback:.1?} later",
        outcomes.refused, outcomes.found_taken
    );
    assert!(comeback < COMEBACK + GRACE, "{comeback:?}");
    drop(outcomes);
    assert_eq!(usize::try_from(database.count("SELECT count(*) FROM users")), Ok(acknowledged));
}
