//! Settings of when a sign-up by the form has to prove more.

use clap::Args;

use super::{
    Switch,
    limits::{Rate, parse},
    parse::number,
};
use crate::accounts::bots::BotCheckPolicy;

#[derive(Debug, Args)]
#[group(id = "bots")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
#[expect(clippy::struct_field_names, reason = "they are named as the settings are")]
pub struct BotCheckSettings {
    /// Ask the browser, or the mailbox, for a proof where sign-ups by the form look like a program's; needs RATE_LIMITS=on,
    /// which counts them
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    bot_checks: Switch,

    /// Sign-ups by the form that are calm from each network, such as 120/10minutes; beyond it a proof is asked for; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "120/10minutes", value_parser = parse)]
    bot_check_network: Rate,

    /// The same for addresses of one domain from one block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "120/10minutes", value_parser = parse)]
    bot_check_block_domain: Rate,

    /// The same for addresses of one domain
    #[arg(long, env, value_name = "N/TIME|off", default_value = "300/10minutes", value_parser = parse)]
    bot_check_domain: Rate,

    /// The same of everybody together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "600/10minutes", value_parser = parse)]
    bot_check_total: Rate,

    /// Hashes that a proof takes at most, half as many on average, 1000 to 100000000; up to four times as many as pressure
    /// grows
    #[arg(long, env, value_name = "N", default_value = "500000", value_parser = number(1000_u32, 100_000_000))]
    bot_check_work: u32,
}

impl BotCheckSettings {
    /// `None`: nothing is looked at.
    pub fn check(self) -> Option<BotCheckPolicy> {
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
