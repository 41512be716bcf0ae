//! Variables that hold more than one text: lists and keyed lists.

use std::rc::Rc;

use super::Scope;
use crate::model::Text;
use crate::syntax::value::{Value, is_loose, single};

impl Scope<'_> {
    /// `name=(…)`: the elements in order. One that may be many makes the later ones' indices
    /// unknown, not their order.
    pub fn set_array(&mut self, name: &str, elements: Vec<Text>) {
        self.set_value(name, Value::list(elements, self.first_index()));
    }

    /// `name+=(…)`
    pub fn append_array(&mut self, name: &str, elements: Vec<Text>) {
        let mut all: Vec<(i64, Text)> = match self.value(name) {
            Value::Unset => Vec::new(),
            Value::List(old) => old.to_vec(),
            Value::Scalar(text) => vec![(self.first_index(), (*text).clone())],
            Value::Unknown | Value::Keyed(_) => return self.forget(name),
        };
        let next = all.last().map_or(self.first_index(), |(index, _)| index.saturating_add(1));
        all.extend((next..).zip(elements));
        self.set_value(name, Value::List(Rc::new(all)));
    }

    /// `name[index]=text`
    pub(in crate::syntax) fn set_element(&mut self, name: &str, index: i64, text: Text) {
        let mut elements = match self.value(name) {
            Value::Unset => Vec::new(),
            Value::Scalar(text) => vec![(self.first_index(), (*text).clone())],
            Value::List(elements) => Rc::unwrap_or_clone(elements),
            Value::Unknown | Value::Keyed(_) => return self.forget(name),
        };
        let index = match (index, elements.last()) {
            (..0, Some((last, _))) => last.saturating_add(1).saturating_add(index),
            _ => index,
        };
        if index < 0 || elements.iter().any(|(at, text)| *at < index && is_loose(text)) {
            return self.forget(name);
        }
        let Some(target) = self.resolve(name) else {
            return self.forget(name);
        };
        let text = self.convert(&self.variable(&target), single(&text), name);
        put_element(&mut elements, index, text);
        self.set_value(name, Value::List(Rc::new(elements)));
    }

    /// `name[key]=text`, where `name` was declared with `-A`.
    pub(in crate::syntax) fn set_keyed(&mut self, name: &str, key: String, text: Text) {
        let mut elements = match self.value(name) {
            Value::Keyed(elements) => Rc::unwrap_or_clone(elements),
            Value::Unset => Vec::new(),
            _ => return self.forget(name),
        };
        let Some(target) = self.resolve(name) else {
            return self.forget(name);
        };
        let text = self.convert(&self.variable(&target), single(&text), name);
        put_keyed(&mut elements, key, text);
        self.set_value(name, Value::Keyed(Rc::new(elements)));
    }

    /// `${name[index]}`: `None` where it is not known, `Some(None)` where it is unset.
    pub(in crate::syntax) fn element(&self, name: &str, index: i64) -> Option<Option<Text>> {
        let elements = match self.value(name) {
            Value::Unset => return Some(None),
            Value::Unknown => return None,
            Value::Scalar(_) | Value::Keyed(_) if index != self.first_index() => return Some(None),
            Value::Scalar(text) => return Some(Some((*text).clone())),
            Value::Keyed(_) => return self.keyed(name, "0"),
            Value::List(elements) => elements,
        };
        let index = match (index, elements.last()) {
            (..0, Some((last, _))) => last.saturating_add(1).saturating_add(index),
            _ => index,
        };
        let known = elements.iter().take_while(|(_, text)| !is_loose(text)).count();
        match elements.binary_search_by_key(&index, |(at, _)| *at) {
            Ok(at) if at < known => Some(Some(elements[at].1.clone())),
            Err(at) if at <= known && known == elements.len() => Some(None),
            _ => None,
        }
    }

    /// `${name[key]}`, likewise.
    pub(in crate::syntax) fn keyed(&self, name: &str, key: &str) -> Option<Option<Text>> {
        match self.value(name) {
            Value::Keyed(elements) => {
                let element = elements.iter().find(|(at, _)| at == key);
                Some(element.map(|(_, text)| text.clone()))
            }
            Value::Unset => Some(None),
            _ => None,
        }
    }

    /// `name=()`, where `name` was declared with `-A`.
    pub(in crate::syntax) fn clear_keyed(&mut self, name: &str) {
        self.set_value(name, Value::Keyed(Rc::default()));
    }
}

/// Puts an element in its place.
pub(super) fn put_element(elements: &mut Vec<(i64, Text)>, index: i64, text: Text) {
    match elements.binary_search_by_key(&index, |(at, _)| *at) {
        Ok(at) => elements[at].1 = text,
        Err(at) => elements.insert(at, (index, text)),
    }
}

/// Puts an element in its place.
pub(super) fn put_keyed(elements: &mut Vec<(String, Text)>, key: String, text: Text) {
    match elements.iter_mut().find(|(old, _)| *old == key) {
        Some(element) => element.1 = text,
        None => elements.push((key, text)),
    }
}
