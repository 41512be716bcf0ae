//! Calls that drop or empty what nobody needs: a database for tests or that the script made, a stash whose
//! changes the script applied before, a repository among temporary files; a release that is unpacked anew.

use crate::model::{
    Call, Effect, FileKind, PathEffect, PathOp, ReadError, Shape, Target, Text, absolute, base_name, parent,
};
use crate::syntax::Scope;

use super::CodeDatabase;
use super::conditions::Known;
use super::git::subcommand;
use super::names::{Names, names_of};
use super::sql;
use super::walk::{FILE_LIMIT, Walk};
use super::wrappers::is_one_of;

/// A program that empties the database that it is configured for, and what says which that is.
struct Tool {
    names: &'static str,
    /// Variables that name the environment, as `test`; the options that do.
    modes: &'static str,
    mode_options: &'static str,
    /// Variables that hold the database's address, and options.
    addresses: &'static str,
    address_options: &'static str,
    /// The address counts only where one of these files speaks of the variable.
    told: &'static [&'static str],
}

const NONE: Tool =
    Tool { names: "", modes: "", mode_options: "", addresses: "", address_options: "", told: &[] };

const TOOLS: &[Tool] = &[
    Tool {
        names: "rails rake",
        modes: "RAILS_ENV",
        mode_options: "-e --environment",
        addresses: "DATABASE_URL",
        ..NONE
    },
    Tool { names: "mix", modes: "MIX_ENV", ..NONE },
    Tool { names: "artisan php", modes: "APP_ENV", mode_options: "--env", addresses: "DB_DATABASE", ..NONE },
    Tool {
        names: "sequelize sequelize-cli",
        modes: "NODE_ENV",
        mode_options: "--env",
        addresses: "DATABASE_URL",
        address_options: "--url",
        ..NONE
    },
    Tool { names: "knex", modes: "NODE_ENV", mode_options: "--env", addresses: "DATABASE_URL", ..NONE },
    Tool {
        names: "manage.py django-admin python python3",
        modes: "DJANGO_SETTINGS_MODULE",
        mode_options: "--settings",
        ..NONE
    },
    Tool { names: "prisma", addresses: "DATABASE_URL", address_options: "--url", ..NONE },
    Tool { names: "sqlx", addresses: "DATABASE_URL", address_options: "-D --database-url", ..NONE },
    Tool { names: "diesel", addresses: "DATABASE_URL", address_options: "--database-url", ..NONE },
    Tool { names: "dbmate", addresses: "DATABASE_URL", address_options: "-u --url", ..NONE },
    Tool { names: "goose", addresses: "GOOSE_DBSTRING", ..NONE },
    Tool { names: "migrate", address_options: "-database --database", ..NONE },
    Tool {
        names: "alembic",
        addresses: "DATABASE_URL",
        told: &["alembic/env.py", "migrations/env.py", "alembic.ini"],
        ..NONE
    },
    Tool {
        names: "flask",
        addresses: "DATABASE_URL SQLALCHEMY_DATABASE_URI",
        told: &["config.py", "app.py", "app/config.py", "app/__init__.py", "wsgi.py"],
        ..NONE
    },
];

/// Programs that name the database that they drop.
const DROPS: &str = "dropdb mysqladmin mariadb-admin";
/// Clients of stores that are emptied as a whole.
const STORES: &str = "redis-cli valkey-cli";

const KNOWN: Names = names_of!(TOOLS, names).with(DROPS).with(STORES).with("git");

