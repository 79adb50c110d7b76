//! The file itself: a zip in which nothing is compressed. So it is no larger when it is opened than it was before, the
//! same content always makes the same bytes, and a reader needs no more than the zip's directory.

use std::io::{Cursor, Read, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{MEMBERS, PACK_BYTES_MAX};

/// The last bytes of a zip without a comment, and what they begin with.
const END_BYTES: usize = 22;
const END_MARK: &[u8] = b"PK\x05\x06";

/// Writes the members, in the order of [`MEMBERS`].
pub(super) fn write(contents: &[Vec<u8>; MEMBERS.len()]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in MEMBERS.iter().zip(contents) {
        zip.start_file(*name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads the members. What is wrong with the file, otherwise. Nothing is read that the directory does not promise, and
/// all of it together is not larger than the file.
pub(super) fn read(file: &[u8]) -> Result<[Vec<u8>; MEMBERS.len()], &'static str> {
    let length = file.len() as u64;
    if length > PACK_BYTES_MAX {
        return Err("it is too large");
    }
    // Looked at before a directory is searched for or believed: whoever made the file may have meant to make that long.
    let (end, rest) = file
        .split_last_chunk::<END_BYTES>()
        .map(|(rest, end)| (end, rest))
        .ok_or("it is not a whole zip file")?;
    if rest.is_empty() || !end.starts_with(END_MARK) || end[END_BYTES - 2..] != [0, 0] {
        return Err("it is not a whole zip file");
    }
    if usize::from(u16::from_le_bytes([end[10], end[11]])) != MEMBERS.len() {
        return Err("it has other files in it than a pack has");
    }
    let mut zip = ZipArchive::new(Cursor::new(file)).map_err(|_| "it is not a whole zip file")?;
    if zip.len() != MEMBERS.len() || zip.offset() != 0 {
        return Err("it has other files in it than a pack has");
    }
    let mut left = length;
    let mut contents = [const { Vec::new() }; MEMBERS.len()];
    for (at, (name, content)) in MEMBERS.iter().zip(&mut contents).enumerate() {
        let mut member = zip.by_index(at).map_err(|_| "a file in it cannot be read")?;
        if member.name_raw() != name.as_bytes() {
            return Err("it has other files in it than a pack has, or in another order");
        }
        if member.compression() != CompressionMethod::Stored || member.encrypted() {
            return Err("a file in it is compressed or encrypted");
        }
        // As much is read as the directory says of the compressed file, whatever it says of the other one.
        if member.size() != member.compressed_size() {
            return Err("a file in it has two sizes");
        }
        // Files that lie upon one another would be larger together than the whole.
        left = left
            .checked_sub(member.size())
            .ok_or("its files are larger than itself")?;
        member
            .read_to_end(content)
            .map_err(|_| "a file in it is not whole")?;
    }
    Ok(contents)
}
