//! Credentials that go along with a request or to a provider's own program, and where they come from: the
//! command itself, or a file that is not this project's. Those of the environment, of the project's files and
//! of a tool's own helper (`gh auth token`) are what a session is given, and are none of them.

use crate::model::redact::{is_secret_name, is_stand_in, unschemed};
use crate::model::{Action, Call, Effect, Evidence, Location, Request, Text, absolute, evidence};
use crate::syntax::Scope;

use super::configured;
use super::names::{Names, names_of};
use super::scratch::option;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::is_one_of;

/// A provider's program, and how it is given a credential.
struct Tool {
    names: &'static str,
    variables: &'static str,
    options: &'static str,
}

const fn tool(names: &'static str, variables: &'static str, options: &'static str) -> Tool {
    Tool { names, variables, options }
}

const TOOLS: &[Tool] = &[
    tool("railway", "RAILWAY_TOKEN RAILWAY_API_TOKEN", ""),
    tool("vercel vc", "VERCEL_TOKEN", "--token -t"),
    tool("netlify ntl", "NETLIFY_AUTH_TOKEN", "--auth"),
    tool("fly flyctl", "FLY_API_TOKEN FLY_ACCESS_TOKEN", "--access-token -t"),
    tool("heroku", "HEROKU_API_KEY", ""),
    tool("render", "RENDER_API_KEY", ""),
    tool("doctl", "DIGITALOCEAN_ACCESS_TOKEN", "--access-token -t"),
    tool("hcloud", "HCLOUD_TOKEN", ""),
    tool("linode-cli", "LINODE_CLI_TOKEN", ""),
    tool("vultr-cli vultr", "VULTR_API_KEY", ""),
    tool("scw", "SCW_SECRET_KEY", ""),
    tool("koyeb", "KOYEB_TOKEN", "--token"),
    tool("supabase", "SUPABASE_ACCESS_TOKEN", "--token"),
    tool("neonctl neon", "NEON_API_KEY", "--api-key"),
    tool("pscale", "PLANETSCALE_SERVICE_TOKEN", "--service-token"),
    tool("turso", "TURSO_API_TOKEN", ""),
    tool("upstash", "UPSTASH_API_KEY", ""),
    tool("atlas", "MONGODB_ATLAS_PRIVATE_API_KEY", ""),
    tool("wrangler", "CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CF_API_TOKEN CF_API_KEY", ""),
    tool("aws", "AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN", ""),
    tool("gcloud gsutil bq", "CLOUDSDK_AUTH_ACCESS_TOKEN", ""),
    tool("az", "AZURE_CLIENT_SECRET", ""),
    tool("stripe", "STRIPE_API_KEY", "--api-key"),
    tool("gh", "GH_TOKEN GITHUB_TOKEN", ""),
    tool("glab", "GITLAB_TOKEN", ""),
];

const KNOWN: Names = names_of!(TOOLS, names);

/// Programs that hand out their own credentials, or a keeper's for the purpose.
const HELPERS: &str = "gh glab gcloud aws az op vault pass gopass bw doppler infisical security secret-tool chamber \
    railway heroku fly flyctl vercel doctl kubectl oc docker git";

/// What a credential comes from that the session was not given.
enum Origin {
    Command,
    File(String),
}

