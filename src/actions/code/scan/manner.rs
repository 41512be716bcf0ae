//! How languages whose grammar is not read write strings and calls, and the functions that count.

use crate::actions::wrappers::is_one_of;

/// What a function does with its arguments.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Does {
    /// Hands its only argument to a shell, or starts a program with several.
    Runs,
    /// Hands an argument to a shell if that begins or ends with `|` (`open`).
    Pipes,
    /// Deletes files.
    Deletes,
    /// Deletes trees.
    DeletesTrees,
    /// Writes its second argument to the file that the first one names.
    Writes,
    /// Opens a file, as a mode among its arguments says.
    Opens,
    /// Moves a file.
    Moves,
    /// Copies a file over another.
    Copies,
    /// Cuts a file off.
    Empties,
    /// Runs text as code.
    Evaluates,
    /// Runs a file that its first argument names.
    Loads,
    /// Calls the function that its first argument names for each of the others.
    Maps,
    /// Sends a signal to processes.
    Kills,
}

use Does::{
    Copies, Deletes, DeletesTrees, Empties, Evaluates, Kills, Loads, Maps, Moves, Opens, Pipes, Runs, Writes,
};

/// How a language writes what is looked for.
pub(super) struct Manner {
    /// What begins a comment that ends with its line.
    pub comments: &'static [&'static str],
    /// What joins strings.
    pub joins: &'static [&'static str],
    /// `` `…` `` runs a command.
    pub backticks: bool,
    /// `/` may begin a pattern.
    pub patterns: bool,
    /// What of `$x`, `@x`, `#{x}` stands for a value in double quotes.
    pub holes: &'static [char],
    /// Functions, by what they do.
    pub functions: &'static [(Does, &'static str)],
}

impl Manner {
    /// What the function of that name does.
    pub fn does(&self, name: &str) -> Option<Does> {
        self.functions.iter().find(|(_, names)| is_one_of(name, names)).map(|(does, _)| *does)
    }
}

pub(super) const RUBY: Manner = Manner {
    comments: &["#"],
    joins: &["+"],
    backticks: true,
    patterns: true,
    holes: &['#'],
    functions: &[
        (
            Runs,
            "system exec spawn Kernel.system Kernel.exec Kernel.spawn Process.spawn IO.popen Open3.capture2 \
         Open3.capture2e Open3.capture3 Open3.popen3 Open3.pipeline sh",
        ),
        (Pipes, "open"),
        (Opens, "File.open File.new"),
        (Writes, "File.write IO.write File.binwrite"),
        (Moves, "File.rename FileUtils.mv"),
        (Copies, "FileUtils.cp FileUtils.copy IO.copy_stream"),
        (Empties, "File.truncate"),
        (Evaluates, "eval instance_eval class_eval"),
        (Loads, "require_relative require load"),
        (Kills, "Process.kill"),
        (
            Deletes,
            "Dir.rmdir Dir.unlink Dir.delete File.delete File.unlink FileUtils.rm FileUtils.rm_f FileUtils.remove",
        ),
        (
            DeletesTrees,
            "FileUtils.rm_r FileUtils.rm_rf FileUtils.rmtree FileUtils.remove_dir FileUtils.remove_entry \
         FileUtils.remove_entry_secure rm_rf rm_r remove_dir",
        ),
    ],
};

pub(super) const PERL: Manner = Manner {
    comments: &["#"],
    joins: &["."],
    backticks: true,
    patterns: true,
    holes: &['$', '@'],
    functions: &[
        (Runs, "system exec shell"),
        (Pipes, "open"),
        (Opens, "sysopen"),
        (Moves, "rename move"),
        (Copies, "copy"),
        (Empties, "truncate"),
        (Writes, "write_file"),
        (Evaluates, "eval"),
        (Loads, "require do"),
        (Kills, "kill"),
        (Deletes, "rmdir unlink"),
        (DeletesTrees, "rmtree remove_tree File::Path::rmtree File::Path::remove_tree"),
    ],
};

pub(super) const PHP: Manner = Manner {
    comments: &["#", "//"],
    joins: &["."],
    backticks: true,
    patterns: false,
    holes: &['$', '{'],
    functions: &[
        (Runs, "system exec shell_exec passthru popen proc_open pcntl_exec"),
        (Deletes, "unlink rmdir"),
        (Writes, "file_put_contents"),
        (Opens, "fopen"),
        (Moves, "rename"),
        (Copies, "copy"),
        (Evaluates, "eval"),
        (Loads, "include include_once require require_once"),
        (Kills, "posix_kill"),
        (Maps, "array_map array_walk call_user_func"),
    ],
};

pub(super) const LUA: Manner = Manner {
    comments: &["--"],
    joins: &[".."],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[
        (Runs, "os.execute io.popen vim.fn.system vim.fn.jobstart vim.system"),
        (Deletes, "os.remove vim.loop.fs_unlink vim.uv.fs_unlink"),
        (Moves, "os.rename"),
        (Opens, "io.open"),
        (DeletesTrees, "vim.fn.delete vim.fs.rm"),
        (Evaluates, "load loadstring"),
    ],
};

pub(super) const R: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[
        (Runs, "system system2 shell base.system"),
        (DeletesTrees, "unlink dir_delete"),
        (Deletes, "file.remove file_delete"),
        (Moves, "file.rename"),
    ],
};

pub(super) const JULIA: Manner = Manner {
    comments: &["#"],
    joins: &["*"],
    backticks: true,
    patterns: false,
    holes: &['$'],
    functions: &[(DeletesTrees, "rm Base.rm Base.Filesystem.rm"), (Moves, "mv"), (Writes, "write")],
};

pub(super) const AWK: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: true,
    holes: &[],
    functions: &[(Runs, "system")],
};

/// Languages of which only calls with literal strings are looked for.
pub(super) const OTHER: Manner = Manner {
    comments: &["# ", "#!", "##", "#inc", "#def", "#imp", "#pra", "#if", "#end", "//", ";;", "-- ", "%%"],
    joins: &[],
    backticks: false,
    patterns: false,
    holes: &['#', '$'],
    functions: &[],
};
