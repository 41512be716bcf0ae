//! Enters interpreters of other languages: `python3 -c`, `node script.js`, code on standard input.

mod ipython;

use crate::model::{Call, Text, base_name};

use super::names::Names;
use super::wrappers::{Grammar, Reading, Stdin, is_stdin, layer, stdin};
use super::{Entered, Inner, Language};

/// How an interpreter's words lead to the code that it runs.
struct Interpreter {
    /// Its base names; a version may follow (`python3.12`).
    names: &'static [&'static str],
    language: Language,
    /// Options before the script, as [`Grammar::options`] says. Those in `code`, `modules` and
    /// `files` too.
    options: &'static str,
    /// Options whose value is code.
    code: &'static str,
    /// Options whose value is a file that runs besides the script, where it is a path.
    files: &'static str,
    /// With one of these no code that could be read runs.
    quiet: &'static str,
    /// Subcommands that run a file.
    run: &'static str,
    /// Subcommands whose first operand is code.
    eval: &'static str,
    /// Without a script it reads code from standard input.
    stdin: bool,
    /// Its first operand is code, unless this option names a file of it.
    program: &'static str,
    /// Its first operand is a subcommand, a task or a package's program where it does not look like
    /// a file.
    tasks: bool,
}

const NONE: Interpreter = Interpreter {
    names: &[],
    language: Language::Other,
    options: "",
    code: "",
    files: "",
    quiet: "",
    run: "",
    eval: "",
    stdin: true,
    program: "",
    tasks: false,
};

const NODE: &str = "-e= --eval= -p --print -pe= -r= --require= --import= --loader= --experimental-loader= -C= \
    --conditions= --env-file= --env-file-if-exists= --input-type= --title= --inspect-port= --debug-port= \
    --test-name-pattern= --test-skip-pattern= --test-reporter= --test-reporter-destination= --test-shard= \
    --test-timeout= --test-concurrency= --watch-path= --icu-data-dir= --openssl-config= --redirect-warnings= \
    --diagnostic-dir= --dns-result-order= --unhandled-rejections= --disable-warning= --disable-proto= --run= \
    --max-http-header-size= --tls-cipher-list= --tls-keylog= --trace-event-categories= \
    --trace-event-file-pattern= --cpu-prof-dir= --cpu-prof-name= --cpu-prof-interval= --heap-prof-dir= \
    --heap-prof-name= --heap-prof-interval= --heapsnapshot-signal= --report-dir= --report-directory= \
    --report-filename= --report-signal= --secure-heap= --secure-heap-min= --snapshot-blob= --build-snapshot-config= \
    --experimental-default-type= --experimental-policy= --experimental-sea-config= --allow-fs-read= \
    --allow-fs-write= --localstorage-file= --v8-pool-size= --use-largepages= --policy-integrity= \
    -i --interactive -c --check -v --version -h --help --v8-options --test --watch --tsconfig= -P= --project= \
    -T --transpile-only --transpileOnly -S --swc --esm -O= --compilerOptions= -s --script-mode --inspect? --no-cache \
    --enable-source-maps --experimental-strip-types --experimental-transform-types --no-warnings";

