//! Settings of how often something may be tried.

use chrono::TimeDelta;
use clap::Args;

use super::Switch;
use crate::{
    accounts::limits::{ActionRules, RateLimitPolicy},
    domain::rate::Rule,
};

/// Most that a rule may allow, and its longest time.
const MOST: u32 = 1_000_000;
const LONGEST: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Args)]
#[group(id = "limits")]
#[expect(clippy::struct_field_names, reason = "they are the names of the settings")]
pub struct RateLimitSettings {
    /// Limits on how often something may be tried, shared by all instances; off for benchmarks
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    rate_limits: Switch,

    /// Sign-ups for each network (an IPv4 address, or an IPv6 /64), such as 200/hour or 20/10minutes: so many at once, and
    /// then one each time that such a part of it has gone by; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "200/hour", value_parser = parse)]
    rate_limit_sign_up: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "1000/hour", value_parser = parse)]
    rate_limit_sign_up_block: Rate,

    /// Sign-ups of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10000/hour", value_parser = parse)]
    rate_limit_sign_up_total: Rate,

    /// Failed logins for each network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "100/10minutes", value_parser = parse)]
    rate_limit_login: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "500/10minutes", value_parser = parse)]
    rate_limit_login_block: Rate,

    /// Failed logins for each network on one account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_login_pair: Rate,

    /// Failed logins for each block of networks on one account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/day", value_parser = parse)]
    rate_limit_login_block_pair: Rate,

    /// Failed logins on one account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "50/day", value_parser = parse)]
    rate_limit_login_account: Rate,

    /// Failed logins in a browser that has been signed in to the account before; the other rules come after it
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_login_device: Rate,

    /// Failed logins of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "100000/hour", value_parser = parse)]
    rate_limit_login_total: Rate,

    /// Wrong current passwords, where somebody who is signed in is asked for it, for each account; by themselves, wrong
    /// passwords beside a mailed link
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_current_password: Rate,

    /// Changes of name, address or password, for each account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "60/hour", value_parser = parse)]
    rate_limit_change: Rate,

    /// Exports of everything that is stored of a user, for each account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5/hour", value_parser = parse)]
    rate_limit_export: Rate,

    /// Links for a new password that are asked for, for each network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_forgot_password: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_forgot_password_block: Rate,

    /// The same for each network and one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/hour", value_parser = parse)]
    rate_limit_forgot_password_pair: Rate,

    /// The same for each block and one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "15/hour", value_parser = parse)]
    rate_limit_forgot_password_block_pair: Rate,

    /// The same for one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_forgot_password_account: Rate,

    /// The same of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_forgot_password_total: Rate,

    /// Mails that prove an address, asked for again, for each network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_resend: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_resend_block: Rate,

    /// The same for each network and one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/hour", value_parser = parse)]
    rate_limit_resend_pair: Rate,

    /// The same for each block and one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "15/hour", value_parser = parse)]
    rate_limit_resend_block_pair: Rate,

    /// The same for one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_resend_account: Rate,

    /// The same of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_resend_total: Rate,

    /// Mails to a new address of an account, for each network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_change_email: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_change_email_block: Rate,

    /// The same for each account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/day", value_parser = parse)]
    rate_limit_change_email_account: Rate,

    /// The same to one address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_change_email_address: Rate,

    /// The same of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_change_email_total: Rate,

    /// Links and codes of mails that prove nothing, for each network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "60/10minutes", value_parser = parse)]
    rate_limit_verify: Rate,

    /// The same for each block of networks (an IPv4 /24, or an IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "300/10minutes", value_parser = parse)]
    rate_limit_verify_block: Rate,

    /// The same of all clients together
    #[arg(long, env, value_name = "N/TIME|off", default_value = "50000/hour", value_parser = parse)]
    rate_limit_verify_total: Rate,
}

/// A limit and its time; `None`: off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate(Option<(u32, TimeDelta)>);

impl Rate {
    pub(super) fn rule(self, name: &'static str) -> Option<Rule> {
        self.0.map(|(limit, per)| Rule { name, limit, per })
    }
}

