//! A password from standard input: typed without echo on a terminal, or the first line of what is piped in.

use std::io::{self, BufRead, IsTerminal, Read};

use zeroize::Zeroizing;

/// No password is longer, in bytes.
const LENGTH_MAX: u64 = 1024;

/// Asks for the password, twice on a terminal.
pub fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        return first_line(&mut io::stdin().lock());
    }
    let once = Zeroizing::new(rpassword::prompt_password(format!("{prompt}: "))?);
    let again = Zeroizing::new(rpassword::prompt_password("The same again: ")?);
    if *once == *again {
        Ok(once)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the two passwords differ",
        ))
    }
}

fn first_line(input: &mut dyn BufRead) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    input.take(LENGTH_MAX + 2).read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    match length as u64 {
        0 => refuse("no password on standard input"),
        1..=LENGTH_MAX => Ok(line),
        _ => refuse("the password is longer than 1024 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut input: &[u8]) -> io::Result<Zeroizing<String>> {
        first_line(&mut input)
    }

    #[test]
    fn first_line_is_the_password_as_it_stands() {
        assert_eq!(*read(b" pass word \r\nmore\n").unwrap(), " pass word ");
        assert_eq!(*read("ßecret".as_bytes()).unwrap(), "ßecret");
    }

    #[test]
    fn nothing_or_too_much_is_refused() {
        assert!(read(b"\n").is_err());
        assert!(read(b"").is_err());
        assert!(read(&[b'x'; 1025]).is_err());
        assert_eq!(read(&[b'x'; 1024]).unwrap().len(), 1024);
    }
}
