//! The checker of evidence packs that knows nothing of this program: `node/check-evidence.mjs`.

use std::path::Path;
use std::process::Command;

/// What it says of a pack: `holds`, or the first thing that does not.
pub fn of(pack: &Path, key: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/check-evidence.mjs");
    let output = Command::new("node")
        .arg(script)
        .arg(pack)
        .arg(key)
        .output()
        .unwrap_or_else(|error| panic!("node does not start ({error}): Node.js 18 or newer is needed"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said.trim_end().to_owned()
}
