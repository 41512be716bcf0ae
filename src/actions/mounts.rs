//! What a new container sees of the machine that starts it: its mounts, and what its own files are.

use std::rc::Rc;

use crate::model::{Action, Effect, Match, PathEffect, Piece, Place, Text, absolute, is_at_or_below, normal};

use super::wrappers::{Reading, is_one_of};

/// The mounts of a container.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mounts {
    list: Vec<Mount>,
    /// All else in it was made with it, and nobody needs it.
    fresh: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Mount {
    /// The path in the container.
    to: String,
    what: Mounted,
}

#[derive(Debug, Clone, PartialEq)]
enum Mounted {
    /// A path of this machine.
    Bind(Text),
    /// A volume by its name.
    Volume,
    /// What cannot be changed.
    ReadOnly,
}

impl Mounts {
    /// What the options of `docker run` say; `new`: the container is made by the call.
    pub(super) fn read(reading: &Reading, new: bool) -> Mounts {
        // With these it may reach more of the machine than its mounts, or other containers' volumes.
        const MORE: &str =
            "--privileged --volumes-from --device --cap-add --security-opt --pid --rootfs --env-host";
        // So may what an option means that is not known.
        let known = !reading.unknown && reading.certainty == Match::Yes;
        let mut mounts = Mounts { list: Vec::new(), fresh: new && known && !reading.has(MORE) };
        for given in &reading.options {
            let mount = match (given.name, &given.value) {
                ("-v" | "--volume", Some(value)) => volume(value),
                ("--mount", Some(value)) => mount(value),
                _ => continue,
            };
            match mount {
                Some(mount) => mounts.list.extend(mount),
                None => mounts.fresh = false,
            }
        }
        mounts
    }

    /// Whether nothing that it sees was there before, but what it reads when it starts.
    pub(super) fn holds_nothing(&self) -> bool {
        let read = |mount: &Mount| {
            matches!(mount.what, Mounted::ReadOnly)
                || is_at_or_below(&mount.to, "/docker-entrypoint-initdb.d")
        };
        self.fresh && self.list.iter().all(read)
    }

    /// What the actions found in the container do on the machine that starts it: `place` is the
    /// container's, `host` and `directory` are the caller's.
    pub(super) fn seen_outside(
        &self,
        actions: Vec<Action>,
        place: &Place,
        host: &Place,
        directory: &Rc<Text>,
    ) -> Vec<Action> {
        let outside = |action: &Action, effect: Effect| Action {
            effect,
            place: host.clone(),
            directory: Rc::clone(directory),
            ..action.clone()
        };
        let mut out = Vec::with_capacity(actions.len());
        for action in actions {
            match &action.effect {
                _ if action.place != *place => out.push(action),
                Effect::Path(effect) => match self.hits(effect, &action.directory) {
                    Some(paths) => {
                        let effect = |path| Effect::Path(PathEffect { path, span: None, ..effect.clone() });
                        out.extend(paths.into_iter().map(|path| outside(&action, effect(path))));
                    }
                    None => out.push(action),
                },
                Effect::Call(call) if call.name() == Some("git") => {
                    let named = call.args.iter().any(|arg| {
                        arg.known_start().contains('/') && arg.known_start().starts_with(['/', '-'])
                    });
                    match self.outside(&action.directory, &Text::default()).filter(|_| !named) {
                        Some(directory) => {
                            let directory = Rc::new(directory);
                            out.push(Action { directory, place: host.clone(), ..action.clone() });
                        }
                        None => out.push(action),
                    }
                }
                _ => out.push(action),
            }
        }
        out
    }

    /// The paths outside that a change is made to; `None` where that is not known.
    fn hits(&self, effect: &PathEffect, directory: &Text) -> Option<Vec<Text>> {
        let (start, rest) = split(directory, &effect.path)?;
        if let Some(mount) = self.mount_of(&start) {
            return match &mount.what {
                Mounted::Bind(from) => Some(vec![below(from, &start[mount.to.len()..], rest)]),
                Mounted::Volume => None,
                Mounted::ReadOnly => Some(Vec::new()),
            };
        }
        let devices = ["/dev", "/proc", "/sys"].iter().any(|special| is_at_or_below(&start, special));
        if !self.fresh || devices {
            return None;
        }
        let mut out = Vec::new();
        for mount in self.list.iter().filter(|mount| effect.recursive && is_at_or_below(&mount.to, &start)) {
            match &mount.what {
                Mounted::Bind(from) => out.push(from.clone()),
                Mounted::Volume => return None,
                Mounted::ReadOnly => {}
            }
        }
        Some(out)
    }

