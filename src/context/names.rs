//! What names of files and directories tell, as tables.
//!
//! In tables of names, `~/` is the home directory and `/` the root; other names count anywhere.
//! What is below a name counts with it.

/// Directories below which everything is temporary.
pub(super) const TEMPORARY: &[&str] = &[
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/private/tmp",
    "/private/var/tmp",
    "/var/folders",
    "/private/var/folders",
];

/// What the machine needs to run, with all that is below it.
pub(super) const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/boot",
    "/efi",
    "/var",
    "/sys",
    "/proc",
    "/dev",
    "/run",
    "/snap",
    "/nix",
    "/gnu",
    "/tmp",
    "/lost+found",
    "/System",
    "/Library",
    "/Applications",
    "/private",
    "/cores",
    "/Network",
];

/// Below a system directory, and yet people's data.
pub(super) const NOT_SYSTEM: &[&str] = &["/var/www", "/var/home", "/private/var/www", "/run/media"];

/// Directories in which disks and shares are mounted.
pub(super) const MOUNTS: &[&str] = &["/Volumes", "/mnt", "/media", "/run/media"];

/// Directories whose entries are home directories.
pub(super) const HOME_PARENTS: &[&str] = &["/home", "/Users", "/var/home"];

/// Home directories elsewhere.
pub(super) const HOMES: &[&str] = &["/root", "/var/root", "/private/var/root"];

/// Devices that hold data; a path below one of them counts too.
pub(super) const DEVICES: &[&str] = &[
    "sd*",
    "hd*",
    "vd*",
    "xvd*",
    "nvme*n*",
    "ng*n*",
    "mmcblk*",
    "loop[0-9]*",
    "md[0-9]*",
    "md/*",
    "dm-*",
    "mapper/*",
    "disk/*",
    "disk[0-9]*",
    "rdisk[0-9]*",
    "zvol/*",
    "mem",
    "kmem",
    "port",
    "nbd*",
    "sr[0-9]*",
    "st[0-9]*",
    "nst[0-9]*",
    "sg[0-9]*",
    "mtd*",
    "ubi*",
    "pmem*",
    "ram[0-9]*",
    "zram*",
    "drbd*",
    "rbd*",
    "bcache*",
    "da[0-9]*",
    "ada[0-9]*",
    "block/*",
    "root",
];

/// Directories of `/dev` that hold no volume groups.
pub(super) const DEVICE_DIRECTORIES: &[&str] = &[
    "pts",
    "fd",
    "shm",
    "net",
    "input",
    "snd",
    "dri",
    "bus",
    "char",
    "mqueue",
    "hugepages",
    "tcp",
    "udp",
    "usb",
    "cpu",
    "vfio",
    "serial",
    "v4l",
];

/// Read later on, as the human, by a shell, an editor, an agent, git or the system.
pub(super) const STARTUP: &[&str] = &[
    "~/.bashrc",
    "~/.bash_profile",
    "~/.bash_login",
    "~/.bash_logout",
    "~/.bash_aliases",
    "~/.profile",
    "~/.zshrc",
    "~/.zshenv",
    "~/.zprofile",
    "~/.zlogin",
    "~/.zlogout",
    "~/.kshrc",
    "~/.inputrc",
    "~/.xprofile",
    "~/.xinitrc",
    "~/.xsession",
    "~/.xsessionrc",
    "~/.pam_environment",
    "~/.config/fish/config.fish",
    "~/.config/fish/conf.d",
    "~/.config/fish/functions",
    "~/.config/environment.d",
    "~/.config/systemd/user",
    "~/.local/share/systemd/user",
    "~/.config/autostart",
    "~/.config/git",
    "~/.gitconfig",
    "~/.ssh/authorized_keys",
    "~/.ssh/authorized_keys2",
    "~/.ssh/rc",
    "~/.ssh/config",
    "~/.ssh/environment",
    "~/.vimrc",
    "~/.config/nvim/init.*",
    "~/.tmux.conf",
    "~/Library/LaunchAgents",
    "~/.codex/hooks.json",
    "~/.codex/config.toml",
    "~/.claude.json",
    "~/.config/direnv",
    "~/.cargo/config.toml",
    "~/.cargo/env",
    "/etc/profile*",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh",
    "/etc/zshrc",
    "/etc/zshenv",
    "/etc/zprofile",
    "/etc/environment",
    "/etc/cron*",
    "/etc/anacrontab",
    "/etc/at.allow",
    "/etc/systemd",
    "/etc/init.d",
    "/etc/rc.local",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf*",
    "/etc/sudoers*",
    "/etc/pam.d",
    "/etc/ssh/sshd_config*",
    "/etc/gitconfig",
    "/etc/udev/rules.d",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/var/spool/cron",
    "/var/spool/at",
    "/Library/LaunchAgents",
    "/Library/LaunchDaemons",
    "/root/.bashrc",
    "/root/.profile",
    "/root/.ssh/authorized_keys",
    ".envrc",
    ".git/hooks",
    ".git/config",
    ".husky",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    ".vscode/launch.json",
    ".cursor/hooks.json",
    ".cursor/mcp.json",
    ".claude/settings*.json",
    ".claude/hooks",
    ".mcp.json",
    ".codex/config.toml",
    ".codex/hooks.json",
    ".gemini/settings.json",
];

