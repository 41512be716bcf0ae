//! What the kernel holds of protected places: real programs against it, as root and as somebody else.

#![allow(unsafe_code)] // the child restricts itself between fork and exec

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice::from_ref;

use crate::support::World;
use guard::sys::landlock::{Held, Hold, Plan, Wanted, Why, plan};

/// Some user who is nobody here.
const SOMEBODY: u32 = 54_321;

/// `home/keep`, `home/project` and `reference` in a scratch directory that everybody may enter; `None` where this
/// kernel has no Landlock.
fn scratch() -> Option<(tempfile::TempDir, PathBuf)> {
    let scratch = tempfile::Builder::new().prefix("guard-test-").tempdir().expect("a scratch directory");
    let root = scratch.path().canonicalize().expect("a path");
    if plan(from_ref(&root), &[], &[]).held[0].hold == Hold::Nothing(Why::Unsupported) {
        let _ = writeln!(std::io::stderr(), "not tested: this kernel has no Landlock, or an old one");
        return None;
    }
    for file in
        ["home/keep/a", "home/keep/deep/b", "home/project/c", "home/d", "reference/e", "reference/deep/f"]
    {
        let file = root.join(file);
        fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        fs::write(file, "text\n").expect("a file");
    }
    Some((scratch, root))
}

/// Gives all of it to a user.
fn give(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).expect("another owner");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a directory");
        entries.for_each(|entry| give(&entry.expect("an entry").path(), user));
    }
}

/// Whether a line of shell succeeds in a directory with what the plan holds.
fn succeeds(plan: &Plan, directory: &Path, line: &str, user: Option<u32>) -> bool {
    let mut prepared = plan.prepare().expect("the rules");
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(directory).env("HOME", directory.join("home"));
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    user.iter().for_each(|user| {
        command.uid(*user).gid(*user);
    });
    // SAFETY: nothing is allocated where it succeeds, and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_no_new_privs()?;
            prepared.take().map_or(Ok(()), |prepared| prepared.enter())
        });
    }
    command.output().expect("sh runs").status.success()
}

/// Each line in a scratch directory of its own, as root where the tests run as root, and as somebody else.
fn check(planned: impl Fn(&Path) -> Plan, lines: &[(&str, bool)]) {
    let users = match nix::unistd::geteuid().is_root() {
        true => vec![None, Some(SOMEBODY)],
        false => vec![None],
    };
    for user in users {
        for (line, wanted) in lines {
            let Some((_scratch, root)) = scratch() else { return };
            user.iter().for_each(|user| give(&root, *user));
            let plan = planned(&root);
            assert_eq!(succeeds(&plan, &root, line, user), *wanted, "as {user:?}: {line}");
        }
    }
}

/// As if nobody could write in the directories above.
fn whole(root: &Path) -> Plan {
    let held = |place: &str, wanted| Held { place: root.join(place), wanted, hold: Hold::Whole };
    let held = vec![held("reference", Wanted::ReadOnly), held("home/keep", Wanted::NoDelete)];
    Plan { held, truncation: true }
}

#[test]
fn nothing_is_written_in_a_read_only_place_and_nothing_deleted_in_a_kept_one() {
    check(
        whole,
        &[
            ("cat reference/e home/keep/a", true),
            ("echo x >> reference/e", false),
            ("truncate -s 0 reference/deep/f", false),
            ("touch reference/new", false),
            ("mkdir reference/new", false),
            ("rm reference/e", false),
            ("rm -rf reference", false),
            ("mv reference/e home/project/e", false),
            ("mv home/project/c reference/c", false),
            ("mv reference other", false),
            // Another name would let it be written.
            ("ln reference/e home/project/e", false),
            ("python3 -c \"open('reference/e', 'r+').write('x')\"", false),
            ("rm home/keep/a", false),
            ("rm -rf home/keep", false),
            ("mv home/keep/a home/project/a", false),
            ("mv home/keep home/kept", false),
            ("mv home home2", false),
            ("mv home/project/c home/keep/a", false),
            ("echo x > home/keep/a", false),
            ("python3 -c \"import shutil; shutil.rmtree('home/keep')\"", false),
            ("python3 -c \"import os; os.unlink('home/keep/deep/b')\"", false),
            ("echo x > home/keep/new && mkdir home/keep/dir", true),
            ("echo x >> home/keep/a", true),
            ("mv home/project/c home/keep/c", true),
        ],
    );
}

