//! The deletion that guard exists for, in every form in which a shell can say it.

use crate::support::World;

const BODY: &str = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb\") }"}"#;
const URL: &str = "https://backboard.railway.app/graphql/v2";

#[track_caller]
fn held(world: &World, command: &str) {
    let outcome = world.guard("guard").args(["check", command]).outcome();
    assert!(matches!(outcome.code, Some(10 | 11)), "{command}\n{outcome:?}");
}

#[track_caller]
fn runs(world: &World, command: &str) {
    let outcome = world.guard("guard").args(["check", command]).outcome();
    assert_eq!(outcome.code, Some(0), "{command}\n{outcome:?}");
}

#[test]
fn the_deletion_by_curl_is_held_whatever_the_form() {
    let world = World::new();
    world.file("work/body.json", BODY);
    world.file("work/curlrc", format!("url = \"{URL}\"\ndata = \"@body.json\"\n"));
    for command in [
        format!("curl -X POST {URL} -H 'Authorization: Bearer x' -d '{BODY}'"),
        format!("curl {URL} --data-raw '{BODY}'"),
        format!("curl {URL} --data-binary @body.json"),
        format!("curl {URL} -d@body.json"),
        format!("curl {URL} --json '{BODY}'"),
        format!("curl --url {URL} --data '{BODY}'"),
        format!("cat body.json | curl {URL} -d @-"),
        format!("curl {URL} -d @- < body.json"),
        format!("curl {URL} -d @- <<'E'\n{BODY}\nE"),
        format!("curl {URL} -d \"$(cat body.json)\""),
        format!("curl {URL} -d \"$(<body.json)\""),
        format!("b=$(cat body.json); curl {URL} -d \"$b\""),
        format!("URL={URL}; B='{BODY}'; curl \"$URL\" -d \"$B\""),
        format!("curl {URL} -F query='mutation {{ volumeDelete(volumeId: \"x\") }}'"),
        format!("curl -G {URL} --data-urlencode 'query=mutation {{ volumeDelete(volumeId: \"x\") }}'"),
        "curl -K curlrc".to_owned(),
        format!("sudo env X=1 timeout 5 bash -c \"curl {URL} -d @body.json\""),
        format!("echo {URL} | xargs curl -d @body.json"),
        format!("c=cu; ${{c}}rl {URL} -d @body.json"),
        format!("'c'u\"r\"l {URL} -d @body.json"),
        format!("$(echo curl) {URL} -d @body.json"),
        format!("f() {{ curl \"$@\"; }}; f {URL} -d @body.json"),
        format!("for b in body.json; do curl {URL} -d @$b; done"),
        format!("echo 'curl {URL} -d @body.json' | sh"),
        format!("bash <<< 'curl {URL} -d @body.json'"),
        format!("bash <(echo 'curl {URL} -d @body.json')"),
        format!("eval 'curl {URL} -d @body.json'"),
        format!("trap 'curl {URL} -d @body.json' EXIT"),
        format!("ssh build.example.com \"curl {URL} -d '{{}}' -d @x\""),
        format!("curl {URL} -d \"$(some-program)\""),
        format!("some-program | curl {URL} -d @-"),
        format!("wget -qO- {URL} --post-data='{BODY}'"),
        format!("wget --post-file=body.json {URL}"),
        format!("wget --method=POST --body-file body.json {URL}"),
    ] {
        held(&world, &command);
    }
    // The same, decoded on the way.
    let encoded = data_encoding::BASE64.encode(format!("curl {URL} -d @body.json").as_bytes());
    held(&world, &format!("echo {encoded} | base64 -d | sh"));
    held(&world, &format!("sh -c \"$(echo {encoded} | base64 --decode)\""));
}

#[test]
fn other_forms_of_the_document_are_read() {
    let world = World::new();
    for body in [
        r#"{"query":"mutation volumeDelete($id: String!) { volumeDelete(volumeId: $id) }","variables":{"id":"x"}}"#,
        r#"{"query":"mutation { ok: volumeDelete(volumeId: \"x\") }"}"#,
        r#"{"query":"mutation { ...F } fragment F on Mutation { volumeDelete(volumeId: \"x\") }"}"#,
        r##"{"query":"# nothing\nmutation{volumeDelete(volumeId:\"x\")}"}"##,
        r#"{"query":"mutation { v\u006flumeDelete(volumeId: \"x\") }"}"#,
        r#"{"operationName":"B","query":"query A { me { id } } mutation B { serviceDelete(id: \"x\") }"}"#,
        r#"[{"query":"query { me { id } }"},{"query":"mutation { projectDelete(id: \"x\") }"}]"#,
    ] {
        world.file("work/b.json", body);
        held(&world, &format!("curl {URL} -d @b.json"));
    }
    for body in [
        r#"{"query":"query { me { id } }"}"#,
        r#"{"query":"{ project(id: \"x\") { volumes { edges { node { id } } } } }"}"#,
        r#"{"query":"query { volume(name: \"volumeDelete\") { id } }"}"#,
    ] {
        world.file("work/b.json", body);
        runs(&world, &format!("curl {URL} -d @b.json"));
    }
}

