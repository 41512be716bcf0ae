//! Package managers that run a package's program by its name alone.

use crate::model::{Call, Match, Text};

use super::super::{Entered, Inner};
use super::{Grammar, inner_call, is_one_of, layer};

/// Words that are the package manager's own, and start no package's program.
const YARN: &str = "access add audit autoclean bin cache check config create constraints dedupe dlx exec explain \
    generate-lock-entry global help import info init install licenses link list login logout node npm outdated owner \
    pack patch patch-commit plugin policies prune publish rebuild remove run search set stage start stop tag team test \
    unlink unplug up upgrade upgrade-interactive version versions why workspaces";
const PNPM: &str = "add approve-builds audit bin c cache cat-file cat-index ci clean-install completion config create \
    dedupe deploy dlx doctor env exec fetch find-hash get help i ic ignored-builds import info init install \
    install-clean install-test it la licenses link list list-global ll ln login logout ls m multi outdated owner pack \
    patch patch-commit patch-remove ping pkg prefix prune publish rb rebuild recursive remove repo restart rm root run \
    runtime s se search self-update server set set-script setup show star start stars stop store t tag team test tst un \
    uninstall unlink unpublish unstar up update upgrade v version view whoami why x xmas";
const BUN: &str = "a add audit bin build c ci completions create discord exec feedback getcompletes help i info init \
    install link list ls outdated patch patch-commit pm publish r remove repl rm run test uninstall unlink up update \
    upgrade why x";

/// `yarn prisma migrate reset`: a word that is not the package manager's own is a script of
/// `package.json` or the program of a package.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) {
    let (own, options) = match name {
        "yarn" | "yarnpkg" => (YARN, "--cwd= -s --silent --verbose --offline --mutex= --use-yarnrc="),
        "pnpm" => (
            PNPM,
            "-C= --dir= --filter= -F= --filter-prod= -r --recursive -w --workspace-root -s --silent --reporter= --loglevel=",
        ),
        "bun" => (BUN, "--bun -b --silent --cwd= --env-file= -c= --config= --filter= -F="),
        _ => return,
    };
    let grammar = Grammar::options(options);
    for reading in grammar.scan(&call.args, 0).list {
        let mut at = reading.command;
        let word = |at: usize| call.args.get(at).and_then(Text::as_known);
        // `yarn workspace NAME COMMAND`, `yarn run PROGRAM`, `bun run PROGRAM`.
        match word(at) {
            Some("workspace") if name.starts_with("yarn") => at += 2,
            Some("run") => at += 1,
            _ => {}
        }
        let ran = word(at.wrapping_sub(1)) == Some("run") && at > reading.command;
        if let Some(program) = word(at)
            && !program.starts_with('-')
            && (ran || !is_one_of(program, own))
        {
            let mut entered = layer(name, Inner::Call(inner_call(call, at)));
            entered.certainty = if ran { Match::Maybe } else { reading.certainty };
            out.push(entered);
        }
    }
}
