//! A mail server that stores every mail and every line that it receives.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use mail_parser::MessageParser;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::{eventually, port::Port};

/// Poll interval of the behaviour.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How the mail server behaves.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// The delay before each response.
    pub delay: Duration,
    /// The verb at which it stops responding until its behaviour changes; `CONNECT`: before the greeting.
    pub silent_at: &'static str,
    /// Whether it offers STARTTLS, with a certificate of [`Mailbox::authority`].
    pub offers_tls: bool,
    /// Whether it uses implicit TLS (`smtps://`).
    pub speaks_tls: bool,
    /// The response to RCPT, such as `550 5.1.1 no such user`; empty: accept.
    pub recipient_answer: &'static str,
    /// Whether it closes the connection before the greeting.
    pub hangs_up: bool,
}

/// A received mail.
#[derive(Debug, Clone)]
pub struct Received {
    /// From `MAIL FROM` and `RCPT TO`.
    pub from: String,
    pub to: Vec<String>,
    pub raw: String,
    pub was_encrypted: bool,
}

impl Received {
    fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a mail")
    }

    pub fn subject(&self) -> String {
        self.parsed().subject().expect("a subject").to_owned()
    }

    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a text part").into_owned()
    }

    pub fn html(&self) -> String {
        self.parsed().body_html(0).expect("an HTML part").into_owned()
    }

    pub fn header(&self, name: &str) -> Vec<String> {
        let headers = self.raw.split("\r\n\r\n").next().expect("headers").replace("\r\n ", " ");
        let prefix = format!("{}:", name.to_lowercase());
        headers
            .lines()
            .filter(|line| line.to_lowercase().starts_with(&prefix))
            .map(|line| line[prefix.len()..].trim().to_owned())
            .collect()
    }

    /// The URL of its link.
    pub fn link(&self) -> String {
        let text = self.text();
        text.lines().find(|line| line.starts_with("http")).expect("a link").trim().to_owned()
    }

    pub fn token(&self) -> String {
        let link = self.link();
        link.split_once("?token=").unwrap_or_else(|| panic!("no token in {link}")).1.to_owned()
    }

    /// Its code of six digits.
    pub fn code(&self) -> String {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        self.text().lines().find(is_code).expect("a code").to_owned()
    }
}

#[derive(Default)]
struct State {
    mails: Vec<Received>,
    conversation: String,
    connections: usize,
    behaviour: Behaviour,
}

/// The mail server, on a reserved port.
pub struct Mailbox {
    pub port: u16,
    reserved: Port,
    state: Arc<Mutex<State>>,
    is_open: Arc<AtomicBool>,
    listening: Mutex<Option<JoinHandle<()>>>,
    tls: Arc<ServerConfig>,
    folder: TempDir,
}

impl Mailbox {
    pub fn open() -> Self {
        Self::behaving(Behaviour::default())
    }

    pub fn behaving(behaviour: Behaviour) -> Self {
        Self::certified_for(&["127.0.0.1", "localhost"], behaviour)
    }

    /// With a certificate for these names.
    pub fn certified_for(names: &[&str], behaviour: Behaviour) -> Self {
        let mailbox = Self::at(Port::reserve(), names);
        mailbox.behave(behaviour);
        mailbox.reopen();
        mailbox
    }

    /// Does not listen until [`Self::reopen`].
    pub fn closed() -> Self {
        Self::at(Port::reserve(), &["127.0.0.1", "localhost"])
    }

    fn at(reserved: Port, names: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certified = rcgen::generate_simple_self_signed(names).expect("a certificate");
        std::fs::write(folder.path().join("authority.pem"), certified.cert.pem()).expect("a file");
        let key = certified.signing_key.serialize_der().try_into().expect("a key");
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("a certificate");
        Self {
            port: reserved.number,
            reserved,
            state: Arc::default(),
            is_open: Arc::default(),
            listening: Mutex::default(),
            tls: Arc::new(tls),
            folder,
        }
    }