const INTERPRETERS: &[Interpreter] = &[
    Interpreter {
        names: &["python", "pypy", "ipython"],
        language: Language::Python,
        options: "-c= -m= -W= -X= --check-hash-based-pycs= -b -B -d -E -h -i -I -O -P -q -s -S -t -u -v -V -x -3 -R -? \
            --help --version --help-env --help-xoptions --help-all",
        code: "-c",
        quiet: "-m -V -h -? --version --help --help-env --help-xoptions --help-all",
        ..NONE
    },
    Interpreter {
        names: &["node", "nodejs", "iojs"],
        language: Language::JavaScript,
        options: NODE,
        code: "-e --eval -pe",
        files: "-r --require --import --loader --experimental-loader",
        quiet: "-c --check -v --version -h --help --v8-options --test --run",
        run: "inspect",
        ..NONE
    },
    Interpreter {
        names: &["tsx", "ts-node", "ts-node-esm", "ts-node-script", "esr", "babel-node", "vite-node", "jiti"],
        language: Language::JavaScript,
        options: NODE,
        code: "-e --eval -pe",
        files: "-r --require --import",
        quiet: "-v --version -h --help --test",
        run: "watch",
        ..NONE
    },
    Interpreter {
        names: &["deno"],
        language: Language::JavaScript,
        options: "-A --allow-all -c= --config= -q --quiet -L= --log-level= -r? --reload? --allow-read? --allow-write? \
            --allow-net? --allow-env? --allow-run? --allow-ffi? --allow-sys? --allow-import? --deny-read? \
            --deny-write? --deny-net? --deny-env? --deny-run? -R? -W? -N? -E? -S? -I? --cert= --import-map= --location= \
            --seed= --v8-flags= --inspect? --watch? --env-file? --env? --lock? --ext= --no-check? --check? -p --print -T \
            --ts --unstable --node-modules-dir? --no-lock --no-prompt --cached-only -h --help -V --version --preload= \
            --minimum-dependency-age=",
        quiet: "-h --help -V --version",
        run: "run watch serve",
        eval: "eval",
        stdin: false,
        tasks: true,
        ..NONE
    },
    Interpreter {
        names: &["bun"],
        language: Language::JavaScript,
        options: "-e= --eval= -p= --print= -r= --preload= --require= --import= --env-file= --cwd= -c= --config= --watch --hot \
            --smol -b --bun --silent -i --install= --inspect? -d= --define= --filter= -F= --elide-lines= --port= \
            --conditions= -l= --loader= --tsconfig-override= -v --version -h --help",
        code: "-e --eval -p --print",
        files: "-r --preload --require --import",
        quiet: "-v --version -h --help",
        run: "run",
        stdin: false,
        tasks: true,
        ..NONE
    },
    Interpreter {
        names: &["zx"],
        language: Language::JavaScript,
        options: "-e= --eval= --cwd= --ext= --prefix= --postfix= --prefer-local? --quiet --verbose --install -i --shell= --env= -v -h",
        code: "-e --eval",
        quiet: "-v -h",
        ..NONE
    },
    Interpreter {
        names: &["mongosh", "mongo"],
        language: Language::JavaScript,
        options: "--eval= -f= --file= --host= --port= -u= --username= -p= --password= --authenticationDatabase= --quiet --norc --nodb \
            --tls --ssl --json? --shell --help --version",
        code: "--eval",
        files: "-f --file",
        quiet: "--help --version",
        ..NONE
    },
    Interpreter {
        names: &["rails"],
        language: Language::Ruby,
        options: "-e= --environment=",
        eval: "runner r console c",
        stdin: false,
        tasks: true,
        ..NONE
    },
    Interpreter {
        names: &["ruby", "jruby"],
        language: Language::Ruby,
        options: "-e= -r= -I= -C= -E= -W? -x? -0 -7 -F= -i? -K= -T? -U -a -c -d -h -l -n -p -s -S -v -w -y \
            --encoding= --external-encoding= --internal-encoding= --enable= --disable= --yjit --jit --version --help",
        code: "-e",
        files: "-r",
        quiet: "-c --version --help -h",
        ..NONE
    },
    Interpreter {
        names: &["perl"],
        language: Language::Perl,
        options: "-e= -E= -I= -M= -m= -0 -1 -2 -3 -4 -5 -6 -7 -C? -d? -D? -F= -i? -l -x? -V? -a -c -f -n -p -s -S -t -T -u -U -v -w -W -X \
            -h --help --version",
        code: "-e -E",
        files: "-M -m",
        quiet: "-c -v -V -h --help --version",
        ..NONE
    },
    Interpreter {
        names: &["php"],
        language: Language::Php,
        options: "-r= -B= -R= -E= -d= -c= -f! -F= -z= -S= -t= -n -e -H -i -l -m -q -s -v -w -a -h --run= \
            --process-begin= --process-code= --process-end= --define= --php-ini= --rf= --rc= --re= --rz= --ri= \
            --no-php-ini --version --help --info --modules --syntax-check",
        code: "-r --run -B --process-begin -R --process-code -E --process-end",
        quiet: "-l --syntax-check -i --info -m --modules -v --version -h --help -w -s --rf --rc --re --rz --ri",
        ..NONE
    },
    Interpreter {
        names: &["lua", "luajit"],
        language: Language::Lua,
        options: "-e= -l= -i -v -E -W",
        code: "-e",
        stdin: false,
        ..NONE
    },
    Interpreter {
        names: &["awk", "gawk", "mawk", "nawk", "original-awk"],
        language: Language::Awk,
        options: "-F= -v= -f= -e= -i= -l= --field-separator= --assign= --file= --source= --include= --load= -b -c -C \
            -d? -D? -g -h -I -k -L? -M -n -N -o? -O -p? -P -r -s -S -t -V --posix --re-interval --sandbox --csv \
            --version --help",
        code: "-e --source",
        quiet: "-V --version -h --help",
        stdin: false,
        program: "-f --file",
        ..NONE
    },
    Interpreter { names: &["osascript"], options: "-e= -l= -i -s=", code: "-e", ..NONE },
    Interpreter {
        names: &["julia"],
        language: Language::Julia,
        options: "-e= --eval= -E= --print= -L= --load= -J= -t= -p= --project? -O? -q -i -v",
        code: "-e --eval -E --print",
        quiet: "-v",
        ..NONE
    },
    Interpreter {
        names: &["Rscript"],
        language: Language::R,
        options: "-e= --vanilla --verbose --no-save --no-restore --slave --no-echo -q --quiet -s -f= --file= --version",
        code: "-e",
        quiet: "--version",
        stdin: false,
        ..NONE
    },
    Interpreter {
        names: &[
            "octave", "gnuplot", "guile", "erl", "racket", "ocaml", "sbcl", "ecl", "clisp", "hy", "janet",
        ],
        options: "-e= --eval= -eval= -c= --no-gui -q --silent -noshell -noinput --version -l= -t= -r= -I= -i -n --script \
            --load= -x= -norc --noinform --non-interactive --no-userinit --no-sysinit --quit",
        code: "-e --eval -eval -c -x",
        quiet: "--version",
        ..NONE
    },
    Interpreter {
        names: &["elixir", "iex"],
        options: "-e= --eval= -r= -S= -pa= -pz= --erl= --sname= --name= --cookie=",
        code: "-e --eval",
        stdin: false,
        ..NONE
    },
    Interpreter {
        names: &["tclsh", "wish", "expect"],
        language: Language::Tcl,
        options: "-encoding= -c= -f -b -d -D= -i -n -N -v",
        code: "-c",
        quiet: "-v",
        ..NONE
    },
    Interpreter {
        names: &["groovy", "kotlin", "kotlinc", "jshell", "jbang"],
        options: "-e= -expression= -script -cp= -classpath= --classpath= --class-path= -D= -c= --encoding= -n -p -d= --debug \
            -v -version --version -h --help -s -q --startup= --feedback= --enable-preview -R= -J= --module-path= \
            --add-modules= --no-startup --deps= --java=",
        code: "-e -expression -c",
        quiet: "-v -version --version -h --help",
        ..NONE
    },
    Interpreter {
        names: &[
            "scala",
            "scala-cli",
            "swift",
            "clojure",
            "clj",
            "bb",
            "java",
            "dart",
            "zig",
            "nim",
            "go",
            "tcc",
            "ghc",
            "dotnet",
            "rdmd",
            "mix",
            "rust-script",
        ],
        options: "-e= --execute-script= --eval= -i= -f= --file= -cp= -classpath= --classpath= --class-path= -I= -F= -L= -D? -X? \
            -O -M? -A? -Sdeps= -m= --main= -jar= -race -v -x -mod= -tags= -ldflags= -gcflags= -exec= -run -w -p= --enable-preview \
            --source= -r -version --version --help",
        code: "-e --execute-script --eval",
        quiet: "-jar -m --main -version --version --help",
        run: "run script fsi e r",
        stdin: false,
        tasks: true,
        ..NONE
    },
    Interpreter { names: &["runghc", "runhaskell"], options: "-f= -X= -i=", ..NONE },
    Interpreter {
        names: &["crystal"],
        language: Language::Ruby,
        run: "run",
        eval: "eval",
        stdin: false,
        tasks: true,
        ..NONE
    },
    Interpreter {
        names: &["raku", "perl6"],
        language: Language::Perl,
        options: "-e= -I= -M= -n -p -c",
        code: "-e",
        quiet: "-c",
        ..NONE
    },
];

