//! Tests of `code`.

mod javascript;

use super::*;
use crate::actions::CodeDatabase;
use crate::model::{Body, Input, PathOp};

fn shown(effect: &CodeEffect) -> String {
    match effect {
        CodeEffect::Shell(text) | CodeEffect::OwnShell(text) => format!("sh: {}", text.display()),
        CodeEffect::Call(call) | CodeEffect::Like(call) => {
            let words: Vec<String> = call.args.iter().map(Text::display).collect();
            let input = match &call.input {
                Input::Text(text) => format!(" <<{}", text.display()),
                _ => String::new(),
            };
            let words = format!("{} {}", call.program.display(), words.join(" "));
            format!("run: {}{input}", words.trim_end())
        }
        CodeEffect::Path(effect) => {
            let reach = if effect.recursive { " -r" } else { "" };
            let op = match effect.op {
                PathOp::Delete => "delete",
                PathOp::Overwrite => "write",
                PathOp::Modify => "change",
                PathOp::MoveAway => "move",
                PathOp::Empty => "empty",
                _ => "other",
            };
            format!("{op}{reach} {}", effect.path.display())
        }
        CodeEffect::Sql { text, database } => {
            let database = match database {
                CodeDatabase::Unknown => String::new(),
                CodeDatabase::File(file) => file.as_ref().map(Text::display).unwrap_or_default(),
                CodeDatabase::Server { host, name } => {
                    let parts = [host, name].map(|part| part.as_ref().map(Text::display).unwrap_or_default());
                    parts.join(" ").trim().to_owned()
                }
            };
            format!("sql: {} @{database}", text.display())
        }
        CodeEffect::File { path, .. } => format!("file: {}", path.display()),
        CodeEffect::Request(request) => {
            let body = match &request.body {
                Body::Empty => String::new(),
                Body::Unknown { what } => format!(" <{what}>"),
                Body::Text { text, graphql, unreadable } => {
                    let fields: Vec<&str> =
                        graphql.iter().flat_map(|o| &o.fields).map(|f| f.name.as_str()).collect();
                    match (fields.is_empty(), unreadable) {
                        (true, false) => format!(" {}", text.display()),
                        (_, true) => format!(" gql:{}?", fields.join(",")),
                        (_, false) => format!(" gql:{}", fields.join(",")),
                    }
                }
            };
            let query = request.query.display();
            let query = if query.is_empty() { query } else { format!("?{query}") };
            format!(
                "{} {}{}{query}{body}",
                request.method.display(),
                request.host.display(),
                request.path.display()
            )
        }
    }
}

/// An import does nothing unless the script wrote the module.
fn is_import(effect: &CodeEffect) -> bool {
    matches!(effect, CodeEffect::File { own: true, .. })
}

fn all(language: Language, source: &str) -> String {
    let surroundings = Surroundings { imported: Imported::All, ..Surroundings::none() };
    match effects(language, source, &surroundings) {
        Ok(effects) => {
            let effects = effects.iter().map(|(effect, _)| effect).filter(|effect| !is_import(effect));
            effects.map(shown).collect::<Vec<_>>().join(" | ")
        }
        Err(why) => format!("error: {why}"),
    }
}

