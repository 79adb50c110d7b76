//! One server and one swarm: how fast the clients connect, what they cost, and how fast broadcasts reach them.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_blocking};
use tokio::time::sleep;

use super::server::Running;
use super::swarm::{Swarm, Target};
use super::tally::Mark;
use super::voice::Voice;
use crate::load::{count, micros, percentile};
use crate::outcome::Outcome;
use crate::process;

/// Broadcasts that are made before anything counts.
const WARM_UP: usize = 5;
/// Broadcasts on their way at the same time, where there are several.
const SEVERAL: usize = 4;
/// Clients that have joined may still be looked after.
const SETTLING: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) connects_per_second: f64,
    pub(crate) kib_per_client: f64,
    /// From just before a broadcast is made to the first, the median and the last client's receipt, one broadcast at a
    /// time, in milliseconds: half of the times, and 99 % of them.
    pub(crate) first: [f64; 2],
    pub(crate) median: [f64; 2],
    pub(crate) last: [f64; 2],
    /// Deliveries a second, one broadcast at a time and several.
    pub(crate) one: f64,
    pub(crate) several: f64,
    /// What a delivery keeps the server's processors busy, in microseconds, with several on their way.
    pub(crate) busy: f64,
    pub(crate) frame_bytes: f64,
}

/// What is to be played.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    target: Target,
    token: Option<String>,
    id: u32,
    pub(crate) clients: usize,
    pub(crate) time: Duration,
}

impl Scene {
    pub(crate) fn new(server: &Running, clients: usize, time: Duration) -> Self {
        Self {
            target: server.target.clone(),
            token: server.token.clone(),
            id: server.id,
            clients,
            time,
        }
    }

    /// Plays it in a thread of its own.
    pub(crate) async fn play(self) -> Outcome<Figures> {
        in_one_thread(move || self.run()).await
    }

    /// How long broadcasts take to the last of those who read, at the 99th percentile and in milliseconds: before and
    /// after `stalled` others have joined who do not.
    pub(crate) async fn play_stalled(self, stalled: usize) -> Outcome<[f64; 2]> {
        in_one_thread(move || self.run_stalled(stalled)).await
    }

    /// How long one client needs that has missed so many broadcasts, from its connecting until it has caught up, in
    /// milliseconds.
    pub(crate) async fn play_return(self, missed: usize) -> Outcome<f64> {
        in_one_thread(move || self.run_return(missed)).await
    }

    async fn voice(&self, swarm: &Rc<Swarm>) -> Outcome<Voice> {
        match &self.token {
            Some(token) => Voice::comments(swarm, token).await,
            None => Ok(Voice::Words(swarm.speaker())),
        }
    }

    async fn run(self) -> Outcome<Figures> {
        let before = process::memory(self.id)?;
        let swarm = Swarm::new(self.target.clone(), self.clients);
        let begin = Instant::now();
        swarm.connect(self.clients).await?;
        let connects_per_second = count(self.clients) / begin.elapsed().as_secs_f64();
        sleep(SETTLING).await;
        let kib_per_client = (process::memory(self.id)? - before) / count(self.clients);
        let voice = self.voice(&swarm).await?;
        let (one, marks) = self.converse(&swarm, &voice, 1).await?;
        let busy_before = process::busy(self.id)?;
        let made = swarm.tally.made();
        let (several, _) = self.converse(&swarm, &voice, SEVERAL).await?;
        let deliveries = count(swarm.tally.made() - made) * count(self.clients);
        let busy = process::busy(self.id)?.saturating_sub(busy_before).as_secs_f64() * 1e6 / deliveries;
        check(&swarm)?;
        Ok(Figures {
            connects_per_second,
            kib_per_client,
            first: times(&marks, |mark| mark.first),
            median: times(&marks, |mark| mark.median),
            last: times(&marks, |mark| mark.last),
            one,
            several,
            busy,
            frame_bytes: count(swarm.frame_bytes()),
        })
    }

    async fn run_stalled(self, stalled: usize) -> Outcome<[f64; 2]> {
        let swarm = Swarm::new(self.target.clone(), self.clients);
        swarm.connect(self.clients).await?;
        let voice = self.voice(&swarm).await?;
        let (_, without) = self.converse(&swarm, &voice, 1).await?;
        let silent = swarm.connect_stalled(stalled).await?;
        let (_, with) = self.converse(&swarm, &voice, 1).await?;
        drop(silent);
        check(&swarm)?;
        Ok([without, with].map(|marks| times(&marks, |mark| mark.last)[1]))
    }

    async fn run_return(self, missed: usize) -> Outcome<f64> {
        let swarm = Swarm::new(self.target.clone(), self.clients);
        swarm.connect(self.clients).await?;
        let voice = self.voice(&swarm).await?;
        let (position, _) = swarm.visit(None).await?;
        for _ in 0..missed {
            swarm.tally.at_most(SEVERAL - 1).await?;
            voice.say(&swarm).await?;
        }
        swarm.tally.at_most(0).await?;
        voice.rest().await?;
        let begin = Instant::now();
        let (_, received) = swarm.visit(Some(position)).await?;
        let took = begin.elapsed();
        if received != missed {
            return Err(format!("{missed} broadcasts were missed, {received} received").into());
        }
        Ok(took.as_secs_f64() * 1e3)
    }

    /// Keeps so many broadcasts on their way for a while; deliveries a second, and what became of each broadcast.
    async fn converse(
        &self,
        swarm: &Rc<Swarm>,
        voice: &Voice,
        outstanding: usize,
    ) -> Outcome<(f64, Vec<Mark>)> {
        for _ in 0..WARM_UP {
            voice.say(swarm).await?;
            swarm.tally.at_most(0).await?;
        }
        voice.rest().await?;
        let made = swarm.tally.made();
        let begin = Instant::now();
        while begin.elapsed() < self.time {
            swarm.tally.at_most(outstanding - 1).await?;
            voice.say(swarm).await?;
        }
        swarm.tally.at_most(0).await?;
        let time = begin.elapsed().as_secs_f64();
        voice.rest().await?;
        let marks = swarm.tally.since(made);
        let deliveries = count(marks.len()) * count(self.clients);
        Ok((deliveries / time, marks))
    }
}

/// Every broadcast must have come, once.
fn check(swarm: &Swarm) -> Outcome<()> {
    let mut numbers = swarm.witnessed();
    numbers.sort_unstable();
    let expected: Vec<u64> = (0..).take(swarm.tally.made()).collect();
    if numbers == expected {
        Ok(())
    } else {
        Err(format!(
            "{} broadcasts were made, {} received",
            expected.len(),
            numbers.len()
        )
        .into())
    }
}

fn times(marks: &[Mark], end: impl Fn(&Mark) -> Option<Instant>) -> [f64; 2] {
    let taken = |mark: &Mark| Some(micros(end(mark)? - mark.begun));
    let mut taken: Vec<u32> = marks.iter().filter_map(taken).collect();
    taken.sort_unstable();
    [50, 99].map(|percent| percentile(&taken, percent))
}

/// Runs it in one thread with everything that it spawns.
async fn in_one_thread<F, T>(make: impl FnOnce() -> F + Send + 'static) -> Outcome<T>
where
    F: Future<Output = Outcome<T>>,
    T: Send + 'static,
{
    spawn_blocking(move || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, make())
    })
    .await?
}