const STARTS: Names = {
    let (mut starts, mut row) = (Names::EMPTY, 0);
    while row < INTERPRETERS.len() {
        starts = starts.with_starts(INTERPRETERS[row].names);
        row += 1;
    }
    starts
};

/// Enters the call if it is an interpreter that runs code; true where it is one.
pub(super) fn enter(call: &Call, name: &str, out: &mut Vec<Entered>) -> bool {
    let name = if name == "R" { "Rscript" } else { name };
    if !STARTS.may_begin(name) {
        return false;
    }
    let Some(interpreter) = INTERPRETERS.iter().find(|i| i.names.iter().any(|known| is_named(name, known)))
    else {
        return false;
    };
    let before = out.len();
    interpreter.enter(call, name, out);
    out.len() > before || !interpreter.tasks
}

/// Whether a base name is `known`, perhaps with a version: `python3.12`, `ruby3.1`, `perl5.36.0`.
fn is_named(name: &str, known: &str) -> bool {
    name.strip_prefix(known)
        .is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b't' | b'-')))
}

impl Interpreter {
    fn enter(&self, call: &Call, name: &str, out: &mut Vec<Entered>) {
        // What mongosh is given first is the address of a database.
        let address = self.names.contains(&"mongosh");
        let operands = if address { usize::MAX } else { 0 };
        let grammar = Grammar { operands, interspersed: address, ..Grammar::options(self.options) };
        let readings = grammar.scan(&call.args, 0).list;
        // One unknown word is the script, unless an option with code follows it.
        let script = readings.first().and_then(|first| call.args.get(first.command));
        let sure = script.is_none_or(|script| !script.is_many());
        for (i, reading) in readings.into_iter().enumerate() {
            if i > 0 && sure && self.code(&reading).is_none() {
                continue;
            }
            let before = out.len();
            self.read(call, name, &grammar, &reading, out);
            if name.starts_with("ipython") {
                let lines: Vec<Entered> = out[before..].iter().flat_map(ipython::of_the_shell).collect();
                out.extend(lines);
            }
            for entered in &mut out[before..] {
                entered.certainty = reading.certainty;
            }
        }
    }

