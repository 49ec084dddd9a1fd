//! The references of a stream with their places, and what they resolve to.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::expand::Erased;
use crate::site::{Explanation, Site};
use crate::snippet::Positions;
use crate::yaml::locate::{locate, locate_near_misses};
use crate::yaml::scan::{Walk, may_hold_reference};

pub(super) fn explain(input: &str, expander: &Erased<'_>) -> Result<Explanation, Error> {
    let mut sites = Vec::new();
    let unmatched = explain_each(input, expander, |site| sites.push(site))?;
    Ok(Explanation::new(sites, unmatched))
}

/// Calls `found` with each site, and returns the patterns that matched nothing.
pub(super) fn explain_each(
    input: &str,
    expander: &Erased<'_>,
    mut found: impl FnMut(Site),
) -> Result<Vec<String>, Error> {
    if expander.selection().is_none() && !may_hold_reference(input) {
        return Ok(Vec::new());
    }
    let mut positions = Positions::new(input);
    let mut walk = Walk::new(input, expander.selection());
    while let Some(scalar) = walk.scalar(|_| {})? {
        let mut sites = Vec::new();
        for located in locate(input, &scalar) {
            let provenance = expander.provenance(&located.reference, &scalar.text);
            sites.push(Site::new(&located.reference, &scalar.text, provenance).spanning(located.span));
        }
        for (in_text, span) in locate_near_misses(input, &scalar) {
            sites.push(Site::near_miss(&scalar.text, in_text).spanning(span));
        }
        sites.sort_by_key(|site| site.span().start);
        for site in sites {
            let position = positions.at(site.span().start);
            found(site.at(position).below(walk.trail().path().shown()));
        }
    }
    Ok(walk.trail().unmatched())
}
