//! Eight bytes at a time: where a name ends, and where the next `$` is. Knows no grammar.
//!
//! Bytes are read as words, of which the first byte is the lowest. The lengths of names differ, so that a branch for each
//! byte would be mispredicted for each name.

#![expect(clippy::inline_always, reason = "a call for each word would cost more than what it does")]

/// Returns the length of the longest prefix of `bytes` that has only ASCII letters, digits and underscores.
#[inline(always)]
pub(crate) fn name_len(bytes: &[u8]) -> usize {
    find_marked(bytes, mark_end_of_name).unwrap_or(bytes.len())
}

/// Tells whether `input` has a `$`, without which it has no reference.
///
/// Configuration is made of short texts, which two overlapping reads cover sooner than a call of memchr.
#[inline(always)]
pub(crate) fn has_dollar(input: &str) -> bool {
    let bytes = input.as_bytes();
    match bytes.len() {
        33.. => memchr::memchr(b'$', bytes).is_some(),
        16.. => has_dollar_at_ends::<16>(bytes),
        8.. => has_dollar_at_ends::<8>(bytes),
        4.. => has_dollar_at_ends::<4>(bytes),
        _ => bytes.contains(&b'$'),
    }
}

/// Tells whether there is a `$` among the first or the last `N` bytes.
#[inline(always)]
fn has_dollar_at_ends<const N: usize>(bytes: &[u8]) -> bool {
    // Without a branch for each byte, so that the compiler compares all of them at once.
    let found = |chunk: &[u8; N]| chunk.iter().fold(0, |any, byte| any | u8::from(*byte == b'$'));
    bytes.first_chunk().map_or(0, found) | bytes.last_chunk().map_or(0, found) != 0
}

/// Returns where the first `$` is.
///
/// Where there are many references there is little between them, so that the first word is looked at before memchr is
/// called.
#[inline(always)]
pub(crate) fn find_dollar(bytes: &[u8]) -> Option<usize> {
    let Some((near, far)) = bytes.split_first_chunk() else {
        return bytes.iter().position(|byte| *byte == b'$');
    };
    first_marked(mark_dollar(u64::from_le_bytes(*near)))
        .or_else(|| memchr::memchr(b'$', far).map(|at| near.len() + at))
}

/// Returns where the first byte is that `mark` marks.
#[inline(always)]
fn find_marked(bytes: &[u8], mark: impl Fn(u64) -> u64) -> Option<usize> {
    let first = |word| first_marked(mark(word));
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        if let Some(at) = first(u64::from_le_bytes(*word)) {
            return Some(bytes.len() - rest.len() + at);
        }
        rest = after;
    }
    if rest.is_empty() {
        return None;
    }
    // The last word overlaps the one before it, in which nothing is marked, or has zeros after the end.
    if let Some(word) = bytes.last_chunk() {
        return first(u64::from_le_bytes(*word)).map(|at| bytes.len() - word.len() + at);
    }
    first(short_word(bytes)).filter(|at| *at < bytes.len())
}

/// Returns the word of one to seven bytes, with zeros after them.
///
/// Two overlapping reads: writing single bytes and reading them as a word would make the processor wait for the writes.
#[inline(always)]
fn short_word(bytes: &[u8]) -> u64 {
    let at = |index: usize, byte: u64| byte << (8 * (index % 8));
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [first, last] = [first, last].map(|half| u64::from(u32::from_le_bytes(*half)));
        return first | at(bytes.len() - 4, last);
    }
    let byte = |index: usize| at(index, bytes.get(index).copied().map_or(0, u64::from));
    byte(0) | byte(1) | byte(2)
}

/// Returns which byte of a word is the first whose high bit is set.
#[inline(always)]
fn first_marked(marks: u64) -> Option<usize> {
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// Marks the first `$` in its high bit. What comes after it may be marked wrongly.
#[inline(always)]
fn mark_dollar(word: u64) -> u64 {
    let zero = word ^ every(b'$');
    zero.wrapping_sub(every(1)) & !zero & HIGH
}

/// Marks the first byte that does not continue a name in its high bit. What comes after it may be marked wrongly.
///
/// A sum has the high bit where a byte is at least so much. Bytes of names are ASCII, so that up to the first byte to be
/// marked no sum carries into the next. Each class is where its lower bound holds and the one above it does not, and
/// no byte is in two classes.
#[inline(always)]
fn mark_end_of_name(word: u64) -> u64 {
    let at_least = |bytes: u64, least: u8| bytes.wrapping_add(every(0x80 - least));
    let lower = word | every(b'a' - b'A');
    let letter = at_least(lower, b'a') ^ at_least(lower, b'z' + 1);
    let digit = at_least(word, b'0') ^ at_least(word, b'9' + 1);
    let no_underscore = at_least(word ^ every(b'_'), 1);
    (letter ^ digit ^ no_underscore | word) & HIGH
}

/// The high bit of each byte.
const HIGH: u64 = every(0x80);

/// Returns a word with `byte` in each place.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words find what a search by single bytes finds, for each byte at each place, whatever comes after it.
    #[test]
    fn words_find_what_bytes_find() {
        for byte in 0..=u8::MAX {
            for after in [0, b'$', b'A', b'[', 0x80, 0xFF] {
                for len in (0..20).chain(31..35) {
                    for at in 0..len.max(1) {
                        let mut bytes = vec![after; len];
                        for (earlier, with) in bytes.iter_mut().zip(b"_09azAZ_Qq5".iter().cycle()).take(at) {
                            *earlier = *with;
                        }
                        if let Some(here) = bytes.get_mut(at) {
                            *here = byte;
                        }
                        let ends_name = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
                        assert_eq!(name_len(&bytes), bytes.iter().position(ends_name).unwrap_or(len));
                        let dollar = bytes.iter().position(|byte| *byte == b'$');
                        assert_eq!(find_marked(&bytes, mark_dollar), dollar);
                        assert_eq!(find_dollar(&bytes), dollar);
                        if let Ok(text) = core::str::from_utf8(&bytes) {
                            assert_eq!(has_dollar(text), dollar.is_some());
                        }
                    }
                }
            }
        }
    }
}
