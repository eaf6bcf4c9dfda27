//! Settings of mail, email verification, sessions, access tokens and the audit log.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{ArgMatches, Args};

use super::{
    Switch,
    parse::{number, read},
    reads_file,
};
use crate::{
    accounts::{account_policy::AccountPolicy, outbox::LONGEST_DELAY, verification_policy::VerificationPolicy},
    domain::password::PasswordPolicy,
    mail::{MailSettings, Sender, SmtpUrl},
};

#[derive(Debug, Args)]
#[group(id = "accounts")]
#[command(next_help_heading = "Mail and accounts")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub(super) struct AccountSettings {
    /// Mail server: smtp://user:password@host:587 (STARTTLS required) or smtps://…; without it no mail is sent and no
    /// password can be reset. smtp:// to a loopback host without a user does not use TLS
    #[arg(long, env, value_name = "URL", value_parser = SmtpUrl::parse)]
    smtp_url: Option<SmtpUrl>,

    /// File that contains SMTP_URL
    #[arg(long, env, value_name = "PATH")]
    smtp_url_file: Option<PathBuf>,

    /// Sender of mails, such as accounts@example.com or 'Example <accounts@example.com>'; default:
    /// 'BRAND_NAME <no-reply@HOST>' with the host of PUBLIC_URL
    #[arg(long, env, value_name = "ADDRESS", value_parser = str::parse::<Sender>)]
    mail_from: Option<Sender>,

    /// Maximum delay of a mail, in seconds, 0 to 60; 0: none. Delays are random, at least 1 second, so that later
    /// response times do not reveal whether a mail was created
    #[arg(long, env, value_name = "SECONDS", default_value = "5", value_parser = number(0, LONGEST_DELAY.num_seconds()))]
    mail_delay_seconds: i64,

    /// Require a verified email address for login; needs SMTP_URL
    #[arg(long, env, value_name = "on|off", default_value = "off")]
    require_verified_email: Switch,

    /// Lifetime of an unverified account, in days, 1 to 365. Accounts expire with REQUIRE_VERIFIED_EMAIL=on and after
    /// a bot check by mail
    #[arg(long, env, value_name = "DAYS", default_value = "7", value_parser = number(1_i64, 365))]
    unverified_expiry: i64,

    /// Sign-up, and login before verification, do not reveal whether an address has an account; needs SMTP_URL
    #[arg(long, env, value_name = "on|off", default_value = "off")]
    conceal_accounts: Switch,

    /// Time without use after which a browser session ends, in days, 1 to 365; at most SESSION_MAX_DAYS
    #[arg(long, env, value_name = "DAYS", default_value = "14", value_parser = number(1_i64, 365))]
    session_idle_days: i64,

    /// Maximum lifetime of a browser session, in days, 1 to 365
    #[arg(long, env, value_name = "DAYS", default_value = "60", value_parser = number(1_i64, 365))]
    session_max_days: i64,

    /// Lifetime of an API access token, in hours, 1 to 8760
    #[arg(long, env, value_name = "HOURS", default_value = "24", value_parser = number(1_i64, 8760))]
    access_token_hours: i64,

    /// Retention of audit log entries, in days, 1 to 3650
    #[arg(long, env, value_name = "DAYS", default_value = "365", value_parser = number(1_i64, 3650))]
    audit_retention_days: i64,
}

impl AccountSettings {
    /// # Errors
    /// Conflicting settings, in a line with the fix.
    pub(super) fn check(
        self,
        matches: &ArgMatches,
        password: PasswordPolicy,
    ) -> Result<(AccountPolicy, Option<MailSettings>), String> {
        let mut smtp_url = self.smtp_url;
        if reads_file(matches, "SMTP_URL", "smtp_url")? {
            smtp_url = Some(read("SMTP_URL_FILE", self.smtp_url_file, SmtpUrl::parse)?);
        }
        let sends_mail = smtp_url.is_some();
        for (name, switch) in
            [("REQUIRE_VERIFIED_EMAIL", self.require_verified_email), ("CONCEAL_ACCOUNTS", self.conceal_accounts)]
        {
            if switch == Switch::On && !sends_mail {
                return Err(format!("{name}: it needs a mail server; set SMTP_URL too"));
            }
        }
        if self.session_idle_days > self.session_max_days {
            return Err("SESSION_IDLE_DAYS: it is longer than SESSION_MAX_DAYS; make it shorter".into());
        }
        let policy = AccountPolicy {
            password,
            sends_mail,
            mail_delay: TimeDelta::seconds(self.mail_delay_seconds),
            verification: VerificationPolicy {
                is_required: self.require_verified_email == Switch::On,
                conceals_accounts: self.conceal_accounts == Switch::On,
                expiry: TimeDelta::days(self.unverified_expiry),
            },
            session_idle: TimeDelta::days(self.session_idle_days),
            session_lifetime: TimeDelta::days(self.session_max_days),
            token_lifetime: TimeDelta::hours(self.access_token_hours),
            audit_retention: TimeDelta::days(self.audit_retention_days),
        };
        let sender = self.mail_from;
        Ok((policy, smtp_url.map(|smtp_url| MailSettings { smtp_url, sender })))
    }
}
