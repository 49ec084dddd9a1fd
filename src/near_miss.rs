//! Near misses: text that looks like a reference, such as `${X:-d}`, `${a-b}` or `${{ x }}`. Its author may have meant
//! one.

use core::ops::Range;

use crate::token::{name_of, whole_reference};

/// Returns, in order, the span of each `${` in `text` that begins no reference: to the brace that closes it on the same
/// line, else to the end of the name after it. A near miss within another is not returned.
///
/// Takes linear time: a search for a closing brace either succeeds, and what it passed is not looked at again, or fails,
/// and then the rest of the line is searched for the next brace only, whatever is open.
pub(crate) fn near_misses(text: &str) -> impl Iterator<Item = Range<usize>> {
    NearMisses { text, at: 0, line_end: 0, unbalanced: 0, open: 0 }
}

struct NearMisses<'a> {
    text: &'a str,
    /// What comes before this byte has been looked at.
    at: usize,
    /// Where the line of the last near miss ends.
    line_end: usize,
    /// Up to this byte braces do not pair.
    unbalanced: usize,
    /// Up to this byte there is no closing brace at all.
    open: usize,
}

impl NearMisses<'_> {
    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Returns where the near miss that begins at byte `start` ends.
    fn end(&mut self, start: usize) -> usize {
        if start >= self.line_end {
            let rest = self.rest(start);
            self.line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        }
        let line = self.text.get(start..self.line_end).unwrap_or_default();
        if start >= self.unbalanced {
            if let Some(len) = balanced_len(line) {
                return start + len;
            }
            self.unbalanced = self.line_end;
        }
        if start >= self.open {
            if let Some(len) = line.find('}') {
                return start + len + 1;
            }
            self.open = self.line_end;
        }
        let opened = start + "${".len();
        opened + name_of(self.rest(opened)).len()
    }
}

impl Iterator for NearMisses<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.at + self.rest(self.at).find("${")?;
            let rest = self.rest(start);
            let name = name_of(rest.get("${".len()..).unwrap_or_default());
            let reference = rest.get(..name.len() + "${}".len());
            if reference.and_then(whole_reference).is_some() {
                self.at = start + name.len() + "${}".len();
                continue;
            }
            let end = self.end(start);
            self.at = end;
            return Some(start..end);
        }
    }
}

/// Returns the length of `line` up to the brace that closes the first one in it.
fn balanced_len(line: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn near_misses_are_found() {
        for (text, expected) in [
            ("${A} $B $<C> $5 {x} $", &[][..]),
            ("${X:-d}", &["${X:-d}"]),
            ("a ${a-b} ${{ x }} ${}", &["${a-b}", "${{ x }}", "${}"]),
            ("${A:-${B}} ${C}", &["${A:-${B}}"]),
            ("${ A }${B", &["${ A }", "${B"]),
            ("${A-\n}${C}", &["${A"]),
            ("${A:-{} ${B:-c} ${D:", &["${A:-{}", "${B:-c}", "${D"]),
            ("${é} ${A é", &["${é}", "${A"]),
            ("$${A} $${A-}", &["${A-}"]),
        ] {
            let found: Vec<_> = near_misses(text).filter_map(|span| text.get(span)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
