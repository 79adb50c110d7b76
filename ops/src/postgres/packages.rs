//! What to install where there is no Postgres.

use std::fs;

/// Advice for the machine at hand: which command installs Postgres here.
pub(super) fn advice() -> String {
    if cfg!(target_os = "macos") {
        return "run `brew install postgresql@17`".into();
    }
    for path in ["/etc/os-release", "/usr/lib/os-release"] {
        if let Ok(text) = fs::read_to_string(path) {
            return advice_for(&text);
        }
    }
    advice_for("")
}

/// Advice for a distribution, from the text of its `os-release` file: its own `ID` first, then those it is like.
fn advice_for(os_release: &str) -> String {
    let value = |key: &str| {
        let line = os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches(['"', '\'']).to_lowercase()
    };
    let names = format!("{} {}", value("ID"), value("ID_LIKE"));
    let command = names.split_whitespace().find_map(|name| match name {
        "debian" | "ubuntu" => Some("apt-get install postgresql"),
        "fedora" | "rhel" | "centos" | "rocky" | "almalinux" | "amzn" => {
            Some("dnf install postgresql-server postgresql-contrib")
        }
        "alpine" => Some("apk add postgresql postgresql-contrib"),
        "arch" => Some("pacman -S postgresql"),
        "suse" | "opensuse" | "opensuse-leap" | "opensuse-tumbleweed" | "sles" => {
            Some("zypper install postgresql-server postgresql-contrib")
        }
        "nixos" => Some("nix-shell -p postgresql"),
        _ => None,
    });
    match command {
        Some(command) => format!("run `{command}`"),
        None => "install PostgreSQL 14 or newer".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::advice_for;

    #[test]
    fn each_distribution_is_told_its_own_command() {
        for (os_release, command) in [
            (
                "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n",
                "apt-get install postgresql",
            ),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                "apt-get install postgresql",
            ),
            ("ID=fedora\n", "dnf install postgresql-server"),
            ("ID=\"ol\"\nID_LIKE=\"fedora\"\n", "dnf install postgresql-server"),
            ("ID=alpine\n", "apk add postgresql"),
            ("ID=arch\n", "pacman -S postgresql"),
            (
                "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
                "zypper install postgresql-server",
            ),
            ("ID=plan9\n", "install PostgreSQL 14 or newer"),
            ("", "install PostgreSQL 14 or newer"),
        ] {
            assert!(
                advice_for(os_release).contains(command),
                "{os_release:?}: {}",
                advice_for(os_release)
            );
        }
    }
}
