//! What names tell of what may go: it can be made again, or was made to be thrown away.
//!
//! Names are written as in [`super::names`].

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
    "var/cache",
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
    "coverage.out",
    "cover.out",
    "coverage.txt",
    "*.coverprofile",
    "*.pprof",
    "lcov.info",
    "*.tfplan",
    "tfplan",
    "*.lcov",
    "*.profraw",
    "junit.xml",
    "test-results",
    "playwright-report",
    "repro.*",
    "repro_*.*",
    "reproduce.*",
    "reproduce_*.*",
];

/// Databases in a file that a test run makes again.
pub(super) const TEST_DATABASES: &[&str] = &[
    "test.db",
    "test.db-*",
    "test.sqlite",
    "test.sqlite-*",
    "test.sqlite3",
    "test.sqlite3-*",
    "test_db.sqlite3",
    "*.test.db",
    "*_test.db",
    "*-test.db",
    "*.test.sqlite",
    "*_test.sqlite",
    "*.test.sqlite3",
    "*_test.sqlite3",
];

/// Copies of what is precious have such names too.
pub(super) const NOT_THROWAWAY: &[&str] = &[
    "*db*",
    "*sql*",
    "*dump*",
    "*backup*",
    "*prod*",
    "*.env*",
    ".env*",
    "*tfstate*",
    "*secret*",
    "*credential*",
    "*key*",
];

/// Made again, in the home directory and in the system's.
pub(super) const CACHES: &[&str] = &[
    "~/.cache",
    "~/.npm/_cacache",
    "~/.npm/_npx",
    "~/.npm/_logs",
    "~/.cargo/registry",
    "~/.cargo/git",
    "~/.gradle/caches",
    "~/.gradle/daemon",
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
    "logs",
    "log",
    "*.elf",
    "*.uf2",
    "*.hex",
    "*.map",
];

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