impl Walk<'_> {
    /// Whether nobody needs what a call drops.
    pub(super) fn is_scratch(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let Some(name) = call.name().filter(|name| KNOWN.may_hold(name)) else {
            return false;
        };
        if name == "git" {
            return self.is_applied(call)
                || self.has_no_stash(call, scope)
                || self.is_passing_push(call, scope);
        }
        if is_one_of(name, DROPS) {
            return self.drops(name, call, scope);
        }
        if is_one_of(name, STORES) {
            let elsewhere = option(&call.args, "-u -s").is_some();
            let host = option(&call.args, "-h").unwrap_or_else(|| "127.0.0.1".into());
            let port = option(&call.args, "-p").unwrap_or_else(|| "6379".into());
            let named = host.as_known().zip(port.as_known()).filter(|_| !elsewhere);
            return named.is_some_and(|(host, port)| self.is_own_server(host, port));
        }
        let tool = TOOLS.iter().find(|tool| is_one_of(name, tool.names));
        tool.is_some_and(|tool| self.is_for_tests(tool, call, scope))
    }

    /// What code of a program that runs for tests is connected to: `RAILS_ENV=test rails runner CODE`.
    pub(super) fn connected_for_tests(&self, call: &Call, scope: &Scope<'_>) -> Option<CodeDatabase> {
        let runs = call.name().is_some_and(|name| is_one_of(name, "rails manage.py django-admin"));
        (runs && self.is_scratch(call, scope)).then(|| CodeDatabase::File(Some(Text::known(":memory:"))))
    }

    /// `git stash drop` behind `git stash apply` of the same.
    fn is_applied(&self, call: &Call) -> bool {
        let Some((at, "stash")) = subcommand(call) else {
            return false;
        };
        let words: Option<Vec<&str>> = call.args[at + 1..].iter().map(Text::as_known).collect();
        let words = words.unwrap_or_default();
        let words: Vec<&str> = words.into_iter().filter(|word| !is_one_of(word, "-q --quiet")).collect();
        let stash = match words.as_slice() {
            ["drop"] => "",
            ["drop", stash] => stash,
            _ => return false,
        };
        self.known.iter().any(|known| matches!(known, Known::Applied(applied) if applied == stash))
    }

    /// `git stash clear` where there is none, and the script made none.
    fn has_no_stash(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let stashes = |call: &Call| call.args.iter().any(|arg| arg.display().contains("stash"));
        let made = |effect: &Effect| matches!(effect, Effect::Call(call) if stashes(call));
        let words: Vec<&str> = call.args.iter().filter_map(Text::as_known).collect();
        matches!(words.as_slice(), ["stash", "clear" | "drop", ..])
            && self.variable(call, "GIT_DIR", scope).is_none()
            && !self.facts.is_placeless()
            && !self.found.actions.iter().any(|action| made(&action.effect))
            && scope
                .directory()
                .as_known()
                .and_then(|directory| self.facts.git(directory))
                .is_some_and(|git| git.stashes == 0 && !git.incomplete)
    }

    /// What `dotenv -e FILE` says of databases to the program that it runs.
    pub(super) fn env_file(&self, call: &Call, scope: &Scope<'_>) -> Vec<(String, Text)> {
        if !matches!(call.name(), Some("dotenv" | "dotenvx" | "env-cmd")) {
            return Vec::new();
        }
        let file = option(&call.args, "-e -f --env-file --file");
        let text = file.and_then(|file| self.file_text(&file, scope).ok());
        let text = text.as_ref().and_then(Text::as_known).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.trim().trim_start_matches("export ").split_once('='));
        let told = pairs.filter(|(name, value)| {
            let asked = |tool: &Tool| is_one_of(name, tool.addresses) || is_one_of(name, tool.modes);
            !value.contains('$') && TOOLS.iter().any(asked)
        });
        let set = |name: &str| self.variable(call, name, scope).is_some();
        let told = told.map(|(name, value)| match set(name) {
            // Which of the two counts differs.
            true => (name.to_owned(), Text::hole(name, Shape::Any)),
            false => (name.to_owned(), Text::known(value.trim_matches(['"', '\'', ' ']))),
        });
        told.collect()
    }

    /// The database that a call names, with its server: `dropdb -h HOST x`, `mysqladmin create x`.
    fn named(&self, name: &str, verb: &str, call: &Call, scope: &Scope<'_>) -> Option<[Option<Text>; 3]> {
        let valued = "-h --host -p --port -U -u --username --user -P -S --socket --maintenance-db --protocol \
            -O --owner -T --template -E --encoding -D --tablespace -l --locale";
        let postgres = !name.ends_with("admin");
        let host = option(&call.args, "-h --host");
        let host =
            host.or_else(|| self.variable(call, if postgres { "PGHOST" } else { "MYSQL_HOST" }, scope));
        let port = option(&call.args, if postgres { "-p --port" } else { "-P --port" });
        let database = match operands(&call.args, valued).as_slice() {
            [database] if postgres => (*database).clone(),
            [word, database] if !postgres && word.as_known() == Some(verb) => (*database).clone(),
            _ => return None,
        };
        Some([host, port, Some(database)])
    }

    /// Whether nobody needs the database that a program drops which its words name.
    fn drops(&self, name: &str, call: &Call, scope: &Scope<'_>) -> bool {
        let Some(named) = self.named(name, "drop", call, scope) else {
            return false;
        };
        let key = key(&named);
        let made = |known: &Known| matches!(known, Known::Database(own) if *own == key);
        let [host, port, database] = named;
        self.context.place.is_local() && self.known.iter().any(made)
            || self.database_at(host, port, database.unwrap_or_default(), scope).target == Target::Scratch
    }

    /// What is known once a program has made the database that its words name.
    pub(super) fn makes_database(&self, name: &str, call: &Call, scope: &Scope<'_>) -> Option<Known> {
        Some(Known::Database(key(&self.named(name, "create", call, scope)?)))
    }

    /// A release for a platform is unpacked: nobody needs the one before, which the script deleted for it
    /// (`rm -rf /usr/local/go && tar -C /usr/local -xzf go1.22.linux-amd64.tar.gz`).
    pub(super) fn renewed(&mut self, effect: &PathEffect, call: &Call, scope: &Scope<'_>) {
        const PLATFORMS: [&str; 7] = ["linux", "darwin", "macos", "x86_64", "amd64", "arm64", "aarch64"];
        let unpacks = !self.deleted.is_empty()
            && effect.op == PathOp::Modify
            && is_one_of(&effect.by, "tar bsdtar gtar unzip");
        let Some(into) = absolute(scope.directory(), &effect.path).filter(|_| unpacks) else {
            return;
        };
        let requested = self.found.actions.iter().filter_map(|action| match &action.effect {
            Effect::Request(request) => request.path.as_known(),
            _ => None,
        });
        let archives = call.args.iter().filter_map(Text::as_known).chain(requested);
        let releases: Vec<String> = archives
            .map(|archive| base_name(archive).to_ascii_lowercase())
            .filter(|archive| PLATFORMS.iter().any(|platform| archive.contains(platform)))
            .collect();
        self.renew(|gone| {
            let name = base_name(gone).to_ascii_lowercase();
            let of = |release: &String| {
                release.strip_prefix(&name).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
            };
            (gone == into || parent(gone) == into) && !name.is_empty() && releases.iter().any(of)
        });
    }

    /// What a generator writes again in the same directory (`rm -rf public/assets && rails assets:precompile`).
    pub(super) fn rebuilt(&mut self, call: &Call, scope: &Scope<'_>) {
        const MAKES: &[(&str, &str, &str)] = &[
            ("rails rake", "assets:precompile", "public/assets"),
            ("hugo", "", "public"),
            ("zola gatsby", "build", "public"),
            ("mkdocs", "build", "site"),
            ("jekyll", "build", "_site"),
            ("eleventy", "", "_site"),
            ("mdbook", "build", "book"),
            ("composer", "install", "vendor"),
            ("pod", "install", "Pods"),
        ];
        const ELSEWHERE: &str =
            "-d -s -C -o --destination --source --output --working-dir --project-directory";
        if self.deleted.is_empty() {
            return;
        }
        let words = || call.args.iter().map(Text::known_start);
        let made = MAKES.iter().find(|(names, word, _)| {
            let named = call.name().is_some_and(|name| is_one_of(name, names));
            named && (word.is_empty() || words().next() == Some(word))
        });
        let moved = |word: &str| is_one_of(word.split('=').next().unwrap_or(word), ELSEWHERE);
        let made = made.filter(|_| !words().any(moved));
        if let Some(made) = made.and_then(|made| absolute(scope.directory(), &Text::known(made.2))) {
            self.renew(|gone| gone == made);
        }
    }

    /// Nobody needs what the script deleted on this machine where `again` holds.
    fn renew(&mut self, again: impl Fn(&str) -> bool) {
        for action in &mut self.found.actions {
            if let Effect::Path(PathEffect { op: PathOp::Delete, path, .. }) = &action.effect {
                let gone = absolute(&action.directory, path).filter(|_| action.place.is_local());
                action.scratch |= gone.is_some_and(|gone| again(&gone));
            }
        }
    }

    fn is_for_tests(&self, tool: &Tool, call: &Call, scope: &Scope<'_>) -> bool {
        let variable = |names: &str| {
            let mut names = names.split_ascii_whitespace();
            names.find_map(|name| assigned(call, name).or_else(|| self.variable(call, name, scope)))
        };
        let address = match option(&call.args, tool.address_options) {
            Some(given) => Some(given),
            // `goose postgres ADDRESS reset`
            None if tool.names == "goose" && operands(&call.args, "-dir -table").len() > 2 => {
                operands(&call.args, "-dir -table").get(1).map(|address| (*address).clone())
            }
            None => variable(tool.addresses).filter(|_| self.is_told(tool, scope)),
        };
        if let Some(address) = address {
            let laravel = tool.addresses == "DB_DATABASE";
            let is_file =
                laravel && variable("DB_CONNECTION").is_some_and(|by| by.as_known() == Some("sqlite"));
            let address =
                if is_file { Text::known(format!("sqlite:{}", address.display())) } else { address };
            let host = variable("DB_HOST").filter(|_| laravel);
            // Where a file is that is named by a relative path, the tool alone knows.
            let lies =
                address.known_start().strip_prefix("file:").or(address.known_start().strip_prefix("sqlite:"));
            let adrift = lies.is_some_and(|path| !path.starts_with('/') && !path.starts_with(":memory:"));
            return !adrift && self.database_at(host, None, address, scope).target == Target::Scratch;
        }
        let mode = option(&call.args, tool.mode_options).or_else(|| variable(tool.modes));
        let Some(mode) = mode.as_ref().and_then(Text::as_known).filter(|mode| sql::says_test(mode)) else {
            return false;
        };
        tool.addresses != "DB_DATABASE" || self.is_for_laravels_tests(mode, scope)
    }

    /// Whether Laravel has a file for an environment that names a database for tests: without one it
    /// takes the file for all.
    fn is_for_laravels_tests(&self, mode: &str, scope: &Scope<'_>) -> bool {
        let path = |name: &str| absolute(scope.directory(), &Text::known(name));
        let kind = |name: &str| path(name).map_or(FileKind::Unknown, |path| self.facts.kind(&path));
        if matches!(kind("artisan"), FileKind::Absent | FileKind::Unknown) {
            return true;
        }
        let text = path(&format!(".env.{mode}")).and_then(|path| self.facts.read(&path, FILE_LIMIT).ok());
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let mut named = text.lines().filter_map(|line| line.trim().strip_prefix("DB_DATABASE="));
        named.any(|name| name.contains(":memory:") || sql::says_test(name))
    }

    /// Whether the tool is seen to read its variable.
    fn is_told(&self, tool: &Tool, scope: &Scope<'_>) -> bool {
        let speaks = |file: &str| {
            let path = absolute(scope.directory(), &Text::known(file)).ok_or(ReadError::Absent);
            let text = path.and_then(|path| self.facts.read(&path, FILE_LIMIT)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            tool.addresses.split_ascii_whitespace().any(|name| text.contains(name))
        };
        tool.told.is_empty() || tool.told.iter().any(|file| speaks(file))
    }
}

