//! curl's options, as `curl --help all` lists them, and the younger ones of its manual.

/// Long options that take a value.
#[rustfmt::skip]
const VALUED: &[&str] = &[
    "abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type",
    "ciphers", "config", "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar",
    "create-file-mode", "crlfile", "curves", "data", "data-ascii", "data-binary", "data-raw",
    "data-urlencode", "delegation", "dns-interface", "dns-ipv4-addr", "dns-ipv6-addr",
    "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine", "etag-compare",
    "etag-save", "expect100-timeout", "form", "form-string", "ftp-account",
    "ftp-alternative-to-user", "ftp-method", "ftp-port", "ftp-ssl-ccc-mode",
    "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5", "hostpubsha256",
    "hsts", "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time", "key",
    "key-type", "knownhosts", "krb", "libcurl", "limit-rate", "local-port", "login-options",
    "mail-auth", "mail-from", "mail-rcpt", "max-filesize", "max-redirs", "max-time", "netrc-file",
    "noproxy", "oauth2-bearer", "output", "output-dir", "parallel-max", "parallel-max-host", "pass",
    "pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy", "proxy-cacert",
    "proxy-capath", "proxy-cert", "proxy-cert-type", "proxy-ciphers", "proxy-crlfile",
    "proxy-header", "proxy-key", "proxy-key-type", "proxy-pass", "proxy-pinnedpubkey",
    "proxy-service-name", "proxy-tls13-ciphers", "proxy-tlsauthtype", "proxy-tlspassword",
    "proxy-tlsuser", "proxy-user", "proxy1.0", "pubkey", "quote", "random-file", "range", "rate",
    "referer", "request", "request-target", "resolve", "retry", "retry-delay", "retry-max-time",
    "sasl-authzid", "service-name", "sigalgs", "signature-algorithms", "socks4", "socks4a",
    "socks5", "socks5-gssapi-service", "socks5-hostname", "speed-limit", "speed-time",
    "ssl-sessions", "stderr", "telnet-option", "tftp-blksize", "time-cond", "tls-max",
    "tls13-ciphers", "tlsauthtype", "tlspassword", "tlsuser", "trace", "trace-ascii",
    "trace-config", "unix-socket", "upload-file", "upload-flags", "url", "url-query", "user",
    "user-agent", "variable", "vlan-priority", "write-out",
];

/// Long options that take none; each may stand with `no-` in front.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "alpn", "anyauth", "append", "basic", "buffer", "ca-native", "cert-status", "clobber",
    "compressed", "compressed-ssh", "create-dirs", "crlf", "digest", "disable", "disable-eprt",
    "disable-epsv", "disallow-username-in-url", "doh-cert-status", "doh-insecure", "dump-ca-embed",
    "fail", "fail-early", "fail-with-body", "false-start", "follow", "form-escape",
    "ftp-create-dirs", "ftp-pasv", "ftp-pret", "ftp-skip-pasv-ip", "ftp-ssl-ccc", "ftp-ssl-control",
    "get", "globoff", "haproxy-protocol", "head", "help", "http0.9", "http1.0", "http1.1", "http2",
    "http2-prior-knowledge", "http3", "http3-only", "ignore-content-length", "include", "insecure",
    "ipv4", "ipv6", "junk-session-cookies", "keepalive", "list-only", "location",
    "location-trusted", "mail-rcpt-allowfails", "manual", "metalink", "mptcp", "negotiate", "netrc",
    "netrc-optional", "next", "no-alpn", "no-buffer", "no-clobber", "no-keepalive", "no-npn",
    "no-progress-meter", "no-sessionid", "npn", "ntlm", "ntlm-wb", "out-null", "parallel",
    "parallel-immediate", "path-as-is", "post301", "post302", "post303", "progress-bar",
    "progress-meter", "proxy-anyauth", "proxy-basic", "proxy-ca-native", "proxy-digest",
    "proxy-http2", "proxy-insecure", "proxy-negotiate", "proxy-ntlm", "proxy-ssl-allow-beast",
    "proxy-ssl-auto-client-cert", "proxy-tlsv1", "proxytunnel", "raw", "remote-header-name",
    "remote-name", "remote-name-all", "remote-time", "remove-on-error", "retry-all-errors",
    "retry-connrefused", "sasl-ir", "sessionid", "show-error", "silent", "skip-existing",
    "socks5-basic", "socks5-gssapi", "socks5-gssapi-nec", "ssl", "ssl-allow-beast",
    "ssl-auto-client-cert", "ssl-no-revoke", "ssl-reqd", "ssl-revoke-best-effort", "sslv2", "sslv3",
    "styled-output", "suppress-connect-headers", "tcp-fastopen", "tcp-nodelay", "tftp-no-options",
    "tls-earlydata", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "tr-encoding",
    "trace-ids", "trace-time", "use-ascii", "verbose", "version", "xattr",
];

