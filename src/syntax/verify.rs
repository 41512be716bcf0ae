//! stub
use super::{Stmt,Dialect}; use crate::model::Span;
pub(super) fn hidden(_s:&str,_d:Dialect,_b:&[Stmt])->Option<Span>{None}
