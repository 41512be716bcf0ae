//! The programs whose arguments are a command, as data: one row each.
//!
//! Options are written as [`Grammar::options`](super::scan::Grammar) says.

mod projects;
mod remote;
mod sessions;
mod system;

pub(in crate::actions) use remote::DOCKER_RUN;

/// How a program's words lead to the command that it runs.
pub(super) struct Wrapper {
    /// Its base names, blank-separated.
    pub names: &'static str,
    /// The subcommands that run a command, separated by `|`; empty where the program itself does.
    pub subs: &'static str,
    /// Options that may stand before and between the subcommand's words.
    pub globals: &'static str,
    /// Options before the command.
    pub options: &'static str,
    /// Operands before the command.
    pub operands: usize,
    /// What these can be; see `Grammar`.
    pub operand_is: &'static str,
    /// Options may stand behind the last operand too.
    pub interspersed: bool,
    /// `NAME=value` may stand before the command.
    pub assignments: bool,
    /// Options whose value is shell source.
    pub shell: &'static str,
    /// What the words behind these are.
    pub rest: Rest,
    /// With one of these options the words are joined and read by a shell; `*` for always.
    pub joined_if: &'static str,
    /// With one of these they are not.
    pub joined_unless: &'static str,
    /// With one of these options no command runs.
    pub quiet: &'static str,
    /// Without one of these options no command runs (empty: none is needed).
    pub needs: &'static str,
    /// With one of these options (`*`: always), and no command, a shell reads standard input.
    pub bare: &'static str,
    /// Options whose value is the command's directory.
    pub directory: &'static str,
    /// Options whose value is the command's root directory.
    pub root: &'static str,
    /// Options whose value is the program, the words being its arguments.
    pub program: &'static str,
    /// Options whose value is the name that the program is told.
    pub told: &'static str,
    /// Where the command runs.
    pub place: Where,
}

/// What the words behind a wrapper's own words are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rest {
    /// A program and its arguments.
    Argv,
    /// The same, but only behind a `--`.
    Dashed,
    /// A program as a package registry names it (`prisma@6`), and its arguments.
    Package,
    /// A program or a Python script, and its arguments.
    PythonOrProgram,
    /// One word is shell source; more are a program and its arguments.
    OneIsShell,
    /// Every word is shell source.
    EachIsShell,
    /// Arguments of this program.
    Under(&'static str),
}

/// Where a wrapper's command runs.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Where {
    /// Where the wrapper does.
    Here,
    /// As another user.
    Privileged,
    /// In the container that the first operand names.
    Container,
    /// In a container of the image or service that the first operand names, which may see files of
    /// this machine; `new`: nothing but what it is given was there before.
    Image { new: bool },
    /// On the machine that the first operand names.
    Remote,
    /// In a container, unless one of these options shares this machine's files with it.
    Sandbox(&'static str),
}

const NONE: Wrapper = Wrapper {
    names: "",
    subs: "",
    globals: "",
    options: "",
    operands: 0,
    operand_is: "",
    interspersed: false,
    assignments: false,
    shell: "",
    rest: Rest::Argv,
    joined_if: "",
    joined_unless: "",
    quiet: "",
    needs: "",
    bare: "",
    directory: "",
    root: "",
    program: "",
    told: "",
    place: Where::Here,
};

const TABLES: [&[Wrapper]; 4] = [system::ROWS, sessions::ROWS, projects::ROWS, remote::ROWS];

/// How many names the tables hold.
const NAMES: usize = {
    let (mut count, mut table) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let names = TABLES[table][row].names.as_bytes();
            let mut at = 0;
            while at < names.len() {
                count += (!names[at].is_ascii_whitespace()
                    && (at == 0 || names[at - 1].is_ascii_whitespace())) as usize;
                at += 1;
            }
            row += 1;
        }
        table += 1;
    }
    count
};

const CHAINS: usize = 1024;
/// The end of a chain.
const END: u16 = u16::MAX;

/// The tables by the hash of a name: the first link of each chain; and the links, each a row and
/// the number of the next, in the order of the tables.
static INDEX: ([u16; CHAINS], [(&Wrapper, u16); NAMES]) = {
    let mut first = [END; CHAINS];
    let mut links = [(&NONE, END); NAMES];
    let (mut link, mut table) = (0, TABLES.len());
    while table > 0 {
        table -= 1;
        let mut row = TABLES[table].len();
        while row > 0 {
            row -= 1;
            let names = TABLES[table][row].names.as_bytes();
            let (mut start, mut end) = (0, 0);
            while end <= names.len() {
                if end == names.len() || names[end].is_ascii_whitespace() {
                    if end > start {
                        let chain = hash(names, start, end);
                        links[link] = (&TABLES[table][row], first[chain]);
                        first[chain] = link as u16;
                        link += 1;
                    }
                    start = end + 1;
                }
                end += 1;
            }
        }
    }
    (first, links)
};

/// The number of the chain for the name between two places.
const fn hash(bytes: &[u8], start: usize, end: usize) -> usize {
    let mut hash = 0usize;
    let mut at = start;
    while at < end {
        hash = hash.wrapping_mul(31).wrapping_add(bytes[at] as usize);
        at += 1;
    }
    hash % CHAINS
}

/// Whether a name is one of the dynamic linker's: `ld-linux-x86-64.so.2`, `ld-2.31.so`, `ld64.so.1`.
fn is_loader(name: &str) -> bool {
    name.split_once(".so").is_some_and(|(name, version)| {
        (matches!(name, "ld" | "ld64") || name.starts_with("ld-"))
            && (version.is_empty() || version.starts_with('.'))
    })
}

/// The rows for a program's base name.
pub(super) fn rows(name: &str) -> impl Iterator<Item = &'static Wrapper> {
    let name = if name.starts_with("ld") && is_loader(name) {
        "ld.so"
    } else {
        // GNU tools under the names that Homebrew gives them.
        match name {
            "gtimeout" | "gnice" | "gnohup" | "gstdbuf" | "gchroot" | "gtime" => &name[1..],
            _ => name,
        }
    };
    let (first, links) = &INDEX;
    let mut next = first[hash(name.as_bytes(), 0, name.len())];
    let chain = std::iter::from_fn(move || {
        let (row, after) = links.get(usize::from(next))?;
        next = *after;
        Some(*row)
    });
    chain.filter(move |row| super::scan::is_one_of(name, row.names))
}
