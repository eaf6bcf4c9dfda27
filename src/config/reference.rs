//! The settings as Markdown: the text of `--help` in tables.

use std::fmt::Write as _;

/// A table for each heading of `--help`, in its order.
pub(super) fn tables(command: &clap::Command) -> String {
    let mut headings: Vec<&str> = Vec::new();
    for heading in command.get_arguments().filter_map(clap::Arg::get_help_heading) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    let mut tables = String::new();
    for heading in headings {
        let _ = write!(tables, "\n## {heading}\n\n| setting | default | meaning |\n|---|---|---|\n");
        for argument in command.get_arguments().filter(|argument| argument.get_help_heading() == Some(heading)) {
            let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
            let default = argument.get_default_values().first().and_then(|value| value.to_str());
            let default = default.map_or_else(String::new, |value| format!("`{value}`"));
            let help = argument.get_help().map(|help| help.to_string().replace('|', "\\|")).unwrap_or_default();
            let _ = writeln!(tables, "| `{name}` | {default} | {help} |");
        }
    }
    tables
}