/// Reads `100/hour`, `20/10minutes` and `off`.
pub(super) fn parse(text: &str) -> Result<Rate, String> {
    const FORMS: &str = "use a number and a time, such as 100/hour, 20/10minutes or 5/day, or off";
    if text == "off" {
        return Ok(Rate(None));
    }
    let (limit, time) = text.split_once('/').ok_or(FORMS)?;
    let unit = time.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = time.strip_suffix(unit).filter(|number| !number.is_empty()).unwrap_or("1");
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return Err(FORMS.into()),
    };
    let limit: u32 = limit.parse().map_err(|_| FORMS)?;
    let number: u32 = number.parse().map_err(|_| FORMS)?;
    let per = TimeDelta::seconds(i64::from(number) * seconds);
    if !(1..=MOST).contains(&limit) || !(TimeDelta::seconds(1)..=LONGEST).contains(&per) {
        return Err(format!("use 1 to {MOST} in a time of up to {} days", LONGEST.num_days()));
    }
    Ok(Rate(Some((limit, per))))
}

impl RateLimitSettings {
    /// The rules, if there are any, and the proxies.
    pub fn check(self) -> Option<RateLimitPolicy> {
        let policy = RateLimitPolicy {
            sign_up: ActionRules {
                network: self.rate_limit_sign_up.rule("sign_up"),
                block: self.rate_limit_sign_up_block.rule("sign_up_block"),
                total: self.rate_limit_sign_up_total.rule("sign_up_total"),
                ..ActionRules::default()
            },
            login: ActionRules {
                network: self.rate_limit_login.rule("login"),
                block: self.rate_limit_login_block.rule("login_block"),
                pair: self.rate_limit_login_pair.rule("login_pair"),
                block_pair: self.rate_limit_login_block_pair.rule("login_block_pair"),
                account: self.rate_limit_login_account.rule("login_account"),
                total: self.rate_limit_login_total.rule("login_total"),
            },
            device: self.rate_limit_login_device.rule("login_device"),
            current_password: self.rate_limit_current_password.rule("current_password"),
            change_email: ActionRules {
                network: self.rate_limit_change_email.rule("change_email"),
                block: self.rate_limit_change_email_block.rule("change_email_block"),
                account: self.rate_limit_change_email_address.rule("change_email_address"),
                total: self.rate_limit_change_email_total.rule("change_email_total"),
                ..ActionRules::default()
            },
            change_email_user: self.rate_limit_change_email_account.rule("change_email_account"),
            link_password: self.rate_limit_current_password.rule("link_password"),
            change: self.rate_limit_change.rule("change"),
            export: self.rate_limit_export.rule("export"),
            forgot_password: ActionRules {
                network: self.rate_limit_forgot_password.rule("forgot_password"),
                block: self.rate_limit_forgot_password_block.rule("forgot_password_block"),
                pair: self.rate_limit_forgot_password_pair.rule("forgot_password_pair"),
                block_pair: self.rate_limit_forgot_password_block_pair.rule("forgot_password_block_pair"),
                account: self.rate_limit_forgot_password_account.rule("forgot_password_account"),
                total: self.rate_limit_forgot_password_total.rule("forgot_password_total"),
            },
            resend: ActionRules {
                network: self.rate_limit_resend.rule("resend"),
                block: self.rate_limit_resend_block.rule("resend_block"),
                pair: self.rate_limit_resend_pair.rule("resend_pair"),
                block_pair: self.rate_limit_resend_block_pair.rule("resend_block_pair"),
                account: self.rate_limit_resend_account.rule("resend_account"),
                total: self.rate_limit_resend_total.rule("resend_total"),
            },
            verify: ActionRules {
                network: self.rate_limit_verify.rule("verify"),
                block: self.rate_limit_verify_block.rule("verify_block"),
                total: self.rate_limit_verify_total.rule("verify_total"),
                ..ActionRules::default()
            },
        };
        Some(policy).filter(|_| self.rate_limits == Switch::On)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_anything_else_is_refused() {
        for (text, rate) in [
            ("off", None),
            ("100/hour", Some((100, TimeDelta::hours(1)))),
            ("20/10minutes", Some((20, TimeDelta::minutes(10)))),
            ("1/1second", Some((1, TimeDelta::seconds(1)))),
            ("5/30days", Some((5, TimeDelta::days(30)))),
        ] {
            assert_eq!(parse(text), Ok(Rate(rate)), "{text}");
        }
        for text in [
            "",
            "on",
            "100",
            "100/",
            "/hour",
            "0/hour",
            "-1/hour",
            "1/0hours",
            "1/week",
            "1/31days",
            "1000001/hour",
            "1 / hour",
            "1/hourss",
            "1/+1hour",
            "1/99999999999days",
            "١/hour",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
