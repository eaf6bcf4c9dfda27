//! The process is killed at random moments: acknowledged sign-ups survive.

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
    wire::{BodyFormat, Wire, log_in, sign_up},
};
use Backend::{Postgres, Sqlite};

const CLIENTS: usize = 32;
/// Documented bound from the recovery of PostgreSQL to the first sign-up.
const LONGEST_RECOVERY: Duration = Duration::from_secs(5);
/// Accounts that log in after each round; all of them do at the end.
const SAMPLE: usize = 8;
/// Between two sign-ups of a client in the short run, so that fewer log in at the end.
const PAUSE: Duration = Duration::from_millis(50);
/// Longer than the lease of a mail.
const MAIL_WAIT: Duration = Duration::from_mins(6);

/// Recipients of pending mails.
const PENDING: &str = "SELECT recipient AS t FROM outbox WHERE state = 'pending'";
/// Recipients of leased mails.
const LEASED: &str = "SELECT recipient AS t FROM outbox WHERE state = 'pending' AND lease_until IS NOT NULL";

/// The sign-ups of all rounds and their outcomes.
#[derive(Default)]
struct Campaign {
    next: AtomicUsize,
    is_over: AtomicBool,
    outcomes: Mutex<Outcomes>,
}

#[derive(Default)]
struct Outcomes {
    /// The client got a success.
    acknowledged: Vec<String>,
    /// The connection broke, or the response was a 503.
    unanswered: Vec<(BodyFormat, String)>,
    /// Retries that created the account, and (`found_taken`) that found it created before.
    retried: usize,
    found_taken: usize,
    refused: usize,
    first_after: Option<Instant>,
}

