//! What several tests need.

use std::error::Error;

/// A value that no error may show.
pub(crate) const SECRET: &str = "s3cret";

/// Checks what an error shows, and what the errors show that it comes from.
#[track_caller]
pub(crate) fn assert_no_secret(error: &(dyn Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(SECRET), "{shown}");
        next = error.source();
    }
}