impl Walk<'_> {
    /// What is to be told of an action: its credentials, and the database that a call is configured for.
    pub(super) fn evidence(&self, effect: &Effect, scope: &Scope<'_>) -> Vec<Evidence> {
        let known = |names: &Names, call: &Call| call.name().is_some_and(|name| names.may_hold(name));
        match effect {
            Effect::Request(request) => self.in_request(request),
            Effect::Call(call) => {
                let mut found = if known(&KNOWN, call) { self.in_call(call, scope) } else { Vec::new() };
                if known(&configured::KNOWN, call) {
                    found.extend(self.configured(call, scope));
                }
                found
            }
            _ => Vec::new(),
        }
    }

    fn in_request(&self, request: &Request) -> Vec<Evidence> {
        let mut values: Vec<Text> = Vec::new();
        values.extend(
            request.headers.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.clone()),
        );
        let fields = super::forms::fields(&request.query).into_iter();
        values.extend(
            fields.filter(|(name, _)| name.as_known().is_some_and(is_secret)).map(|(_, value)| value),
        );
        let what = format!("a credential for `{}`", evidence::shown(&request.host.display()));
        let found = values.iter().filter_map(|value| self.traced(&what, value));
        distinct(found)
    }

    fn in_call(&self, call: &Call, scope: &Scope<'_>) -> Vec<Evidence> {
        let Some(tool) =
            TOOLS.iter().find(|tool| call.name().is_some_and(|name| is_one_of(name, tool.names)))
        else {
            return Vec::new();
        };
        let own = |word: &Text| {
            ["localhost", "127.0.0.1", "localstack"].iter().any(|host| word.display().contains(host))
        };
        if call.args.iter().any(own) {
            return Vec::new();
        }
        let exported = scope.exported();
        let set = |name: &str| {
            let set = call.env.iter().rev().chain(exported.iter());
            set.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        // Behind a variable that is not set stands another word.
        let fits =
            |value: &Text| value.as_known().is_none_or(|known| known.contains(|c: char| c.is_ascii_digit()));
        let trace = |name: &str, value: Option<Text>| {
            value.filter(fits).and_then(|value| self.traced(&format!("the value of `{name}`"), &value))
        };
        let variables = tool.variables.split_ascii_whitespace().filter_map(|name| trace(name, set(name)));
        let options = tool.options.split_ascii_whitespace();
        let options = options.filter_map(|name| trace(name, option(&call.args, name)));
        distinct(variables.chain(options))
    }

    /// What is told of a value, where it is a credential that the session was not given.
    fn traced(&self, what: &str, value: &Text) -> Option<Evidence> {
        let text = match self.origin(value)? {
            Origin::Command => format!("{what} stands in the command"),
            Origin::File(path) => {
                let home = self.facts.home();
                let path =
                    match path.strip_prefix(home).filter(|rest| !home.is_empty() && rest.starts_with('/')) {
                        Some(rest) => format!("~{rest}"),
                        None => path,
                    };
                format!("{what} comes from `{}`, which is not this project's", evidence::shown(&path))
            }
        };
        Some(Evidence::credential(text))
    }

    fn origin(&self, value: &Text) -> Option<Origin> {
        let Some(known) = value.as_known() else {
            let path = value.holes().find_map(|hole| path_in(&hole.label, self.facts.home()))?;
            return self.is_foreign(&path).then_some(Origin::File(path));
        };
        let secret = unschemed(known);
        // Of `user:password` and `key:` what is secret.
        let secret = match secret.split_once(':') {
            Some((user, "")) => user,
            Some((_, password)) => password,
            None => secret,
        };
        if secret.is_empty() || is_stand_in(secret) {
            return None;
        }
        if !self.in_file && holds(self.source, secret) {
            return Some(Origin::Command);
        }
        if let Some(inside) = &self.context.inside
            && holds(&inside.file.text, secret)
        {
            let path =
                absolute(&Text::known(self.facts.directory()), &Text::known(inside.file.name.as_str()))?;
            let made = self.facts.path(&path).location == Location::Temporary;
            return (made || self.is_foreign(&path)).then_some(Origin::File(path));
        }
        let looked = self.looked.borrow();
        let has = |path: &&String| {
            let bytes = self.facts.read(path, FILE_LIMIT).unwrap_or_default();
            holds(&String::from_utf8_lossy(&bytes), secret)
        };
        // What the project's files hold as well was given.
        let mut files: Vec<&String> = looked.iter().filter(has).collect();
        files.sort();
        match files.iter().all(|file| self.is_foreign(file)) {
            true => files.first().map(|file| Origin::File((*file).clone())),
            false => None,
        }
    }

    /// Whether a file is another's: neither the project's nor one that the session made or was handed.
    fn is_foreign(&self, path: &str) -> bool {
        let handed = ["/run/secrets/", "/var/run/secrets/", "/dev/", "/proc/"];
        let own = [Location::Inside, Location::Workspace, Location::Temporary, Location::Void];
        !handed.iter().any(|root| path.starts_with(root)) && !own.contains(&self.facts.path(path).location)
    }

    /// The file that what was found since the `first` action reads, where no helper of a tool's does.
    pub(super) fn file_read(&self, first: usize) -> Option<String> {
        let call = |action: &Action| match &action.effect {
            Effect::Call(call) if !call.name().is_some_and(|name| is_one_of(name, HELPERS)) => {
                Some(call.clone())
            }
            _ => None,
        };
        let calls = self.found.actions.get(first..)?.iter().filter_map(call);
        calls.into_iter().find_map(|call| {
            // Before the file stands what is looked for in it.
            call.args.iter().rev().find_map(|word| {
                let word = word.as_known()?;
                let beside = word
                    .starts_with("../")
                    .then(|| absolute(&Text::known(self.facts.directory()), &Text::known(word)));
                beside.flatten().or_else(|| path_in(word, self.facts.home()))
            })
        })
    }
}

/// Whether a header, field or variable holds what is secret.
fn is_secret(name: &str) -> bool {
    is_secret_name(name.as_bytes())
}

/// Whether a text has a word, and not as a part of a longer one.
fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_ascii_alphanumeric();
        !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part)
    })
}

/// The first absolute path in a text: of a program's word, of what a hole is called by.
fn path_in(text: &str, home: &str) -> Option<String> {
    let starts = text.match_indices('/').map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let before = text[..at].chars().next_back();
        let tilde = before == Some('~');
        let begins = tilde || before.is_none_or(|c| " '\"`(=<@:,".contains(c));
        let path = text[at..].split([' ', '\'', '"', '`', ')', '(', ';', ',', '|']).next()?;
        let named = path.len() > 1 && !path.starts_with("//") && !path.contains(['*', '@', '$', '{']);
        (begins && named).then(|| if tilde { format!("{home}{path}") } else { path.to_owned() })
    })
}

fn distinct(found: impl Iterator<Item = Evidence>) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    for one in found {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}
