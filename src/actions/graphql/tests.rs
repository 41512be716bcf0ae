//! Tests of `graphql`.

use super::*;
use crate::model::Shape;

/// `{{X}}` is an unknown stretch, `{{N:x}}` one that is a name.
fn text(pattern: &str) -> Text {
    let mut text = Text::default();
    for (index, part) in pattern.split("{{").enumerate() {
        let known = match part.split_once("}}") {
            Some((label, after)) if index > 0 => {
                let shape = if label.starts_with("N:") { Shape::Name } else { Shape::Any };
                text.append(&Text::hole(format!("${label}"), shape));
                after
            }
            _ => part,
        };
        if !known.is_empty() {
            text.push_str(known);
        }
    }
    text
}

/// `mutation a(x=1) b; query c`, and `?` where it could not be read.
fn summary(body: &Body) -> String {
    let Body::Text { graphql, unreadable, .. } = body else {
        return format!("{body:?}");
    };
    let operations: Vec<String> = graphql
        .iter()
        .map(|operation| {
            let mut out = format!("{:?}", operation.kind).to_lowercase();
            for field in &operation.fields {
                let arguments: Vec<String> =
                    field.arguments.iter().map(|(n, v)| format!("{n}={}", v.display())).collect();
                out += &format!(" {}({})", field.name, arguments.join(","));
            }
            out.replace("()", "")
        })
        .collect();
    format!("{}{}", operations.join("; "), if *unreadable { " ?" } else { "" })
}

#[test]
fn reads_bodies() {
    for (source, expected) in [
        (
            r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c\") }"}"#,
            "mutation volumeDelete(volumeId=3d2c)",
        ),
        (
            r#"{"query":"mutation D($id: String!) { volumeDelete(volumeId: $id) }","variables":{"id":"3d2c"}}"#,
            "mutation volumeDelete(volumeId=3d2c)",
        ),
        (
            r#"{"query":"mutation D($id: String!) { volumeDelete(volumeId: $id) }","variables":{"id":"{{ID}}"}}"#,
            "mutation volumeDelete(volumeId=$ID)",
        ),
        (
            r#"{"query":"mutation D($id: String!) { volumeDelete(volumeId: $id) }","variables":{"id":{{ID}}}}"#,
            "mutation volumeDelete(volumeId=$ID)",
        ),
        (r#"{"query":"mutation { me: volumeDelete(volumeId: 7) }"}"#, "mutation volumeDelete(volumeId=7)"),
        (
            r#"{"query":"mutation { ...F } fragment F on Mutation { a ... on Mutation { b } ...F }"}"#,
            "mutation a b",
        ),
        (
            r#"{"query":"mutation($i: I = {id: 1}) { a(i: $i, j: {k: $l, m: [1]}) }","variables":{"l":true}}"#,
            "mutation a(i={id: 1},j={k: true, m: [1]})",
        ),
        (r#"{"query":"query A { a } mutation B { b }","operationName":"A"}"#, "query a"),
        (r#"{"query":"query A { a } mutation B { b }"}"#, "query a; mutation b"),
        (
            r#"{"query":"query A { a } mutation B { b }","operationName":"A","operationName":"B"}"#,
            "query a; mutation b",
        ),
        (r#"{"query":"{ a }","query":"mutation { b }"}"#, "query a; mutation b"),
        (r#"[{"query":"{ a }"},{"query":"mutation { b @include(if: false) }"}]"#, "query a; mutation b"),
        (r#"{"query":"\u006dutation { volumeDelete(id: 1) }"}"#, "mutation volumeDelete(id=1)"),
        ("# c {\nmutation { # x\n volumeDelete(id: \"\"\"a\"\"\") }", "mutation volumeDelete(id=a)"),
        ("query=mutation%20%7B+a%28id%3A%221%22%29+%7D", "mutation a(id=1)"),
        ("query=mutation($x: ID){a(id: $x)}&variables={\"x\":\"1\"}", "mutation a(id=1)"),
        ("operations={\"query\":\"mutation { a }\"}&map={}", "mutation a"),
        ("{ a { b } }", "query a"),
        (r#"{"query":"mutation { ... @include(if: true) { a } }"}"#, "mutation a"),
    ] {
        assert_eq!(summary(&body(text(source))), expected, "{source}");
    }
}

#[test]
fn says_what_cannot_be_read() {
    for (source, expected) in [
        (
            r#"{"query":"mutation { volumeDelete(volumeId: \"{{ID}}\") }"}"#,
            "mutation volumeDelete(volumeId=$ID) ?",
        ),
        (
            r#"{"query":"mutation { volumeDelete(volumeId: \"{{N:ID}}\") }"}"#,
            "mutation volumeDelete(volumeId=$N:ID)",
        ),
        (r#"{"query":"query { project(id: \"{{ID}}\") { name } }"}"#, "query project(id=$ID)"),
        (r#"{"query":"mutation { {{F}}(id: 1) volumeDelete(id: 2) }"}"#, "mutation volumeDelete ?"),
        (r#"{"query":"mutation { volumeDelete(id: "}"#, "mutation volumeDelete ?"),
        (r#"{"query":{{Q}}}"#, " ?"),
        (r#"{"query":"{{Q}}"}"#, " ?"),
        (r#"{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}"#, " ?"),
        (r#"{"id":"abc","variables":{"volumeId":"x"}}"#, " ?"),
        (r#"{"documentId":"abc"}"#, " ?"),
        ("query={{Q}}", " ?"),
        ("{ \"a\": 1, {{REST}} }", " ?"),
        // Neither GraphQL nor like it.
        (r#"{"query":"DROP TABLE users"}"#, ""),
        (r#"{"query":{"match_all":{}}}"#, ""),
        (r#"{"id":5,"name":"{{NAME}}"}"#, ""),
        ("name=x&id={{ID}}", ""),
        ("plain text", ""),
        ("{not json}", "query not json"),
    ] {
        assert_eq!(summary(&body(text(source))), expected, "{source}");
    }
}

#[test]
fn hostile_documents_are_bounded() {
    let deep = format!("mutation {}", "{ a ".repeat(50_000));
    assert!(summary(&body(Text::known(deep))).ends_with('?'));
    let mut fragments = String::from("mutation { ...f0 }");
    for n in 0..500 {
        fragments += &format!(" fragment f{n} on M {{ x{n} ...f{} ...f{} }}", n + 1, n + 1);
    }
    let read = body(Text::known(fragments));
    assert!(matches!(&read, Body::Text { graphql, .. } if graphql[0].fields.len() == 500));
}
