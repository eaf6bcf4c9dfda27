//! Background tasks: mail worker, maintenance, secret key watch and database metrics.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time};

use super::{App, readings};
use crate::{
    accounts::{audit_bounds, maintenance},
    keys,
};

impl App {
    /// Starts the background tasks. They end when the service stops.
    pub fn start_tasks(self: &Arc<Self>, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        let mut tasks = vec![
            self.repeat("maintenance", stopped, maintenance::EVERY, async |app| {
                match app.maintenance.delete_expired().await {
                    Ok(rows @ 1..) => tracing::info!(rows, "expired rows deleted"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "failed to delete expired rows"),
                }
            }),
            self.repeat("rate limit maintenance", stopped, maintenance::COUNTERS_EVERY, async |app| {
                match app.maintenance.delete_expired_counters().await {
                    Ok(rows @ 1..) => tracing::debug!(rows, "expired rate limit counters deleted"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "failed to delete expired rate limit counters"),
                }
            }),
            self.repeat("audit log maintenance", stopped, audit_bounds::EVERY, async |app| {
                match app.maintenance.delete_surplus_audit_lines().await {
                    Ok(rows @ 1..) => tracing::debug!(rows, "surplus audit log lines deleted"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "failed to delete surplus audit log lines"),
                }
            }),
            self.repeat("secret key watch", stopped, keys::WATCH_EVERY, async |app| {
                app.key_watch.check(&app.database, app.clock.now()).await;
            }),
        ];
        if let Some(readings) = self.readings.clone() {
            tasks.push(self.repeat("database metrics", stopped, readings::EVERY, move |app| {
                let readings = readings.clone();
                async move { readings.read(&app.database, &app.outbox).await }
            }));
        }
        if let Some(worker) = &self.mail_worker {
            let (worker, stopped) = (Arc::clone(worker), stopped.clone());
            tasks.push(self.supervisor.spawn("mail worker", move || Arc::clone(&worker).run(stopped.clone())));
        } else {
            tracing::warn!(
                "SMTP_URL is not set: no mail is sent, addresses cannot be verified and passwords cannot be reset"
            );
        }
        tasks
    }

    /// Runs `work` now and after every pause of `every`, until the service stops.
    fn repeat<F>(
        self: &Arc<Self>,
        name: &'static str,
        stopped: &watch::Receiver<bool>,
        every: Duration,
        work: impl Fn(Arc<Self>) -> F + Clone + Send + Sync + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send,
    {
        let (app, stopped) = (Arc::clone(self), stopped.clone());
        self.supervisor.spawn(name, move || {
            let (app, mut stopped, work) = (Arc::clone(&app), stopped.clone(), work.clone());
            async move {
                let repeat = async {
                    loop {
                        work(Arc::clone(&app)).await;
                        time::sleep(every).await;
                    }
                };
                tokio::select! {
                    () = repeat => {}
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            }
        })
    }
}
