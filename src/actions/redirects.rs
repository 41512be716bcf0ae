//! Redirections: what a statement reads, and what it writes to files.

use crate::model::{Effect, Input, PathEffect, PathOp, Piece, Shape, Span, Text};
use crate::syntax::{self, Command, Part, Redirect, RedirectKind, Scope, Stmt};

use super::flow::READ;
use super::http;
use super::masked;
use super::paths;
use super::walk::Walk;
use super::wire;
use super::wrappers::is_one_of;
use super::written::{self, Written};

/// Where a statement's descriptors lead.
#[derive(Default)]
pub(super) struct Redirected {
    /// Its standard input, if it is redirected.
    pub input: Option<Input>,
    /// Standard output does not reach whoever reads the statement's output.
    pub stdout_elsewhere: bool,
    /// The files it opens for writing.
    pub outputs: Vec<Output>,
    /// What can be read from its descriptors above the standard ones.
    pub opened: Vec<(u32, Input)>,
    /// The files to which its descriptors above the standard ones lead.
    pub leads: Vec<(u32, Text)>,
}

impl Redirected {
    /// A descriptor is opened for reading.
    fn reads(&mut self, fd: Option<u32>, input: Input) {
        match fd {
            None | Some(0) => self.input = Some(input),
            Some(fd) => self.opened.push((fd, input)),
        }
    }
}

impl Output {
    /// Whether all that the command prints goes there, in place of what stood there.
    pub fn takes_all(&self) -> bool {
        self.carries_stdout && self.kind == PathOp::Overwrite && !self.stays_open
    }

    /// More of what a descriptor that is open already leads on.
    fn further(path: Text, span: Span) -> Output {
        Output { path, kind: PathOp::Modify, carries_stdout: true, stays_open: false, span }
    }
}

/// A file that a redirection opens for writing.
pub(super) struct Output {
    pub path: Text,
    kind: PathOp,
    carries_stdout: bool,
    /// The shell keeps it open and writes to it later on.
    stays_open: bool,
    span: Span,
}

