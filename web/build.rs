//! A program without its client does not build. What is embedded is what lies in `app/dist` now.

use std::path::Path;

fn main() {
    let dist = Path::new("app/dist");
    if !dist.join("index.html").exists() {
        println!("cargo::rerun-if-changed=app/dist/index.html");
        println!("cargo::error=the web client is not built: run `make web`");
        return;
    }
    // Builds for development read the files when they are asked for: they need no other program for another client.
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!(
        "cargo::rerun-if-changed={}",
        if is_release { "app/dist" } else { "build.rs" }
    );
}
