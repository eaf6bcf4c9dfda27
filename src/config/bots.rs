//! Settings of the bot checks of the sign-up form.

use clap::Args;

use super::{
    Switch,
    limits::{Rate, parse},
    parse::number,
};
use crate::accounts::bots::BotCheckPolicy;

#[derive(Debug, Args)]
#[group(id = "bots")]
#[command(next_help_heading = "Bot checks")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
#[expect(clippy::struct_field_names, reason = "they are the names of the settings")]
pub(super) struct BotCheckSettings {
    /// Challenge suspicious sign-ups by the form with a proof of work or email verification; needs RATE_LIMITS=on
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    bot_checks: Switch,

    /// Sign-ups by the form per network (IPv4 address or IPv6 /64) before a challenge, such as 120/10minutes; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "120/10minutes", value_parser = parse)]
    bot_check_network: Rate,

    /// Sign-ups by the form per email domain and block of networks (IPv4 /24 or IPv6 /48) before a challenge; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "120/10minutes", value_parser = parse)]
    bot_check_block_domain: Rate,

    /// Sign-ups by the form per email domain before a challenge; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "300/10minutes", value_parser = parse)]
    bot_check_domain: Rate,

    /// Sign-ups by the form of all clients before a challenge; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "600/10minutes", value_parser = parse)]
    bot_check_total: Rate,

    /// Maximum hashes of a proof of work, 1000 to 100000000, half on average; up to four times as many under load
    #[arg(long, env, value_name = "N", default_value = "500000", value_parser = number(1000_u32, 100_000_000))]
    bot_check_work: u32,
}

impl BotCheckSettings {
    /// `None`: bot checks are off.
    pub(super) fn check(self) -> Option<BotCheckPolicy> {
        let policy = BotCheckPolicy {
            network: self.bot_check_network.rule("bots_network"),
            block_domain: self.bot_check_block_domain.rule("bots_block_domain"),
            domain: self.bot_check_domain.rule("bots_domain"),
            total: self.bot_check_total.rule("bots_total"),
            work: self.bot_check_work,
        };
        (self.bot_checks == Switch::On).then_some(policy)
    }
}
