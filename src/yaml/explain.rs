//! The references of a stream with their places, and what they resolve to.

use alloc::vec::Vec;

use crate::error::Error;
use crate::expand::Erased;
use crate::site::{Explanation, Site};
use crate::snippet::Positions;
use crate::yaml::locate::{locate, locate_near_misses};
use crate::yaml::scan::{Walk, may_hold_reference};

pub(super) fn explain(input: &str, expander: &Erased<'_>) -> Result<Explanation, Error> {
    if expander.selection().is_none() && !may_hold_reference(input) {
        return Ok(Explanation::default());
    }
    let mut sites = Vec::new();
    let mut positions = Positions::new(input);
    let mut walk = Walk::new(input, expander.selection());
    while let Some(scalar) = walk.scalar(|_| {})? {
        let mut found = Vec::new();
        for located in locate(input, &scalar) {
            let provenance = expander.provenance(&located.reference, &scalar.text);
            found.push(Site::new(&located.reference, &scalar.text, provenance).spanning(located.span));
        }
        for (in_text, span) in locate_near_misses(input, &scalar) {
            found.push(Site::near_miss(&scalar.text, in_text).spanning(span));
        }
        found.sort_by_key(|site| site.span().start);
        for site in found {
            let position = positions.at(site.span().start);
            sites.push(site.at(position).below(walk.trail().path().shown()));
        }
    }
    Ok(Explanation::new(sites, walk.trail().unmatched()))
}
