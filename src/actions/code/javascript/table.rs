//! What JavaScript's functions do, by their full names; Node's, Deno's, Bun's and common packages'.

use crate::actions::code::send::Send::{Data, Document, Method, Named, Node, Options};
use crate::actions::code::sinks::At::{Arg, Receiver};
use crate::actions::code::sinks::Reach::{Below, One, Option};
use crate::actions::code::sinks::Sink::{
    self, Body, Code, Directory, Feed, Kill, Open, Paths, Program, Raw, Send, Shell, Tool, Words,
};
use crate::actions::code::sinks::Which::{First, Last};
use crate::model::PathOp::{Delete, Empty, Modify, MoveAway, Overwrite, Permissions};

const DELETE: Sink = Paths(&[(Arg(0, ""), Delete, Option)]);
const DELETE_ONE: Sink = Paths(&[(Arg(0, ""), Delete, One)]);
const DELETE_BELOW: Sink = Paths(&[(Arg(0, ""), Delete, Below)]);
const WRITE: Sink = Paths(&[(Arg(0, ""), Overwrite, One)]);
const CHANGE: Sink = Paths(&[(Arg(0, ""), Modify, One)]);
const EMPTY: Sink = Paths(&[(Arg(0, ""), Empty, One)]);
const MODE: Sink = Paths(&[(Arg(0, ""), Permissions, One)]);
const MOVE: Sink = Paths(&[(Arg(0, ""), MoveAway, Below), (Arg(1, ""), Overwrite, One)]);
const COPY: Sink = Paths(&[(Arg(1, ""), Overwrite, One)]);