    fn read(&self, call: &Call, name: &str, grammar: &Grammar, reading: &Reading, out: &mut Vec<Entered>) {
        let language = self.language;
        for given in reading.options.iter().filter(|g| super::wrappers::is_one_of(g.name, self.files)) {
            let Some(value) = &given.value else {
                continue;
            };
            // `perl -MPath::Name=list`
            let module = value.known_start().split(['=', ' ']).next().unwrap_or_default().replace("::", "/");
            let paths = match language {
                Language::Perl => vec![Text::known(format!("{module}.pm"))],
                Language::Ruby => vec![value.clone(), Text::known(format!("{module}.rb"))],
                _ => vec![value.clone()],
            };
            if let Some(source) = value.as_known().and_then(super::forms::in_url) {
                let inner = Inner::Code { language, source, args: Vec::new() };
                out.push(layer(&format!("{name} {}", given.name), inner));
            }
            let is_path =
                |path: &Text| language == Language::Perl || path.known_start().starts_with(['.', '/']);
            for path in paths.into_iter().filter(is_path) {
                let inner = Inner::CodeFile { language, path, args: Vec::new() };
                out.push(layer(&format!("{name} {}", given.name), inner));
            }
        }
        if self.language == Language::Python
            // Python's own options end with either.
            && let Some(given) = reading.options.iter().find(|given| matches!(given.name, "-c" | "-m"))
            && given.name == "-m"
            && let Some(module) = given.value.as_ref().and_then(Text::as_known)
        {
            let rest = given.at.and_then(|at| call.args.get(at + 1..)).unwrap_or_default();
            return self.module(name, module, rest, out);
        }
        if let Some(code) = self.code(reading) {
            let args = call.args[reading.command..].to_vec();
            let source = code;
            return out.push(layer(&format!("{name} -e"), Inner::Code { language, source, args }));
        }
        if !self.quiet.is_empty() && reading.has(self.quiet) {
            return;
        }
        if let Some(file) = reading.given(self.program) {
            if let Some(path) = file.value.clone() {
                let args = call.args[reading.command..].to_vec();
                out.push(layer(name, Inner::CodeFile { language, path, args }));
            }
            return;
        }
        let mut at = reading.command;
        let first = call.args.get(at).and_then(Text::as_known);
        // `node -p CODE`: the option's value is optional, so the word behind it is the code.
        let printed = reading.has("-p --print") && !self.code.is_empty() && language == Language::JavaScript;
        let evaluated = first.is_some_and(|sub| super::wrappers::is_one_of(sub, self.eval));
        let run = first.is_some_and(|sub| super::wrappers::is_one_of(sub, self.run));
        if evaluated || run {
            let next = grammar.scan(&call.args, at + 1).list.into_iter().next();
            if let Some(source) = next.as_ref().and_then(|reading| self.code(reading)) {
                let inner = Inner::Code { language, source, args: Vec::new() };
                return out.push(layer(&format!("{name} -e"), inner));
            }
            at = next.map_or(call.args.len(), |reading| reading.command);
        }
        let Some(script) = call.args.get(at) else {
            if self.stdin || evaluated {
                self.standard_input(call, name, &[], out);
            }
            return;
        };
        let args = call.args[at + 1..].to_vec();
        if evaluated || printed || !self.program.is_empty() {
            let inner = Inner::Code { language, source: script.clone(), args };
            return out.push(layer(&format!("{name} -e"), inner));
        }
        match script.as_known() {
            Some("-") => self.standard_input(call, name, &args, out),
            Some(path) if is_stdin(path) => self.standard_input(call, name, &args, out),
            // `bun prisma`, `deno lint`
            Some(word) if self.tasks && !looks_like_a_file(word) => {}
            _ => {
                let path = script.clone();
                self.console(call, base_name(path.known_end()), &args, out);
                out.push(layer(name, Inner::CodeFile { language, path, args }));
            }
        }
    }

