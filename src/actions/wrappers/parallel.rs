//! GNU parallel: its template, filled with what it reads.

use crate::model::{Call, Input, Piece, Shape, Text};
use crate::syntax::Dialect;

use super::super::{Entered, Inner};
use super::special::{MAX_CALLS, kinds, replace, replaced, unknown_argument};
use super::{Grammar, inner_call, joined_words, layer};

const PARALLEL: Grammar = Grammar::options(
    "-0 --null -a= --arg-file= --arg-file-sep= --arg-sep= --bar --basefile= --bf= --bg --block= --block-size= \
        --cat --cleanup --color --colsep= -C= --compress --compress-program= --ctag --ctagstring= --delay= -d= \
        --delimiter= --dry-run -E= -e? --eof? --env= --eta --fg --fifo --filter= --files --gnu --group --group-by= \
        --halt= --halt-on-error= --header= --hostgroups -I= --replace? -i? --joblog= --jl= -j= --jobs= --max-procs= -P= \
        -k --keep-order -L= --max-lines? -l? --limit= --line-buffer --lb --link --xapply --load= -m --memfree= \
        --memsuspend= --minversion= -n= --max-args= -N= --max-replace-args= --nonall --onall --nice= -o --pipe \
        --spreadstdin --pipe-part --plain --plus --process-slot-var= --progress -p --interactive --parens= -J= \
        --profile= -q --quote -r --no-run-if-empty --recstart= --recend= --regexp --results= --res= --resume \
        --resume-failed --retry-failed --retries= --return= --round-robin --rpl= --rsync-opts= -s= --max-chars= \
        --semaphore --fg --id= --semaphore-name= --semaphore-timeout= --st= --shuf --sql-master= --ssh= --ssh-delay= \
        -S= --sshlogin= --slf= --sshloginfile= --silent --tag --tagstring= --tee --tmpdir= --timeout= -t --verbose \
        --transfer --transferfile= --tf= --trc= --trim= -u --ungroup --will-cite --workdir= --wd= --wait -X -x --xargs -v",
);

/// Enters what `parallel` runs.
pub(super) fn enter(call: &Call, out: &mut Vec<Entered>) {
    let separator = |arg: &Text| matches!(arg.as_known(), Some(":::" | ":::+" | "::::" | "::::+"));
    let end = call.args.iter().position(separator).unwrap_or(call.args.len());
    let Some(reading) = PARALLEL.scan(&call.args[..end], 0).list.into_iter().next() else {
        return;
    };
    if reading.has("--dry-run") {
        return;
    }
    let sources = &call.args[end..];
    let single = sources.iter().filter(|arg| separator(arg)).count() == 1;
    let known: Option<Vec<String>> = if sources.first().and_then(Text::as_known) == Some(":::") && single {
        sources[1..].iter().map(|arg| arg.as_known().map(str::to_owned)).collect()
    } else if sources.is_empty() && !reading.has("-a --arg-file --pipe --spreadstdin --pipe-part -C --colsep")
    {
        match &call.input {
            Input::Text(text) => text.as_known().map(|text| text.lines().map(str::to_owned).collect()),
            _ => None,
        }
    } else {
        None
    };
    let words = &call.args[reading.command..end];
    if words.is_empty() {
        // Every argument is a command line.
        match known {
            Some(lines) => {
                out.extend(lines.into_iter().take(1000).map(|line| source(Text::known(line), Vec::new())))
            }
            None => {
                out.push(layer("parallel", Inner::Unknown("the command lines that `parallel` reads".into())))
            }
        }
        return;
    }
    let token = reading.given("-I").and_then(|g| g.value.as_ref()).and_then(Text::as_known).unwrap_or("{}");
    let piped = reading.has("--pipe --spreadstdin --pipe-part");
    let items: Vec<Text> = match known {
        Some(items) if items.len() <= MAX_CALLS => items.into_iter().map(Text::known).collect(),
        None if sources.is_empty() => {
            kinds(&call.input).unwrap_or_else(|| vec![unknown_argument("parallel", Shape::Any)])
        }
        _ => vec![unknown_argument("parallel", Shape::Any)],
    };
    let meta = |word: &Text| {
        word.pieces().iter().any(|piece| match piece {
            Piece::Known(text) => {
                text.contains(|c: char| c.is_whitespace() || ";&|<>()$`\"'\\*?#~!".contains(c))
            }
            _ => true,
        })
    };
    let replaces = words.iter().any(|word| word.known_start().contains('{') || word.display().contains('{'));
    for item in items {
        if !words.iter().any(meta) {
            let inner = inner_call(call, reading.command);
            let mut inner = Call { args: words[1..].to_vec(), arg_spans: Vec::new(), ..inner };
            if replaces {
                inner = replaced(&inner, token, &item);
                for part in ["{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}"] {
                    let by = unknown_argument("parallel", Shape::Any);
                    inner = replaced(&inner, part, &by);
                }
            } else if !piped {
                inner.args.push(item);
            }
            inner.input = if piped { Input::Unknown } else { Input::Empty };
            out.push(layer("parallel", Inner::Call(inner)));
            continue;
        }
        // What is put in is quoted: it cannot become code, so it goes in as a parameter.
        let mut line = replace(&joined_words(words), token, &Text::known("\"$1\""));
        for part in ["{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}"] {
            line = replace(&line, part, &Text::known("\"$2\""));
        }
        if !replaces && !piped {
            line.push_str(" \"$1\"");
        }
        let part = unknown_argument("parallel", Shape::Any);
        out.push(source(line, vec!["sh".into(), item, part]));
    }
}

fn source(source: Text, positional: Vec<Text>) -> Entered {
    let inner = Inner::Shell { source, positional, dialect: Dialect::Bash, same_shell: false, span: None };
    layer("parallel", inner)
}
