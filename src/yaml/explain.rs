//! The references of a stream with their places, and what they resolve to.

use alloc::vec::Vec;

use crate::error::Error;
use crate::expand::Erased;
use crate::site::Explanation;
use crate::snippet::Positions;
use crate::yaml::locate::Places;
use crate::yaml::scan::{Walk, may_hold_reference};

pub(super) fn explain(input: &str, expander: &Erased<'_>) -> Result<Explanation, Error> {
    if expander.selection().is_none() && !may_hold_reference(input) {
        return Ok(Explanation::default());
    }
    let mut sites = Vec::new();
    let mut positions = Positions::new(input);
    let mut walk = Walk::new(input, expander.selection());
    while let Some(scalar) = walk.scalar(|_| {})? {
        let mut places = Places::new(input, &scalar);
        for site in expander.sites(&scalar.text) {
            let place = places.place(&site.span());
            let position = positions.at(place.start);
            sites.push(walk.locate(site, place, position));
        }
    }
    Ok(Explanation::new(sites, walk.unmatched()))
}
