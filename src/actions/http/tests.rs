//! Tests of `http`.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::Shape;
use crate::model::machine::Machine;

const FILES: &[(&str, &str)] = &[
    ("/w/body.json", r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c\") }"}"#),
    ("/w/curl.conf", "# x\nurl = \"https://h/v\"\n--request DELETE\n-H \"a: b\"\ndata = \"x\\\"y\""),
    ("/w/headers", "X-A: 1\nX-HTTP-Method-Override: DELETE\n"),
    ("/w/q.graphql", "mutation { volumeDelete(volumeId: 1) }"),
    ("/w/lines", "a\nb\n"),
];

/// A machine with a few files.
const MACHINE: Machine = Machine {
    directory: "/w",
    env: &[("SET", "value")],
    startup: false,
    files: FILES,
    git: None,
    programs: &[],
};

/// `$X` is one unknown word or a part of one, `$*X` an unquoted one, `$@` a list.
fn word(word: &str) -> Text {
    let mut text = Text::default();
    for (index, part) in word.split('$').enumerate() {
        let rest = match index {
            0 => part,
            _ => {
                let end =
                    part.find(|c: char| !(c.is_ascii_uppercase() || "*@".contains(c))).unwrap_or(part.len());
                text.append(&Text::hole(format!("${}", part[..end].trim_start_matches('*')), Shape::Any));
                if part.starts_with(['*', '@']) {
                    text = text.into_many();
                }
                &part[end..]
            }
        };
        if !rest.is_empty() {
            text.push_str(rest);
        }
    }
    text
}

fn sent(command: &str, input: Input) -> Vec<Request> {
    let words = shell_words::split(command).unwrap();
    let call = Call {
        program: Text::known(&words[0]),
        args: words[1..].iter().map(|w| word(w)).collect(),
        input,
        ..Call::default()
    };
    called(&call)
}

fn called(call: &Call) -> Vec<Request> {
    let directory = "/w".into();
    requests(&Context { call, facts: &MACHINE, directory: &directory, variable: &|_| None })
}

/// `DELETE host/path?query body`
fn shown(request: &Request) -> String {
    let query = request.query.display();
    let body = match &request.body {
        Body::Empty => String::new(),
        Body::Unknown { what } => format!(" <{what}>"),
        Body::Text { text, graphql, unreadable } => {
            let fields = graphql.iter().flat_map(|o| &o.fields).map(|f| f.name.as_str());
            let fields: Vec<&str> = fields.collect();
            match (fields.is_empty(), unreadable) {
                (true, false) => format!(" {}", text.display()),
                (_, true) => format!(" gql:{}?", fields.join(",")),
                (_, false) => format!(" gql:{}", fields.join(",")),
            }
        }
    };
    let query = if query.is_empty() { query } else { format!("?{query}") };
    format!("{} {}{}{query}{body}", request.method.display(), request.host.display(), request.path.display())
}

fn all(command: &str, input: Input) -> String {
    sent(command, input).iter().map(shown).collect::<Vec<_>>().join(" | ")
}

