//! Settings of what happens after the sign-up: mail, proof of addresses, sessions, the audit log.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{ArgMatches, Args};

use super::{
    Switch,
    parse::{number, read},
    reads_file,
};
use crate::{
    accounts::{outbox::LONGEST_DELAY, rules::Rules, verification_policy::VerificationPolicy},
    domain::password::PasswordPolicy,
    mail::{MailSettings, Sender, SmtpUrl},
};

#[derive(Debug, Args)]
#[group(id = "accounts")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub struct AccountSettings {
    /// Mail server: smtp://user:password@host:587 (STARTTLS, never without) or smtps://…; without it no mail is sent, and
    /// no forgotten password is replaced. smtp:// to this machine itself, without a user, is spoken without TLS
    #[arg(long, env, value_name = "URL", value_parser = SmtpUrl::parse)]
    smtp_url: Option<SmtpUrl>,

    /// File that holds SMTP_URL
    #[arg(long, env, value_name = "PATH")]
    smtp_url_file: Option<PathBuf>,

    /// Sender of mails, such as accounts@example.com or 'Example <accounts@example.com>'; default: no-reply@ and the host
    /// of PUBLIC_URL, by the name of BRAND_NAME
    #[arg(long, env, value_name = "ADDRESS", value_parser = str::parse::<Sender>)]
    mail_from: Option<Sender>,

    /// Longest wait before a mail is made, in seconds, 0 to 60; each waits for a random time between one second and this, so
    /// that the time of the next request does not tell whether there is a mail. 0 makes it at once
    #[arg(long, env, value_name = "SECONDS", default_value = "5", value_parser = number(0, LONGEST_DELAY.num_seconds()))]
    mail_delay_seconds: i64,

    /// Login only after the address is proven; needs SMTP_URL
    #[arg(long, env, value_name = "on|off", default_value = "off")]
    require_verified_email: Switch,

    /// How long an account waits for the proof of its address where REQUIRE_VERIFIED_EMAIL is on, in days, 1 to 365
    #[arg(long, env, value_name = "DAYS", default_value = "7", value_parser = number(1_i64, 365))]
    unverified_expiry: i64,

    /// Sign-up never tells whether an address has an account, nor does a login before it is proven; needs SMTP_URL
    #[arg(long, env, value_name = "on|off", default_value = "off")]
    conceal_accounts: Switch,

    /// A browser that nobody uses is signed out after so many days, 1 to 365
    #[arg(long, env, value_name = "DAYS", default_value = "14", value_parser = number(1_i64, 365))]
    session_idle_days: i64,

    /// And every browser after so many, 1 to 365
    #[arg(long, env, value_name = "DAYS", default_value = "60", value_parser = number(1_i64, 365))]
    session_max_days: i64,

    /// How long an access token of a program is good, in hours, 1 to 8760
    #[arg(long, env, value_name = "HOURS", default_value = "24", value_parser = number(1_i64, 8760))]
    access_token_hours: i64,

    /// How long lines of the audit log are kept, in days, 1 to 3650
    #[arg(long, env, value_name = "DAYS", default_value = "365", value_parser = number(1_i64, 3650))]
    audit_retention_days: i64,
}

impl AccountSettings {
    /// # Errors
    /// AccountSettings that do not go together, in a line that says what to do.
    pub fn check(
        self,
        matches: &ArgMatches,
        password: PasswordPolicy,
    ) -> Result<(Rules, Option<MailSettings>), String> {
        let mut smtp_url = self.smtp_url;
        if reads_file(matches, "SMTP_URL", "smtp_url")? {
            smtp_url = Some(read("SMTP_URL_FILE", self.smtp_url_file, SmtpUrl::parse)?);
        }
        let sends_mail = smtp_url.is_some();
        for (name, switch) in
            [("REQUIRE_VERIFIED_EMAIL", self.require_verified_email), ("CONCEAL_ACCOUNTS", self.conceal_accounts)]
        {
            if switch == Switch::On && !sends_mail {
                return Err(format!("{name}: it needs mails; set SMTP_URL too"));
            }
        }
        if self.session_idle_days > self.session_max_days {
            return Err("SESSION_IDLE_DAYS: it is longer than SESSION_MAX_DAYS; make it shorter".into());
        }
        let rules = Rules {
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
        Ok((rules, smtp_url.map(|smtp_url| MailSettings { smtp_url, sender })))
    }
}
