//! `guard -- COMMAND`: several words are one program call, run without a shell; a single word is
//! shell text.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::usage;
use crate::audit::{Kind, Outcome};
use crate::error::{Error, ErrorKind};
use crate::exec::pty::Ending;
use crate::front::{Front, Work};
use crate::model::bytes;
use crate::pipeline::Source;
use crate::shell;

/// Runs what stands after `--`; the number to end with, where nothing ran.
pub fn run(words: &[OsString]) -> i32 {
    shell::conclude(match words {
        [] => Err(usage("no command after `--`")),
        [text] => return shell::run_text(text),
        words => call(words),
    })
}

fn call(words: &[OsString]) -> Result<Ending, Error> {
    let front = Front::open().map_err(|error| error.hint("nothing ran"))?.chosen(true);
    let texts: Vec<String> = words.iter().map(bytes::text_of).collect();
    let shown = shell_words::join(&texts);
    let source = Source::Call { words: &texts, input: None, env: &[] };
    let judged = front.judge(&source, false);
    let way = judged.way;
    let program = || find(&words[0], env::var_os("PATH").as_deref());
    match front.permit(judged.verdict) {
        Ok((permit, verdict, outcome)) => {
            let program = program()?;
            front.record(Kind::Program, &shown, &verdict, outcome)?;
            front.run(permit, (Work::Command, way), &program, words)
        }
        Err(refused) => {
            if let Some(mut human) = front.asked(&refused.verdict) {
                let program = program()?;
                let judge = || front.judge_measured(&source, false);
                let answer = front.ask(Kind::Program, &shown, None, &judge, &mut human);
                let permit = answer.map_err(Error::refused_line)?;
                return front.run(permit, (Work::Command, way), &program, words);
            }
            if front.seeks(&refused.verdict) {
                let program = program()?;
                let judge = || front.judge_measured(&source, false);
                let permit = front.seek(Kind::Program, &shown, None, &judge).map_err(Error::refused_line)?;
                return front.run(permit, (Work::Command, way), &program, words);
            }
            // Refused whether that can be recorded or not.
            let _ = front.record(Kind::Program, &shown, &refused.verdict, Outcome::Refused);
            Err(Error::refused_line(Front::refusal(&refused.verdict)))
        }
    }
}

/// The program as `execvp` finds it: by its path, else the first on PATH that can be executed.
fn find(name: &OsStr, search: Option<&OsStr>) -> Result<PathBuf, Error> {
    let shown = name.to_string_lossy();
    if name.as_bytes().contains(&b'/') {
        return Ok(PathBuf::from(name));
    }
    let search = search.unwrap_or(OsStr::new("/bin:/usr/bin"));
    let runs = |path: &PathBuf| {
        let metadata = path.metadata();
        metadata.is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    let found = env::split_paths(search).map(|directory| Path::new(".").join(directory).join(name));
    found.into_iter().find(runs).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("`{shown}` is not there"))
            .because(io::Error::from(io::ErrorKind::NotFound))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_path() {
        let found = find(OsStr::new("sh"), Some(OsStr::new("/nowhere:/bin"))).unwrap();
        assert_eq!(found, PathBuf::from("/bin/sh"));
        assert_eq!(find(OsStr::new("./x"), None).unwrap(), PathBuf::from("./x"));
        let error = find(OsStr::new("no-such-program"), None).unwrap_err();
        assert_eq!(error.exit().code(), 127);
    }
}