    pub fn reopen(&self) {
        self.is_open.store(true, Ordering::Relaxed);
        let listener = self.reserved.listen();
        let (state, is_open, tls) = (Arc::clone(&self.state), Arc::clone(&self.is_open), Arc::clone(&self.tls));
        let listening = thread::spawn(move || {
            listener.set_nonblocking(true).expect("not blocking");
            while is_open.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        stream.set_nonblocking(false).expect("blocking");
                        state.lock().expect("the state").connections += 1;
                        let (state, tls) = (Arc::clone(&state), Arc::clone(&tls));
                        thread::spawn(move || serve(&stream, &state, &tls));
                    }
                    Err(_) => thread::sleep(LOOK_EVERY),
                }
            }
        });
        *self.listening.lock().expect("the thread") = Some(listening);
    }

    pub fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
        if let Some(listening) = self.listening.lock().expect("the thread").take() {
            listening.join().expect("its end");
        }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.state.lock().expect("the state").behaviour = behaviour;
    }

    /// The value of `SMTP_URL`, without TLS.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The file of its certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// All received lines.
    pub fn conversation(&self) -> String {
        self.state.lock().expect("the state").conversation.clone()
    }

    pub fn all(&self) -> Vec<Received> {
        self.state.lock().expect("the state").mails.clone()
    }

    /// Every mail to this address so far.
    pub fn to(&self, address: &str) -> Vec<Received> {
        self.all().into_iter().filter(|mail| mail.to == [address]).collect()
    }

    /// Waits for this number of mails to this address; returns them, the newest last.
    pub async fn wait_for(&self, address: &str, number: usize) -> Vec<Received> {
        let what = format!("{number} mails to {address}");
        let mails = eventually(&what, async || Some(self.to(address)).filter(|mails| mails.len() >= number)).await;
        assert_eq!(mails.len(), number, "{:?}", mails.iter().map(Received::subject).collect::<Vec<_>>());
        mails
    }

    /// Waits until the text is received; `CONNECT`: until a client connects.
    pub async fn is_told(&self, words: &str) {
        eventually(&format!("the mail server receives {words}"), async || {
            let state = self.state.lock().expect("the state");
            let is_said = if words == "CONNECT" { state.connections > 0 } else { state.conversation.contains(words) };
            is_said.then_some(())
        })
        .await;
    }

    /// Waits for this number of mails to this address; returns the newest.
    pub async fn newest(&self, address: &str, number: usize) -> Received {
        self.wait_for(address, number).await.pop().expect("a mail")
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.is_open.store(false, Ordering::Relaxed);
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn serve(stream: &TcpStream, state: &Mutex<State>, tls: &Arc<ServerConfig>) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let mut line: BufReader<Box<dyn Stream>> = BufReader::new(Box::new(stream.try_clone().expect("a stream")));
    let behaviour = || state.lock().expect("the state").behaviour.clone();
    let encrypted = || {
        let connection = ServerConnection::new(Arc::clone(tls)).expect("TLS");
        let plain = stream.try_clone().expect("a stream");
        BufReader::new(Box::new(StreamOwned::new(connection, plain)) as Box<dyn Stream>)
    };
    let mut is_encrypted = behaviour().speaks_tls;
    if is_encrypted {
        line = encrypted();
    }
    let (mut from, mut to) = (String::new(), Vec::new());
    keep_silent("CONNECT", state);
    if behaviour().hangs_up || say(&mut line, &behaviour(), "220 mailbox ESMTP").is_none() {
        return;
    }
    while let Some(said) = read(&mut line, state) {
        let verb = said.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        keep_silent(&verb, state);
        let behaviour = behaviour();
        let answer = match verb.as_str() {
            "EHLO" if behaviour.offers_tls && !is_encrypted => "250-mailbox\r\n250-STARTTLS\r\n250 SIZE 1000000",
            "EHLO" => "250-mailbox\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000",
            "STARTTLS" if behaviour.offers_tls && !is_encrypted => {
                if say(&mut line, &behaviour, "220 go ahead").is_none() {
                    return;
                }
                line = encrypted();
                is_encrypted = true;
                continue;
            }
            "AUTH" => "235 welcome",
            "MAIL" => {
                from = between(&said);
                to.clear();
                "250 ok"
            }
            "RCPT" if behaviour.recipient_answer.is_empty() => {
                to.push(between(&said));
                "250 ok"
            }
            "RCPT" => behaviour.recipient_answer,
            "DATA" => {
                if say(&mut line, &behaviour, "354 go on").is_none() {
                    return;
                }
                let mut raw = String::new();
                while let Some(said) = read(&mut line, state) {
                    if said == "." {
                        break;
                    }
                    raw.push_str(said.strip_prefix('.').unwrap_or(&said));
                    raw.push_str("\r\n");
                }
                let mail = Received { from: from.clone(), to: to.clone(), raw, was_encrypted: is_encrypted };
                state.lock().expect("the state").mails.push(mail);
                "250 taken"
            }
            "RSET" | "NOOP" => "250 ok",
            "QUIT" => {
                say(&mut line, &behaviour, "221 bye");
                return;
            }
            _ => "502 what?",
        };
        if say(&mut line, &behaviour, answer).is_none() {
            return;
        }
    }
}

/// Blocks while the behaviour is silent at this verb.
fn keep_silent(verb: &str, state: &Mutex<State>) {
    while state.lock().expect("the state").behaviour.silent_at == verb {
        thread::sleep(LOOK_EVERY);
    }
}

fn read(line: &mut BufReader<Box<dyn Stream>>, state: &Mutex<State>) -> Option<String> {
    let mut said = String::new();
    line.read_line(&mut said).ok().filter(|read| *read > 0)?;
    let said = said.trim_end_matches(['\r', '\n']).to_owned();
    let mut state = state.lock().expect("the state");
    state.conversation.push_str(&said);
    state.conversation.push('\n');
    Some(said)
}

fn say(line: &mut BufReader<Box<dyn Stream>>, behaviour: &Behaviour, answer: &str) -> Option<()> {
    thread::sleep(behaviour.delay);
    line.get_mut().write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    line.get_mut().flush().ok()
}

/// The text between angle brackets.
fn between(said: &str) -> String {
    said.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(inside, _)| inside.to_owned())
        .expect("a path")
}
