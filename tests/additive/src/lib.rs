//! What a user of the crate gets who asked for no feature: the same whether a neighbour asked for `std` or not.

#![cfg(test)]

use envref::{Error, Expander, Provenance, Reason, Unset};

/// A variable that every process of a test has.
const HOST: &str = "${PATH}";

#[test]
fn the_process_has_the_variable() {
    assert!(std::env::var("PATH").is_ok_and(|value| !value.is_empty()));
}

#[cfg(feature = "neighbour")]
#[test]
fn the_neighbour_reads_the_process_environment() {
    assert_eq!(Ok(envref_neighbour::expand(HOST)), std::env::var("PATH"));
}

#[test]
fn an_expander_does_not() -> Result<(), Error> {
    let vars = [("A", "x")];
    let expander = Expander::new(&vars);
    for (unset, expected) in [(Unset::Default, ""), (Unset::Keep, HOST), (Unset::Empty, "")] {
        assert_eq!(expander.on_unset(unset).expand(HOST)?, expected);
    }
    assert_eq!(expander.expand("$A $PATH")?, "x $PATH");
    let error = expander.on_unset(Unset::Reject).expand(HOST).map_err(|error| error.to_string());
    let message = "unresolved reference ${PATH} at 1:1: unset, and no fallback is set";
    assert_eq!(error, Err(message.to_owned()));
    let sites = expander.explain(HOST)?;
    assert_eq!(sites[0].provenance(), Provenance::Missing(Reason::NoFallback));
    Ok(())
}
