//! What the kernel itself holds of protected places (Landlock), against all that a process starts.
//!
//! Landlock knows no "all but": a right is granted on a directory with all that is below it, and what is granted
//! nowhere above a path is refused there. So every right is granted on all that stands beside the way to a
//! protected place, entry by entry, and on none of the directories along that way. Two things follow. What is new
//! in such a directory has none of the rights, and what lies directly in it cannot be removed or renamed. That is
//! no loss where the user cannot write there at all (`/`, `/srv`), and then all is held. Where they can (`~` above
//! `~/.ssh`), only removing and renaming is held: creating and writing in `~` stay as they were. Where they work,
//! even that is too much, and nothing is held.
//!
//! A process so restricted, and all that it starts, can mount nothing, and sees of processes outside neither
//! memory nor descriptors. A hard link or a rename that would give a file more rights than it has is refused
//! (EXDEV): programs then copy.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};

/// Directories whose entries are the administrator's: they change so rarely that even root, who can write there,
/// hardly misses the right to.
const QUIET: &[&str] = &["/", "/home", "/media", "/mnt", "/opt", "/srv", "/var", "/var/lib"];

/// What a place is protected from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `[protect] read_only`
    ReadOnly,
    /// `[protect] no_delete`
    NoDelete,
}

/// What the kernel holds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Everything: nothing is written there, or nothing deleted or truncated.
    Whole,
    /// Removing and renaming alone. In these directories above it, where the user may write, what lies directly
    /// there cannot be removed or renamed either, nor what is in a directory that is made there.
    Removal(Vec<PathBuf>),
    /// Nothing.
    Nothing(Why),
}

/// Why the kernel holds nothing of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is not there.
    Absent,
    /// It lies in this directory, in which work is done that this would hinder.
    WorkedIn(PathBuf),
    /// The entries of this directory above it cannot be listed.
    Unlisted(PathBuf),
    /// The kernel knows no Landlock, or one in which no file can be moved to another directory (before Linux 5.19).
    Unsupported,
}

/// A protected place and what is held of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The place, every link resolved where it is there.
    pub place: PathBuf,
    /// What it is protected from.
    pub wanted: Wanted,
    /// What the kernel holds of that.
    pub hold: Hold,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = match self.wanted {
            Wanted::ReadOnly => "read_only",
            Wanted::NoDelete => "no_delete",
        };
        write!(f, "`{}` ({setting}): ", self.place.display())?;
        match &self.hold {
            Hold::Whole => f.write_str("held by the kernel"),
            Hold::Removal(above) => {
                let above: Vec<String> = above.iter().map(|above| format!("`{}`", above.display())).collect();
                let above = above.join(" or ");
                write!(
                    f,
                    "the kernel holds removing and renaming alone, and of what lies directly in {above} too"
                )
            }
            Hold::Nothing(Why::Absent) => f.write_str("not held by the kernel: it is not there"),
            Hold::Nothing(Why::WorkedIn(above)) => {
                write!(f, "not held by the kernel: it lies in `{}`, where work is done", above.display())
            }
            Hold::Nothing(Why::Unlisted(above)) => {
                write!(f, "not held by the kernel: `{}` cannot be listed", above.display())
            }
            Hold::Nothing(Why::Unsupported) => {
                f.write_str("not held by the kernel: it knows no Landlock of use")
            }
        }
    }
}

/// What is to be held, worked out for the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each place.
    pub held: Vec<Held>,
    /// Whether the kernel tells truncating from writing (Linux 6.2): else a place without deletions is held
    /// against removals alone, and `truncate` passes in a read-only one.
    pub truncation: bool,
}

/// Works out what of the places can be held. `busy` are directories in which work is done: the session's, its
/// work tree's root, those of temporary files.
pub fn plan(read_only: &[PathBuf], no_delete: &[PathBuf], busy: &[PathBuf]) -> Plan {
    let supported = kernel::moves();
    let real = |path: &PathBuf| fs::canonicalize(path);
    let busy: Vec<PathBuf> =
        busy.iter().filter_map(|path| real(path).ok()).filter(|path| !is_quiet(path)).collect();
    let wanted = |wanted: Wanted| move |place: &PathBuf| (place.clone(), wanted);
    let all = read_only.iter().map(wanted(Wanted::ReadOnly));
    let all = all.chain(no_delete.iter().map(wanted(Wanted::NoDelete)));
    let held = all.map(|(place, wanted)| {
        let hold = match real(&place) {
            _ if !supported => Hold::Nothing(Why::Unsupported),
            Ok(real) => hold(&real, &busy),
            Err(_) => Hold::Nothing(Why::Absent),
        };
        Held { place: real(&place).unwrap_or(place), wanted, hold }
    });
    let mut held: Vec<Held> = held.collect();
    let mut seen = Vec::new();
    held.retain(|held| {
        let first = !seen.contains(&(held.place.clone(), held.wanted));
        seen.push((held.place.clone(), held.wanted));
        first
    });
    Plan { held, truncation: supported && kernel::truncates() }
}

fn hold(place: &Path, busy: &[PathBuf]) -> Hold {
    let above = || place.ancestors().skip(1);
    let worked_in = |above: &&Path| busy.iter().any(|busy| above.starts_with(busy));
    if let Some(above) = above().filter(worked_in).last() {
        return Hold::Nothing(Why::WorkedIn(above.to_owned()));
    }
    if let Some(above) = above().find(|above| fs::read_dir(above).is_err()) {
        return Hold::Nothing(Why::Unlisted(above.to_owned()));
    }
    let changed = above().filter(|above| !is_quiet(above) && is_writable(above));
    match changed.map(Path::to_owned).collect::<Vec<_>>() {
        none if none.is_empty() => Hold::Whole,
        changed => Hold::Removal(changed),
    }
}