#[test]
fn curl_methods_and_bodies() {
    for (command, expected) in [
        ("curl https://h/x", "GET h/x"),
        ("curl -sSXDELETE https://h/x", "DELETE h/x"),
        ("curl -s -X delete https://h/x", "DELETE h/x"),
        ("curl --request DELETE --url https://h/x", "DELETE h/x"),
        ("curl --req DELETE h/x", "DELETE h/x"),
        ("/usr/bin/curl -I h", "HEAD h/"),
        ("curl -d a=1 -d b=2 h", "POST h/ a=1&b=2"),
        ("curl -da=1 h", "POST h/ a=1"),
        ("curl --json '{\"a\":' --json '1}' h", "POST h/ {\"a\":1}"),
        ("curl -d @lines h", "POST h/ ab"),
        ("curl --data-binary @lines h", "POST h/ a\nb\n"),
        ("curl --data-raw @lines h", "POST h/ @lines"),
        ("curl -d @missing h", "POST h/ <`missing`: no such file>"),
        ("curl -d @- h", "POST h/ <standard input>"),
        ("curl -d a=1 -d @- h", "POST h/ gql:?"),
        ("curl --data-urlencode 'q=a b' --data-urlencode 'n@lines' h", "POST h/ q=a%20b&n=a%0Ab%0A"),
        ("curl -G -d a=1 -d b=2 'h/x?c'", "GET h/x?c&a=1&b=2"),
        ("curl --url-query a=1 h/x", "GET h/x?a=1"),
        ("curl -T lines https://h/d/", "PUT h/d/lines a\nb\n"),
        ("curl -T missing https://h/d", "PUT h/d <`missing`: no such file>"),
        ("curl -F a=1 -F 'f=@missing;type=text/plain' h", "POST h/ a=1&f=@missing"),
        ("curl -XPUT -F 'a=<lines' h", "PUT h/ a=a\nb\n"),
        ("curl -K curl.conf", "DELETE h/v x\"y"),
        ("curl -Kmissing h", "-K `missing`: no such file h/ <-K `missing`: no such file>"),
        ("curl -H 'X-HTTP-Method-Override: delete' h/x", "GET h/x | DELETE h/x"),
        ("curl -H @headers h/x", "GET h/x | DELETE h/x"),
        ("curl -d _method=delete h/x", "POST h/x _method=delete | DELETE h/x _method=delete"),
        ("curl a/1 b/2 -d x", "POST a/1 x | POST b/2 x"),
        ("curl a/1 -d x --next -XDELETE b/2", "POST a/1 x | DELETE b/2"),
        ("curl a/1 -: -XDELETE b/2", "GET a/1 | DELETE b/2"),
        (
            "curl -XDELETE 'https://h/{a,b}/[1-2]'",
            "DELETE h/a/1 | DELETE h/a/2 | DELETE h/b/1 | DELETE h/b/2",
        ),
        ("curl -g 'h/{a,b}'", "GET h/{a,b}"),
        ("curl -XDELETE 'h/[1-100000]'", "DELETE h/[1-100000]"),
        ("curl 'http://[::1]:80/[08-10:2]'", "GET ::1/08 | GET ::1/10"),
        (
            "curl -X POST --unix-socket /var/run/docker.sock http://localhost/v1.41/volumes/prune",
            "POST unix:/var/run/docker.sock/v1.41/volumes/prune",
        ),
        ("curl --request-target /x/y?z h/a", "GET h/x/y?z"),
        ("curl -o out -w '%{http_code}' -u a:b -x p:1 --resolve h:1:2 -L h/x", "GET h/x"),
        ("curl --variable id=7 --expand-url 'https://h/{{id}}/{{x:json}}'", "GET h/7/{{x:json}}"),
        ("curl --variable %SET --expand-data '{{SET}}' h", "POST h/ value"),
        ("curl -Q 'DELE a.txt' ftp://h/", "DELETE h/a.txt | GET h/"),
        ("curl file:///etc/passwd", ""),
        ("curl --version", ""),
        ("curl", ""),
        ("curlie DELETE h/x", "DELETE h/x"),
        ("echo curl -X DELETE h", ""),
    ] {
        assert_eq!(all(command, Input::Inherited), expected, "{command}");
    }
}

#[test]
fn the_call_that_deleted_a_volume() {
    let host = "https://backboard.railway.app/graphql/v2";
    let json = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c\") }"}"#;
    let variables =
        r#"{"query":"mutation D($id: String!) { x: volumeDelete(volumeId: $id) }","variables":{"id":"3"}}"#;
    let expected = "POST backboard.railway.app/graphql/v2 gql:volumeDelete";
    for command in [
        format!("curl -X POST {host} -H 'Authorization: Bearer 0' -d '{json}'"),
        format!("curl {host} --json '{json}'"),
        format!("curl {host} --data-binary @body.json"),
        format!("curl {host} -d @/w/./x/../body.json"),
        format!("curl {host} -d @-"),
        format!("curl {host} -F query='mutation {{ volumeDelete(volumeId: 1) }}'"),
        format!("curl {host} -F 'query=<q.graphql'"),
        format!("curl {host} -F 'operations={json}' -F map={{}}"),
        format!("curl {host} --data-urlencode query@q.graphql"),
        format!("curl {host} -H 'Content-Type: application/graphql' --data-binary @q.graphql"),
        format!("wget -qO- --header 'a: b' --post-data '{json}' {host}"),
        format!("wget --post-file=body.json {host}"),
        format!("wget --method post --body-data '{json}' {host}"),
        format!("http {host} query='mutation {{ volumeDelete(volumeId: 1) }}'"),
        format!("http POST {host} @body.json"),
        format!("xh -f {host} query=@q.graphql"),
        format!("https backboard.railway.app/graphql/v2 --raw '{json}'"),
        format!("xhs POST {host}"),
    ] {
        assert_eq!(all(&command, Input::File("body.json".into())), expected, "{command}");
    }
    let dollars = Input::Text(Text::known(variables).into());
    assert_eq!(all(&format!("curl {host} -d @-"), dollars), expected);
    let get = all(
        &format!("curl -G {host} --data-urlencode 'query=mutation {{ volumeDelete(volumeId: 1) }}'"),
        Input::Empty,
    );
    assert!(get.starts_with("GET backboard") && get.ends_with("gql:volumeDelete"), "{get}");
}