/// Written below a startup name, and read by nobody: git's samples.
pub(super) const NOT_STARTUP: &[&str] = &[".git/hooks/*.sample"];

/// Holds credentials.
pub(super) const CREDENTIAL: &[&str] = &[
    "~/.ssh",
    "~/.aws",
    "~/.kube/config",
    "~/.netrc",
    "~/.pgpass",
    "~/.my.cnf",
    "~/.npmrc",
    "~/.pypirc",
    "~/.gnupg",
    "~/.config/gh",
    "~/.config/gcloud",
    "~/.azure",
    "~/.railway",
    "~/.docker/config.json",
    "~/.git-credentials",
    "~/.config/git/credentials",
    "~/.cargo/credentials*",
    "~/.terraform.d",
    "~/.config/doctl",
    "~/.config/hcloud",
    "~/.fly",
    "~/.vault-token",
    "~/.password-store",
    "~/.config/op",
    "~/.local/share/keyrings",
    "~/Library/Keychains",
    "~/.config/rclone",
    "~/.config/sops",
    "~/.boto",
    "~/.s3cfg",
    "~/.gem/credentials",
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.keystore",
    "*.jks",
    "*.kdbx",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "credentials.json",
    "service-account*.json",
    "secrets.y*ml",
    "secrets.json",
    "master.key",
];

/// Named like credentials, and samples of them.
pub(super) const NOT_CREDENTIAL: &[&str] = &[
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".env.defaults",
    ".env.schema",
    ".env.*.example",
    ".env.*.sample",
    ".env.*.template",
    "*.pub",
];

/// Unmistakable names of what can be made again.
pub(super) const REPRODUCIBLE: &[&str] = &[
    "node_modules",
    "bower_components",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".eggs",
    "*.egg-info",
    ".next",
    ".nuxt",
    ".turbo",
    ".parcel-cache",
    ".svelte-kit",
    ".angular",
    ".astro",
    ".docusaurus",
    ".vite",
    ".output",
    ".expo",
    ".cache",
    ".sass-cache",
    ".nyc_output",
    ".pnpm-store",
    ".yarn/cache",
    ".gradle",
    ".terraform",
    ".terragrunt-cache",
    ".dart_tool",
    ".stack-work",
    "dist-newstyle",
    "elm-stuff",
    "zig-cache",
    ".zig-cache",
    "zig-out",
    "CMakeFiles",
    "DerivedData",
    "Pods",
    "vendor/bundle",
    "tmp/cache",
    "storybook-static",
    ".swc",
    ".wrangler/tmp",
    ".aws-sam",
    ".bazel-cache",
    "*.pyc",
    "*.pyo",
    "*.o",
    "*.class",
    "*.rlib",
    "*.rmeta",
    "*.gcda",
    "*.gcno",
    "*.tsbuildinfo",
    ".eslintcache",
    ".stylelintcache",
    ".coverage",
    ".coverage.*",
    ".DS_Store",
    "Thumbs.db",
];

