//! What is written by hand to a connection to a store: lines of Redis's protocol, and of memcached's.

use crate::model::{Call, Text};

/// The calls of a client's that say the same as the lines of a text that is sent to a host.
pub(super) fn calls(text: &Text, host: &Text) -> Vec<Call> {
    let told = text.display();
    // In the long form of Redis's protocol each word stands on a line of its own.
    let lines = told.lines().map(|line| line.trim().to_ascii_uppercase());
    let call = |line: String| {
        let mut words = line.split_ascii_whitespace();
        let command = words.next()?;
        let (program, option) = match command {
            "FLUSHALL" | "FLUSHDB" => ("redis-cli", "-h"),
            "FLUSH_ALL" => ("memcflush", "--servers"),
            _ => return None,
        };
        let alone = words.all(|word| matches!(word, "ASYNC" | "SYNC" | "NOREPLY" | "0"));
        let args = [Text::known(option), host.clone(), Text::known(command)].into();
        alone.then(|| Call { program: Text::known(program), args, ..Call::default() })
    };
    lines.filter_map(call).collect()
}
