//! The machine: room on the disks, the folders, the key, open files.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::cli::chain;
use crate::config::{Settings, Uploads};
use crate::signing;

/// Shares of a disk below which it is soon full, and nearly is; in percent.
const LEFT_LOW: u64 = 15;
const LEFT_LEAST: u64 = 5;
/// Open files below which a busy day ends early.
const FILES_MIN: u64 = 4_096;

/// Looks at the machine.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![folder("data.folder", &settings.data_dir)];
    findings.extend(disk("data.disk", &settings.data_dir));
    if let Uploads::Folder(dir) = &settings.uploads {
        findings.push(folder("uploads.folder", dir));
        findings.extend(disk("uploads.disk", dir));
    }
    findings.push(key(settings));
    findings.push(files());
    findings
}

fn folder(check: &'static str, dir: &Path) -> Finding {
    let shown = dir.display();
    let Ok(metadata) = fs::metadata(dir) else {
        return Finding::skipped(
            check,
            format!("{shown} is not there yet: the first start makes it"),
        );
    };
    if let Err(error) = access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        return Finding::error(
            check,
            format!("{shown} cannot be used: {error}"),
            "give it to the account that the program runs as (chown)",
        );
    }
    if metadata.mode() & 0o002 != 0 {
        return Finding::error(
            check,
            format!("everybody on this machine may write into {shown}"),
            format!("chmod o-w {shown}"),
        );
    }
    Finding::ok(check, format!("{shown} can be used"))
}

/// The room where `dir` is, or will be.
fn disk(check: &'static str, dir: &Path) -> Option<Finding> {
    // A relative path has no parent that is a folder but the working directory.
    let there = dir
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    let system = statvfs(there).ok()?;
    let percent = (system.f_bavail * 100).checked_div(system.f_blocks)?;
    let free = system.f_bavail.saturating_mul(system.f_frsize) / (1 << 20);
    Some(room(check, &dir.display().to_string(), percent, free))
}

fn room(check: &'static str, shown: &str, percent: u64, free_mib: u64) -> Finding {
    let says = format!("{percent} % of the disk ({free_mib} MiB) are left for {shown}");
    let advice = "make the disk larger: the log only grows, and nothing is written when it is full";
    match percent {
        LEFT_LOW.. => Finding::ok(check, says),
        LEFT_LEAST..LEFT_LOW => Finding::warning(check, says, advice),
        _ => Finding::error(check, says, advice),
    }
}

fn key(settings: &Settings) -> Finding {
    let check = "signing.key";
    match signing::load_existing(settings) {
        Ok(Some(signer)) => Finding::ok(check, format!("signs heads of the log {}", signer.key().name())),
        Ok(None) => Finding::skipped(check, "there is none yet: the first start makes it"),
        Err(error) => Finding::error(
            check,
            chain(&error),
            "a key that others could read proves nothing: keep it private, and if it was not, make a new one",
        ),
    }
}

fn files() -> Finding {
    let check = "machine.files";
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < FILES_MIN => Finding::warning(
            check,
            format!("the program may open {most} files and connections at most"),
            "raise the limit: LimitNOFILE=65536 (systemd), ulimits (containers)",
        ),
        Some(most) => Finding::ok(
            check,
            format!("the program may open {most} files and connections"),
        ),
        None => Finding::ok(check, "the program may open as many files as it likes"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::super::Level;
    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_left() {
        let level = |percent| room("data.disk", "data", percent, 1).level;
        assert_eq!(
            [100, 15, 14, 5, 4, 0].map(level),
            [
                Level::Ok,
                Level::Ok,
                Level::Warning,
                Level::Warning,
                Level::Error,
                Level::Error
            ]
        );
    }

    #[test]
    fn a_folder_must_be_ours_alone_to_write() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(folder("data.folder", dir.path()).level, Level::Ok);
        fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        let finding = folder("data.folder", dir.path());
        assert_eq!(finding.level, Level::Error);
        assert!(finding.advice.starts_with("chmod o-w "), "{}", finding.advice);
        let missing = dir.path().join("missing");
        assert_eq!(folder("data.folder", &missing).level, Level::Skipped);
        assert_eq!(disk("data.disk", &missing).unwrap().check, "data.disk");
    }
}