    /// `python -m MODULE …`: a module that runs other code, or one that stands in the directory.
    fn module(&self, name: &str, module: &str, rest: &[Text], out: &mut Vec<Entered>) {
        let language = self.language;
        let name = format!("{name} -m {module}");
        if module == "timeit" {
            let mut words = rest.iter();
            while let Some(word) = words.next() {
                let code = match word.as_known() {
                    Some("-n" | "-r" | "-u" | "-p") => {
                        words.next();
                        continue;
                    }
                    Some("-s" | "--setup") => words.next(),
                    _ if word.known_start().starts_with('-') => continue,
                    _ => Some(word),
                };
                if let Some(source) = code.cloned() {
                    out.push(layer(&name, Inner::Code { language, source, args: Vec::new() }));
                }
            }
            return;
        }
        let runs_a_file =
            super::wrappers::is_one_of(module, "cProfile profile pdb trace runpy coverage viztracer");
        let script = rest.iter().position(|word| word.known_end().ends_with(".py")).filter(|_| runs_a_file);
        let mut file = |path: Text, args: &[Text]| {
            out.push(layer(&name, Inner::CodeFile { language, path, args: args.to_vec() }));
        };
        match script {
            Some(at) => file(rest[at].clone(), &rest[at + 1..]),
            None => ["/__main__.py", ".py"]
                .iter()
                .for_each(|end| file(Text::known(format!("{}{end}", module.replace('.', "/"))), rest)),
        }
    }

    /// `manage.py shell -c CODE`, `artisan tinker --execute=CODE`, `manage.py dbshell`
    fn console(&self, call: &Call, script: &str, args: &[Text], out: &mut Vec<Entered>) {
        const CONSOLES: &[(&str, &str, &str)] =
            &[("manage.py", "shell shell_plus", "-c= --command="), ("artisan", "tinker", "--execute=")];
        let Some(sub) = args.first().and_then(Text::as_known) else {
            return;
        };
        if script == "manage.py" && sub == "dbshell" {
            let behind =
                args.iter().position(|arg| arg.as_known() == Some("--")).map_or(args.len(), |at| at + 1);
            let (args, input) = (args[behind..].to_vec(), call.input.clone());
            let psql = Call { program: "psql".into(), args, input, ..Call::default() };
            return out.push(layer(script, Inner::Call(psql)));
        }
        let console = CONSOLES
            .iter()
            .find(|(known, subs, _)| *known == script && super::wrappers::is_one_of(sub, subs));
        let Some((.., options)) = console else {
            return;
        };
        let reading = Grammar::options(options).scan(&args[1..], 0).list.into_iter().next();
        let given = reading.and_then(|reading| reading.options.into_iter().find_map(|given| given.value));
        let source = given.or_else(|| match stdin(call) {
            Stdin::Source(text) => Some(text.clone()),
            _ => None,
        });
        if let Some(source) = source {
            out.push(layer(script, Inner::Code { language: self.language, source, args: Vec::new() }));
        }
    }

    /// The values of all options that give code; several are lines of one program.
    fn code(&self, reading: &Reading) -> Option<Text> {
        let mut given = reading
            .options
            .iter()
            .filter(|g| super::wrappers::is_one_of(g.name, self.code))
            .filter_map(|g| g.value.clone());
        let mut code = given.next()?;
        for line in given {
            code.push_str("\n");
            code.append(&line);
        }
        Some(code)
    }

    fn standard_input(&self, call: &Call, name: &str, args: &[Text], out: &mut Vec<Entered>) {
        let (language, args) = (self.language, args.to_vec());
        let inner = match stdin(call) {
            Stdin::Nothing => return,
            Stdin::Unknown => Inner::Unknown(format!("standard input of `{name}`")),
            Stdin::Source(text) => Inner::Code { language, source: text.clone(), args },
            Stdin::File(path) => Inner::CodeFile { language, path: path.clone(), args },
        };
        out.push(layer(name, inner));
    }
}

fn looks_like_a_file(word: &str) -> bool {
    const ENDS: &str = "js ts mjs cjs mts cts jsx tsx rb cr go java scala sc swift clj cljc bb dart zig nim nims d rs c csx cs fsx hs";
    let end = base_name(word).rsplit_once('.').map_or("", |(_, end)| end);
    word.starts_with(['.', '/']) || super::wrappers::is_one_of(end, ENDS)
}
