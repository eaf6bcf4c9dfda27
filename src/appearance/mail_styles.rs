//! Custom properties in the style sheet of mails, resolved since mail programs do not support them.

use super::colour::Accent;

/// Replaces each `var(--name)` by its value in `:root { … }`, the accent by the operator's.
pub(super) fn resolve(sheet: &str, accent: Option<Accent>) -> String {
    let Some((before, rest)) = sheet.split_once(":root {") else { return sheet.to_owned() };
    let Some((properties, after)) = rest.split_once('}') else { return sheet.to_owned() };
    let mut resolved = format!("{before}{after}");
    for property in properties.split(';') {
        let Some((name, value)) = property.split_once(':') else { continue };
        let name = name.trim();
        let value = match (name, accent) {
            ("--accent", Some(accent)) => accent.light.to_string(),
            ("--accent-dark", Some(accent)) => accent.dark.to_string(),
            ("--on-accent", Some(accent)) => accent.light.text_on_it().to_string(),
            ("--on-accent-dark", Some(accent)) => accent.dark.text_on_it().to_string(),
            _ => value.trim().to_owned(),
        };
        resolved = resolved.replace(&format!("var({name})"), &value);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::colour::Colour;

    #[test]
    fn every_custom_property_is_written_out() {
        let sheet = include_str!("../../static/mail.css");
        for accent in [None, Some(Accent::from("#c2185b".parse::<Colour>().expect("a colour")))] {
            let resolved = resolve(sheet, accent);
            assert!(!resolved.contains("var("), "{resolved}");
            assert!(!resolved.contains(":root"), "{resolved}");
            assert_eq!(accent.is_some(), resolved.contains("#c2185b"));
        }
    }
}
