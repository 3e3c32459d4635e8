//! Tables in the terminal: columns as wide as their longest cell.

use mobilenet_core::base::display_text::escape;

/// Lines of a table; the first row is the heading, ruled off. Columns after the first are set to the right.
///
/// ```
/// use mobilenet::report::table::table;
/// let lines = table(&[vec!["class".into(), "n".into()], vec!["bed".into(), "12".into()]]);
/// assert_eq!(lines, "class   n\n---------\nbed    12\n");
/// ```
pub fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut lines = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:<0$}", widths[0]),
            _ => format!("{cell:>0$}", widths[column]),
        });
        lines.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        lines.push('\n');
        if index == 0 {
            lines.push_str(&"-".repeat(widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1)));
            lines.push('\n');
        }
    }
    lines
}