#[test]
fn the_deletion_by_code_is_held() {
    let world = World::new();
    let document = r#"mutation { volumeDelete(volumeId: \"3d2c\") }"#;
    for code in [
        format!("import requests\nrequests.post('{URL}', json={{'query': '{document}'}})"),
        format!("import requests as r\nu='{URL}'\nq = {{\"query\": \"{document}\"}}\nr.post(u, json=q)"),
        format!(
            "import urllib.request, json\nd=json.dumps({{'query': '{document}'}}).encode()\nurllib.request.urlopen(urllib.request.Request('{URL}', data=d))"
        ),
        format!(
            "import subprocess\nsubprocess.run(['curl', '{URL}', '-d', '{{\"query\":\"mutation {{ volumeDelete }}\"}}'])"
        ),
        "import os\nos.system('railway volume delete -v pg -y')".to_owned(),
    ] {
        held(&world, &format!("python3 - <<'EOF'\n{code}\nEOF"));
        held(&world, &format!("python3 <<'EOF'\n{code}\nEOF"));
        world.file("work/x.py", &code);
        held(&world, "python3 x.py");
        held(&world, "cat x.py | python3 -");
        held(&world, "python3 -c \"$(cat x.py)\"");
    }
    for code in [
        format!(
            "fetch('{URL}', {{method: 'POST', body: JSON.stringify({{query: 'mutation {{ volumeDelete(volumeId: \"x\") }}'}})}})"
        ),
        "require('child_process').execSync('railway volume delete -v pg -y')".to_owned(),
    ] {
        world.file("work/x.js", &code);
        held(&world, "node x.js");
        held(&world, "node < x.js");
        held(&world, "node -e \"$(cat x.js)\"");
    }
}

#[test]
fn the_deletion_by_railways_own_program_is_held() {
    let world = World::new();
    for command in [
        "railway volume delete --volume postgres-volume --yes --json",
        "railway volume rm -v x",
        "railway -p abc volume delete -v x",
        "npx @railway/cli volume delete -v x",
        "RAILWAY_TOKEN=x railway down -y",
        "env -S 'railway volume delete -v x'",
        "/usr/local/bin/railway volume delete",
        "$SUDO railway volume delete",
        "railway volume $VERB_THAT_SOMETHING_SETS",
    ] {
        let outcome = world
            .guard("guard")
            .args(["check", &format!("read -r VERB_THAT_SOMETHING_SETS; {command}")])
            .outcome();
        assert!(matches!(outcome.code, Some(10 | 11)), "{command}\n{outcome:?}");
    }
    for command in [
        "railway volume list",
        "railway status",
        "railway logs",
        "railway up --detach",
        "railway --help",
        "railway volume delete --help",
    ] {
        runs(&world, command);
    }
}

#[test]
fn everyday_work_runs() {
    let world = World::new();
    for command in [
        "git status && git diff HEAD~1 --stat",
        "git add -A && git commit -m 'fix: remove old files' && git push",
        "git push -u origin feature/x",
        "git checkout -b feature/y",
        "git fetch --all --prune",
        "git stash && git pull --rebase && git stash pop",
        "npm ci && npm run build && npm test",
        "cargo build --release 2>&1 | tail -5",
        "cargo test -- --nocapture",
        "go test ./...",
        "pytest -q tests/ -k 'not slow'",
        "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt",
        "find . -name '*.py' -not -path './node_modules/*' | xargs wc -l",
        "for f in src/*.rs; do echo \"$f\"; done",
        "d=$(mktemp -d); cp -r . \"$d/copy\"; rm -rf \"$d\"",
        "rm -f /tmp/some-scratch-file.txt",
        "mkdir -p build && cd build && cmake .. && make -j4",
        "curl -s https://api.github.com/repos/rust-lang/rust | jq .stargazers_count",
        "curl -X POST http://localhost:3000/api/items -d '{\"name\":\"x\"}'",
        "curl -X DELETE http://127.0.0.1:8080/api/items/1",
        "docker compose up -d && docker compose logs --tail 50",
        "docker ps -q | head -3",
        "kubectl get pods -A | grep -v Running",
        "ssh host.example.com 'uptime; df -h'",
        "tar xzf release.tar.gz -C /tmp/out",
        "echo 'x' >> notes.txt && cat notes.txt",
        "cat > new-file.py <<'EOF'\nimport os\nprint(os.getcwd())\nEOF\npython3 new-file.py",
        "node -e 'console.log(process.version)'",
        "sed -i 's/foo/bar/' src/lib.rs",
        "ps aux | grep node | awk '{print $2}'",
        "export PATH=\"$HOME/.local/bin:$PATH\"; which python3",
        "eval \"$(ssh-agent -s)\"",
        "source ~/.nvm/nvm.sh && nvm use 20",
        "timeout 60 npm start &",
        "if [ -f package.json ]; then cat package.json; fi",
        "while read -r line; do echo \"$line\"; done < README.md",
        "chmod +x scripts/run.sh && ./scripts/run.sh",
    ] {
        runs(&world, command);
    }
}