fn is_quiet(directory: &Path) -> bool {
    QUIET.iter().any(|quiet| directory == Path::new(quiet))
}

fn is_writable(directory: &Path) -> bool {
    faccessat(AT_FDCWD, directory, AccessFlags::W_OK, AtFlags::AT_EACCESS).is_ok()
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use landlock::{
        AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr, RulesetCreated,
        RulesetCreatedAttr, make_bitflags,
    };
    use nix::fcntl::{OFlag, open};
    use nix::sys::stat::Mode;

    use super::{Held, Hold, Plan, Wanted};

    type Rights = BitFlags<AccessFs>;

    /// Unlinking, removing directories, and renaming, which is both.
    const REMOVAL: Rights = make_bitflags!(AccessFs::{RemoveFile | RemoveDir});
    /// What a place without deletions refuses.
    const DELETION: Rights = make_bitflags!(AccessFs::{RemoveFile | RemoveDir | Truncate});
    /// What a read-only place refuses.
    const CHANGE: Rights = make_bitflags!(AccessFs::{
        RemoveFile | RemoveDir | Truncate | WriteFile | MakeChar | MakeDir | MakeReg | MakeSock | MakeFifo | MakeBlock
            | MakeSym
    });
    /// Rights that what is no directory can have.
    const OF_FILES: Rights = make_bitflags!(AccessFs::{WriteFile | Truncate});

    /// Whether a right to move files to other directories can be granted.
    pub fn moves() -> bool {
        knows(AccessFs::Refer)
    }

    /// Whether truncating is a right of its own.
    pub fn truncates() -> bool {
        knows(AccessFs::Truncate)
    }

    fn knows(right: AccessFs) -> bool {
        Ruleset::default().set_compatibility(CompatLevel::HardRequirement).handle_access(right).is_ok()
    }

    impl Held {
        fn refuses(&self) -> Rights {
            match (&self.hold, self.wanted) {
                (Hold::Nothing(_), _) => Rights::EMPTY,
                (Hold::Removal(_), _) => REMOVAL,
                (Hold::Whole, Wanted::NoDelete) => DELETION,
                (Hold::Whole, Wanted::ReadOnly) => CHANGE,
            }
        }
    }

    impl Plan {
        /// Makes ready what a child enters; `None` where there is nothing to hold. Reads the directories along the
        /// way to each place: what stands there now keeps its rights.
        pub fn prepare(&self) -> io::Result<Option<Prepared>> {
            let refused = self.held.iter().fold(Rights::EMPTY, |all, held| all | held.refuses());
            if refused.is_empty() {
                return Ok(None);
            }
            // Without it nothing could be renamed or linked from one directory to another.
            let handled = refused | AccessFs::Refer;
            let rules = Ruleset::default().handle_access(handled).and_then(Ruleset::create);
            let mut rules = rules.map_err(io::Error::other)?;
            let root = place(Path::new("/"))?;
            (&mut rules).add_rule(PathBeneath::new(root, AccessFs::Refer)).map_err(io::Error::other)?;
            self.grant(&mut rules, Path::new("/"), true, refused)?;
            Ok(Some(Prepared { rules: rules.no_new_privs(false) }))
        }

        /// Grants rights on what stands at a path, or, where that is on the way to a place that refuses them, on what
        /// is in it.
        fn grant(
            &self,
            rules: &mut RulesetCreated,
            path: &Path,
            is_directory: bool,
            rights: Rights,
        ) -> io::Result<()> {
            let refused = |lies: &dyn Fn(&Path) -> bool| {
                let there = self.held.iter().filter(|held| lies(&held.place));
                there.fold(Rights::EMPTY, |all, held| all | held.refuses())
            };
            let rights = rights & !refused(&|place| place == path);
            let within = rights & refused(&|place| place != path && place.starts_with(path));
            let here = rights & !within & if is_directory { Rights::all() } else { OF_FILES };
            if !here.is_empty() {
                match self::place(path) {
                    Ok(at) => {
                        rules.add_rule(PathBeneath::new(at, here)).map_err(io::Error::other)?;
                    }
                    // It is gone by now, or was never to be reached.
                    Err(_) if path != Path::new("/") => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
            if !is_directory || within.is_empty() {
                return Ok(());
            }
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                // A link has no rights of its own, and what it leads to has those of its place.
                if !kind.is_symlink() {
                    self.grant(rules, &entry.path(), kind.is_dir(), within)?;
                }
            }
            Ok(())
        }
    }

    fn place(path: &Path) -> io::Result<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(open(path, flags, Mode::empty())?)
    }

    /// What a child enters between fork and exec.
    #[derive(Debug)]
    pub struct Prepared {
        rules: RulesetCreated,
    }

    impl Prepared {
        /// Restricts the calling thread and all that it starts, for ever. It has `no_new_privs` or CAP_SYS_ADMIN.
        /// Allocates nothing where it succeeds.
        pub fn enter(self) -> io::Result<()> {
            self.rules.restrict_self().map(drop).map_err(io::Error::other)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::io;

    pub fn moves() -> bool {
        false
    }

    pub fn truncates() -> bool {
        false
    }

    /// Never made.
    #[derive(Debug)]
    pub enum Prepared {}

    impl super::Plan {
        /// Nothing can be held here.
        pub fn prepare(&self) -> io::Result<Option<Prepared>> {
            Ok(None)
        }
    }

    impl Prepared {
        /// Never called.
        pub fn enter(self) -> io::Result<()> {
            match self {}
        }
    }
}

pub use kernel::Prepared;