impl Campaign {
    /// The next sign-up. Every second one is a retry, if a sign-up is unanswered.
    fn next(&self) -> (BodyFormat, String, bool) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let again = if number.is_multiple_of(2) { self.outcomes().unanswered.pop() } else { None };
        match again {
            Some((format, email)) => (format, email, true),
            None if number.is_multiple_of(3) => (BodyFormat::Form, format!("form-{number}@example.com"), false),
            None => (BodyFormat::Json, format!("json-{number}@example.com"), false),
        }
    }

    fn outcomes(&self) -> std::sync::MutexGuard<'_, Outcomes> {
        self.outcomes.lock().expect("the outcomes")
    }

    /// Signs up one after the other until the connection breaks.
    async fn sign_up_all(&self, address: SocketAddr) {
        let Ok(mut wire) = Wire::open(address).await else { return };
        while !self.is_over.load(Ordering::Relaxed) {
            let (format, email, is_retry) = self.next();
            if !self.sign_up(&mut wire, format, email, is_retry).await {
                return;
            }
            if !is_full() {
                time::sleep(PAUSE).await;
            }
        }
    }

    /// Returns whether the connection can be reused.
    async fn sign_up(&self, wire: &mut Wire, format: BodyFormat, email: String, is_retry: bool) -> bool {
        let Ok(reply) = wire.exchange(&sign_up(format, &email)).await else {
            self.outcomes().unanswered.push((format, email));
            return false;
        };
        {
            let mut outcomes = self.outcomes();
            if reply.status == 503 {
                assert!(reply.retry_after.is_some(), "{reply:?}");
                outcomes.refused += 1;
                outcomes.unanswered.push((format, email));
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

    /// Retries the unanswered sign-ups until all have a success.
    async fn finish(&self, address: SocketAddr) {
        let mut wire = Wire::open(address).await.expect("a connection");
        loop {
            let Some((format, email)) = self.outcomes().unanswered.pop() else { return };
            assert!(self.sign_up(&mut wire, format, email, true).await);
        }
    }

    /// Logs in to a sample of the acknowledged accounts; returns their number. The sample has a generator of its own:
    /// the number of accounts depends on the machine and must not change the kill times of a seed.
    async fn log_in(&self, address: SocketAddr, most: usize, seed: u64) -> usize {
        let mut emails = self.outcomes().acknowledged.clone();
        emails.shuffle(&mut StdRng::seed_from_u64(seed));
        emails.truncate(most);
        let logins = stream::iter(&emails).map(async |email| {
            eventually(&format!("the hash queue has a place for {email}"), async || {
                let reply = Wire::open(address).await.expect("a connection").exchange(&log_in(email)).await;
                Some(reply.expect("an answer").status).filter(|status| *status != 503)
            })
            .await
        });
        let statuses: Vec<u16> = logins.buffered(16).collect().await;
        for (email, status) in emails.iter().zip(&statuses) {
            assert_eq!(*status, 200, "{email} was acknowledged");
        }
        statuses.len()
    }
}

/// Asserts that each account has its row in all of these tables, and that no row is without an account.
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

/// Starts the clients; returns at a random time after the first acknowledged sign-up.
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
        client.expect("only documented responses");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_sign_ups_survive_a_kill_of_the_service(#[values(Sqlite, Postgres)] backend: Backend) {
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
        "{backend:?}: killed {rounds} times, {acknowledged} acknowledged, all exist ({logins} logins); \
         {lost_answers} responses lost, of which {found_taken} had created the account"
    );
    assert!(acknowledged >= if is_full() { 2000 } else { 4 }, "{acknowledged} are too few");
    assert_eq!(usize::try_from(database.count("SELECT count(*) FROM users")), Ok(acknowledged));
    if is_full() {
        let twice = wait_for_mails(&leased, &database, &mailbox).await;
        eprintln!("{backend:?}: {} mails were being sent at a kill; all arrived, {twice} of them twice", leased.len());
    }
}

/// Waits until these recipients have their mails; returns how many got two, which is allowed: the outcome of the first
/// send was unknown.
async fn wait_for_mails(recipients: &BTreeSet<String>, database: &TestDatabase, mailbox: &Mailbox) -> usize {
    let deadline = Instant::now() + MAIL_WAIT;
    while database.texts(PENDING).iter().any(|recipient| recipients.contains(recipient)) {
        assert!(Instant::now() < deadline, "mails are not sent");
        time::sleep(Duration::from_secs(5)).await;
    }
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in mailbox.all() {
        *mails.entry(mail.to.concat()).or_default() += 1;
    }
    assert!(recipients.iter().all(|recipient| mails.contains_key(recipient)), "a mail was not sent and counts as sent");
    recipients.iter().filter(|recipient| mails.get(*recipient) > Some(&1)).count()
}

/// The service recovers without a restart.
#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_sign_ups_survive_a_kill_of_postgres() {
    let rounds = if is_full() { 10 } else { 2 };
    let mailbox = Mailbox::open();
    let mut cluster = Cluster::start();
    let database = Arc::new(TestDatabase::at(cluster.url.clone(), Postgres));
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("HASH_QUEUE_SECONDS", "30")];
    let server = Server::start_on(Arc::clone(&database), &settings);
    let (campaign, mut random) = (Arc::new(Campaign::default()), random());
    let (mut recovery, mut first_sign_up) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        campaign.is_over.store(false, Ordering::Relaxed);
        let clients = load(&campaign, server.address, &mut random).await;
        cluster.kill();
        time::sleep(Duration::from_millis(500)).await;
        campaign.outcomes().first_after = None;
        recovery = recovery.max(cluster.up());
        let revived = Instant::now();
        let first = eventually("a sign-up succeeds", async || campaign.outcomes().first_after).await;
        first_sign_up = first_sign_up.max(first.saturating_duration_since(revived));
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
        "PostgreSQL killed {rounds} times: {acknowledged} acknowledged, all exist ({logins} logins); {} responses 503, \
         of which {} had created the account; PostgreSQL available after at most {recovery:.1?}, \
         the first sign-up {first_sign_up:.1?} later",
        outcomes.refused, outcomes.found_taken
    );
    assert!(first_sign_up < LONGEST_RECOVERY + GRACE, "{first_sign_up:?}");
    drop(outcomes);
    assert_eq!(usize::try_from(database.count("SELECT count(*) FROM users")), Ok(acknowledged));
}
