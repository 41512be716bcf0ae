//! Tests of what JavaScript does.

use super::{DELETED, all, check};
use crate::actions::Language;

#[test]
fn javascript_programs_and_paths() {
    check(
        Language::JavaScript,
        &[
            ("require('child_process').execSync('rm -rf /')", "sh: rm -rf /"),
            ("const { exec: run } = require('node:child_process'); run(`rm -rf ${x}`)", "sh: rm -rf x"),
            ("import { spawnSync } from 'child_process'; spawnSync('rm', ['-rf', '/x'])", "run: rm -rf /x"),
            ("import cp from 'child_process'; cp.spawn('rm -rf', ['a'], { shell: true })", "sh: rm -rf a"),
            (
                "const util = require('util'); const e = util.promisify(require('child_process').exec); await e('ls')",
                "sh: ls",
            ),
            (
                "const cp = await import('node:child_process'); cp.execFile('git', ['push', '-f'], {cwd: '/r'}, () => {})",
                "run: env -C /r git push -f",
            ),
            ("const fs = require('fs'); fs.rmSync('/a', { recursive: true, force: true })", "delete -r /a"),
            ("fs = require('fs'); fs.promises.rm('a')", "delete a"),
            (
                "import { rm } from 'fs/promises'; import path from 'path'; await rm(path.join(__dirname, 'b', '/c'), { recursive: true })",
                "delete -r __dirname/b/c",
            ),
            (
                "import * as fse from 'fs-extra'; fse.emptyDirSync('a'); fse.remove('b')",
                "delete -r a | delete -r b",
            ),
            ("require('fs').writeFileSync('a', 'x')", "write a"),
            ("require('fs')['unlink' + 'Sync']('a')", "delete a"),
            ("const rimraf = require('rimraf'); rimraf(['a', 'b'])", "delete -r a | delete -r b"),
            ("import { rimrafSync } from 'rimraf'; rimrafSync('a')", "delete -r a"),
            ("const fs = require('fs'); for (const d of ['a', 'b']) { fs.rmSync(d) }", "delete a | delete b"),
            ("const fs = require('fs'); ['a', 'b'].forEach(d => fs.unlinkSync(d))", "delete a | delete b"),
            ("const fs = require('fs'); fs.readdirSync('.').forEach(f => fs.unlinkSync(f))", "delete *"),
            (
                "const fs = require('fs'); const del = (p) => { fs.unlinkSync(p) }; del('a'); del('b')",
                "delete a | delete b",
            ),
            ("eval('require(\"fs\").unlinkSync(\"a\")')", "delete a"),
            ("new Function(atob('cmVxdWlyZSgiZnMiKS51bmxpbmtTeW5jKCJhIik='))()", "delete a"),
            ("eval(String.fromCharCode(0x65, 118) + 'al(\"Deno.remove(\\'a\\')\")')", "delete a"),
            (
                "await Deno.remove('a', { recursive: true }); new Deno.Command('rm', { args: ['a'] }).output()",
                "delete -r a | run: rm a",
            ),
            (
                "await Bun.$`rm -rf ${'a b'}/${x}`; Bun.spawn(['rm', 'a']); Bun.spawn({ cmd: ['rm', 'b'] })",
                "sh: rm -rf 'a b'/x | run: rm a | run: rm b",
            ),
            ("import { $ } from 'zx'; const d = 'x'; await $`rm ${d}`", "sh: rm x"),
            ("import { execa } from 'execa'; await execa('rm', ['-rf', 'a'])", "run: rm -rf a"),
            ("const shell = require('shelljs'); shell.rm('-rf', 'a')", "run: rm -rf a"),
            ("const fs = require('fs'); let p = 'a'; if (c) { p = 'b' } fs.unlinkSync(p)", "delete p"),
            ("process.chdir('/a'); require('fs').unlinkSync('b')", "delete /a/b"),
            ("const fs = require('fs'); function f(p: string): void { fs.unlinkSync(p); }", "delete p"),
            // Nothing happens here.
            (
                "// require('fs').rmSync('/')\nconst x = \"require('fs').rmSync('/')\"; console.log(`fs.rm('/')`)",
                "",
            ),
            ("function exec(x) {} exec('rm'); foo.rmSync('a'); /a/.exec(b)", ""),
            ("fs.readFileSync('a')", ""),
        ],
    );
}

#[test]
fn the_call_that_deleted_a_volume_in_javascript() {
    let url = "https://backboard.railway.app/graphql/v2";
    let q = "mutation { volumeDelete(volumeId: \\\"3d2c\\\") }";
    for code in [
        format!(
            "fetch('{url}', {{ method: 'POST', headers: {{ A: `Bearer ${{process.env.T}}` }}, body: JSON.stringify({{ query: \"{q}\" }}) }}).then(r => r.json())"
        ),
        format!(
            "const query = `mutation D($id: String!) {{ volumeDelete(volumeId: $id) }}`; const variables = {{ id: process.argv[2] }};\nawait fetch('{url}', {{ method: 'post', body: JSON.stringify({{ query, variables }}) }})"
        ),
        format!(
            "const opts = {{ method: 'POST' }}; const r = await fetch(new URL('/graphql/v2', 'https://backboard.railway.app/x'), {{ ...opts, body: JSON.stringify({{ query: \"{q}\" }}) }})"
        ),
        format!(
            "const axios = require('axios'); axios.post('{url}', {{ query: \"{q}\" }}, {{ headers: {{}} }})"
        ),
        format!(
            "import axios from 'axios'; await axios({{ url: '{url}', method: 'post', data: {{ query: \"{q}\" }} }})"
        ),
        format!(
            "const c = require('axios').create({{ baseURL: 'https://backboard.railway.app' }}); c.post('/graphql/v2', {{ query: \"{q}\" }})"
        ),
        format!("import got from 'got'; await got.post('{url}', {{ json: {{ query: \"{q}\" }} }})"),
        format!(
            "const {{ request }} = require('undici'); request('{url}', {{ method: 'POST', body: JSON.stringify({{ query: \"{q}\" }}) }})"
        ),
        format!(
            "const https = require('https'); const data = JSON.stringify({{ query: \"{q}\" }});\nconst req = https.request({{ hostname: 'backboard.railway.app', path: '/graphql/v2', method: 'POST', port: 443 }}, (res) => {{ res.on('data', d => process.stdout.write(d)) }});\nreq.on('error', console.error); req.write(data); req.end();"
        ),
        format!(
            "const https = require('node:https'); https.request('{url}', {{ method: 'POST' }}).end(JSON.stringify({{ query: \"{q}\" }}))"
        ),
        format!(
            "async function gql(query, variables = {{}}) {{ return fetch('{url}', {{ method: 'POST', body: JSON.stringify({{ query, variables }}) }}) }}\n(async () => {{ await gql(\"{q}\", {{}}) }})()"
        ),
        format!(
            "const f = require('node-fetch'); f('{url}', {{ method: 'POST', body: new URLSearchParams({{ query: \"{q}\" }}) }})"
        ),
    ] {
        assert_eq!(all(Language::JavaScript, &code), DELETED, "{code}");
    }
}
