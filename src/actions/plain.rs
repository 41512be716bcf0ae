//! Programs of which no words make more than their names say.

use super::wrappers::is_one_of;

/// They read, compare, count and print, or compile: no rule is about any words of theirs, they write nothing that a rule
/// is about, and what they start is executed.
const PLAIN: &str = "[ test true false echo printf cat tac head tail wc nl fold expr seq factor basename dirname uname \
    nproc getconf hostid id groups whoami logname who users tty pwd printenv sleep usleep yes ls dir vdir stat readlink \
    realpath pathchk which whereis df du cmp diff sdiff comm cut paste join tr expand unexpand fmt column od hexdump cksum sum \
    md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum grep egrep fgrep zgrep ldd nm size strings readelf \
    objdump addr2line c++filt tput locale lsb_release ps pgrep pidof free uptime lsof \
    cc c++ gcc g++ cpp clang clang++ cc1 cc1plus collect2 lto1 lto-wrapper as ld ld.bfd ld.gold ld.lld lld mold \
    pkg-config pkgconf";

/// Whether a program by this name is one of them: `gcc-12` and `x86_64-linux-gnu-gcc` are.
pub fn is_plain(name: &str) -> bool {
    let name = name.rsplit_once("-linux-gnu-").map_or(name, |(_, tool)| tool);
    let version = |end: &str| end.starts_with(|c: char| c.is_ascii_digit());
    let name = name.rsplit_once('-').filter(|(_, end)| version(end)).map_or(name, |(tool, _)| tool);
    is_one_of(name, PLAIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{followed_by, walk_call};
    use crate::model::{Call, Effect, Text, machine::Machine};

    #[test]
    fn what_is_plain_has_no_effect_by_whatever_words() {
        let probes = [
            "-f x",
            "-rf /x",
            "-o /x",
            "-X DELETE https://a.b/c",
            "-c x",
            "-e x",
            "--delete x",
            "x /y",
            "-i x",
            "-w x",
        ];
        for name in PLAIN.split_ascii_whitespace() {
            assert!(is_plain(name) && followed_by(name).is_empty(), "{name}");
            for probe in probes {
                let args = probe.split(' ').map(Text::known).collect();
                let call = Call { program: Text::known(name), args, ..Call::default() };
                let walked = walk_call(call, &Machine::default());
                let calls = walked.actions.iter().all(|action| matches!(action.effect, Effect::Call(_)));
                assert!(calls && walked.actions.len() == 1, "{name} {probe}: {:?}", walked.actions);
            }
        }
        assert!(
            is_plain("gcc-12") && is_plain("x86_64-linux-gnu-ld.bfd") && is_plain("x86_64-linux-gnu-gcc-12")
        );
        for other in
            ["rm", "psql", "curl", "gzip", "touch", "sed", "awk", "env", "git", "sort", "date", "gcc-ar"]
        {
            assert!(!is_plain(other), "{other}");
        }
    }
}
