//! Askama notices templates that change; one that is added would go unnoticed.

fn main() {
    println!("cargo::rerun-if-changed=../templates");
    println!("cargo::rerun-if-changed=askama.toml");
}
