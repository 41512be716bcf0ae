//! The patterns that curl expands in URLs by itself: `{a,b}`, `[1-3]`.

use crate::actions::masked::Masked;
use crate::model::{Shape, Text};

/// A URL that stands for more than this many is left unknown in its patterns.
const URLS: usize = 64;

/// The URLs that `{a,b}` and `[1-3]` stand for.
pub(super) fn globbed(url: &Text, off: bool) -> Vec<Text> {
    let masked = Masked::new(url);
    if off || !masked.text.contains(['{', '[']) {
        return vec![masked.unmask(&masked.text)];
    }
    let mut urls = vec![Text::default()];
    let mut rest = masked.text.as_str();
    while let Some(at) = rest.find(['{', '[']) {
        let (before, pattern) = rest.split_at(at);
        let close = if pattern.starts_with('{') { '}' } else { ']' };
        let Some((inner, after)) = pattern[1..].split_once(close) else {
            break;
        };
        let known = &masked.text;
        let choices = match close {
            '}' => Some(inner.split(',').map(str::to_owned).collect()),
            _ if inner.contains(':') && known.contains(&format!("//[{inner}]")) => {
                Some(vec![format!("[{inner}]")])
            }
            _ => range(inner),
        };
        for url in &mut urls {
            url.append(&masked.unmask(before));
        }
        match choices {
            Some(choices) if choices.len() * urls.len() <= URLS => {
                let heads = std::mem::take(&mut urls);
                for head in &heads {
                    for choice in &choices {
                        let mut url = head.clone();
                        url.append(&masked.unmask(choice));
                        urls.push(url);
                    }
                }
            }
            _ => {
                let hole = Text::hole(&pattern[..inner.len() + 2], Shape::Any);
                urls.iter_mut().for_each(|url| url.append(&hole));
            }
        }
        rest = after;
    }
    for url in &mut urls {
        url.append(&masked.unmask(rest));
    }
    urls
}

/// `1-3`, `001-100:10`, `a-z`.
fn range(text: &str) -> Option<Vec<String>> {
    let (range, step) = text.split_once(':').unwrap_or((text, "1"));
    let (from, to) = range.split_once('-')?;
    let step: usize = step.parse().ok().filter(|step| *step > 0)?;
    let bounded = |items: &mut dyn Iterator<Item = String>| items.take(URLS + 1).collect::<Vec<_>>();
    if let (Ok(first), Ok(last)) = (from.parse::<u64>(), to.parse::<u64>()) {
        let width = if from.starts_with('0') { from.len().min(20) } else { 0 };
        return Some(bounded(&mut (first..=last).step_by(step).map(|n| format!("{n:0width$}"))));
    }
    let letter = |text: &str| text.chars().next().filter(|c| c.is_ascii_alphabetic() && text.len() == 1);
    let (first, last) = (letter(from)?, letter(to)?);
    Some(bounded(&mut (first..=last).step_by(step).map(String::from)))
}
