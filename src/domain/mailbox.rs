//! Mailbox of an address. Mail limits count by mailbox, since many addresses can reach one inbox.

/// Providers that ignore dots in the local part.
const IGNORE_DOTS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Key of a canonical address's mailbox, for limits only: a mail server may distinguish such addresses, and its users
/// then share a limit.
#[must_use]
pub(crate) fn mailbox_of(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    // Subaddressing (RFC 5233).
    let base = local.split_once('+').map_or(local, |(base, _)| base);
    let base = if base.is_empty() { local } else { base };
    if IGNORE_DOTS.contains(&domain) {
        format!("{}@{}", base.replace('.', ""), IGNORE_DOTS[0])
    } else {
        format!("{base}@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_dots_lead_to_the_same_mailbox() {
        for (address, mailbox) in [
            ("ada@example.com", "ada@example.com"),
            ("ada+1@example.com", "ada@example.com"),
            ("ada+1+2@example.com", "ada@example.com"),
            ("ada+@example.com", "ada@example.com"),
            ("a.d.a@example.com", "a.d.a@example.com"),
            ("a.d.a+x.y@gmail.com", "ada@gmail.com"),
            ("ada@googlemail.com", "ada@gmail.com"),
            ("+@example.com", "+@example.com"),
            ("+tag@example.com", "+tag@example.com"),
        ] {
            assert_eq!(mailbox_of(address), mailbox, "{address}");
        }
    }
}
