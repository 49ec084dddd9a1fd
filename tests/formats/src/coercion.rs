//! The adapter that coerces, on a format whose values are often text.

use envref::{Expander, de};
use serde::Deserialize;

use crate::types::{At, Kind};

#[test]
fn a_config_whose_numbers_are_text_is_coerced() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Config {
        v: u16,
        w: Kind<u16>,
        x: u16,
    }
    let config = |text| {
        let source = config::File::from_str(text, config::FileFormat::Json);
        config::Config::builder().add_source(source).build().unwrap()
    };
    let vars = [("PORT", "80"), ("KIND", "mail")];
    let expander = Expander::new(&vars);
    let adapter = |text| de::Deserializer::new(config(text), &expander);
    let read: Config = adapter(r#"{"v": "8080", "w": "mail", "x": "$PORT"}"#).coerce().deserialize().unwrap();
    assert_eq!(read, Config { v: 8080, w: Kind::Mail, x: 80 });

    // `config` compares the name of a variant by itself, before anybody could expand it.
    let error = adapter(r#"{"v": "$KIND"}"#).coerce().deserialize::<At<Kind<u16>>>().unwrap_err();
    assert_eq!(error.to_string(), "enum Kind does not have variant constructor $KIND for key `v`");
}
