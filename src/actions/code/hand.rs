//! Functions that are handed to others, which call them: `map(os.remove, files)`,
//! `Thread(target=os.remove, args=["a"])`, `partial(os.system, "x")()`, `setTimeout(fs.rmSync, 1, "a")`.

use std::rc::Rc;

use super::reader::Reader;
use super::sinks::{self, Table};
use super::value::{Args, Value};

/// Functions that call another one for each item of a list.
const EACH: &[&str] = &[
    "map",
    "imap",
    "imap_unordered",
    "map_async",
    "starmap",
    "filter",
    "forEach",
    "flatMap",
    "some",
    "every",
    "find",
    "filterfalse",
    "reduce",
];
/// How the names of methods begin that are called with their path.
const CLASS: &str = "pathlib.Path.";
/// Functions that make a function of another one and its first arguments.
const BINDS: &[&str] = &["functools.partial", "functools.partialmethod"];

/// What a callee that binds arguments stands for: the function and the arguments it gets.
pub(super) fn bound(callee: &Value, args: &Args) -> Option<(Value, Args)> {
    let mut all = Args::default();
    let function = match callee {
        Value::Made(made) if BINDS.contains(&made.by.as_str()) => {
            let (function, first) = made.args.positional.split_first()?;
            all.positional.extend_from_slice(first);
            all.named.extend(made.args.named.iter().cloned());
            all.positional.extend(args.positional.iter().cloned());
            function.clone()
        }
        // `methodcaller("unlink")(path)`
        Value::Made(made) if made.by == "operator.methodcaller" => {
            let (method, rest) = made.args.positional.split_first()?;
            all.positional.extend_from_slice(rest);
            all.named.extend(made.args.named.iter().cloned());
            let method = method.as_known()?;
            match args.positional.first()? {
                Value::Name(module) => Value::Name(format!("{module}.{method}")),
                object => Value::Method(Rc::new(object.clone()), method.to_owned()),
            }
        }
        // What a decorator makes of a function does what the function does.
        Value::Made(made) if made.args.named.is_empty() => match made.args.positional.as_slice() {
            [function @ Value::Name(_)] => {
                all.positional.extend(args.positional.iter().cloned());
                function.clone()
            }
            _ => return None,
        },
        // `f.call(this, x)`, `f.apply(this, [x])`, `f.bind(this, x)()`.
        Value::Name(name) if name == "Reflect.apply" => {
            let (function, rest) = args.positional.split_first()?;
            all.positional = rest.get(1)?.items()?.to_vec();
            function.clone()
        }
        // `Path.unlink(path)`
        Value::Name(name) if name.starts_with(CLASS) => {
            let (path, rest) = args.positional.split_first()?;
            all.positional = rest.to_vec();
            Value::Method(Rc::new(path.clone()), name[CLASS.len()..].to_owned())
        }
        Value::Name(name) => {
            let (function, method) = name.rsplit_once('.')?;
            match method {
                "call" | "bind" => all.positional.extend(args.positional.iter().skip(1).cloned()),
                "apply" => all.positional.extend(args.positional.get(1)?.items()?.iter().cloned()),
                "__call__" => all.positional.extend(args.positional.iter().cloned()),
                _ => return None,
            }
            Value::Name(function.to_owned())
        }
        _ => return None,
    };
    all.named.extend(args.named.iter().cloned());
    Some((function, all))
}

/// What the functions do that are among a call's arguments, as far as it shows what they get.
pub(super) fn over(reader: &mut Reader, table: Table, callee: &Value, args: &Args, id: usize, json: bool) {
    let positional = args.positional.iter().enumerate();
    let given = positional.map(|(at, value)| (at + 1, value));
    let named = args.named.iter().map(|(_, value)| (args.positional.len(), value));
    let is_function = |value: &Value| {
        let (function, _) = bound(value, &Args::default()).unwrap_or((value.clone(), Args::default()));
        function.callee().is_some_and(|name| {
            let method = name.strip_prefix(CLASS).map(|method| format!("pathlib.Path().{method}"));
            sinks::find(table, method.as_deref().unwrap_or(&name)).is_some()
        })
    };
    let Some((next, function)) = given.chain(named).find(|(_, value)| is_function(value)) else {
        return;
    };
    let function = function.clone();
    let last = match callee {
        Value::Method(_, method) => method.as_str(),
        Value::Name(name) | Value::Unknown(name) => name.rsplit('.').next().unwrap_or(name),
        _ => "",
    };
    // A delay comes between.
    let delayed = matches!(last, "setTimeout" | "setInterval");
    let rest = args.positional.get(next + usize::from(delayed)..).unwrap_or_default();
    let run = |reader: &mut Reader, positional: Vec<Value>| {
        let args = Args { positional, named: Vec::new() };
        let (function, args) = bound(&function, &args).unwrap_or((function.clone(), args));
        sinks::run(reader, table, &function, &args, id, json);
    };
    if EACH.contains(&last) {
        let receiver = match callee {
            Value::Method(receiver, _) => Some(&**receiver),
            _ => None,
        };
        let items = receiver.filter(|receiver| receiver.items().is_some()).or(rest.first());
        match items.and_then(Value::items) {
            Some(items) => {
                for item in items.iter().take(sinks::ITEMS) {
                    let spread = item.items().filter(|_| last == "starmap");
                    run(reader, spread.map_or_else(|| vec![item.clone()], <[Value]>::to_vec));
                }
            }
            None => run(reader, vec![Value::Unknown("…".to_owned())]),
        }
        return;
    }
    let spread = args.named("args").or(rest.first().filter(|_| rest.len() == 1));
    match spread.and_then(Value::items) {
        Some(items) => run(reader, items.to_vec()),
        None if rest.is_empty() => {}
        None => run(reader, rest.to_vec()),
    }
}
