//! What a call is given, as far as literals and variables that hold them show.

use super::Reading;
use super::tokens::Token;
use crate::actions::Language;
use crate::actions::wrappers::is_one_of;
use crate::model::{Call, Shape, Text, bytes};

/// Functions that put paths together, and those that give the directory.
const JOINS: &str =
    "File.join File.expand_path File.absolute_path File::Spec.catfile File::Spec.catdir catfile catdir";
const HERE: &str =
    "Dir.pwd Dir.getwd getcwd cwd Cwd::getcwd Rails.root Dir.tmpdir sys_get_temp_dir tmpdir tempdir";
const TEMPORARY: &str = "Dir.tmpdir sys_get_temp_dir tmpdir tempdir";

/// One argument, as far as it is known.
#[derive(Debug, Default, Clone)]
pub(super) struct Argument {
    pub text: Text,
    /// A string stands in it, or a variable that holds one.
    pub literal: bool,
    /// It is what `glob` is given.
    pub pattern: bool,
    /// What follows it is joined by it.
    pub joins: bool,
    /// It is what base64 stands for.
    pub coded: bool,
}

/// How many tokens the parentheses take that begin there.
fn closed(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(mark) if mark == "(" => depth += 1,
            Token::Mark(mark) if mark == ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { 0 } else { at + 1 };
        }
    }
    tokens.len()
}

/// What a function that sends signals does to the processes on which all depend; others are not followed.
pub(super) fn killed(tokens: &[Token], language: Language) -> Vec<Call> {
    let mut written = String::new();
    for token in tokens {
        match token {
            Token::Mark(mark) if mark == "(" && written.is_empty() => {}
            Token::Mark(mark) if matches!(mark.as_str(), ")" | ";" | "}" | "\n") => break,
            Token::Mark(mark) => written.push_str(mark),
            _ => written.push('?'),
        }
    }
    let mut args: Vec<&str> = written.split(',').collect();
    // PHP's names the signal last.
    if language == Language::Php {
        args.reverse();
    }
    let asks = args[0] == "0";
    let all = args.into_iter().skip(1).filter(|process| !asks && matches!(*process, "1" | "-1"));
    let args = |process| vec!["-s".into(), "KILL".into(), "--".into(), Text::known(process)];
    all.map(|process| Call { program: "kill".into(), args: args(process), ..Call::default() }).collect()
}