#[test]
fn everything_else_is_as_it_was() {
    check(
        whole,
        &[
            ("cd home/project && echo 1 > x && mv x y && ln y z && rm c y z && mkdir d && rmdir d", true),
            ("cd home/project && mkdir a b && touch a/f && mv a/f b/ && ln b/f a/g && rm -r a b", true),
            (
                "cd home/project && git init -q . && git -c user.name=t -c user.email=t@example.com commit -q -m x --allow-empty",
                true,
            ),
            ("echo x > /dev/null && f=/dev/shm/guard-test-$$ && echo x > $f && rm $f", true),
            ("sleep 5 & kill $! && ps > /dev/null", true),
            ("python3 -c \"import multiprocessing as m; m.Pool(2).map(abs, [1])\"", true),
            ("echo x | tee /proc/self/fd/1 > /dev/null", true),
        ],
    );
}

#[test]
fn where_the_user_writes_above_a_place_only_removals_are_held_and_those_beside_it_with_it() {
    let planned = |root: &Path| plan(&[], &[root.join("home/keep")], &[root.join("home/project")]);
    check(
        planned,
        &[
            ("rm home/keep/a", false),
            ("mv home/keep/a home/project/a", false),
            ("mv home/keep home/kept", false),
            ("echo x > home/keep/a", true),
            ("cd home/project && rm c && mkdir d && touch d/e && rm -r d", true),
            // The price: above the place nothing is granted that it is to be without.
            ("rm home/d", false),
            ("echo x > home/new && mkdir home/dir && echo x > home/dir/e", true),
            ("mkdir home/dir && touch home/dir/e && rm home/dir/e", false),
        ],
    );
}

#[test]
fn what_is_held_is_told() {
    let Some((_scratch, root)) = scratch() else { return };
    let [home, keep, absent] = ["home", "home/keep", "home/absent"].map(|path| root.join(path));
    std::os::unix::fs::symlink(&keep, root.join("link")).expect("a link");
    let temporary = root.parent().expect("a directory").to_owned();
    let one = |place: &Path, busy: &[PathBuf]| plan(&[], &[place.to_owned()], busy).held.remove(0);
    assert_eq!(one(&absent, &[]).hold, Hold::Nothing(Why::Absent));
    assert_eq!(
        one(&keep, &[home.join("project")]).hold,
        Hold::Removal(vec![home.clone(), root.clone(), temporary])
    );
    assert_eq!(one(&keep, from_ref(&home)).hold, Hold::Nothing(Why::WorkedIn(home.clone())));
    assert_eq!(one(&root.join("link"), &[]).place, keep);
    assert_eq!(one(Path::new("/usr"), from_ref(&root)).hold, Hold::Whole);
    let said = one(&keep, from_ref(&home)).to_string();
    assert!(said.ends_with("where work is done"), "{said}");
    let twice = plan(&[], &[keep.clone(), root.join("link")], &[]);
    assert_eq!(twice.held.len(), 1);
    assert!(plan(&[], &[absent], &[]).prepare().expect("no rules").is_none());
}

#[test]
fn status_tells_what_the_kernel_holds_where_settings_want_it() {
    let world = World::new();
    world.file("home/keep/a", "x");
    let status = |landlock: &str| {
        world.file("config/guard.toml", format!("[protect]\nno_delete = [\"~/keep\", \"/usr\"]\n{landlock}"));
        world.guard("guard").args(["status"]).outcome().ended(0).stdout.clone()
    };
    assert!(!status("").contains("landlock"));
    let told = status("landlock = true\n").replace('\n', " ");
    assert!(told.contains("landlock") && told.contains("`/usr` (no_delete): "), "{told}");
}