#[test]
fn what_is_unknown_stays_unknown() {
    for (command, expected) in [
        ("curl $URL", "GET $URL$URL"),
        ("curl $*URL", "GET $URL$URL"),
        ("curl -s $BASE/health", "GET $BASE$BASE/health"),
        ("curl $*OPTS https://h/x", "$OPTS h/x <$OPTS>"),
        ("curl $*OPTS $URL", "$OPTS $URL$URL <$OPTS>"),
        ("curl $@", "$@ $@$@ <$@>"),
        ("curl -XDELETE $@", "DELETE $@$@ <$@>"),
        ("curl -$FLAGS h", "-$FLAGS h/ <-$FLAGS>"),
        ("curl -X $*METHOD h", "$METHOD h/"),
        ("curl -X DELETE https://h/v/$*ID", "DELETE h/v/$ID"),
        ("curl -d $*BODY h", "POST h/ <$BODY>"),
        ("curl -d @$FILE h", "POST h/ <`$FILE`: not known before it runs>"),
        ("curl -H $AUTH h", "GET h/"),
        ("wget $URL", "GET $URL$URL"),
        ("wget $*OPTS", "GET $OPTS$OPTS"),
        ("wget h $*OPTS", "$OPTS h/ <$OPTS>"),
        ("wget -i list", "GET -i list-i list"),
        ("http $URL", "GET $URL$URL"),
        ("http $METHOD h/x", "$METHOD h/x"),
        ("http h/x $@", "$@ h/x <$@>"),
    ] {
        assert_eq!(all(command, Input::Inherited), expected, "{command}");
    }
    assert_eq!(all("http h/x", Input::Unknown), "POST h/x <standard input>");
}

#[test]
fn other_clients() {
    for (command, expected) in [
        ("wget https://h/x", "GET h/x"),
        ("wget -nv -q -O - https://h/x", "GET h/x"),
        ("wget --method=DELETE h/x", "DELETE h/x"),
        ("wget --meth DELETE h/x", "DELETE h/x"),
        ("wget --spider h/x", "HEAD h/x"),
        ("wget -e 'method = delete' h/x", "DELETE h/x"),
        ("wget2 --post-data=a=1 h/x", "POST h/x a=1"),
        ("http DELETE h/x a:b", "DELETE h/x"),
        ("http h/x a=1 b:=true c==2 D:e", "POST h/x?c=2 {\"a\":\"1\",\"b\":true}"),
        ("http h/x", "GET h/x"),
        ("http :3000/x", "GET localhost/x"),
        ("https -a u:p --timeout=3 h/x", "GET h/x"),
        (
            "http h/x 'v[id]=1' 'v[n]=2' 'a\\:b=1'",
            "POST h/x {\"v\":{\"id\":\"1\",\"n\":\"2\"},\"a:b\":\"1\"}",
        ),
        ("http -f PUT h/x a=1", "PUT h/x a=1"),
        ("http DELETE h/x X-HTTP-Method:PURGE", "DELETE h/x | PURGE h/x"),
        ("gh api -X DELETE repos/o/r", "DELETE api.github.com/repos/o/r"),
        ("gh api repos/{owner}/r -f a=1 -F b=2", "POST api.github.com/repos/{owner}/r {\"a\":\"1\",\"b\":2}"),
        ("gh api --method=GET search/x -f q=1", "GET api.github.com/search/x?q=1"),
        (
            "gh api graphql -f query='mutation($id: ID!) { deleteRef(input: {refId: $id}) { x } }' -F id=1",
            "POST api.github.com/graphql gql:deleteRef",
        ),
        ("gh api user", "GET api.github.com/user"),
        ("gh pr list", ""),
        ("glab api -XDELETE projects/1", "DELETE gitlab.com/api/v4/projects/1"),
        ("lwp-request -m DELETE http://h/x", "DELETE h/x"),
        ("aria2c -x4 https://h/x", "GET h/x"),
    ] {
        let words = shell_words::split(command).unwrap();
        let call = Call {
            program: Text::known(&words[0]),
            args: words[1..].iter().map(Text::known).collect(),
            ..Call::default()
        };
        let sent = called(&call);
        let sent: Vec<String> = sent.iter().map(shown).collect();
        assert_eq!(sent.join(" | "), expected, "{command}");
    }
}

#[test]
fn headers_are_kept() {
    let request = &sent("curl -H 'Authorization: Bearer $T' -H '$AUTH' h", Input::Empty)[0];
    assert_eq!(request.headers[0].0, "authorization");
    assert_eq!(request.headers[0].1.display(), "Bearer $T");
    assert_eq!(request.headers[1].0, "");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn any_words_are_read(words in proptest::collection::vec("(-[a-zA-Z]{1,3}|--[a-z-]{2,12}|[{}\\[\\]=@:;%&\"/?#-]|[0-9a-z.]{1,3}|query=|mutation|://|\\PC){0,8}", 0..8), program in 0usize..8) {
        let names = ["curl", "wget", "http", "xh", "gh", "glab", "lwp-request", "aria2c"];
        for hole in [None, words.len().checked_div(2)] {
            let mut args: Vec<Text> = words.iter().map(Text::known).collect();
            if let Some(arg) = hole.and_then(|at| args.get_mut(at)) {
                arg.append(&Text::hole("$X", Shape::Any));
                arg.push_str("x");
            }
            let call = Call { program: names[program].into(), args, ..Call::default() };
            let _ = called(&call);
        }
    }
}