impl Reading<'_, '_> {
    /// The arguments of a call whose name was read, or what stands behind `=`.
    pub(super) fn arguments(&self, tokens: &[Token], assigned: bool) -> Vec<Argument> {
        let mut args = Vec::new();
        let mut arg = Argument::default();
        let (mut depth, mut empty) = (0_usize, true);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                Token::Mark(mark) => match mark.as_str() {
                    "(" | "[" => {
                        depth += 1;
                        continue;
                    }
                    ")" | "]" => {
                        if depth <= 1 && !(assigned && depth == 1) {
                            break;
                        }
                        depth -= 1;
                        continue;
                    }
                    "," => {
                        args.push(std::mem::take(&mut arg));
                        empty = true;
                        continue;
                    }
                    ";" | "}" | "\n" | "|" | "||" | "&&" if depth == 0 => break,
                    "{" if at == 1 => return Vec::new(),
                    "\n" => continue,
                    mark if self.manner.joins.contains(&mark) => continue,
                    // `system = 1`, `%h->{unlink}`
                    "=" | "=>" | ":" if at == 1 => return Vec::new(),
                    _ => {}
                },
                Token::Name(name)
                    if depth == 0
                        && matches!(
                            name.as_str(),
                            "or" | "and" | "if" | "unless" | "do" | "for" | "foreach" | "while" | "until"
                        ) =>
                {
                    break;
                }
                Token::Name(name) if matches!(name.as_str(), "glob" | "Dir.glob" | "Dir" | "bsd_glob") => {
                    arg.pattern = true;
                    empty = false;
                    continue;
                }
                Token::Name(name)
                    if matches!(name.as_str(), "Dir.children" | "Dir.entries" | "Dir.each_child") =>
                {
                    // Each of a directory's names.
                    arg.text = Text::known("*");
                    (arg.pattern, arg.literal, empty) = (true, true, false);
                    at = tokens.len().min(at + 3);
                    continue;
                }
                Token::Name(name) if is_one_of(name, JOINS) => {
                    let parts = self.arguments(tokens.get(at..).unwrap_or_default(), false);
                    // The second of these is what the first starts from.
                    let starts = name.ends_with("_path") && parts.len() > 1;
                    arg.literal = !starts && !parts.is_empty() && parts.iter().all(|part| part.literal);
                    for (number, part) in parts.iter().enumerate() {
                        arg.text.push_str(if number > 0 { "/" } else { "" });
                        arg.text.append(&part.text);
                        arg.pattern |= part.pattern;
                    }
                    at += closed(tokens.get(at..).unwrap_or_default());
                    empty = false;
                    continue;
                }
                Token::Name(name) if is_one_of(name, HERE) => {
                    match is_one_of(name, TEMPORARY) {
                        true => arg.text.append(&Text::hole(name, Shape::Temporary)),
                        false => arg.text.push_str("."),
                    }
                    arg.literal = true;
                    at += closed(tokens.get(at..).unwrap_or_default());
                    empty = false;
                    continue;
                }
                Token::Name(name) if name == "join" && empty && self.language == Language::Perl => {
                    arg.joins = true;
                    continue;
                }
                Token::Name(name)
                    if matches!(name.as_str(), "base64_decode" | "decode_base64" | "Base64.decode64") =>
                {
                    arg.coded = true;
                    continue;
                }
                Token::String(text) if arg.coded => {
                    let digits = text.as_known().unwrap_or_default().as_bytes();
                    match data_encoding::BASE64.decode(digits) {
                        Ok(bytes) => arg.text.push_str(&bytes::text(&bytes)),
                        Err(_) => arg.text.append(&Text::hole("(a value)", Shape::Any)),
                    }
                    (arg.literal, arg.coded, empty) = (true, false, false);
                    continue;
                }
                Token::String(text) => {
                    arg.text.append(&self.resolved(text));
                    arg.literal = true;
                    empty = false;
                    continue;
                }
                Token::Variable(name) | Token::Name(name) => {
                    empty = false;
                    if let Some(value) = self.values.get(name) {
                        arg.text.append(&value.text);
                        arg.literal |= value.literal && !value.text.known_start().is_empty();
                        arg.pattern |= value.pattern;
                        continue;
                    }
                    if let Some(given) = self.given(name) {
                        let index = match (tokens.get(at), tokens.get(at + 1)) {
                            (Some(Token::Mark(open)), Some(Token::Mark(digit))) if open == "[" => {
                                digit.parse::<usize>().ok()
                            }
                            _ => None,
                        };
                        arg.literal = true;
                        match index {
                            Some(index) => {
                                let index = index.checked_sub(usize::from(
                                    self.language != Language::Perl && name != "ARGV",
                                ));
                                let value = index.and_then(|index| given.get(index));
                                arg.text
                                    .append(&value.cloned().unwrap_or_else(|| Text::hole(name, Shape::Any)));
                                at += 3;
                            }
                            None if given.is_empty() => arg.text.append(&Text::hole(name, Shape::Any)),
                            None => {
                                let every = given.iter().map(|text| Argument {
                                    text: text.clone(),
                                    literal: true,
                                    ..Argument::default()
                                });
                                args.extend(every);
                                arg = Argument::default();
                                empty = true;
                            }
                        }
                        continue;
                    }
                    if name == "_" && self.language == Language::Perl && arg.text == Text::default() {
                        arg.text.append(&Text::hole("$_", Shape::Any));
                        arg.literal = true;
                        continue;
                    }
                }
                Token::Command(_) => {}
            }
            arg.text.append(&Text::hole("(a value)", Shape::Any));
            empty = false;
        }
        if !empty {
            args.push(arg);
        }
        if args.first().is_some_and(|first| first.joins) && args.len() > 1 {
            let separator = args.remove(0).text;
            let mut joined = Argument { literal: true, ..Argument::default() };
            for (at, arg) in args.iter().enumerate() {
                if at > 0 {
                    joined.text.append(&separator);
                }
                joined.text.append(&arg.text);
            }
            return vec![joined];
        }
        args
    }

    /// The arguments that the code gets, if this is what they are called.
    fn given(&self, name: &str) -> Option<&[Text]> {
        let is_own = matches!(
            (self.language, name),
            (Language::Perl | Language::Ruby, "ARGV") | (Language::Php, "argv") | (Language::Lua, "arg")
        );
        is_own.then_some(self.surroundings.args)
    }
}
