//! stub
use super::{CodeEffect, Language};
pub fn effects(_: Language, _: &str) -> Result<Vec<CodeEffect>, String> { Ok(Vec::new()) }
