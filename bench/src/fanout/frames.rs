//! Websocket frames, as far as a light client needs them: whole text messages in, short masked ones out.

use crate::outcome::Outcome;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const OPCODE: u8 = 0x0f;

/// What has come in and is not a whole frame yet.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    kept: Vec<u8>,
}

impl Inbox {
    /// Adds what was read, and shows every text that is whole now. Nothing is copied unless a frame is cut in two.
    pub(crate) fn take(&mut self, read: &[u8], mut see: impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        if self.kept.is_empty() {
            let used = texts(read, &mut see)?;
            self.kept.extend_from_slice(&read[used..]);
            return Ok(());
        }
        self.kept.extend_from_slice(read);
        let used = texts(&self.kept, &mut see)?;
        self.kept.drain(..used);
        if self.kept.is_empty() {
            self.kept = Vec::new(); // thousands of clients wait with nothing in it
        }
        Ok(())
    }
}

/// Shows the texts at the beginning of `bytes`; how many bytes they took.
fn texts(bytes: &[u8], see: &mut impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<usize> {
    let mut used = 0;
    while let Some((head, length)) = head(&bytes[used..]) {
        let (begin, end) = (used + head, used + head + length);
        let Some(payload) = bytes.get(begin..end) else {
            break;
        };
        match bytes[used] {
            first if first & FINAL == 0 => return Err("a message in pieces".into()),
            first if first & OPCODE == TEXT => see(payload)?,
            first if first & OPCODE == CLOSE => return Err("the server closed the connection".into()),
            _ => {}
        }
        used = end;
    }
    Ok(used)
}

/// The length of a frame's head and of its payload, if the head is there. A server masks nothing.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            Some((4, usize::from(u16::from_be_bytes(length))))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            Some((10, usize::try_from(u64::from_be_bytes(length)).ok()?))
        }
        length => Some((2, usize::from(length))),
    }
}

/// Instead of a length below this: the next two bytes are the length.
const TWO_BYTES: u8 = 0x7e;

/// A text as a client sends it: masked, with a mask that changes nothing.
pub(crate) fn text(payload: &str) -> Vec<u8> {
    let mut frame = vec![FINAL | TEXT];
    match payload.len() {
        length @ 0..126 => frame.push(MASKED | u8::try_from(length).unwrap_or(0)),
        length => {
            frame.push(MASKED | TWO_BYTES);
            frame.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload.as_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(payload: &str) -> Vec<u8> {
        let mut frame = vec![FINAL | TEXT];
        if payload.len() < 126 {
            frame.push(u8::try_from(payload.len()).unwrap());
        } else {
            frame.push(126);
            frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
        frame.extend(payload.as_bytes());
        frame
    }

    #[test]
    fn texts_are_whole_wherever_they_are_cut() {
        let long = "x".repeat(1000);
        let stream: Vec<u8> = ["0{}", "", &long].into_iter().flat_map(from_server).collect();
        for cut in 0..stream.len() {
            let (mut inbox, mut seen) = (Inbox::default(), Vec::new());
            for piece in [&stream[..cut], &stream[cut..]] {
                let see = |text: &[u8]| {
                    seen.push(String::from_utf8(text.to_vec())?);
                    Ok(())
                };
                inbox.take(piece, see).unwrap();
            }
            assert_eq!(seen, ["0{}", "", &long]);
            assert!(inbox.kept.is_empty());
        }
    }

    #[test]
    fn the_end_of_the_connection_is_a_failure() {
        let close = [FINAL | CLOSE, 0];
        assert!(Inbox::default().take(&close, |_| Ok(())).is_err());
    }

    #[test]
    fn what_is_sent_says_its_length() {
        assert_eq!(text("3"), [0x81, 0x81, 0, 0, 0, 0, b'3']);
        assert_eq!(text(&"y".repeat(300))[..4], [0x81, 0xfe, 1, 44]);
    }
}
