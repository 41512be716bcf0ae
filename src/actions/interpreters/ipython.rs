//! IPython's lines for a shell.

use crate::actions::wrappers::layer;
use crate::actions::{Entered, Inner};
use crate::model::Text;
use crate::syntax::Dialect;

/// What IPython hands to a shell: `!CMD`, `x = !CMD`, `%sx CMD`, a cell that begins with `%%bash`.
pub(super) fn of_the_shell(entered: &Entered) -> Vec<Entered> {
    const MAGIC: &[&str] = &["!!", "!", "%sx ", "%system ", "%%!"];
    const CELL: &[&str] = &["%%bash", "%%sh", "%%script bash", "%%script sh", "%%system", "%%sx"];
    let Inner::Code { source, .. } = &entered.inner else {
        return Vec::new();
    };
    let text = source.display();
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some((line, behind)) = rest.split_once('\n').or((!rest.is_empty()).then_some((rest, ""))) {
        let start = line.trim_start();
        if CELL.iter().any(|cell| start.starts_with(cell)) {
            found.push(behind);
            break;
        }
        let assigned = start.split_once('=').map_or("", |(_, value)| value.trim_start());
        let of = |line: &'_ str| MAGIC.iter().find_map(|magic| line.strip_prefix(magic)).map(str::len);
        let length = of(start).or_else(|| of(assigned));
        found.extend(length.map(|length| &line[line.len() - length..]));
        rest = behind;
    }
    let shell = |source: &str| {
        let (source, positional) = (Text::known(source), vec!["sh".into()]);
        let inner =
            Inner::Shell { source, positional, dialect: Dialect::Posix, same_shell: false, span: None };
        layer("ipython !", inner)
    };
    found.into_iter().map(shell).collect()
}
