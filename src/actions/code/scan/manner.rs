//! How languages whose grammar is not read write strings and calls, and the functions that count.

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
    /// Calls the function that its first argument names for each of the others.
    Maps,
}

use Does::{Copies, Deletes, DeletesTrees, Empties, Evaluates, Maps, Moves, Opens, Pipes, Runs, Writes};

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
    pub functions: &'static [(&'static str, Does)],
}

pub(super) const RUBY: Manner = Manner {
    comments: &["#"],
    joins: &["+"],
    backticks: true,
    patterns: true,
    holes: &['#'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("spawn", Runs),
        ("Kernel.system", Runs),
        ("Kernel.exec", Runs),
        ("Kernel.spawn", Runs),
        ("Process.spawn", Runs),
        ("IO.popen", Runs),
        ("Open3.capture2", Runs),
        ("Open3.capture2e", Runs),
        ("Open3.capture3", Runs),
        ("Open3.popen3", Runs),
        ("Open3.pipeline", Runs),
        ("sh", Runs),
        ("open", Pipes),
        ("File.open", Opens),
        ("File.new", Opens),
        ("File.write", Writes),
        ("IO.write", Writes),
        ("File.binwrite", Writes),
        ("File.rename", Moves),
        ("FileUtils.mv", Moves),
        ("FileUtils.cp", Copies),
        ("FileUtils.copy", Copies),
        ("IO.copy_stream", Copies),
        ("File.truncate", Empties),
        ("eval", Evaluates),
        ("instance_eval", Evaluates),
        ("class_eval", Evaluates),
        ("Dir.rmdir", Deletes),
        ("Dir.unlink", Deletes),
        ("Dir.delete", Deletes),
        ("File.delete", Deletes),
        ("File.unlink", Deletes),
        ("FileUtils.rm", Deletes),
        ("FileUtils.rm_f", Deletes),
        ("FileUtils.remove", Deletes),
        ("FileUtils.rm_r", DeletesTrees),
        ("FileUtils.rm_rf", DeletesTrees),
        ("FileUtils.rmtree", DeletesTrees),
        ("FileUtils.remove_dir", DeletesTrees),
        ("FileUtils.remove_entry", DeletesTrees),
        ("FileUtils.remove_entry_secure", DeletesTrees),
        ("rm_rf", DeletesTrees),
        ("rm_r", DeletesTrees),
        ("remove_dir", DeletesTrees),
    ],
};

pub(super) const PERL: Manner = Manner {
    comments: &["#"],
    joins: &["."],
    backticks: true,
    patterns: true,
    holes: &['$', '@'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("shell", Runs),
        ("open", Pipes),
        ("sysopen", Opens),
        ("rename", Moves),
        ("move", Moves),
        ("copy", Copies),
        ("truncate", Empties),
        ("write_file", Writes),
        ("eval", Evaluates),
        ("rmdir", Deletes),
        ("unlink", Deletes),
        ("rmtree", DeletesTrees),
        ("remove_tree", DeletesTrees),
        ("File::Path::rmtree", DeletesTrees),
        ("File::Path::remove_tree", DeletesTrees),
    ],
};

pub(super) const PHP: Manner = Manner {
    comments: &["#", "//"],
    joins: &["."],
    backticks: true,
    patterns: false,
    holes: &['$', '{'],
    functions: &[
        ("system", Runs),
        ("exec", Runs),
        ("shell_exec", Runs),
        ("passthru", Runs),
        ("popen", Runs),
        ("proc_open", Runs),
        ("pcntl_exec", Runs),
        ("unlink", Deletes),
        ("rmdir", Deletes),
        ("file_put_contents", Writes),
        ("fopen", Opens),
        ("rename", Moves),
        ("copy", Copies),
        ("eval", Evaluates),
        ("array_map", Maps),
        ("array_walk", Maps),
        ("call_user_func", Maps),
    ],
};

pub(super) const LUA: Manner = Manner {
    comments: &["--"],
    joins: &[".."],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[
        ("os.execute", Runs),
        ("io.popen", Runs),
        ("os.remove", Deletes),
        ("os.rename", Moves),
        ("io.open", Opens),
        ("vim.fn.system", Runs),
        ("vim.fn.jobstart", Runs),
        ("vim.system", Runs),
        ("vim.fn.delete", DeletesTrees),
        ("vim.fs.rm", DeletesTrees),
        ("vim.loop.fs_unlink", Deletes),
        ("vim.uv.fs_unlink", Deletes),
        ("load", Evaluates),
        ("loadstring", Evaluates),
    ],
};

pub(super) const R: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: false,
    holes: &[],
    functions: &[
        ("system", Runs),
        ("system2", Runs),
        ("shell", Runs),
        ("base.system", Runs),
        ("unlink", DeletesTrees),
        ("file.remove", Deletes),
        ("file_delete", Deletes),
        ("dir_delete", DeletesTrees),
        ("file.rename", Moves),
    ],
};

pub(super) const JULIA: Manner = Manner {
    comments: &["#"],
    joins: &["*"],
    backticks: true,
    patterns: false,
    holes: &['$'],
    functions: &[
        ("rm", DeletesTrees),
        ("Base.rm", DeletesTrees),
        ("Base.Filesystem.rm", DeletesTrees),
        ("mv", Moves),
        ("write", Writes),
    ],
};

pub(super) const AWK: Manner = Manner {
    comments: &["#"],
    joins: &[],
    backticks: false,
    patterns: true,
    holes: &[],
    functions: &[("system", Runs)],
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