    fn outside(&self, directory: &Text, path: &Text) -> Option<Text> {
        let (start, rest) = split(directory, path)?;
        let mount = self.mount_of(&start)?;
        match &mount.what {
            Mounted::Bind(from) => Some(below(from, &start[mount.to.len()..], rest)),
            Mounted::Volume | Mounted::ReadOnly => None,
        }
    }

    fn mount_of(&self, path: &str) -> Option<&Mount> {
        let around = self.list.iter().filter(|mount| is_at_or_below(path, &mount.to));
        around.max_by_key(|mount| mount.to.len())
    }
}

/// The known start of a path as whole components, and what stands behind it.
fn split(directory: &Text, path: &Text) -> Option<(String, Text)> {
    let full = match path.known_start().starts_with('/') {
        true => path.clone(),
        false => {
            let mut full = directory.clone();
            full.push_str("/");
            full.append(path);
            full
        }
    };
    let start = full.known_start();
    let cut = if full.as_known().is_some() { start.len() } else { start.rfind('/')? };
    let mut rest = Text::known(&start[cut..]);
    full.pieces().iter().skip(1).for_each(|piece| rest.push(piece.clone()));
    let climbs = rest.pieces().iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains("..")));
    (start.starts_with('/') && !climbs).then(|| (normal(&start[..cut]), rest))
}

fn below(from: &Text, path: &str, rest: Text) -> Text {
    let mut out = from.clone();
    if !path.is_empty() && !path.starts_with('/') {
        out.push_str("/");
    }
    out.push_str(path);
    out.append(&rest);
    out
}

/// `-v FROM:TO[:OPTIONS]`; without a mount where it is a volume without a name, `None` where it
/// cannot be read.
fn volume(value: &Text) -> Option<Option<Mount>> {
    let colon = |piece: &Piece| matches!(piece, Piece::Known(text) if text.contains(':'));
    let Some(at) = value.pieces().iter().position(colon) else {
        return value.as_known().map(|_| None);
    };
    let mut from = Text::default();
    value.pieces()[..at].iter().for_each(|piece| from.push(piece.clone()));
    let [Piece::Known(text)] = &value.pieces()[at..] else {
        return None;
    };
    let (end, rest) = text.split_once(':')?;
    from.push_str(end);
    let (to, options) = rest.split_once(':').unwrap_or((rest, ""));
    if !to.starts_with('/') {
        return None;
    }
    let what = match from.known_start().starts_with(['/', '.', '~']) || from.has_hole() {
        _ if options.split(',').any(|option| option == "ro") => Mounted::ReadOnly,
        true => Mounted::Bind(from),
        false => Mounted::Volume,
    };
    Some(Some(Mount { to: normal(to), what }))
}

/// `--mount type=bind,source=FROM,target=TO[,readonly]`.
fn mount(value: &Text) -> Option<Option<Mount>> {
    let keys: Vec<(&str, &str)> =
        value.as_known()?.split(',').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let find = |names: &str| keys.iter().find(|(key, _)| is_one_of(key, names)).map(|(_, value)| *value);
    let to = absolute(&Text::default(), &Text::known(find("target destination dst")?))?;
    let read_only = find("readonly ro").is_some_and(|value| value != "false");
    let from = find("source src").map(Text::known);
    let what = match (find("type").unwrap_or("volume"), from) {
        _ if read_only => Mounted::ReadOnly,
        ("bind", Some(from)) => Mounted::Bind(from),
        ("volume", Some(_)) => Mounted::Volume,
        ("volume" | "tmpfs", None) => return Some(None),
        _ => return None,
    };
    Some(Some(Mount { to, what }))
}
