//! How credentials look, and what is named like one.

/// What the rest of a credential consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Letters and digits.
    AlphaNumeric,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Letters, digits, `_`, `-`, `.`, `=`, `+` and `/`.
    Any,
}

/// How a credential starts, what its rest consists of, and how long that is at least.
pub(super) const FORMATS: &[(&str, Of, usize)] = &[
    ("ghp_", Of::AlphaNumeric, 30),
    ("gho_", Of::AlphaNumeric, 30),
    ("ghu_", Of::AlphaNumeric, 30),
    ("ghs_", Of::AlphaNumeric, 30),
    ("ghr_", Of::AlphaNumeric, 30),
    ("github_pat_", Of::Word, 50),
    ("glpat-", Of::Word, 20),
    ("glptt-", Of::Word, 40),
    ("AKIA", Of::AlphaNumeric, 16),
    ("ASIA", Of::AlphaNumeric, 16),
    ("ABIA", Of::AlphaNumeric, 16),
    ("ACCA", Of::AlphaNumeric, 16),
    ("A3T", Of::AlphaNumeric, 17),
    ("AIza", Of::Word, 35),
    ("doo_v1_", Of::AlphaNumeric, 64),
    ("dop_v1_", Of::AlphaNumeric, 64),
    ("dor_v1_", Of::AlphaNumeric, 64),
    ("sk_test_", Of::AlphaNumeric, 10),
    ("sk_live_", Of::AlphaNumeric, 10),
    ("sk_prod_", Of::AlphaNumeric, 10),
    ("rk_test_", Of::AlphaNumeric, 10),
    ("rk_live_", Of::AlphaNumeric, 10),
    ("rk_prod_", Of::AlphaNumeric, 10),
    ("whsec_", Of::Any, 16),
    ("xoxb-", Of::Word, 10),
    ("xoxp-", Of::Word, 10),
    ("xoxe-", Of::Word, 10),
    ("xoxe.", Of::Any, 10),
    ("xoxa-", Of::Word, 10),
    ("xoxs-", Of::Word, 10),
    ("xapp-", Of::Word, 10),
    ("hvs.", Of::Word, 20),
    ("hvb.", Of::Word, 20),
    ("npm_", Of::AlphaNumeric, 36),
    ("pypi-AgEIcHlwaS5vcmc", Of::Word, 50),
    ("pscale_tkn_", Of::Any, 32),
    ("pscale_pw_", Of::Any, 32),
    ("pscale_oauth_", Of::Any, 32),
    ("HRKU-", Of::Word, 36),
    ("fo1_", Of::Word, 43),
    ("fm1a_", Of::Any, 20),
    ("fm1r_", Of::Any, 20),
    ("fm2_", Of::Any, 20),
    ("SG.", Of::Any, 60),
    ("dapi", Of::AlphaNumeric, 32),
    ("pul-", Of::AlphaNumeric, 40),
    ("hf_", Of::AlphaNumeric, 34),
    ("sk-ant-", Of::Word, 30),
    ("sk-proj-", Of::Word, 40),
    ("sk-", Of::AlphaNumeric, 40),
    ("cfk_", Of::AlphaNumeric, 40),
    ("cfut_", Of::AlphaNumeric, 40),
    ("cfat_", Of::AlphaNumeric, 40),
    ("sbp_", Of::AlphaNumeric, 20),
    ("rnd_", Of::AlphaNumeric, 24),
    ("napi_", Of::AlphaNumeric, 20),
    ("nfp_", Of::AlphaNumeric, 20),
    ("vcp_", Of::AlphaNumeric, 20),
    ("tfp_", Of::AlphaNumeric, 20),
];

/// Names of what is secret: the end of a variable's, option's, header's or key's name, in lower
/// case and without `-`, `_` and `.`.
pub(super) const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secretkey",
    "secretkeybase",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "credential",
    "credentials",
    "auth",
    "authorization",
    "cookie",
    "bearer",
];

/// Names that end so and are none.
pub(super) const PLAIN_NAMES: &[&str] = &["pwd", "oldpwd"];

/// Words between a header's name and its credential.
pub(super) const SCHEMES: &[&str] =
    &["bearer", "basic", "token", "digest", "flyv1", "apikey", "bot", "aws4-hmac-sha256"];

/// Options of certain programs whose value is a secret: the value stands in the next word, or
/// directly behind.
pub(super) const OPTIONS: &[(&str, &str)] = &[
    ("sshpass", "-p"),
    ("mysql", "-p"),
    ("mysqldump", "-p"),
    ("mysqladmin", "-p"),
    ("mariadb", "-p"),
    ("mariadb-dump", "-p"),
    ("redis-cli", "-a"),
    ("docker login", "-p"),
];

/// Hosts whose credentials are bare UUIDs.
pub(super) const UUID_HOSTS: &[&str] = &["railway", "heroku"];
