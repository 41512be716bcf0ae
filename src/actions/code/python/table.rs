//! What Python's functions do, by their full names.

use crate::actions::code::send::Send::{Connection, Data, Document, Method, Named, Second, Setopt, Urllib};
use crate::actions::code::sinks::At::{Arg, Receiver};
use crate::actions::code::sinks::Reach::{Below, One};
use crate::actions::code::sinks::Sink::{
    self, Body, Code, Descriptor, Directory, Exec, Feed, File, Kill, Module, Open, Paths, Program, Raw, Send,
    Shell, Words, Write,
};
use crate::actions::code::sinks::Which::First;
use crate::model::PathOp::{Delete, Empty, MoveAway, Overwrite, Permissions};

const DELETE: Sink = Paths(&[(Arg(0, "path"), Delete, One)]);
const DELETE_BELOW: Sink = Paths(&[(Arg(0, "path"), Delete, Below)]);
const MOVE: Sink = Paths(&[(Arg(0, "src"), MoveAway, Below), (Arg(1, "dst"), Overwrite, One)]);
const EMPTY: Sink = Paths(&[(Arg(0, "path"), Empty, One)]);
const COPY: Sink = Paths(&[(Arg(1, "dst"), Overwrite, One)]);
const MODE: Sink = Paths(&[(Arg(0, "path"), Permissions, One)]);
const WRITE_SELF: Sink = Paths(&[(Receiver, Overwrite, One)]);
const DELETE_SELF: Sink = Paths(&[(Receiver, Delete, One)]);
const MOVE_SELF: Sink = Paths(&[(Receiver, MoveAway, Below), (Arg(0, "target"), Overwrite, One)]);

