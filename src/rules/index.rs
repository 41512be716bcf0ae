//! The compiled form of rules: records, and a sorted table of keys that leads to them.
//!
//! Looking up a key reads a few words of the table and decodes nothing. The bytes of a user's
//! packs come from a cache file, so nothing in them is trusted: [`check`] proves every offset once.
//!
//! Layout, all numbers little-endian `u32`: magic, stamp, total length, two words of checksum over
//! what follows, number of keys, number of records; then the keys (hash, record) sorted by hash;
//! then the records (offset in the data, length); then the data.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::PathOp;

use super::condition::Condition;
use super::unnamed;

const MAGIC: u32 = u32::from_le_bytes(*b"grul");
/// Raised when the encoding of a record changes within one version of the crate.
const FORMAT: &str = "5";
/// A letter for each kind of change.
const OPS: &str = "abcdefghijklmnop";
const HEADER: usize = 7 * 4;
const ENTRY: usize = 8;

/// What a rule is found under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// Calls of this program, whatever its subcommand.
    Program(&'a str),
    /// Calls of this program whose first positional is this word.
    Subcommand(&'a str, &'a str),
    /// Calls of this program: all rules that stand under it or one of its subcommands.
    AllOf(&'a str),
    /// Calls of programs whose names start with these [`STEM`] bytes: the rule names a pattern.
    Stem(&'a str),
    /// Calls of any program: the rule names none.
    EveryCall,
    /// Requests to hosts with these last two labels.
    Host(&'a str),
    /// Requests to any host.
    EveryRequest,
    /// Changes at paths of one kind.
    Path(PathOp),
    /// Changes at paths, of whatever kind.
    EveryPath,
    /// SQL statements.
    Statement,
    /// Every action.
    Everything,
    /// Calls, whatever the program: all rules that stand under a program or under every call.
    AllCalls,
    /// Calls of programs with a blank in their names: the rule names a pattern or such a program.
    Blank,
    /// Calls of a program of which nothing is known, that have this word.
    Word(&'a str),
    /// Calls of a program of which nothing is known, that have a word which starts with these at
    /// most [`STEM`] bytes.
    WordStem(&'a str),
    /// Calls of a program of which nothing is known, that have an option.
    Optioned,
    /// Calls of a program of which nothing is known, that have any word.
    Worded,
    /// Calls of a program of which nothing is known.
    Unnamed,
    /// Requests, whatever the host.
    AllRequests,
    /// A tool's grammar.
    Tool(&'a str),
    /// The rule with this id.
    Id(&'a str),
}

impl<'a> Key<'a> {
    fn hash(&self) -> u32 {
        match self {
            Key::Program(name) => hash(&["p", name]),
            Key::Subcommand(name, word) => hash(&["s", name, " ", word]),
            Key::AllOf(name) => hash(&["P", name]),
            Key::Stem(start) => hash(&["w", start]),
            Key::EveryCall => hash(&["c"]),
            Key::Host(name) => hash(&["h", name]),
            Key::EveryRequest => hash(&["r"]),
            Key::Path(op) => hash(&["f", OPS.get(*op as usize..=*op as usize).unwrap_or("")]),
            Key::EveryPath => hash(&["F"]),
            Key::Statement => hash(&["q"]),
            Key::Everything => hash(&["e"]),
            Key::AllCalls => hash(&["C"]),
            Key::Blank => hash(&["b"]),
            Key::Word(word) => hash(&["u", word]),
            Key::WordStem(start) => hash(&["v", start]),
            Key::Optioned => hash(&["o"]),
            Key::Worded => hash(&["x"]),
            Key::Unnamed => hash(&["U"]),
            Key::AllRequests => hash(&["R"]),
            Key::Tool(name) => hash(&["t", name]),
            Key::Id(name) => hash(&["i", name]),
        }
    }

    /// Where what counts only in a freeze stands: whoever does not look there pays nothing for it.
    fn frozen_hash(&self) -> u32 {
        const APART: u32 = 0x5bd1_e995;
        self.hash() ^ APART
    }

    /// Whether it stands for so much that it hardly narrows the search.
    fn is_wide(&self) -> bool {
        matches!(self, Key::EveryCall | Key::EveryRequest | Key::EveryPath)
    }

    /// Whether calls are looked up under it.
    fn is_of_calls(&self) -> bool {
        matches!(self, Key::Program(_) | Key::Subcommand(..) | Key::Stem(_) | Key::EveryCall)
    }

    /// The key of the patterns that a program's known name may match.
    pub fn stem(name: &'a str) -> Option<Key<'a>> {
        name.get(..STEM).map(Key::Stem)
    }

    /// The key of a pattern that starts with these bytes.
    pub fn word_stem(start: &'a str) -> Option<Key<'a>> {
        let stem = &start[..start.floor_char_boundary(STEM)];
        (!stem.is_empty()).then_some(Key::WordStem(stem))
    }

    /// The keys of the patterns that a word with this known start may match.
    pub fn word_stems(start: &'a str) -> impl Iterator<Item = Key<'a>> {
        (1..=STEM).filter_map(|length| start.get(..length)).map(Key::WordStem)
    }

    /// The key of a known host name.
    pub fn host(host: &'a str) -> Key<'a> {
        Key::Host(last_labels(host))
    }
}

/// Whether hardly a program has such a name: of an unknown program mostly the words are known that it is to print.
pub fn has_blank(name: &str) -> bool {
    name.contains(|c: char| c.is_ascii_whitespace())
}

/// How much of a program's name, in bytes, tells patterns apart.
const STEM: usize = 4;

/// Two names may share a hash: a lookup may give records that do not belong, never miss one.
fn hash(parts: &[&str]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for part in parts {
        for byte in part.bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

fn last_labels(host: &str) -> &str {
    let last = host.rfind('.').unwrap_or(0);
    let start = host[..last].rfind('.').map_or(0, |at| at + 1);
    &host[start..]
}

/// The keys under which a rule with this condition must be found.
pub fn keys(condition: &Condition) -> BTreeSet<Key<'_>> {
    let keys = restricting(condition).unwrap_or_else(|| [Key::Everything].into());
    let mut all = keys.clone();
    if keys.iter().any(Key::is_of_calls) {
        all.extend(unnamed::keys(condition));
    }
    for key in keys {
        match key {
            Key::Program(name) | Key::Subcommand(name, _) => {
                all.extend([Key::AllOf(name), Key::AllCalls]);
                all.extend(has_blank(name).then_some(Key::Blank));
            }
            Key::Stem(_) | Key::EveryCall => all.extend([Key::Blank, Key::AllCalls]),
            Key::Host(_) | Key::EveryRequest => all.extend([Key::AllRequests]),
            _ => {}
        }
    }
    all
}

/// Keys outside of which the condition cannot hold; `None` where there is no such bound.
fn restricting(condition: &Condition) -> Option<BTreeSet<Key<'_>>> {
    match condition {
        Condition::All(all) => {
            let bounds = all.iter().filter_map(restricting);
            let best =
                bounds.min_by_key(|keys| (keys.iter().filter(|key| key.is_wide()).count(), keys.len()))?;
            Some(match first_words(condition) {
                Some(words) => best.into_iter().flat_map(|key| narrowed(key, &words)).collect(),
                None => best,
            })
        }
        Condition::Any(any) => {
            let mut union = BTreeSet::new();
            for condition in any {
                union.extend(restricting(condition)?);
            }
            Some(union)
        }
        Condition::Program(names) => {
            let keys = names.iter().map(|name| match name.find(['*', '?']) {
                Some(wild) => Key::stem(&name[..wild]).unwrap_or(Key::EveryCall),
                None => Key::Program(name),
            });
            Some(keys.collect())
        }
        Condition::Subcommand(_)
        | Condition::Flag(_)
        | Condition::WithoutFlag(_)
        | Condition::Option(_)
        | Condition::Arg(_)
        | Condition::Written(_)
        | Condition::Literal(_)
        | Condition::Every(_)
        | Condition::Args(_)
        | Condition::Input(_) => Some([Key::EveryCall].into()),
        Condition::Path(test) if test.op.is_empty() => Some([Key::EveryPath].into()),
        Condition::Path(test) => Some(test.op.iter().map(|op| Key::Path(*op)).collect()),
        Condition::Sql(_) => Some([Key::Statement].into()),
        Condition::Http(test) if test.host.is_empty() => Some([Key::EveryRequest].into()),
        Condition::Http(test) => Some(test.host.iter().map(|host| host_key(host)).collect()),
        Condition::Not(_)
        | Condition::Env(_)
        | Condition::Git(_)
        | Condition::Place(_)
        | Condition::Scratch(_)
        | Condition::Evidence(_)
        | Condition::Text(_) => None,
    }
}

/// A program's key for each of the words that its first positional may be.
fn narrowed<'a>(key: Key<'a>, words: &BTreeSet<&'a str>) -> Vec<Key<'a>> {
    match key {
        Key::Program(name) => {
            let key = |word: &&'a str| Key::Subcommand(name, word);
            words.iter().map(key).collect()
        }
        other => vec![other],
    }
}

/// The words of which the first positional of a call must be one; `None` where it need not.
fn first_words(condition: &Condition) -> Option<BTreeSet<&str>> {
    match condition {
        Condition::All(all) => all.iter().filter_map(first_words).min_by_key(BTreeSet::len),
        Condition::Any(any) => {
            let each = any.iter().map(first_words).collect::<Option<Vec<_>>>()?;
            Some(each.into_iter().flatten().collect())
        }
        Condition::Subcommand(alternatives) => {
            let first = alternatives.iter().map(|words| words.first());
            first.map(|word| word.filter(|word| !word.is_wild()).map(|word| &**word)).collect()
        }
        _ => None,
    }
}

fn host_key(pattern: &str) -> Key<'_> {
    let labels = last_labels(pattern);
    match labels.contains(['*', '?']) {
        true => Key::EveryRequest,
        false => Key::Host(labels),
    }
}

/// Why compiled rules cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// They are no compiled rules.
    Magic,
    /// Another version of guard wrote them.
    Stamp,
    /// They are shorter or longer than they say.
    Length,
    /// They are not what was written.
    Checksum,
    /// A table leads out of them.
    Table,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Magic => "not compiled rules",
            Damage::Stamp => "compiled by another version",
            Damage::Length => "cut off or lengthened",
            Damage::Checksum => "changed since it was written",
            Damage::Table => "its tables are broken",
        })
    }
}

impl std::error::Error for Damage {}

/// A record with the keys under which it is found.
#[derive(Debug)]
pub struct Record<'a> {
    /// The keys.
    pub keys: BTreeSet<Key<'a>>,
    /// But for its id, it is found only by those who look for what a freeze makes count.
    pub only_frozen: bool,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Joins records and the keys under which they are found.
pub fn write(records: &[Record<'_>]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).expect("rules are smaller than 4 GB");
    let mut table: Vec<(u32, u32)> = Vec::new();
    let mut body: Vec<u8> = Vec::new();
    let mut offset = 0;
    for (number, record) in records.iter().enumerate() {
        let hash = |key: &Key<'_>| match (record.only_frozen, key) {
            (false, _) | (true, Key::Id(_)) => key.hash(),
            (true, _) => key.frozen_hash(),
        };
        table.extend(record.keys.iter().map(|key| (hash(key), word(number))));
    }
    table.sort_unstable();
    table.dedup();
    let mut put = |number: u32| body.extend_from_slice(&number.to_le_bytes());
    put(word(table.len()));
    put(word(records.len()));
    for (hash, record) in &table {
        put(*hash);
        put(*record);
    }
    for Record { bytes, .. } in records {
        put(word(offset));
        put(word(bytes.len()));
        offset += bytes.len();
    }
    records.iter().for_each(|record| body.extend_from_slice(&record.bytes));

    let sum = checksum(&body);
    let total = word(5 * 4 + body.len());
    let mut out = Vec::with_capacity(5 * 4 + body.len());
    for number in [MAGIC, stamp(), total, sum as u32, (sum >> 32) as u32] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&body);
    out
}

/// Proves that the bytes are whole and that no table leads out of them.
pub fn check(bytes: &[u8]) -> Result<(), Damage> {
    if bytes.len() < HEADER {
        return Err(Damage::Length);
    }
    if at(bytes, 0) != MAGIC {
        return Err(Damage::Magic);
    }
    if at(bytes, 4) != stamp() {
        return Err(Damage::Stamp);
    }
    if at(bytes, 8) as usize != bytes.len() {
        return Err(Damage::Length);
    }
    let sum = u64::from(at(bytes, 12)) | u64::from(at(bytes, 16)) << 32;
    if checksum(&bytes[5 * 4..]) != sum {
        return Err(Damage::Checksum);
    }
    let (keys, records) = (at(bytes, 20) as usize, at(bytes, 24) as usize);
    let data = keys
        .checked_add(records)
        .and_then(|entries| entries.checked_mul(ENTRY))
        .and_then(|length| length.checked_add(HEADER))
        .filter(|data| *data <= bytes.len())
        .ok_or(Damage::Table)?;
    let leads_out = |number: usize| {
        let entry = HEADER + (keys + number) * ENTRY;
        let (offset, length) = (at(bytes, entry) as usize, at(bytes, entry + 4) as usize);
        offset.checked_add(length).is_none_or(|end| end > bytes.len() - data)
    };
    let unknown = |key: usize| at(bytes, HEADER + key * ENTRY + 4) as usize >= records;
    if (0..records).any(leads_out) || (0..keys).any(unknown) {
        return Err(Damage::Table);
    }
    Ok(())
}

/// Compiled rules that passed [`check`], or that this crate's own build wrote.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a> {
    bytes: &'a [u8],
}

impl<'a> Index<'a> {
    /// Reads bytes that are known to be whole.
    pub fn new(checked: &'a [u8]) -> Index<'a> {
        Index { bytes: checked }
    }

    /// The number of records.
    pub fn len(self) -> usize {
        at(self.bytes, 24) as usize
    }

    /// The records that stand under a key, and perhaps others.
    pub fn find(self, key: Key<'_>) -> impl Iterator<Item = usize> + use<'a> {
        self.hashed(key.hash())
    }

    /// The records under a key that count only in a freeze, and perhaps others.
    pub fn find_frozen(self, key: Key<'_>) -> impl Iterator<Item = usize> + use<'a> {
        self.hashed(key.frozen_hash())
    }

    fn hashed(self, wanted: u32) -> impl Iterator<Item = usize> + use<'a> {
        let hash_at = move |entry: usize| at(self.bytes, HEADER + entry * ENTRY);
        let count = at(self.bytes, 20) as usize;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            match hash_at(middle) < wanted {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (low..count)
            .take_while(move |entry| hash_at(*entry) == wanted)
            .map(move |entry| at(self.bytes, HEADER + entry * ENTRY + 4) as usize)
    }

    /// A record's bytes.
    pub fn record(self, number: usize) -> &'a [u8] {
        let keys = at(self.bytes, 20) as usize;
        let entry = HEADER + (keys + number) * ENTRY;
        let data = HEADER + (keys + self.len()) * ENTRY;
        let start = data + at(self.bytes, entry) as usize;
        let end = start + at(self.bytes, entry + 4) as usize;
        self.bytes.get(start..end).unwrap_or(&[])
    }
}

fn at(bytes: &[u8], offset: usize) -> u32 {
    let word = bytes.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

fn stamp() -> u32 {
    hash(&[FORMAT, env!("CARGO_PKG_VERSION")])
}

/// Four lanes, so that a thousand rules are summed in microseconds.
fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut lanes = [1u64, 2, 3, 4];
    let mix = |lane: u64, word: u64| (lane ^ word).wrapping_mul(PRIME).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let (blocks, last) = words.as_chunks::<4>();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    }
    let tail = last.iter().fold(bytes.len() as u64, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(tail, |sum, byte| mix(sum, u64::from(*byte)));
    lanes.into_iter().fold(tail, mix)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let record = |keys: &[Key<'static>], only_frozen: bool, bytes: &[u8]| Record {
            keys: keys.iter().copied().collect(),
            only_frozen,
            bytes: bytes.to_vec(),
        };
        write(&[
            record(&[Key::Program("git"), Key::AllCalls], false, b"first"),
            record(&[Key::Program("rm")], false, b""),
            record(&[Key::Program("git"), Key::EveryPath], false, b"third record, longer than 32 bytes"),
            record(&[Key::Program("git"), Key::Program("npm"), Key::Id("x.y")], true, b"in a freeze"),
        ])
    }

    #[test]
    fn records_are_found_by_their_keys() {
        let bytes = sample();
        check(&bytes).unwrap();
        let index = Index::new(&bytes);
        let find = |key: Key| index.find(key).collect::<Vec<_>>();
        assert_eq!(find(Key::Program("git")), [0, 2]);
        assert_eq!(find(Key::Program("rm")), [1]);
        assert_eq!(find(Key::Program("ls")), [0usize; 0]);
        assert_eq!(find(Key::EveryPath), [2]);
        assert_eq!(find(Key::Program("npm")), [0usize; 0]);
        assert_eq!(find(Key::Id("x.y")), [3]);
        assert_eq!(index.find_frozen(Key::Program("git")).collect::<Vec<_>>(), [3]);
        assert_eq!((index.record(0), index.record(1)), (&b"first"[..], &b""[..]));
        assert_eq!(index.record(2), b"third record, longer than 32 bytes");
    }

    #[test]
    fn no_damage_passes_and_none_breaks_the_reader() {
        let bytes = sample();
        for length in 0..bytes.len() {
            assert!(check(&bytes[..length]).is_err(), "cut to {length}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(check(&longer), Err(Damage::Length));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(check(&flipped).is_err(), "bit {bit} of byte {at}");
                // Unchecked bytes may give nonsense, but never a panic.
                let index = Index::new(&flipped);
                for record in index.find(Key::EveryPath).take(9) {
                    let _ = index.record(record);
                }
            }
        }
    }

    #[test]
    fn hosts_stand_under_their_last_labels() {
        for (pattern, key) in [
            ("backboard.railway.app", Key::Host("railway.app")),
            ("*.railway.app", Key::Host("railway.app")),
            ("localhost", Key::Host("localhost")),
            ("*railway.app", Key::EveryRequest),
            ("*", Key::EveryRequest),
        ] {
            assert_eq!(host_key(pattern), key, "{pattern}");
        }
        assert_eq!(Key::host("a.b.railway.app"), Key::Host("railway.app"));
        assert_eq!(Key::host(""), Key::Host(""));
    }
}
