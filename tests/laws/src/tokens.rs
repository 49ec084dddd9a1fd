//! The laws of `tokens` and `references`.

use envref::{Form, Token, Tokens, references, tokens};

use crate::{case, oracle};

/// Checks all laws on a file of the fuzzer: a text.
pub fn check(data: &[u8]) {
    let text = case::raw_text(data);
    tokens_tile_the_text(text);
    references_are_those_of_the_oracle(text);
    references_are_written_in_their_form(text);
}

/// Spans follow one another from the first byte to the last, on character boundaries; no token is empty, and no text
/// comes after a text.
pub fn tokens_tile_the_text(text: &str) {
    tile(text, tokens(text));
}

/// The same, for the tokens of any dialect.
pub(crate) fn tile(text: &str, tokens: Tokens<'_>) {
    let mut end = 0;
    let mut after_text = false;
    for token in tokens {
        assert_eq!(token.span().start, end);
        assert_eq!(Some(token.text()), text.get(token.span()));
        assert!(!token.text().is_empty());
        let is_text = matches!(token, Token::Text(_));
        assert!(!(is_text && after_text), "two texts in a row");
        after_text = is_text;
        end = token.span().end;
    }
    assert_eq!(end, text.len());
}

/// The oracle finds the same names at the same places, and the references among the tokens are the references.
pub fn references_are_those_of_the_oracle(text: &str) {
    let found = references(text).map(|it| oracle::Reference {
        span: it.span(),
        form: it.form(),
        name: it.name().to_owned(),
    });
    assert!(found.eq(oracle::references(text)));
    let in_tokens = tokens(text).filter_map(|token| match token {
        Token::Reference(reference) => Some(reference),
        _ => None,
    });
    assert!(in_tokens.eq(references(text)));
}

/// A reference is its name in the brackets of its form, and by itself it is the same reference.
pub fn references_are_written_in_their_form(text: &str) {
    for reference in references(text) {
        let (name, written) = (reference.name(), reference.text());
        let inner = match reference.form() {
            Form::Bare => written.strip_prefix('$'),
            Form::Braced => written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')),
            Form::Angled => written.strip_prefix("$<").and_then(|rest| rest.strip_suffix('>')),
            _ => None,
        };
        assert_eq!(inner, Some(name));
        let alone: Vec<_> =
            references(written).map(|it| (it.name(), it.form(), it.span(), it.text())).collect();
        assert_eq!(alone, [(name, reference.form(), 0..written.len(), written)]);
    }
}
