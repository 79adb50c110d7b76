//! Files of exported events: read line by line, none longer than a line may be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use audit::line::{EventLine, LINE_BYTES_MAX};
use eventlog::RecordedEvent;

/// Bytes that are read at once on the way back from the end.
const STEP_BYTES: u64 = 64 * 1024;

/// Reads events.
pub(super) struct Lines<R> {
    from: R,
    line: Vec<u8>,
    number: u64,
}

/// Why no event was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The file could not be read.
    #[error("reading the file failed")]
    Read(#[from] io::Error),
    /// This line is none.
    #[error("line {number} is not an event{}", if *.whole { "" } else { ": the file was broken off in it" })]
    NoEvent {
        /// Which one, from 1.
        number: u64,
        /// Whether it has an end.
        whole: bool,
    },
}

impl<R: Read> Lines<BufReader<R>> {
    pub(super) fn of(file: R) -> Self {
        Self {
            from: BufReader::with_capacity(1 << 20, file),
            line: Vec::new(),
            number: 0,
        }
    }

    /// The next event and the bytes of its line, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(RecordedEvent, usize)>, LineError> {
        self.line.clear();
        self.number += 1;
        let limit = LINE_BYTES_MAX as u64 + 1;
        let bytes = (&mut self.from).take(limit).read_until(b'\n', &mut self.line)?;
        if bytes == 0 {
            return Ok(None);
        }
        let whole = self.line.ends_with(b"\n");
        let event = whole
            .then(|| serde_json::from_slice::<EventLine<'_>>(&self.line).ok())
            .flatten();
        match event {
            Some(event) => Ok(Some((event.into_event(), bytes))),
            None => Err(LineError::NoEvent {
                number: self.number,
                whole,
            }),
        }
    }
}

/// Cuts off what comes after the last whole line, and gives that line's event, if there is any. The file's next write goes
/// to its end.
pub(super) fn cut_to_whole_lines(file: &mut File) -> io::Result<Option<RecordedEvent>> {
    let length = file.metadata()?.len();
    let Some(end) = last_line_end(file, length)? else {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        return Ok(None);
    };
    let start = last_line_end(file, end)?.map_or(0, |before| before + 1);
    if end - start > LINE_BYTES_MAX as u64 {
        return Err(no_event());
    }
    file.seek(SeekFrom::Start(start))?;
    let mut line = Vec::new();
    Read::take(&mut *file, end - start).read_to_end(&mut line)?;
    let event: EventLine<'_> = serde_json::from_slice(&line).map_err(|_| no_event())?;
    let event = event.into_event();
    file.set_len(end + 1)?;
    file.seek(SeekFrom::End(0))?;
    Ok(Some(event))
}

fn no_event() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the last whole line is not an event")
}

/// Where the last line feed before `until` is. Looks back no further than lines may be long, twice.
fn last_line_end(file: &mut File, until: u64) -> io::Result<Option<u64>> {
    let lowest = until.saturating_sub(2 * LINE_BYTES_MAX as u64);
    let mut to = until;
    while to > lowest {
        let from = to.saturating_sub(STEP_BYTES).max(lowest);
        let mut step = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        Read::take(&mut *file, to - from).read_to_end(&mut step)?;
        if let Some(at) = step.iter().rposition(|byte| *byte == b'\n') {
            return Ok(Some(from + at as u64));
        }
        to = from;
    }
    if lowest == 0 { Ok(None) } else { Err(no_event()) }
}
