//! The runtime of the clients' connections.
//!
//! A broadcast wakes one writer for each client. In the runtime of everything else, whatever leads to the next broadcast
//! (a request, an append, the relay) would stand in one queue behind thousands of writers at each of its steps: commands
//! would wait for clients, and each broadcast would be written and flushed before the next one can be handed over.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::context::TokioContext;

/// Threads that write to clients, one for each processor. They end when this is dropped.
#[derive(Debug)]
pub(crate) struct Writers {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Writers {
    /// Starts the threads. Fails if the operating system does not let it.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .thread_name("realtime")
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What `serve` and the future that it gives back spawn is spawned here.
    pub(crate) fn host<F: Future>(&self, serve: impl FnOnce() -> F) -> TokioContext<F> {
        let _entered = self.handle.enter();
        TokioContext::new(serve(), self.handle.clone())
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        // The last owner may be a task, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
