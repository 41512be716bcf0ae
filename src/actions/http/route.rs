//! Where a request really goes: proxies, and addresses that the caller gives for a host.

use super::Context;
use crate::actions::masked::{self, Masked};
use crate::model::{Request, Text, is_loopback};

/// What leads a client's requests elsewhere than their URLs say.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes {
    /// `--connect-to`, `--resolve`: a host (empty for any) and where it is looked for instead.
    pub instead: Vec<(String, Text)>,
    /// The proxy that an option names; one that is empty means none.
    pub proxy: Option<Text>,
    /// The hosts for which there is no proxy.
    pub direct: Option<Text>,
}

impl Routes {
    /// `HOST:PORT:ADDRESS…`, with the port of the address behind it for `--connect-to`.
    pub fn redirect(&mut self, value: &Text) {
        let masked = Masked::new(value);
        let text = masked.text.trim_start_matches('+');
        let (host, rest) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
            None => text.split_once(':').unwrap_or((text, "")),
        };
        let Some((_, address)) = rest.split_once(':') else {
            return;
        };
        let address = match address.strip_prefix('[').and_then(|address| address.split_once(']')) {
            Some((address, _)) => address,
            // An address of the sixth version may stand without brackets behind `--resolve`.
            None if address.matches(':').count() > 1 => address,
            None => address.split([':', ',']).next().unwrap_or(address),
        };
        if !address.is_empty() {
            let host = if host == "*" { "" } else { host };
            self.instead.push((host.to_ascii_lowercase(), masked.unmask(address)));
        }
    }

    /// Leads the request where it really goes.
    pub fn apply(&self, request: &mut Request, secure: bool, context: &Context) {
        let instead = self
            .instead
            .iter()
            .find(|(host, _)| host.is_empty() || request.host.as_known().is_none_or(|known| known == host));
        let proxied = match &self.proxy {
            Some(proxy) => leads_away(proxy),
            None => context.proxy(secure).is_some_and(|proxy| leads_away(&proxy)),
        };
        let direct = self.direct.clone().or_else(|| context.either("no_proxy"));
        if proxied && !direct.is_some_and(|hosts| spares(&hosts, &request.host)) {
            request.diverted = true;
        } else if let Some((_, address)) = instead {
            match address.as_known() {
                Some(known) if is_own(known) => request.host = address.clone(),
                _ => request.diverted = true,
            }
        }
    }
}

impl Context<'_> {
    /// The proxy that the environment names.
    fn proxy(&self, secure: bool) -> Option<Text> {
        let name = if secure { "https_proxy" } else { "http_proxy" };
        self.either(name).or_else(|| self.either("all_proxy"))
    }

    /// A variable whose name may be in small or in capital letters.
    fn either(&self, name: &str) -> Option<Text> {
        (self.variable)(name).or_else(|| (self.variable)(&name.to_ascii_uppercase()))
    }
}

/// Whether `localhost` behind a proxy need not be this machine. A proxy for HTTP on this machine
/// looks for it here; one for sockets is mostly the end of a tunnel.
fn leads_away(proxy: &Text) -> bool {
    let masked = Masked::new(proxy);
    let (scheme, rest) = masked.text.split_once("://").unwrap_or(("http", &masked.text));
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((host, _)) => host,
        None => host.split(':').next().unwrap_or(host),
    };
    !masked.text.is_empty() && (masked::has_hole(host) || scheme.starts_with("socks") || !is_own(host))
}

/// Whether a list of hosts without proxy (`localhost,.example.com`) has the host.
fn spares(hosts: &Text, host: &Text) -> bool {
    let (Some(hosts), Some(host)) = (hosts.as_known(), host.as_known()) else {
        return false;
    };
    let mut entries = hosts.split([',', ' ']).map(|entry| entry.trim().trim_start_matches('.'));
    entries.any(|entry| {
        let below = host.strip_suffix(entry).is_some_and(|start| start.is_empty() || start.ends_with('.'));
        entry == "*"
            || (!entry.is_empty() && below)
            || (entry.starts_with("127.") && host.starts_with("127."))
    })
}

/// Whether a name or address is this machine's.
pub(super) fn is_own(host: &str) -> bool {
    host.trim_end_matches('.').is_empty() || is_loopback(host)
}
