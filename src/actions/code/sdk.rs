//! Calls of providers' own libraries that delete: each stands for the request that it sends.

use super::reader::Reader;
use super::value::{Args, Made, Value};
use crate::actions::CodeEffect;
use crate::actions::http::Draft;
use crate::model::{Shape, Text};

/// Modules of providers, with the host to which their calls go if the code names no other.
const PROVIDERS: &[(&str, &str)] = &[
    ("boto3", "amazonaws.com"),
    ("botocore", "amazonaws.com"),
    ("aioboto3", "amazonaws.com"),
    ("@aws-sdk", "amazonaws.com"),
    ("aws-sdk", "amazonaws.com"),
    ("google.cloud", "googleapis.com"),
    ("googleapiclient", "googleapis.com"),
    ("firebase_admin", "googleapis.com"),
    ("@google-cloud", "googleapis.com"),
    ("firebase-admin", "googleapis.com"),
    ("azure", "management.azure.com"),
    ("@azure", "management.azure.com"),
    ("docker", "docker"),
    ("kubernetes", "kubernetes"),
    ("@kubernetes", "kubernetes"),
    ("@supabase/supabase-js", "api.supabase.com"),
    ("supabase", "api.supabase.com"),
    ("stripe", "api.stripe.com"),
    ("github", "api.github.com"),
    ("@octokit", "api.github.com"),
    ("octokit", "api.github.com"),
    ("gitlab", "gitlab.com"),
    ("digitalocean", "api.digitalocean.com"),
    ("pydo", "api.digitalocean.com"),
    ("hcloud", "api.hetzner.cloud"),
    ("linode_api4", "api.linode.com"),
    ("cloudflare", "api.cloudflare.com"),
    ("CloudFlare", "api.cloudflare.com"),
    ("heroku3", "api.heroku.com"),
    ("pinecone", "api.pinecone.io"),
    ("elasticsearch", "localhost"),
    ("@elastic", "localhost"),
    ("opensearchpy", "localhost"),
    ("hvac", "vault"),
    ("consul", "consul"),
    ("etcd3", "etcd"),
    ("minio", "minio"),
    ("qdrant_client", "localhost"),
    ("@qdrant", "localhost"),
    ("pymilvus", "localhost"),
    ("meilisearch", "localhost"),
    ("weaviate", "localhost"),
    ("algoliasearch", "algolia.net"),
    ("cloudinary", "api.cloudinary.com"),
    ("@notionhq", "api.notion.com"),
    ("@linear/sdk", "api.linear.app"),
    ("jira", "atlassian.net"),
    ("auth0", "auth0.com"),
    ("@clerk", "api.clerk.com"),
    ("@neondatabase", "console.neon.tech"),
    ("openstack", "openstack"),
    ("oci", "oraclecloud.com"),
    ("proxmoxer", "proxmox"),
];
/// How the names of methods begin that delete.
const DELETES: &[&str] = &[
    "delete",
    "destroy",
    "terminate",
    "purge",
    "deregister",
    "begin_delete",
    "remove",
    "prune",
    "empty",
    "recursivedelete",
    "drop_",
];
/// Methods that begin so and take away what is meant to go.
const HARMLESS: &[&str] = &[
    "delete_message",
    "delete_message_batch",
    "deleteMessage",
    "remove_tags",
    "remove_permission",
    "removeListener",
];

/// Adds the request of such a call.
pub(super) fn send(reader: &mut Reader, callee: &Value, args: &Args) {
    let Some(name) = callee.callee() else {
        return;
    };
    let Some((module, host)) = PROVIDERS
        .iter()
        .find(|(module, _)| name.strip_prefix(module).is_some_and(|rest| rest.starts_with(['.', '/', '('])))
    else {
        return;
    };
    let method = name.rsplit('.').next().unwrap_or(&name);
    // `client.send(new DeleteBucketCommand({ … }))`
    let command = args.positional.first().and_then(|value| match value {
        Value::Made(made) if method == "send" => made.by.rsplit('.').next().map(str::to_owned),
        _ => None,
    });
    let does = command.as_deref().unwrap_or(method);
    let lower = does.to_ascii_lowercase();
    // Containers are made anew.
    if *module == "docker" && !name.contains("volume") {
        return;
    }
    // Rows: what a filter behind it chooses counts.
    let rows = does == "delete" && module.contains("supabase");
    if rows || HARMLESS.contains(&does) || !DELETES.iter().any(|start| lower.starts_with(start)) {
        return;
    }
    let root = match callee {
        Value::Method(receiver, _) => root(receiver),
        _ => None,
    };
    let endpoint = root.and_then(|made| endpoint(made, module));
    let mut draft = Draft { method: "DELETE".into(), ..Draft::default() };
    draft.url = endpoint.unwrap_or_else(|| Text::known(format!("https://{host}")));
    draft.target = Some(Text::known(format!("/{}", name.replace("()", "").replace('.', "/"))));
    draft.socket = (*module == "docker").then(|| "/var/run/docker.sock".into());
    if host.ends_with("amazonaws.com") {
        draft.method = "POST".into();
        draft.query.push(Text::known(format!("Action={}", action(does))));
    }
    for request in draft.finish() {
        reader.found(CodeEffect::Request(request));
    }
}

fn root(receiver: &Value) -> Option<&Made> {
    match receiver {
        Value::Made(made) => Some(made.root()),
        Value::Method(inner, _) => root(inner),
        _ => None,
    }
}

/// The address that the code gives to the client.
fn endpoint(made: &Made, module: &str) -> Option<Text> {
    let keys = ["endpoint_url", "endpoint", "base_url", "url", "uri", "node", "hosts", "host", "api_base"];
    let named = keys.iter().find_map(|key| {
        let in_map = |value: &Value| value.key(key);
        made.args.named(key).cloned().or_else(|| made.args.positional.iter().find_map(in_map))
    });
    // What is searched is named first.
    let first = || made.args.positional.first().filter(|_| module.contains("search") || module == "@elastic");
    match named.or_else(|| first().cloned())? {
        Value::Text(text) => Some(text),
        Value::List(items) => items.first().map(Value::text),
        Value::Null | Value::Map(_) => None,
        other => Some(Text::hole(other.text().display(), Shape::Any)),
    }
}

/// `delete_bucket` as `DeleteBucket`.
fn action(method: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    method.split('_').map(word).collect()
}