/// The functions that do something.
#[rustfmt::skip]
pub(super) const SINKS: &[(&str, Sink)] = &[
    ("child_process.exec", Shell), ("child_process.execSync", Shell),
    ("child_process.spawn", Program), ("child_process.spawnSync", Program),
    ("child_process.execFile", Program), ("child_process.execFileSync", Program),
    ("child_process.fork", Tool("node")),
    ("execa", Program), ("execa.execa", Program), ("execa.execaSync", Program), ("execa.sync", Program),
    ("execa.execaCommand", Shell), ("execa.execaCommandSync", Shell), ("execa.command", Shell),
    ("cross-spawn", Program), ("cross-spawn.sync", Program), ("cross-spawn.spawn", Program),
    ("$", Shell), ("zx.$", Shell), ("execa.$", Shell), ("Bun.$", Shell), ("bun.$", Shell), ("dax.$", Shell),
    ("$.sync", Shell), ("zx.$.sync", Shell),
    ("shelljs.exec", Shell), ("shelljs.rm", Tool("rm")), ("shelljs.mv", Tool("mv")),
    ("shelljs.cp", Tool("cp")), ("shelljs.chmod", Tool("chmod")),
    ("Deno.Command", Program), ("Deno.run", Words), ("Bun.spawn", Words), ("Bun.spawnSync", Words),
    ("bun.spawn", Words), ("bun.spawnSync", Words),
    ("eval", Code(First)), ("Function", Code(Last)), ("vm.runInThisContext", Code(First)),
    ("vm.runInNewContext", Code(First)), ("vm.runInContext", Code(First)), ("vm.compileFunction", Code(First)),
    ("vm.Script", Code(First)), ("AsyncFunction", Code(Last)), ("child_process.spawn().stdin.write", Feed),
    ("child_process.spawn().stdin.end", Feed), ("child_process.exec().stdin.write", Feed),
    ("child_process.exec().stdin.end", Feed), ("fs.openSync", Open), ("fs.open", Open),
    ("process.kill", Kill), ("process.chdir", Directory), ("Deno.chdir", Directory), ("shelljs.cd", Directory),

    ("fs.rm", DELETE), ("fs.rmSync", DELETE), ("fs.rmdir", DELETE), ("fs.rmdirSync", DELETE),
    ("fs.unlink", DELETE_ONE), ("fs.unlinkSync", DELETE_ONE),
    ("fs.remove", DELETE_BELOW), ("fs.removeSync", DELETE_BELOW),
    ("fs.emptyDir", DELETE_BELOW), ("fs.emptyDirSync", DELETE_BELOW),
    ("fs.emptydir", DELETE_BELOW), ("fs.emptydirSync", DELETE_BELOW),
    ("fs.writeFile", WRITE), ("fs.writeFileSync", WRITE), ("fs.createWriteStream", WRITE),
    ("fs.outputFile", WRITE), ("fs.outputFileSync", WRITE), ("fs.writeJson", WRITE), ("fs.writeJsonSync", WRITE),
    ("fs.appendFile", CHANGE), ("fs.appendFileSync", CHANGE), ("fs.truncate", EMPTY), ("fs.truncateSync", EMPTY),
    ("fs.rename", MOVE), ("fs.renameSync", MOVE), ("fs.move", MOVE), ("fs.moveSync", MOVE),
    ("fs.copyFile", COPY), ("fs.copyFileSync", COPY), ("fs.cp", COPY), ("fs.cpSync", COPY),
    ("fs.copy", COPY), ("fs.copySync", COPY),
    ("fs.chmod", MODE), ("fs.chmodSync", MODE), ("fs.chown", MODE), ("fs.chownSync", MODE),
    ("rimraf", DELETE_BELOW), ("rimraf.sync", DELETE_BELOW), ("rimraf.rimraf", DELETE_BELOW),
    ("rimraf.rimrafSync", DELETE_BELOW), ("rimraf.rimraf.sync", DELETE_BELOW), ("rimraf.native", DELETE_BELOW),
    ("del", DELETE_BELOW), ("del.sync", DELETE_BELOW), ("del.deleteAsync", DELETE_BELOW), ("del.deleteSync", DELETE_BELOW),
    ("Deno.remove", DELETE), ("Deno.removeSync", DELETE), ("Deno.rename", MOVE), ("Deno.renameSync", MOVE),
    ("Deno.writeTextFile", WRITE), ("Deno.writeTextFileSync", WRITE), ("Deno.writeFile", WRITE),
    ("Deno.writeFileSync", WRITE), ("Deno.truncate", EMPTY), ("Deno.truncateSync", EMPTY),
    ("Deno.copyFile", COPY), ("Deno.copyFileSync", COPY),
    ("Bun.write", WRITE), ("Bun.file().delete", Paths(&[(Receiver, Delete, One)])),
    ("Bun.file().unlink", Paths(&[(Receiver, Delete, One)])),

    ("graphql-request", Send(Document)), ("graphql-request.request", Send(Document)),
    ("graphql-request.rawRequest", Send(Document)), ("graphql-request.GraphQLClient().request", Send(Document)),
    ("@apollo/client.ApolloClient().mutate", Send(Document)), ("@urql/core.Client().mutation", Send(Document)),
    ("fetch", Send(Options)), ("Request", Send(Options)),
    ("axios", Send(Options)), ("axios.request", Send(Options)),
    ("axios.get", Send(Method("GET"))), ("axios.head", Send(Method("HEAD"))), ("axios.delete", Send(Method("DELETE"))),
    ("axios.post", Send(Data("POST"))), ("axios.put", Send(Data("PUT"))), ("axios.patch", Send(Data("PATCH"))),
    ("axios.create().request", Send(Options)),
    ("axios.create().get", Send(Method("GET"))), ("axios.create().delete", Send(Method("DELETE"))),
    ("axios.create().post", Send(Data("POST"))), ("axios.create().put", Send(Data("PUT"))),
    ("axios.create().patch", Send(Data("PATCH"))),
    ("got", Send(Options)), ("got.get", Send(Method("GET"))), ("got.delete", Send(Method("DELETE"))),
    ("got.post", Send(Method("POST"))), ("got.put", Send(Method("PUT"))), ("got.patch", Send(Method("PATCH"))),
    ("got.extend().get", Send(Method("GET"))), ("got.extend().delete", Send(Method("DELETE"))),
    ("got.extend().post", Send(Method("POST"))), ("got.extend().put", Send(Method("PUT"))),
    ("got.extend().patch", Send(Method("PATCH"))),
    ("superagent.get", Send(Method("GET"))), ("superagent.delete", Send(Method("DELETE"))),
    ("superagent.del", Send(Method("DELETE"))), ("superagent.post", Send(Data("POST"))),
    ("request.delete", Send(Method("DELETE"))), ("request.del", Send(Method("DELETE"))),
    ("needle", Send(Named)), ("needle.delete", Send(Method("DELETE"))), ("needle.request", Send(Named)),
    ("ofetch.ofetch", Send(Options)), ("ofetch.$fetch", Send(Options)), ("$fetch", Send(Options)),
    ("XMLHttpRequest().open", Send(Named)), ("undici.fetch", Send(Options)),
    ("net.connect().write", Raw), ("net.connect().end", Raw), ("net.createConnection().write", Raw),
    ("net.createConnection().end", Raw), ("tls.connect().write", Raw), ("tls.connect().end", Raw),
    ("undici.request", Send(Options)), ("undici.stream", Send(Options)),
    ("https.request", Send(Node)), ("https.get", Send(Node)),
    ("https.request().write", Body), ("https.request().end", Body),
];
