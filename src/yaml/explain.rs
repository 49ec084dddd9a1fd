//! The references of a stream with their places, and what they resolve to.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::expand::Erased;
use crate::site::{Explanation, Site};
use crate::snippet::Positions;
use crate::yaml::locate::Places;
use crate::yaml::scan::{Walk, may_hold_reference, note_malformed};

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
    if expander.selection().is_none() && !may_hold_reference(input, expander.language()) {
        return Ok(Vec::new());
    }
    let mut positions = Positions::new(input);
    let mut malformed = None;
    let mut walk = Walk::new(input, expander.selection());
    // A reference that is malformed may be why the stream is no YAML.
    while let Some(scalar) = walk.scalar(|_| {}).map_err(|error| malformed.take().unwrap_or(error))? {
        note_malformed(&mut malformed, (input, &scalar), expander, &mut positions);
        if malformed.is_some() {
            continue;
        }
        let mut places = Places::new(input, &scalar);
        for site in expander.sites(&scalar.text)? {
            let place = places.place(&site.span());
            let position = positions.at(place.start);
            found(walk.locate(site, place, position));
        }
    }
    malformed.map_or_else(|| Ok(walk.unmatched()), Err)
}