fn check(language: Language, table: &[(&str, &str)]) {
    let found = table.iter().map(|(source, expected)| (source, all(language, source), *expected));
    let wrong: Vec<_> = found.filter(|(_, found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn python_programs_and_paths() {
    check(
        Language::Python,
        &[
            ("import os; os.system('rm -rf /')", "sh: rm -rf /"),
            ("import os as o\no.popen(f'rm -rf {x}')", "sh: rm -rf x"),
            ("__import__('os').system('rm ' '-rf ' + '/')", "sh: rm -rf /"),
            ("import os\ngetattr(os, 'sys' + 'tem')('ls')", "sh: ls"),
            ("from os import *\nsystem('ls')", "sh: ls"),
            ("import subprocess as s\ns.run(['rm', '-rf', '/x'])", "run: rm -rf /x"),
            ("import subprocess\nsubprocess.run('rm -rf /x', shell=True, check=True)", "sh: rm -rf /x"),
            ("import subprocess\nsubprocess.Popen(args=['a', *rest])", "run: a rest"),
            (
                "import subprocess\nsubprocess.run(['bash'], input='rm -rf /', text=True)",
                "run: bash <<rm -rf /",
            ),
            ("import subprocess\nsubprocess.run(['rm', 'x'], cwd='/y')", "run: env -C /y rm x"),
            (
                "import subprocess\ncmd = ['git']\ncmd += ['push', '-f']\nsubprocess.check_call(cmd)",
                "run: git push -f",
            ),
            ("import os\nos.execvp('rm', ['rm', '-rf', '/'])", "run: rm -rf /"),
            ("import os\nos.execlp('rm', 'rm', '-rf', '/')", "run: rm -rf /"),
            ("import os\nos.spawnlp(os.P_WAIT, 'rm', 'rm', '/')", "run: rm /"),
            ("import shutil\nshutil.rmtree('/home/x', ignore_errors=True)", "delete -r /home/x"),
            ("from shutil import rmtree as x\nx(path='a')", "delete -r a"),
            (
                "import shutil, os\nfor d in ['a', 'b']:\n    shutil.rmtree(os.path.join('/r', d))",
                "delete -r /r/a | delete -r /r/b",
            ),
            ("import os\nfor f in os.listdir('.'):\n    os.remove(f)", "delete *"),
            ("import os\nos.rename('a', 'b')", "move -r a | write b"),
            ("from pathlib import Path\nb = Path('/a') / 'b'\n(b / 'c').unlink()", "delete /a/b/c"),
            ("from pathlib import Path\nPath('a').write_text('x')", "write a"),
            ("import pathlib\npathlib.Path('a', 'b').parent.rmdir()", "delete a"),
            (
                "from pathlib import Path\nimport shutil\nshutil.rmtree(Path(__file__).parent / 'build')",
                "delete -r __file__/build",
            ),
            ("from pathlib import Path\nimport shutil\nshutil.rmtree(Path.home())", "delete -r $HOME"),
            ("import shutil, os\nshutil.rmtree(os.path.expanduser('~/x'))", "delete -r $HOME/x"),
            (
                "import os, shutil\nos.chdir('/a')\nshutil.rmtree('b')\nos.system('ls')",
                "delete -r /a/b | sh: cd /a && ls",
            ),
            ("open('a', 'w').write('x')", "write a"),
            ("with open('a', mode='ab') as f: pass", "change a"),
            ("open('a').read(); open('b', 'rb')", ""),
            ("exec('import os; os.remove(\"a\")')", "delete a"),
            ("import base64\nexec(base64.b64decode('aW1wb3J0IG9zOyBvcy5zeXN0ZW0oImxzIik='))", "sh: ls"),
            ("exec(bytes.fromhex('6f70656e282761272c27772729').decode())", "empty a"),
            ("exec(''.join([chr(111), 'pen(\"a\",\"w\")']))", "empty a"),
            (
                "import tempfile, shutil\nd = tempfile.mkdtemp()\nshutil.rmtree(d)",
                "delete -r tempfile.mkdtemp()",
            ),
            ("import os\nos.system('rm %s/%s' % ('a', b))", "sh: rm a/b"),
            ("import os\nos.system('rm {0}/{x}'.format('a', x='b'))", "sh: rm a/b"),
            ("import os\nos.system(r'a\\b' \"\\x41\\u0042\\103\" '''x''')", "sh: a\\bABCx"),
            ("import os\ndef f(p, q='z'):\n    os.remove(p)\nf('a')\nf(p='b')", "delete a | delete b"),
            ("import os\ndef f(p):\n    os.remove(p)\n    f(p)", "delete p"),
            ("import os\nclass A:\n    def f(self, p):\n        if p: os.remove(p)", "delete p"),
            ("import os\np = 'a'\nif c:\n    p = 'b'\nos.remove(p)", "delete p"),
            ("import os\nif c:\n    p = 'a'\nelse:\n    p = 'b'\n    os.remove(p)", "delete b"),
            ("import os\np = 'a'\np = p + 'b'\nos.remove(p)", "delete ab"),
            ("import os\nos.remove(os.environ['X'] + '/a')", "delete os.environ['X']/a"),
            // Nothing happens here.
            ("# os.system('rm -rf /')\nx = \"os.system('rm')\"\nprint('shutil.rmtree(\"/\")')", ""),
            ("os_system('rm'); remove('x'); foo.oss.system('x')", ""),
            // One module is a thing of another.
            ("import shutil; shutil.os.system('x')", "sh: x"),
            ("def open(a, b): pass\nopen('x', 'w')", ""),
            ("import os\nx = = 1\nos.system('x')", "sh: x"),
            ("?!", "error: code that cannot be parsed"),
            ("", ""),
        ],
    );
}

const DELETED: &str = "POST backboard.railway.app/graphql/v2 gql:volumeDelete";

#[test]
fn the_call_that_deleted_a_volume_in_python() {
    let url = "https://backboard.railway.app/graphql/v2";
    let q = "mutation { volumeDelete(volumeId: \\\"3d2c\\\") }";
    for code in [
        format!("import requests\nrequests.post('{url}', json={{'query': \"{q}\"}}, headers={{'Authorization': f'Bearer {{t}}'}})"),
        format!("import requests, json\nq = \"\"\"mutation($id: String!) {{\n x: volumeDelete(volumeId: $id) }}\"\"\"\nr = requests.post(URL := '{url}', data=json.dumps({{'query': q, 'variables': {{'id': sys.argv[1]}}}}))"),
        format!("from requests import Session\ns = Session()\ns.headers.update({{}})\ns.request('POST', '{url}', json=dict(query=\"{q}\"))"),
        format!("import requests\nwith requests.Session() as s:\n    s.post('{url}', data={{'query': \"{q}\"}})"),
        format!("import requests\npayload = {{}}\npayload['query'] = \"{q}\"\nrequests.post('{url}', json=payload)"),
        format!("import requests\ndef gql(query, **kw):\n    return requests.post('{url}', json={{'query': query, 'variables': kw}})\ngql(\"{q}\")"),
        format!("import requests\nAPI = '{url}'\ndef main():\n    for q in [\"{q}\"]:\n        requests.post(API, json={{'query': q}})\nif __name__ == '__main__':\n    main()"),
        format!("import httpx\nwith httpx.Client(base_url='https://backboard.railway.app') as c:\n    c.post('/graphql/v2', json={{'query': \"{q}\"}})"),
        format!("import urllib.request, json\nreq = urllib.request.Request('{url}', data=json.dumps({{'query': \"{q}\"}}).encode(), method='POST')\nurllib.request.urlopen(req)"),
        format!("from urllib.request import urlopen\nurlopen('{url}', b'{{\"query\":\"mutation {{ volumeDelete(volumeId: 1) }}\"}}')"),
        "import http.client, json\nc = http.client.HTTPSConnection('backboard.railway.app', 443)\nc.request('POST', '/graphql/v2', json.dumps({'query': 'mutation { volumeDelete(volumeId: 1) }'}), {'a': 'b'})".to_owned(),
        format!("import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n        async with s.post('{url}', json={{'query': \"{q}\"}}) as r:\n            pass"),
    ] {
        assert_eq!(all(Language::Python, &code), DELETED, "{code}");
    }
    let unknown = format!("import requests, sys\nrequests.post('{url}', json={{'query': sys.argv[1]}})");
    assert!(all(Language::Python, &unknown).ends_with("gql:?"));
    let unknown = format!("import requests, sys\nrequests.post('{url}', data=sys.stdin.read())");
    assert!(all(Language::Python, &unknown).ends_with("<sys.stdin.read(…)>"));
}

#[test]
fn options_that_are_not_known() {
    check(
        Language::JavaScript,
        &[
            ("fetch('https://h/x', options)", "options h/x <options>"),
            ("fetch('https://h/x')", "GET h/x"),
            ("fetch(url, { method: m })", "m urlurl"),
            ("fetch('https://h/x', { ...o })", "o h/x?o <o>"),
            ("import got from 'got'; got.post('https://h/x', o)", "POST h/x <o>"),
            ("const { API } = process.env; fetch(`${API}/x`)", "GET process.env.APIprocess.env.API/x"),
            ("const p: string = 'a'; import fs from 'fs'; fs.unlinkSync(p)", "delete a"),
        ],
    );
    check(
        Language::Python,
        &[
            ("import requests\nrequests.post('https://h/x', **kw)", "POST h/x?** <**>"),
            ("import requests\nrequests.request(m, u)", "m uu"),
            (
                "import requests\nclass C:\n  def __init__(self):\n    self.s = requests.Session()\n  def f(self):\n    self.s.delete('https://h/x')",
                "DELETE h/x",
            ),
            (
                "import subprocess, shlex\nsubprocess.run(shlex.split(c))",
                "run: shlex.split(…) shlex.split(…)",
            ),
        ],
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes_are_read(code in "([a-z.]{1,4}|[(){}\\[\\]'\"`=+%,:$\\\\\n ]|\\{\\{|\\$\\{|%\\(|f'|\\.format\\(|exec\\(|fetch\\(|open\\(|\\PC){0,60}") {
        let _ = all(Language::Python, &code);
        let _ = all(Language::JavaScript, &code);
    }
}

#[test]
fn surroundings_are_known() {
    let surroundings = Surroundings {
        variable: &|name| (name == "HOME").then(|| Text::known("/home/dev")),
        args: &[Text::known("/x")],
        input: None,
        read: &|_| None,
        file: false,
        imported: Imported::No,
        uses: None,
    };
    let found = effects(
        Language::Python,
        "import os, sys, shutil\nos.remove(sys.argv[1])\nshutil.rmtree(os.environ.get('HOME') + '/a')",
        &surroundings,
    );
    let found = found.unwrap_or_default();
    let found = found.iter().map(|(effect, _)| effect).filter(|effect| !is_import(effect));
    let found: Vec<String> = found.map(shown).collect();
    assert_eq!(found, ["delete /x", "delete -r /home/dev/a"]);
}

#[test]
fn hostile_code_is_bounded() {
    for code in [
        format!("x = {}1{}", "(".repeat(4000), ")".repeat(4000)),
        format!("f({}", "[".repeat(8000)),
        format!("import os\nos.system({}'')", "'a' + ".repeat(4000)),
        format!("{}{}", "def f():\n", "    f()\n".repeat(2000)),
        format!("u{}", ".map(x => x + 'a')".repeat(60)),
        format!("u{}", ".forEach(x => x)".repeat(60)),
        format!("x = {}z{}", "[y for y in ".repeat(60), "]".repeat(60)),
        format!("a = []\n{}", "a = [a]\n".repeat(5000)),
        format!("a = f()\n{}", "a = a.f()\n".repeat(5000)),
        (0..300).map(|n| format!("{}def f{n}():\n", " ".repeat(n))).collect(),
        format!(
            "a0 = 'xxxxxxxx'\n{}",
            (0..300).map(|n| format!("a{} = a{n} + a{n}\n", n + 1)).collect::<String>()
        ),
        format!(
            "import json\na0 = []\n{}json.dumps(a60)",
            (0..60).map(|n| format!("a{} = [a{n}, a{n}]\n", n + 1)).collect::<String>()
        ),
    ] {
        let _ = all(Language::Python, &code);
        let _ = all(Language::JavaScript, &code);
    }
}