/// The database that a call connects the code to that it runs, where its words and the code name it.
pub(super) fn connected(call: &Call, code: &Text) -> Option<CodeDatabase> {
    const VALUED: &str =
        "--eval -f --file --host --port -u --username -p --password --authenticationDatabase";
    if !matches!(call.name(), Some("mongosh" | "mongo")) {
        return None;
    }
    let code = code.as_known()?;
    if ["connect(", "Mongo(", "getMongo", "load(", "db ="].iter().any(|word| code.contains(word)) {
        return None;
    }
    let mut used = code.lines().filter_map(|line| line.trim().strip_prefix("use "));
    let used = match (used.next(), used.next()) {
        (Some(name), None) => Some(name.trim_end_matches([';', ' '])),
        (None, None) => None,
        _ => return None,
    };
    let operands = operands(&call.args, VALUED);
    let address = operands.first().map_or(Some(""), |address| address.as_known())?;
    let host = option(&call.args, "--host").map_or_else(|| "localhost".to_owned(), |host| host.display());
    let address = match address {
        url if url.contains("://") => url.to_owned(),
        script if script.ends_with(".js") => format!("mongodb://{host}/"),
        whole if whole.contains(['/', ':', '.']) => format!("mongodb://{whole}"),
        name => format!("mongodb://{host}/{name}"),
    };
    let begins = address.find("://")? + 3;
    let ends = address[begins..].find('/').map_or(address.len(), |at| begins + at);
    let name = match used {
        Some(name) => format!("{}/{name}", &address[..ends]),
        None => address,
    };
    Some(CodeDatabase::Server { host: None, name: Some(Text::known(name)) })
}

