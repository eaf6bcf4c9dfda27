//! nginx and Caddy, with the configuration of the documents.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reqwest::{Client, redirect::Policy};
use tempfile::TempDir;

use super::{Answer, eventually, port::Port};

/// A block of configuration in a document, for the proxy that its fence names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    ForwardAuthNginx,
    ForwardAuthCaddy,
    OperationsNginx,
    OperationsCaddy,
}

impl Recipe {
    fn document(self) -> String {
        let name = match self {
            Self::ForwardAuthNginx | Self::ForwardAuthCaddy => "docs/forward-auth.md",
            Self::OperationsNginx | Self::OperationsCaddy => "docs/operations.md",
        };
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name)
    }

    fn program(self) -> &'static str {
        match self {
            Self::ForwardAuthNginx | Self::OperationsNginx => "nginx",
            Self::ForwardAuthCaddy | Self::OperationsCaddy => "caddy",
        }
    }

    /// The public host name.
    pub fn host(self) -> &'static str {
        match self {
            Self::ForwardAuthNginx | Self::ForwardAuthCaddy => "example.com",
            Self::OperationsNginx | Self::OperationsCaddy => "accounts.example.com",
        }
    }

    /// The one block of the document for this proxy.
    pub fn block(self) -> String {
        let document = self.document();
        let fence = format!("\n```{}\n", self.program());
        let mut blocks = document.split(&fence).skip(1);
        let block = blocks.next().unwrap_or_else(|| panic!("no block for {self:?}"));
        assert!(blocks.next().is_none(), "more than one block for {self:?}");
        block.split("\n```\n").next().expect("an end").to_owned()
    }

    /// The settings that the document gives beside it: the lines around `PUBLIC_URL`.
    pub fn settings(self) -> Vec<(String, String)> {
        let document = self.document();
        let setting = |line: &str| {
            let (name, value) = line.strip_prefix("    ")?.split_once('=')?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            (is_name && !value.contains(' ')).then(|| (name.to_owned(), value.to_owned()))
        };
        let lines: Vec<_> = document.lines().map(setting).collect();
        let groups = lines.split(Option::is_none).map(|group| group.iter().flatten().cloned().collect::<Vec<_>>());
        let mut groups = groups.filter(|group| group.iter().any(|(name, _)| name == "PUBLIC_URL"));
        groups.next().unwrap_or_else(|| panic!("no settings for {self:?}"))
    }
}

/// A running proxy. Killed when dropped.
pub struct Proxy {
    recipe: Recipe,
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
    _port: Port,
}

impl Proxy {
    /// Starts the proxy with the block of the document, in front of this service and application.
    pub async fn start(recipe: Recipe, service: SocketAddr, application: SocketAddr) -> Self {
        Self::start_with(recipe, &recipe.block(), service, application).await
    }

    pub async fn start_with(recipe: Recipe, block: &str, service: SocketAddr, application: SocketAddr) -> Self {
        let port = Port::reserve();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut block = block.to_owned();
        for (place, target) in [(":8000", service), (":8001", service), (":8002", service), (":3000", application)] {
            block = block.replace(&format!("127.0.0.1{place}"), &target.to_string());
        }
        let mut child = command(recipe, &block, address, folder.path()).spawn().expect("a proxy");
        let output = folder.path().join("output");
        eventually(&format!("{recipe:?} listens"), async || {
            let ended = child.try_wait().expect("the process");
            assert!(ended.is_none(), "{recipe:?}: {}", fs::read_to_string(&output).expect("its output"));
            TcpStream::connect(address).ok()
        })
        .await;
        Self { recipe, address, child, _folder: folder, _port: port }
    }

    /// A request by a client at this loopback address.
    pub async fn send(
        &self,
        client: Ipv4Addr,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let client = Client::builder().redirect(Policy::none()).local_address(std::net::IpAddr::from(client));
        let client = client.timeout(super::server::PATIENCE).build().expect("a client");
        let url = format!("http://{}{path}", self.address);
        let mut request = client.request(method.parse().expect("a method"), url).body(body);
        for (name, value) in headers.iter().chain([&("host", self.recipe.host())]) {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.expect("an answer")).await
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Without TLS, which does not affect the tested behaviour.
fn command(recipe: Recipe, block: &str, address: SocketAddr, folder: &Path) -> Command {
    let mut command = Command::new(program(recipe.program()));
    if recipe.program() == "nginx" {
        let file = folder.join("nginx.conf");
        fs::write(&file, nginx(block, address, folder)).expect("a file");
        command.arg("-p").arg(folder).args(["-e", "stderr", "-c"]).arg(file);
    } else {
        let file = folder.join("Caddyfile");
        fs::write(&file, caddyfile(block, recipe.host(), address)).expect("a file");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    }
    let output = fs::File::create(folder.join("output")).expect("a file");
    command
        .env_clear()
        .envs([("HOME", folder), ("XDG_DATA_HOME", folder), ("XDG_CONFIG_HOME", folder)])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a file"))
        .stderr(output);
    command
}

/// One process, which ends with the test.
fn nginx(block: &str, address: SocketAddr, folder: &Path) -> String {
    let lines = block.lines().filter(|line| !line.trim_start().starts_with("ssl_certificate"));
    let block = lines.collect::<Vec<_>>().join("\n");
    assert!(block.contains("listen 443 ssl;"), "{block}");
    let block = block.replace("listen 443 ssl;", &format!("listen {address};"));
    let own = folder.display();
    format!(
        "daemon off;\nmaster_process off;\npid {own}/pid;\nerror_log stderr;\nevents {{ }}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {own}/body;\nproxy_temp_path {own}/proxy;\nfastcgi_temp_path {own}/fastcgi;\n\
         uwsgi_temp_path {own}/uwsgi;\nscgi_temp_path {own}/scgi;\n{block}\n}}\n"
    )
}

fn caddyfile(block: &str, host: &str, address: SocketAddr) -> String {
    let site = format!("{host} {{\n");
    assert!(block.starts_with(&site), "{block}");
    let own = format!("http://{host}:{} {{\n\tbind 127.0.0.1\n", address.port());
    format!("{{\n\tadmin off\n\tauto_https off\n}}\n{}\n", block.replacen(&site, &own, 1))
}

/// The program as installed by Debian or `./scripts/test setup`.
fn program(name: &str) -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([own, PathBuf::from("/usr/sbin")]);
    let mut programs = folders.map(|folder| folder.join(name)).filter(|program| program.is_file());
    programs.next().unwrap_or_else(|| panic!("{name} is missing; `./scripts/test setup` installs it"))
}