/// Short options that take a value, by their long names.
#[rustfmt::skip]
const VALUED_SHORT: &[(char, &str)] = &[
    ('A', "user-agent"), ('C', "continue-at"), ('D', "dump-header"), ('E', "cert"), ('F', "form"),
    ('H', "header"), ('K', "config"), ('P', "ftp-port"), ('Q', "quote"), ('T', "upload-file"),
    ('U', "proxy-user"), ('X', "request"), ('Y', "speed-limit"), ('b', "cookie"),
    ('c', "cookie-jar"), ('d', "data"), ('e', "referer"), ('m', "max-time"), ('o', "output"),
    ('r', "range"), ('t', "telnet-option"), ('u', "user"), ('w', "write-out"), ('x', "proxy"),
    ('y', "speed-time"), ('z', "time-cond"),
];

/// Short options that take none.
#[rustfmt::skip]
const PLAIN_SHORT: &[(char, &str)] = &[
    ('#', "progress-bar"), ('0', "http1.0"), ('1', "tlsv1"), ('2', "sslv2"), ('3', "sslv3"),
    ('4', "ipv4"), ('6', "ipv6"), (':', "next"), ('B', "use-ascii"), ('G', "get"), ('I', "head"),
    ('J', "remote-header-name"), ('L', "location"), ('M', "manual"), ('N', "no-buffer"),
    ('O', "remote-name"), ('R', "remote-time"), ('S', "show-error"), ('V', "version"),
    ('Z', "parallel"), ('a', "append"), ('f', "fail"), ('g', "globoff"), ('h', "help"),
    ('i', "include"), ('j', "junk-session-cookies"), ('k', "insecure"), ('l', "list-only"),
    ('n', "netrc"), ('p', "proxytunnel"), ('q', "disable"), ('s', "silent"), ('v', "verbose"),
];

/// An option as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    /// Its long name, without dashes and without `expand-`.
    pub name: &'static str,
    /// It takes a value.
    pub valued: bool,
    /// Its value names variables to be put in (`--expand-url`).
    pub expand: bool,
}

/// The long option of that name, or the first that begins so.
pub(super) fn long(name: &str) -> Option<Given> {
    let (expand, name) = match name.strip_prefix("expand-") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let given = |name, valued| Given { name, valued, expand };
    let exact = |table: &'static [&'static str]| table.iter().find(|known| **known == name);
    if let Some(known) = exact(VALUED) {
        return Some(given(known, true));
    }
    if let Some(known) = exact(PLAIN) {
        return Some(given(known, false));
    }
    let valued = VALUED.iter().map(|known| given(known, true));
    let plain = PLAIN.iter().map(|known| given(known, false));
    // Versions differ in what is ambiguous; the option that takes a value is the one to look at.
    valued.chain(plain).find(|option| option.name.starts_with(name))
}

/// The short option of that letter.
pub(super) fn short(letter: char) -> Option<Given> {
    let find = |table: &'static [(char, &'static str)]| table.iter().find(|(c, _)| *c == letter);
    let given = |name, valued| Given { name, valued, expand: false };
    find(VALUED_SHORT)
        .map(|(_, name)| given(name, true))
        .or_else(|| find(PLAIN_SHORT).map(|(_, name)| given(name, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_options_by_name_letter_and_start() {
        for (name, expected) in [
            ("request", Some(("request", true))),
            ("req", Some(("request", true))),
            ("dat", Some(("data", true))),
            ("data", Some(("data", true))),
            ("data-bin", Some(("data-binary", true))),
            ("expand-url", Some(("url", true))),
            ("sil", Some(("silent", false))),
            ("upload", Some(("upload-file", true))),
            ("nonsense", None),
        ] {
            assert_eq!(long(name).map(|o| (o.name, o.valued)), expected, "{name}");
        }
        assert_eq!(short('X').map(|o| (o.name, o.valued)), Some(("request", true)));
        assert_eq!(short('s').map(|o| (o.name, o.valued)), Some(("silent", false)));
        assert_eq!(short('h').map(|o| o.valued), Some(false));
    }
}