/// A server and a database there as one word.
fn key(named: &[Option<Text>]) -> String {
    let words: Vec<String> =
        named.iter().map(|text| text.as_ref().map_or_else(String::new, Text::display)).collect();
    words.join("\n")
}

/// The words that are no options.
pub(super) fn operands<'a>(args: &'a [Text], valued: &str) -> Vec<&'a Text> {
    let mut operands = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.known_start() {
            option if is_one_of(option, valued) => drop(words.next()),
            option if option.starts_with('-') => {}
            _ => operands.push(word),
        }
    }
    operands
}

/// The value of an option: `-h x`, `-hx`, `--host x`, `--host=x`.
pub(super) fn option(args: &[Text], names: &str) -> Option<Text> {
    names.split_ascii_whitespace().find_map(|name| {
        args.iter().enumerate().find_map(|(at, word)| {
            let rest = word.known_start().strip_prefix(name)?;
            match rest {
                "" if word.as_known().is_some() => args.get(at + 1).cloned(),
                _ if rest.starts_with('=') => Some(super::wrappers::tail(word, name.len() + 1)),
                _ if !name.starts_with("--") && name.len() == 2 => Some(super::wrappers::tail(word, 2)),
                _ => None,
            }
        })
    })
}

/// `rake db:reset RAILS_ENV=test`
fn assigned(call: &Call, name: &str) -> Option<Text> {
    let takes = call.name().is_some_and(|program| is_one_of(base_name(program), "rails rake"));
    call.args.iter().filter(|_| takes).find_map(|word| {
        let rest = word.known_start().strip_prefix(name)?;
        rest.starts_with('=').then(|| super::wrappers::tail(word, name.len() + 1))
    })
}