impl Walk<'_> {
    /// Works out where a statement's descriptors lead.
    pub fn redirects(&mut self, redirects: &[Redirect], scope: &mut Scope<'_>) -> Redirected {
        let mut result = Redirected::default();
        for redirect in redirects {
            let fd = match &redirect.variable {
                Some(name) if !matches!(redirect.kind, RedirectKind::Duplicate(_)) => {
                    // The shell takes the first free number from 10 on.
                    let taken =
                        self.opened.len() + self.leads.len() + result.opened.len() + result.leads.len();
                    scope.set(name, Text::known((10 + taken).to_string()));
                    u32::try_from(10 + taken).ok()
                }
                _ => redirect.fd,
            };
            match &redirect.kind {
                RedirectKind::Read(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    result.reads(fd, self.input_of(path));
                }
                RedirectKind::ReadWrite(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    if fd.unwrap_or(0) == 0 {
                        result.input = Some(Input::Unknown);
                    }
                    let fd = fd.unwrap_or(0);
                    if fd > 2 || fd == 0 || peer(&path).is_some() {
                        result.leads.push((fd, path.clone()));
                    }
                    result.outputs.push(Output {
                        path,
                        kind: PathOp::Modify,
                        carries_stdout: false,
                        stays_open: false,
                        span: self.context.origin.map(redirect.span),
                    });
                }
                RedirectKind::Write(word) | RedirectKind::Append(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    let stdout = fd.unwrap_or(1) == 1;
                    result.stdout_elsewhere |= stdout;
                    if let Some(fd) = fd.filter(|fd| *fd > 2) {
                        result.leads.push((fd, path.clone()));
                    }
                    let append = matches!(redirect.kind, RedirectKind::Append(_));
                    result.outputs.push(Output {
                        path,
                        kind: if append { PathOp::Modify } else { PathOp::Overwrite },
                        carries_stdout: stdout,
                        stays_open: false,
                        span: self.context.origin.map(redirect.span),
                    });
                }
                RedirectKind::Duplicate(word) if redirect.fd == Some(0) => {
                    let target = syntax::expand_one(word, scope, self);
                    let number =
                        target.as_known().and_then(|number| number.trim_end_matches('-').parse().ok());
                    let own = result.opened.iter().rev().find(|(fd, _)| Some(*fd) == number);
                    result.input = Some(match (target.as_known(), own, number) {
                        (Some("-"), ..) => Input::Empty,
                        (_, Some((_, input)), _) => input.clone(),
                        (.., Some(number)) => self.descriptor(number),
                        _ => Input::Unknown,
                    });
                }
                RedirectKind::Duplicate(word) => {
                    let path = syntax::expand_target(word, scope, self);
                    let stdout = redirect.fd.unwrap_or(1) == 1;
                    result.stdout_elsewhere |= stdout;
                    let number = path.as_known().and_then(|number| number.trim_end_matches('-').parse().ok());
                    let own = result.leads.iter().rev().find(|(fd, _)| Some(*fd) == number);
                    let lead = own.map(|(_, path)| path).or_else(|| self.leads.get(&number?)).cloned();
                    if let Some(path) = lead {
                        self.written_to(&path);
                        let span = self.context.origin.map(redirect.span);
                        result.outputs.extend(stdout.then(|| Output::further(path, span)));
                    } else if !may_be_descriptor(&path) {
                        result.outputs.push(Output {
                            path,
                            kind: PathOp::Overwrite,
                            carries_stdout: stdout,
                            stays_open: false,
                            span: self.context.origin.map(redirect.span),
                        });
                    }
                }
                RedirectKind::Heredoc(body) => {
                    let text = syntax::expand_heredoc(body, scope, self);
                    result.reads(fd, Input::Text(text.into()));
                }
                RedirectKind::HereString(word) => {
                    let mut text = syntax::expand_one(word, scope, self);
                    text.push_str("\n");
                    result.reads(fd, Input::Text(text.into()));
                }
            }
        }
        // Half of all redirections: nothing is there that could be lost, nor does anybody read it.
        result.outputs.retain(|output| output.path.as_known() != Some("/dev/null"));
        result
    }

    /// Something is written to a file that the shell opened before: it was not only emptied.
    fn written_to(&mut self, path: &Text) {
        if !self.emptied.remove(&path.display()) {
            return;
        }
        for action in &mut self.found.actions {
            if let Effect::Path(effect) = &mut action.effect
                && (effect.op, effect.by.as_str()) == (PathOp::Empty, ">")
                && effect.path == *path
            {
                effect.op = PathOp::Overwrite;
            }
        }
    }

    /// Notes what a filter reads that redirects its output.
    pub fn reads_of(
        &mut self,
        fields: &[(Text, Span)],
        input: &Input,
        outputs: &[Output],
        scope: &Scope<'_>,
    ) {
        let Some(((program, _), rest)) = fields.split_first().filter(|_| !outputs.is_empty()) else {
            return;
        };
        let own = program.as_known().is_some_and(|name| is_one_of(name, READ));
        let files = rest.iter().filter(|_| own).map(|(word, _)| word);
        let input = match input {
            Input::File(path) => Some(path),
            _ => None,
        };
        let keys = files.chain(input).filter_map(|path| written::key(scope.directory(), path));
        self.context.reads.extend(keys);
    }

    /// Notes what filters read whose output a later stage of the pipeline redirects.
    pub fn reads_of_stages(&mut self, stages: &[Stmt], scope: &Scope<'_>) {
        let Some((last, before)) = stages.split_last() else {
            return;
        };
        if !last.redirects.iter().any(|redirect| matches!(redirect.kind, RedirectKind::Write(_))) {
            return;
        }
        for stage in before {
            let Command::Simple(simple) = &stage.command else {
                continue;
            };
            let mut words = simple.words.iter().filter_map(|word| match word.parts.as_slice() {
                [Part::Literal { text, .. }] => Some(text.as_str()),
                _ => None,
            });
            if words.next().is_some_and(|name| is_one_of(name, READ)) {
                let keys = words.filter_map(|word| written::key(scope.directory(), &Text::known(word)));
                self.context.reads.extend(keys);
            }
        }
    }

    /// What is read from a path.
    pub fn input_of(&self, path: Text) -> Input {
        match path.as_known() {
            Some("/dev/null") => Input::Empty,
            Some("/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") => self.context.input.clone(),
            Some(known) => {
                let number = known.strip_prefix("/dev/fd/").or_else(|| known.strip_prefix("/proc/self/fd/"));
                let number = number.and_then(|number| number.parse().ok());
                let input = self.pipes.get(known).or_else(|| self.opened.get(&number?));
                input.cloned().unwrap_or(Input::File(path))
            }
            None => Input::File(path),
        }
    }

    /// What is read from one of the shell's descriptors.
    pub fn descriptor(&self, number: u32) -> Input {
        match number {
            0 => self.context.input.clone(),
            number => self.opened.get(&number).cloned().unwrap_or(Input::Unknown),
        }
    }

    /// What `exec` without a command leaves open in the shell.
    pub fn keep_open(&mut self, redirected: &mut Redirected) {
        if let Some(input) = redirected.input.take() {
            self.context.input = input;
        }
        self.opened.extend(redirected.opened.drain(..));
        self.leads.extend(redirected.leads.drain(..));
        if redirected.stdout_elsewhere {
            self.leads.remove(&1);
        }
        for output in &mut redirected.outputs {
            output.stays_open = true;
            if output.carries_stdout {
                self.leads.insert(1, output.path.clone());
            }
        }
    }

    /// What a command prints that nobody else reads goes where `exec > FILE` led the shell.
    pub fn further_output(&self, redirected: &mut Redirected, span: Span) {
        if !self.context.capture && !redirected.stdout_elsewhere {
            redirected.outputs.extend(self.leads.get(&1).map(|path| Output::further(path.clone(), span)));
        }
    }

    /// Follows a coprocess; what is written to its descriptor is what it reads.
    pub fn beside(&mut self, name: &str, body: &Stmt, scope: &mut Scope<'_>) {
        let saved = std::mem::replace(&mut self.context.input, Input::Unknown);
        self.subshell(scope, |walk, copy| walk.statement(body, copy));
        self.context.input = saved;
        let number = 63usize.wrapping_sub(self.pipes.len());
        let path = format!("/dev/fd/{number}");
        self.pipes.insert(path.clone(), Input::Unknown);
        self.outlets.insert(path.clone(), vec![body.clone()]);
        if let Ok(fd) = u32::try_from(number) {
            self.leads.insert(fd, Text::known(path));
        }
        scope.set_array(
            name,
            vec![Text::hole("${COPROC[0]}", Shape::Number), Text::known(number.to_string())],
        );
        scope.forget(&format!("{name}_PID"));
    }

    /// Text is written to what a process substitution runs.
    pub fn feed(&mut self, path: &str, text: &Text, scope: &Scope<'_>) {
        if let Some(body) = self.outlets.get(path).cloned() {
            let saved = self.context.clone();
            self.context.input = Input::Text(text.clone().into());
            self.context.unsure = true;
            // It began to run before the shell's own output was led anywhere.
            let lead = self.leads.remove(&1);
            self.layer(|walk| walk.subshell(scope, |walk, inner| walk.sequence(&body, inner)));
            self.leads.extend(lead.map(|lead| (1, lead)));
            self.context = saved;
        }
    }

    /// Records what a redirection does to the file it leads to.
    pub fn write(&mut self, output: Output, content: Option<Text>, span: Span, scope: &Scope<'_>) {
        let content = content.filter(|_| output.carries_stdout);
        if let (Some(path), Some(content)) = (output.path.as_known(), &content) {
            self.feed(path, content, scope);
        }
        let emptied_first = output.kind == PathOp::Overwrite
            && !self.context.reads.is_empty()
            && written::key(scope.directory(), &output.path)
                .is_some_and(|key| self.context.reads.contains(&key));
        let empties = emptied_first
            || content.as_ref().and_then(Text::as_known) == Some("")
            || (output.stays_open && !output.carries_stdout && output.kind == PathOp::Overwrite);
        let mut effect: PathEffect =
            paths::redirect(output.path, output.kind == PathOp::Modify, empties, Some(output.span));
        self.forget_copy(&effect, scope.directory());
        self.former_effects(&effect, self.context.origin.map(span), scope);
        if let Some(key) = written::key(scope.directory(), &effect.path) {
            let source = match &content {
                _ if output.stays_open => Text::default(),
                Some(content) => content.clone(),
                None => Text::hole(effect.path.display(), Shape::Any),
            };
            if effect.op == PathOp::Modify {
                self.add(key, &source, true);
            } else {
                let exact = true;
                self.put(key, Written::Text { source, exact });
            }
        }
        let span = self.context.origin.map(span);
        if let (Some(host), Some(content)) = (peer(&effect.path), &content) {
            for request in http::written(content, host.clone()) {
                self.emit(Effect::Request(Box::new(request)), span, scope);
            }
            for call in wire::calls(content, &host) {
                self.emit(Effect::Call(call.into()), span, scope);
            }
        }
        effect.content = content;
        if effect.op == PathOp::Empty {
            self.emptied.insert(effect.path.display());
        }
        self.emit(Effect::Path(effect), span, scope);
    }
}

/// The host to which bash connects in the place of a path.
fn peer(path: &Text) -> Option<Text> {
    let address = masked::strip_prefix(path, "/dev/tcp/")?;
    Some(masked::map(&address, |address| address.split('/').next().unwrap_or(address).to_owned()))
}

/// Whether what stands behind `>&` names a descriptor; what is wholly unknown there does.
fn may_be_descriptor(target: &Text) -> bool {
    match target.as_known() {
        Some(known) => syntax::is_descriptor(known),
        None => target.pieces().iter().all(|piece| match piece {
            Piece::Hole(_) => true,
            Piece::Known(text) => text.bytes().all(|b| b.is_ascii_digit() || b == b'-'),
            Piece::Glob(_) => false,
        }),
    }
}
