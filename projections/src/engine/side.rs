//! A generation beside the live one, on its way to where that one is.

use std::sync::Arc;

use eventlog::{Position, RecordedEvent};

use super::Engine;
use super::apply::tell;
use super::lease::Checkpoint;
use super::model::ReadModel;
use super::parking::{Panics, Parked, apply_sparing, go_on};
use super::progress::{Phase, Report};
use super::runner::BATCH_EVENTS_MAX;
use super::session::Session;
use super::skips::Skips;
use super::slot::Slot;
use crate::error::EngineError;

/// Nearer than this the live generation is near enough for both to be brought to the same place while it stands still.
pub(crate) const CLOSE_EVENTS: i64 = 20;

/// Which one it is: where its position is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one that is being made.
    Next,
    /// The one before the live one.
    Previous,
}

impl Which {
    const fn lock(self) -> &'static str {
        match self {
            Self::Next => "SELECT position FROM read_engine.builds WHERE name = $1 FOR UPDATE",
            Self::Previous => "SELECT position FROM read_engine.previous WHERE name = $1 FOR UPDATE",
        }
    }

    /// The lease of whoever else brings it further is taken away, so that he looks again.
    const fn save(self) -> &'static str {
        match self {
            Self::Next => "UPDATE read_engine.builds SET position = $2 WHERE name = $1 RETURNING 1",
            Self::Previous => {
                "UPDATE read_engine.previous SET position = $2, lease_owner = NULL, lease_until = NULL
                 WHERE name = $1 RETURNING 1"
            }
        }
    }
}

/// The generation, with a connection whose search path it is.
pub(crate) struct Side<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) model: &'a dyn ReadModel,
    pub(crate) session: Session,
    pub(crate) which: Which,
    pub(crate) parked: Parked,
    pub(crate) skips: Skips,
    pub(crate) position: Position,
}

impl<'a> Side<'a> {
    /// Knows what is parked in it and what is skipped.
    pub(crate) async fn open(
        engine: &'a Engine,
        model: &'a dyn ReadModel,
        session: Session,
        which: Which,
        generation: i64,
        position: Position,
    ) -> Result<Self, EngineError> {
        let mut side = Self {
            engine,
            model,
            session,
            which,
            parked: Parked::none(model.name(), generation),
            skips: Skips::none(),
            position,
        };
        side.let_skipped_go().await?;
        Ok(side)
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.parked.name
    }

    /// Applies the events up to `until`, each page in a transaction of its own.
    pub(crate) async fn catch_up(
        &mut self,
        until: Position,
        report: &mut Report<'_>,
    ) -> Result<(), EngineError> {
        while self.position < until {
            tell(&self.session, "BEGIN").await?;
            self.lock().await?;
            self.page(until).await?;
            self.save().await?;
            tell(&self.session, "COMMIT").await?;
            report.at(Phase::CatchUp, self.position);
        }
        Ok(())
    }

    /// Locks the place where its position stands, and reads it: somebody else may have brought it further.
    pub(crate) async fn lock(&mut self) -> Result<(), EngineError> {
        let rows = self.session.query(self.which.lock(), &[&self.name()]).await?;
        let row = rows.first().ok_or(EngineError::NoSuchGeneration)?;
        let position = row.try_get(0)?;
        if position != self.position {
            self.position = position;
            self.parked = Parked::load(&self.session, self.name(), self.parked.generation).await?;
        }
        Ok(())
    }

    /// Writes its position down.
    pub(crate) async fn save(&self) -> Result<(), EngineError> {
        let parameters = [
            &self.name() as &(dyn tokio_postgres::types::ToSql + Sync),
            &self.position,
        ];
        self.session.query(self.which.save(), &parameters).await?;
        Ok(())
    }

    /// Applies at most a page of events within the transaction that is open.
    pub(crate) async fn page(&mut self, until: Position) -> Result<(), EngineError> {
        let limit = usize::try_from(until - self.position)
            .unwrap_or(0)
            .min(BATCH_EVENTS_MAX);
        if limit == 0 {
            return Ok(());
        }
        let page = self.engine.log().read_all(self.position, limit).await?;
        let Some(last) = page.last().map(|event| event.position) else {
            return Err(EngineError::Interrupted); // it was there for the live one
        };
        let categories = self.model.categories();
        let events: Vec<Arc<RecordedEvent>> = page
            .into_iter()
            .filter(|event| categories.contains(&&*event.stream.category))
            .collect();
        apply_sparing(
            &self.session,
            self.model,
            &self.skips,
            &mut self.parked,
            Panics::Fail,
            &events,
        )
        .await?;
        self.position = last;
        Ok(())
    }

    /// Lets streams go on whose event has been skipped since they were parked. Whoever else brings the generation further
    /// loses his lease by it: he still passes these streams over, and would move the checkpoint beyond their next events.
    pub(crate) async fn let_skipped_go(&mut self) -> Result<(), EngineError> {
        let (log, name) = (self.engine.log(), self.name());
        self.skips = Skips::load(log, name).await?;
        self.parked = Parked::load(&self.session, name, self.parked.generation).await?;
        for stream in self.parked.released(&self.skips) {
            let parked = Parked::none(name, self.parked.generation);
            tell(&self.session, "BEGIN").await?;
            self.lock().await?;
            go_on(
                &self.session,
                log,
                self.model,
                &self.skips,
                parked,
                self.position,
                stream,
            )
            .await?;
            self.save().await?;
            tell(&self.session, "COMMIT").await?;
        }
        self.parked = Parked::load(&self.session, name, self.parked.generation).await?;
        Ok(())
    }

    /// The live generation as it is now.
    pub(crate) async fn live(&self) -> Result<Checkpoint, EngineError> {
        Checkpoint::read(&self.session, Slot::Live, self.name())
            .await?
            .ok_or(EngineError::UnknownReadModel)
    }

    /// Follows the live generation until only a few events are missing.
    pub(crate) async fn bring_close(&mut self, report: &mut Report<'_>) -> Result<(), EngineError> {
        loop {
            let live = self.live().await?.position;
            report.target = report.target.max(live);
            if live - self.position <= CLOSE_EVENTS {
                return Ok(());
            }
            self.catch_up(live, report).await?;
        }
    }
}