/// The functions that do something.
#[rustfmt::skip]
pub(super) const SINKS: &[(&str, Sink)] = &[
    ("get_ipython().system", Shell), ("get_ipython().getoutput", Shell),
    ("os.system", Shell), ("os.popen", Shell), ("commands.getoutput", Shell),
    ("subprocess.getoutput", Shell), ("subprocess.getstatusoutput", Shell),
    ("asyncio.create_subprocess_shell", Shell), ("platform.popen", Shell),
    ("subprocess.run", Words), ("subprocess.call", Words), ("subprocess.check_call", Words),
    ("subprocess.check_output", Words), ("subprocess.Popen", Words), ("pty.spawn", Words),
    ("asyncio.create_subprocess_exec", Program),
    ("os.execl", Exec(0)), ("os.execle", Exec(0)), ("os.execlp", Exec(0)), ("os.execlpe", Exec(0)),
    ("os.execv", Exec(0)), ("os.execve", Exec(0)), ("os.execvp", Exec(0)), ("os.execvpe", Exec(0)),
    ("os.posix_spawn", Exec(0)), ("os.posix_spawnp", Exec(0)),
    ("os.spawnl", Exec(1)), ("os.spawnle", Exec(1)), ("os.spawnlp", Exec(1)), ("os.spawnlpe", Exec(1)),
    ("os.spawnv", Exec(1)), ("os.spawnve", Exec(1)), ("os.spawnvp", Exec(1)), ("os.spawnvpe", Exec(1)),
    ("subprocess.Popen().communicate", Feed), ("subprocess.Popen().stdin.write", Feed),
    ("pexpect.run", Shell), ("pexpect.spawn", Shell), ("pexpect.spawn().sendline", Shell), ("invoke.run", Shell), ("fabric.local", Shell),
    ("fabric.Connection().local", Shell), ("invoke.Context().run", Shell), ("fabric.api.local", Shell),
    ("ctypes.CDLL().system", Shell), ("ctypes.cdll.LoadLibrary().system", Shell), ("ctypes.PyDLL().system", Shell),
    ("ctypes.CDLL().unlink", DELETE), ("ctypes.CDLL().remove", DELETE), ("ctypes.CDLL().rmdir", DELETE),
    ("eval", Code(First)), ("exec", Code(First)), ("compile", Code(First)), ("code.interact", Code(First)),
    ("timeit.timeit", Code(First)), ("cProfile.run", Code(First)), ("runpy.run_path", File), ("runpy.run_module", Module), ("importlib.import_module", Module), ("__import__", Module), ("execfile", File),

    ("os.remove", DELETE), ("os.unlink", DELETE), ("os.rmdir", DELETE), ("os.removedirs", DELETE),
    ("shutil.rmtree", DELETE_BELOW), ("distutils.dir_util.remove_tree", DELETE_BELOW), ("send2trash.send2trash", DELETE_BELOW),
    ("os.rename", MOVE), ("os.renames", MOVE), ("os.replace", MOVE), ("shutil.move", MOVE),
    ("shutil.copy", COPY), ("shutil.copy2", COPY), ("shutil.copyfile", COPY), ("shutil.copytree", COPY),
    ("os.truncate", EMPTY), ("open().truncate", Paths(&[(Receiver, Empty, One)])), ("os.open", Descriptor),
    ("os.chmod", MODE), ("os.chown", MODE), ("shutil.chown", MODE),
    ("os.kill", Kill), ("os.chdir", Directory), ("contextlib.chdir", Directory),
    ("open", Open), ("io.open", Open), ("codecs.open", Open), ("gzip.open", Open), ("bz2.open", Open), ("lzma.open", Open),
    ("open().write", Write), ("open().writelines", Write), ("io.open().write", Write), ("codecs.open().write", Write),
    ("pathlib.Path().open().write", Write), ("pathlib.Path().open().writelines", Write), ("print", Write), ("json.dump", Write), ("simplejson.dump", Write),
    ("zipfile.ZipFile", Open), ("tarfile.open", Open), ("os.fdopen", Open),
    ("pathlib.Path().open", Open),
    ("pathlib.Path().unlink", DELETE_SELF), ("pathlib.Path().rmdir", DELETE_SELF),
    ("pathlib.Path().write_text", WRITE_SELF), ("pathlib.Path().write_bytes", WRITE_SELF),
    ("pathlib.Path().rename", MOVE_SELF), ("pathlib.Path().replace", MOVE_SELF),
    ("pathlib.Path().chmod", Paths(&[(Receiver, Permissions, One)])),

    ("gql.Client().execute", Send(Document)), ("python_graphql_client.GraphqlClient().execute", Send(Document)),
    ("pycurl.Curl().setopt", Send(Setopt)),
    ("requests.get", Send(Method("GET"))), ("requests.head", Send(Method("HEAD"))),
    ("requests.options", Send(Method("OPTIONS"))), ("requests.delete", Send(Method("DELETE"))),
    ("requests.post", Send(Data("POST"))), ("requests.put", Send(Data("PUT"))),
    ("requests.patch", Send(Data("PATCH"))), ("requests.request", Send(Named)), ("requests.Request", Send(Named)),
    ("requests.Session().get", Send(Method("GET"))), ("requests.Session().head", Send(Method("HEAD"))),
    ("requests.Session().delete", Send(Method("DELETE"))), ("requests.Session().post", Send(Data("POST"))),
    ("requests.Session().put", Send(Data("PUT"))), ("requests.Session().patch", Send(Data("PATCH"))),
    ("requests.Session().request", Send(Named)),
    ("httpx.get", Send(Method("GET"))), ("httpx.head", Send(Method("HEAD"))),
    ("httpx.delete", Send(Method("DELETE"))), ("httpx.post", Send(Method("POST"))),
    ("httpx.put", Send(Method("PUT"))), ("httpx.patch", Send(Method("PATCH"))),
    ("httpx.request", Send(Named)), ("httpx.stream", Send(Named)), ("httpx.Request", Send(Named)),
    ("httpx.Client().get", Send(Method("GET"))), ("httpx.Client().delete", Send(Method("DELETE"))),
    ("httpx.Client().post", Send(Method("POST"))), ("httpx.Client().put", Send(Method("PUT"))),
    ("httpx.Client().patch", Send(Method("PATCH"))), ("httpx.Client().request", Send(Named)),
    ("httpx.Client().stream", Send(Named)), ("httpx.Client().build_request", Send(Named)),
    ("aiohttp.request", Send(Named)), ("aiohttp.ClientSession().request", Send(Named)),
    ("aiohttp.ClientSession().get", Send(Method("GET"))),
    ("aiohttp.ClientSession().delete", Send(Method("DELETE"))),
    ("aiohttp.ClientSession().post", Send(Method("POST"))),
    ("aiohttp.ClientSession().put", Send(Method("PUT"))),
    ("aiohttp.ClientSession().patch", Send(Method("PATCH"))),
    ("urllib3.request", Send(Named)), ("urllib3.PoolManager().request", Send(Named)),
    ("urllib3.PoolManager().urlopen", Send(Named)), ("urllib3.ProxyManager().request", Send(Named)),
    ("urllib3.HTTPSConnectionPool().request", Send(Connection)), ("urllib3.HTTPConnectionPool().request", Send(Connection)),
    ("urllib3.connection_from_url().request", Send(Connection)), ("httplib2.Http().request", Send(Second)),
    ("treq.delete", Send(Method("DELETE"))), ("niquests.delete", Send(Method("DELETE"))),
    ("curl_cffi.requests.delete", Send(Method("DELETE"))),
    ("socket.create_connection().sendall", Raw), ("socket.create_connection().send", Raw),
    ("socket.socket().sendall", Raw), ("socket.socket().send", Raw),
    ("urllib.request.urlopen", Send(Urllib)), ("urllib.request.Request", Send(Urllib)),
    ("urllib2.urlopen", Send(Urllib)), ("urllib2.Request", Send(Urllib)),
    ("http.client.HTTPSConnection().request", Send(Connection)),
    ("http.client.HTTPConnection().request", Send(Connection)),
    ("http.client.HTTPSConnection().putrequest", Send(Connection)),
    ("http.client.HTTPConnection().putrequest", Send(Connection)),
    ("http.client.HTTPSConnection().send", Body), ("http.client.HTTPConnection().send", Body),
];
