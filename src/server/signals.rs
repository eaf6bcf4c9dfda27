//! Signals: stop (SIGTERM, SIGINT) and reload (SIGHUP).

use std::{io, sync::Arc};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
};

use crate::{appearance::SharedTheme, gallery, net::tls::Tls, supervisor::Supervisor};

/// Stream of SIGTERM and SIGINT.
pub(super) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// On SIGHUP reloads the certificate, `CUSTOM_DIR` and the logo. Errors are logged; the previous version stays in use.
///
/// # Errors
/// The signal handler cannot be installed.
pub(super) fn reload_on_hangup(
    supervisor: &Supervisor,
    tls: Option<Tls>,
    shared: Option<SharedTheme>,
) -> io::Result<()> {
    let hangup = Arc::new(Mutex::new(signal(SignalKind::hangup())?));
    supervisor.spawn("SIGHUP", move || {
        let (hangup, tls, shared) = (Arc::clone(&hangup), tls.clone(), shared.clone());
        async move {
            let mut hangup = hangup.lock().await;
            while hangup.recv().await.is_some() {
                let (tls, shared) = (tls.clone(), shared.clone());
                if let Err(error) = tokio::task::spawn_blocking(move || reload(tls.as_ref(), shared.as_ref())).await {
                    tracing::error!(%error, "SIGHUP: reload failed");
                }
            }
        }
    });
    Ok(())
}

fn reload(tls: Option<&Tls>, shared: Option<&SharedTheme>) {
    match tls.map(Tls::reload) {
        Some(Ok(())) => tracing::info!("SIGHUP: TLS_CERT and TLS_KEY reloaded"),
        // Quoted: a file name may contain a line break.
        Some(Err(problem)) => tracing::error!(?problem, "SIGHUP: certificate not reloaded, previous one stays in use"),
        None => {}
    }
    let Some(shared) = shared else { return };
    match gallery::checked(shared.current().settings.clone()) {
        Ok(theme) => {
            shared.replace(theme);
            tracing::info!("SIGHUP: CUSTOM_DIR reloaded");
        }
        Err(problems) => {
            for problem in problems {
                let problem = problem.to_string();
                tracing::error!(?problem, "SIGHUP: CUSTOM_DIR not reloaded, previous theme stays in use");
            }
        }
    }
}