/// Left behind beside the work by editors, tools and the shell; nobody's work, whether git ignores
/// it or not. Counts in the workspace.
pub(super) const THROWAWAY: &[&str] = &[
    "*.orig",
    "*.rej",
    "*.bak",
    "*~",
    "*.swp",
    "*.swo",
    "*.tmp",
    "*.temp",
    "tmp.*",
    "temp.*",
    "tmp_*",
    "temp_*",
    "tmp",
    "temp",
    ".tmp",
    "*.log",
    "*.log.[0-9]*",
    "*.pid",
    "nohup.out",
    "a.out",
    "core",
    "core.[0-9]*",
    "vgcore.*",
    "coverage.xml",
    "lcov.info",
    "*.lcov",
    "*.profraw",
    "junit.xml",
    "test-results",
    "playwright-report",
];

/// Copies of what is precious have such names too.
pub(super) const NOT_THROWAWAY: &[&str] =
    &["*db*", "*sql*", "*dump*", "*backup*", "*prod*", "*.env*", ".env*", "*tfstate*", "*secret*", "*credential*", "*key*"];

/// Made again, in the home directory and in the system's.
pub(super) const CACHES: &[&str] = &[
    "~/.cache",
    "~/.npm/_cacache",
    "~/.npm/_npx",
    "~/.npm/_logs",
    "~/.cargo/registry",
    "~/.cargo/git",
    "~/.gradle/caches",
    "~/.m2/repository",
    "~/Library/Caches",
    "~/go/pkg/mod",
    "~/.pnpm-store",
    "~/.yarn/cache",
    "~/.nuget/packages",
    "~/.composer/cache",
    "~/.bun/install/cache",
    "~/.local/share/pnpm/store",
    "~/.ivy2/cache",
    "~/.hex/packages",
    "~/.pub-cache",
    "~/Library/Developer/Xcode/DerivedData",
    "/var/cache",
    "/var/lib/apt/lists",
    "/usr/share/doc",
    "/usr/share/man",
    "/root/.cache",
];

/// Names of build output that others use for their own work too: made again where git ignores
/// them, or where no git is and they stand in the workspace.
pub(super) const BUILD: &[&str] = &["dist", "build", "coverage", "htmlcov"];

/// Even more common names: made again where git ignores them.
pub(super) const COMMON: &[&str] = &[
    "target",
    "out",
    "vendor",
    "bin",
    "obj",
    "_build",
    "deps",
    ".build",
    "cmake-build-*",
    "venv",
    ".venv",
    "env",
];

/// cmd's variables with which a path may begin.
pub(super) const WINDOWS_VARIABLES: &[&str] =
    &["%userprofile%", "%homepath%", "%homedrive%", "%systemroot%", "%windir%", "%programfiles%"];

/// First directories on a drive that Windows needs to run.
pub(super) const WINDOWS_SYSTEM: &[&str] =
    &["windows", "program files", "program files (x86)", "programdata", "system32"];

/// Where evidence lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// In the directory itself.
    Within,
    /// Beside the directory of this name.
    Beside(&'static str),
}

/// Files that show a directory with a common name to be build output. The name must be common:
/// a tag alone is a claim that anybody can write.
pub(super) const EVIDENCE: &[(Evidence, &str)] = &[
    (Evidence::Within, "CACHEDIR.TAG"),
    (Evidence::Within, "pyvenv.cfg"),
    (Evidence::Within, "CMakeCache.txt"),
    (Evidence::Within, ".ninja_log"),
    (Evidence::Beside("target"), "Cargo.toml"),
    (Evidence::Beside("target"), "pom.xml"),
    (Evidence::Beside("target"), "build.sbt"),
    (Evidence::Beside("_build"), "mix.exs"),
    (Evidence::Beside("_build"), "dune-project"),
    (Evidence::Beside("deps"), "mix.exs"),
    (Evidence::Beside("vendor"), "composer.json"),
];

/// What makes a project's output again; beside it, unmistakable names count outside the workspace.
pub(super) const MANIFESTS: &[&str] = &[
    "package.json",
    "Cargo.toml",
    "pyproject.toml",
    "setup.py",
    "requirements.txt",
    ".git",
    "go.mod",
    "build.gradle",
    "pom.xml",
];
