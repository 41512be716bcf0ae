//! Reads what another process has in memory: the words of its `execve`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use libc::{iovec, pid_t};

/// The smallest page of any system: what starts in one can be read up to its end at least.
const PAGE: u64 = 4096;
/// So much of each word is read at the first attempt; most are shorter.
const FIRST: u64 = 128;
/// So many words at once (IOV_MAX is 1024).
const AT_ONCE: usize = 128;

/// Another process's memory.
#[derive(Debug)]
pub struct Memory {
    process: pid_t,
    /// Where the quick way is closed (a container's own filter).
    file: Option<File>,
}

impl Memory {
    /// The memory of a process or thread.
    pub fn of(process: pid_t) -> Memory {
        Memory { process, file: None }
    }

    /// The text at an address up to its NUL; longer than `limit` is an error.
    pub fn text(&mut self, address: u64, limit: usize) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.rest_of_text(address, limit, &mut text)?;
        Ok(text)
    }

    /// The texts that an array of pointers ended by zero leads to; a zero address is an empty
    /// array (execve(2), "On Linux"). `narrow`: pointers have four bytes. More than `limit` bytes
    /// altogether, pointers counted, is an error.
    pub fn texts(&mut self, address: u64, narrow: bool, limit: usize) -> io::Result<Vec<Vec<u8>>> {
        let pointers = self.pointers(address, narrow, limit)?;
        let mut left = limit.saturating_sub(pointers.len() * 8);
        let mut texts = Vec::with_capacity(pointers.len());
        for some in pointers.chunks(AT_ONCE) {
            for (pointer, mut text) in some.iter().zip(self.beginnings(some)) {
                match text.iter().position(|byte| *byte == 0) {
                    Some(end) => text.truncate(end),
                    None => self.rest_of_text(pointer + text.len() as u64, left, &mut text)?,
                }
                left = left.checked_sub(text.len()).ok_or_else(too_long)?;
                texts.push(text);
            }
        }
        Ok(texts)
    }

    fn pointers(&mut self, address: u64, narrow: bool, limit: usize) -> io::Result<Vec<u64>> {
        let width = if narrow { 4 } else { 8 };
        let mut pointers = Vec::new();
        if address == 0 {
            return Ok(pointers);
        }
        let mut at = address;
        let mut part = [0; PAGE as usize];
        loop {
            // A pointer may lie across the end of a page.
            let wanted = match PAGE - at % PAGE {
                left if left < width as u64 => width,
                left => left as usize / width * width,
            };
            let wanted = wanted.min(32 * width);
            self.read(at, &mut part[..wanted])?;
            for bytes in part[..wanted].chunks_exact(width) {
                let mut wide = [0; 8];
                wide[..width].copy_from_slice(bytes);
                match u64::from_ne_bytes(wide) {
                    0 => return Ok(pointers),
                    pointer => pointers.push(pointer),
                }
                if pointers.len() * 8 > limit {
                    return Err(too_long());
                }
            }
            at += wanted as u64;
        }
    }

    /// How the texts begin, as far as one call reads them; what cannot be read is empty.
    fn beginnings(&mut self, addresses: &[u64]) -> Vec<Vec<u8>> {
        let reach = |address: u64| (PAGE - address % PAGE).min(FIRST) as usize;
        let mut texts: Vec<Vec<u8>> = addresses.iter().map(|at| vec![0; reach(*at)]).collect();
        let own: Vec<iovec> = texts
            .iter_mut()
            .map(|text| iovec { iov_base: text.as_mut_ptr().cast(), iov_len: text.len() })
            .collect();
        let others: Vec<iovec> = addresses
            .iter()
            .map(|at| iovec { iov_base: *at as usize as *mut libc::c_void, iov_len: reach(*at) })
            .collect();
        let count = own.len() as libc::c_ulong;
        // SAFETY: the buffers live through the call, and their lengths are given; the other
        // process's addresses are only looked up there.
        let read =
            unsafe { libc::process_vm_readv(self.process, own.as_ptr(), count, others.as_ptr(), count, 0) };
        // What is not there ends the reading between two texts.
        let mut left = usize::try_from(read).unwrap_or(0);
        for text in &mut texts {
            if left < text.len() {
                text.clear();
                left = 0;
            }
            left -= text.len();
        }
        texts
    }

    fn rest_of_text(&mut self, mut address: u64, limit: usize, text: &mut Vec<u8>) -> io::Result<()> {
        let mut part = [0; PAGE as usize];
        loop {
            let wanted = (PAGE - address % PAGE).min(if text.is_empty() { 256 } else { PAGE }) as usize;
            self.read(address, &mut part[..wanted])?;
            let end = part[..wanted].iter().position(|byte| *byte == 0);
            text.extend_from_slice(&part[..end.unwrap_or(wanted)]);
            if text.len() > limit {
                return Err(too_long());
            }
            if end.is_some() {
                return Ok(());
            }
            address += wanted as u64;
        }
    }

    /// Fills all of `part`.
    fn read(&mut self, address: u64, part: &mut [u8]) -> io::Result<()> {
        if self.file.is_none() {
            let own = iovec { iov_base: part.as_mut_ptr().cast(), iov_len: part.len() };
            let other = iovec { iov_base: address as usize as *mut libc::c_void, iov_len: part.len() };
            // SAFETY: as above.
            let read = unsafe { libc::process_vm_readv(self.process, &own, 1, &other, 1, 0) };
            if usize::try_from(read).is_ok_and(|read| read == part.len()) {
                return Ok(());
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                _ if read >= 0 => return Err(io::Error::from_raw_os_error(libc::EFAULT)),
                Some(libc::EPERM | libc::ENOSYS | libc::EACCES) => {
                    self.file = Some(File::open(format!("/proc/{}/mem", self.process))?);
                }
                _ => return Err(error),
            }
        }
        match &self.file {
            Some(file) => file.read_exact_at(part, address),
            None => Err(io::Error::from_raw_os_error(libc::EFAULT)),
        }
    }
}

fn too_long() -> io::Error {
    io::Error::from_raw_os_error(libc::E2BIG)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn words_are_read_whatever_their_length() {
        let lengths = [0, 1, 127, 128, 129, 4095, 4096, 70_000];
        let many = (0..400).map(|number| lengths[number % 4]);
        for lengths in [lengths.to_vec(), many.collect()] {
            let words: Vec<CString> = lengths.iter().map(|n| CString::new(vec![b'x'; *n]).unwrap()).collect();
            let mut pointers: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
            pointers.push(std::ptr::null());
            let address = pointers.as_ptr() as u64;
            let own = std::process::id() as pid_t;
            for file in [None, Some(File::open("/proc/self/mem").unwrap())] {
                let mut memory = Memory { process: own, file };
                let read = memory.texts(address, false, 1 << 20).unwrap();
                assert_eq!(read.iter().map(Vec::len).collect::<Vec<_>>(), lengths);
                assert!(memory.texts(address, false, 300).is_err());
                assert_eq!(memory.text(pointers[0] as u64, 10).unwrap(), b"");
            }
        }
        assert_eq!(
            Memory::of(std::process::id() as pid_t).texts(0, false, 10).unwrap(),
            Vec::<Vec<u8>>::new()
        );
        assert!(Memory::of(std::process::id() as pid_t).text(8, 10).is_err());
    }
}
