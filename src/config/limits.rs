//! Settings of the rate limits.

use chrono::TimeDelta;
use clap::Args;

use super::Switch;
use crate::{
    accounts::limits::{ActionRules, RateLimitPolicy},
    domain::rate::Rule,
};

/// Maximum number of attempts and maximum period of a rule.
const MAX_ATTEMPTS: u32 = 1_000_000;
const MAX_PERIOD: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Args)]
#[group(id = "limits")]
#[command(next_help_heading = "Rate limits")]
#[expect(clippy::struct_field_names, reason = "they are the names of the settings")]
pub(super) struct RateLimitSettings {
    /// Rate limits, shared by all instances; off for benchmarks
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    rate_limits: Switch,

    /// Sign-ups per network (IPv4 address or IPv6 /64), such as 200/hour or 20/10minutes (20 at once, then one every 30
    /// seconds), up to 1000000 in 30days; or off
    #[arg(long, env, value_name = "N/TIME|off", default_value = "200/hour", value_parser = parse)]
    rate_limit_sign_up: Rate,

    /// Sign-ups per block of networks (IPv4 /24 or IPv6 /48)
    #[arg(long, env, value_name = "N/TIME|off", default_value = "1000/hour", value_parser = parse)]
    rate_limit_sign_up_block: Rate,

    /// Sign-ups of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10000/hour", value_parser = parse)]
    rate_limit_sign_up_total: Rate,

    /// Failed logins per network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "100/10minutes", value_parser = parse)]
    rate_limit_login: Rate,

    /// Failed logins per block of networks
    #[arg(long, env, value_name = "N/TIME|off", default_value = "500/10minutes", value_parser = parse)]
    rate_limit_login_block: Rate,

    /// Failed logins per network and account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_login_pair: Rate,

    /// Failed logins per block of networks and account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/day", value_parser = parse)]
    rate_limit_login_block_pair: Rate,

    /// Failed logins per account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "50/day", value_parser = parse)]
    rate_limit_login_account: Rate,

    /// Failed logins per account and browser that has logged in to it before; beyond it the browser counts as unknown
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_login_device: Rate,

    /// Failed logins of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "100000/hour", value_parser = parse)]
    rate_limit_login_total: Rate,

    /// Wrong current passwords of a signed-in user, per account; counted separately, wrong passwords with a mailed link
    #[arg(long, env, value_name = "N/TIME|off", default_value = "20/day", value_parser = parse)]
    rate_limit_current_password: Rate,

    /// Changes of name, email address or password, per account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "60/hour", value_parser = parse)]
    rate_limit_change: Rate,

    /// Exports of the data of a user, per account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5/hour", value_parser = parse)]
    rate_limit_export: Rate,

    /// Password reset requests per network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_forgot_password: Rate,

    /// Password reset requests per block of networks
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_forgot_password_block: Rate,

    /// Password reset requests per network and email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/hour", value_parser = parse)]
    rate_limit_forgot_password_pair: Rate,

    /// Password reset requests per block of networks and email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "15/hour", value_parser = parse)]
    rate_limit_forgot_password_block_pair: Rate,

    /// Password reset requests per email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_forgot_password_account: Rate,

    /// Password reset requests of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_forgot_password_total: Rate,

    /// Repeated verification mails per network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_resend: Rate,

    /// Repeated verification mails per block of networks
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_resend_block: Rate,

    /// Repeated verification mails per network and email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/hour", value_parser = parse)]
    rate_limit_resend_pair: Rate,

    /// Repeated verification mails per block of networks and email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "15/hour", value_parser = parse)]
    rate_limit_resend_block_pair: Rate,

    /// Repeated verification mails per email address
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_resend_account: Rate,

    /// Repeated verification mails of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_resend_total: Rate,

    /// Mails to a new email address of an account, per network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_change_email: Rate,

    /// Mails to a new email address, per block of networks
    #[arg(long, env, value_name = "N/TIME|off", default_value = "150/hour", value_parser = parse)]
    rate_limit_change_email_block: Rate,

    /// Mails to a new email address, per account
    #[arg(long, env, value_name = "N/TIME|off", default_value = "10/day", value_parser = parse)]
    rate_limit_change_email_account: Rate,

    /// Mails to a new email address, per recipient
    #[arg(long, env, value_name = "N/TIME|off", default_value = "30/hour", value_parser = parse)]
    rate_limit_change_email_address: Rate,

    /// Mails to a new email address, of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "5000/hour", value_parser = parse)]
    rate_limit_change_email_total: Rate,

    /// Invalid mailed links and codes per network
    #[arg(long, env, value_name = "N/TIME|off", default_value = "60/10minutes", value_parser = parse)]
    rate_limit_verify: Rate,

    /// Invalid mailed links and codes per block of networks
    #[arg(long, env, value_name = "N/TIME|off", default_value = "300/10minutes", value_parser = parse)]
    rate_limit_verify_block: Rate,

    /// Invalid mailed links and codes of all clients
    #[arg(long, env, value_name = "N/TIME|off", default_value = "50000/hour", value_parser = parse)]
    rate_limit_verify_total: Rate,
}

/// Attempts and period; `None`: off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate(Option<(u32, TimeDelta)>);

impl Rate {
    pub(super) fn rule(self, name: &'static str) -> Option<Rule> {
        self.0.map(|(limit, per)| Rule { name, limit, per })
    }
}

/// Parses `100/hour`, `20/10minutes` and `off`.
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
    if !(1..=MAX_ATTEMPTS).contains(&limit) || !(TimeDelta::seconds(1)..=MAX_PERIOD).contains(&per) {
        return Err(format!("use 1 to {MAX_ATTEMPTS} in a time of up to {} days", MAX_PERIOD.num_days()));
    }
    Ok(Rate(Some((limit, per))))
}

impl RateLimitSettings {
    /// `None`: rate limits are off.
    pub(super) fn check(self) -> Option<RateLimitPolicy> {
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
    fn rates_are_parsed_and_anything_else_is_refused() {
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
