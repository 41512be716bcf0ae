//! Tests of `paths`.

use super::*;

fn places() -> Places {
    Places {
        homes: vec!["/home/dev".to_owned()],
        workspace: Some("/home/dev/project".to_owned()),
        temporary: Some("/run/user/1000/t".to_owned()),
        own: vec!["/home/dev/.config/guard".to_owned()],
        read_only: Vec::new(),
        no_delete: Vec::new(),
    }
}

#[test]
fn locations() {
    use Location::*;
    let places = places();
    for (path, wanted) in [
        ("/", Root),
        ("/home", Home),
        ("/home/dev", Home),
        ("/home/eve", Home),
        ("/root", Home),
        ("/Users/eve", Home),
        ("/root/x", Outside),
        ("/home/eve/x", Outside),
        ("/home/dev/other", Outside),
        ("/home/dev/project", Workspace),
        ("/home/dev/project/x", Inside),
        ("/home/dev/projects", Outside),
        ("/dev/sda", Device),
        ("/dev/sda1", Device),
        ("/dev/nvme0n1p2", Device),
        ("/dev/nvme0", Void),
        ("/dev/disk/by-id/x", Device),
        ("/dev/mapper/vg-root", Device),
        ("/dev/vg0/root", Device),
        ("/dev/null", Void),
        ("/dev/stdout", Void),
        ("/dev/fd/3", Void),
        ("/dev/tty", Void),
        ("/dev/pts/1", Void),
        ("/dev/tcp/h/80", Void),
        ("/proc/self/fd/1", Void),
        ("/proc/12/fd/1", Void),
        ("/proc/sys/vm/swappiness", System),
        ("/dev", System),
        ("/dev/shm", System),
        ("/dev/shm/x", Temporary),
        ("/tmp", System),
        ("/tmp/x", Temporary),
        ("/var/tmp/x", Temporary),
        ("/private/var/folders/a/b", Temporary),
        ("/run/user/1000/t/x", Temporary),
        ("/run/user/1000/x", System),
        ("/etc", System),
        ("/etc/passwd", System),
        ("/usr/local/bin/x", System),
        ("/var/lib/x", System),
        ("/var/www/x", Outside),
        ("/opt/x", Outside),
        ("/srv", Outside),
        ("/Volumes/x", Outside),
        ("/mnt/backup", Outside),
        ("/mnt/c", Root),
        ("/mnt/c/Windows/x", System),
        ("/mnt/c/Users/eve", Home),
        ("/mnt/c/Users/eve/x", Outside),
        (r"/home/dev/project/d:\", Root),
        ("/home/dev/project/d:", Root),
        (r"/home/dev/project/E:\*", Root),
        (r"/home/dev/project/\", Root),
        (r"/home/dev/project/C:\Windows\System32", System),
        (r"/home/dev/project/C:\Users\eve", Home),
        (r"/home/dev/project/C:\Users\eve\x", Outside),
        ("/home/dev/project/%USERPROFILE%", Home),
        ("/home/dev/project/%Y%m", Inside),
        ("/home/dev/project/a:b", Inside),
    ] {
        assert_eq!(places.locate(path), wanted, "{path}");
    }
}

#[test]
fn a_workspace_among_temporary_or_system_files() {
    let mut places = places();
    places.workspace = Some("/tmp/t/ws".to_owned());
    assert_eq!(places.locate("/tmp/t/ws/x"), Location::Inside);
    assert_eq!(places.locate("/tmp/t/ws"), Location::Workspace);
    assert_eq!(places.locate("/tmp/t"), Location::Workspace);
    assert_eq!(places.locate("/tmp/t/x"), Location::Temporary);
    assert_eq!(places.locate("/tmp"), Location::System);
    places.homes.push("/tmp/t/home".to_owned());
    assert_eq!(places.locate("/tmp"), Location::System);
    assert_eq!(places.locate("/tmp/t"), Location::Home);
    assert_eq!(places.locate("/tmp/t/home/x"), Location::Outside);
    assert!(places.is_on_other_disk("/Volumes/x/y"));
    assert!(!places.is_on_other_disk("/mnt"));
    places.workspace = Some("/usr/src/app".to_owned());
    assert_eq!(places.locate("/usr/src/app/x"), Location::Inside);
    assert_eq!(places.locate("/usr"), Location::System);
}

#[test]
fn startup_credential_protected() {
    let places = places();
    let told = |path: &str| {
        let letters = [
            (places.is_startup(path), 's'),
            (places.is_credential(path), 'c'),
            (reach(&places.own, path) != Reach::Apart, 'p'),
        ];
        letters.iter().filter(|(holds, _)| *holds).map(|(_, letter)| *letter).collect::<String>()
    };
    for (path, wanted) in [
        ("/home/dev/.bashrc", "s"),
        ("/home/eve/.bashrc", ""),
        ("/etc/cron.d/x", "s"),
        ("/etc/profile.d/x.sh", "s"),
        ("/home/dev/project/.git/hooks/pre-commit", "s"),
        ("/home/dev/project/.git/hooks/pre-commit.sample", ""),
        ("/home/dev/project/.git/index", ""),
        ("/home/dev/project/.vscode/settings.json", "s"),
        ("/home/dev/project/.vscode/extensions.json", ""),
        ("/home/dev/project/.claude/settings.local.json", "s"),
        ("/home/dev/.ssh/id_x", "c"),
        ("/home/dev/.ssh/config", "sc"),
        ("/home/dev/project/.env", "c"),
        ("/home/dev/project/.env.production", "c"),
        ("/home/dev/project/.env.example", ""),
        ("/home/dev/project/tls/server.key", "c"),
        ("/home/dev/.config/guard/guard.toml", "p"),
        ("/home/dev/.config", "p"),
        ("/home/dev/.config/gh/hosts.yml", "c"),
        ("/home/dev/project/src/main.rs", ""),
    ] {
        assert_eq!(told(path), wanted, "{path}");
    }
}

#[test]
fn reproducible() {
    use TrackState::*;
    let places = places();
    let here = [
        "/home/dev/project/Cargo.toml",
        "/home/dev/project/.venv/pyvenv.cfg",
        "/home/dev/project/data/CACHEDIR.TAG",
        "/home/dev/other/package.json",
    ];
    let exists = |path: &str| here.contains(&path);
    for (path, state, wanted) in [
        ("/home/dev/project/node_modules", Ignored, true),
        ("/home/dev/project/node_modules", Untracked, true),
        ("/home/dev/project/node_modules", Clean, false),
        ("/home/dev/project/a/node_modules/x/y.js", Unknown, true),
        ("/home/dev/project/dist", Ignored, true),
        ("/home/dev/project/dist", Unknown, true),
        ("/home/dev/project/dist", Untracked, false),
        ("/home/dev/project/dist", Modified, false),
        ("/home/dev/project/vendor", Ignored, true),
        ("/home/dev/project/vendor", Unknown, false),
        ("/home/dev/project/target/debug", Untracked, true),
        ("/home/dev/project/sub/target", Unknown, false),
        ("/home/dev/project/.venv/lib", Unknown, true),
        ("/home/dev/project/.venv", Untracked, true),
        ("/home/dev/project/data", Ignored, false),
        ("/home/dev/project/x.pyc", Ignored, true),
        ("/home/dev/project/.terraform", Ignored, true),
        ("/home/dev/project/terraform.tfstate", Ignored, false),
        ("/home/dev/.cache/pip", Unknown, true),
        ("/home/dev/build", Unknown, false),
        ("/home/dev/other/node_modules", Unknown, true),
        ("/opt/app/node_modules", Unknown, false),
        ("/var/lib/apt/lists/x", Unknown, true),
        ("/home/dev", Unknown, false),
    ] {
        assert_eq!(places.is_reproducible(path, state, &exists), wanted, "{path} {state:?}");
    }
    assert!(is_reproducible_when_ignored("node_modules"));
    assert!(!is_reproducible_when_ignored("data"));
}
