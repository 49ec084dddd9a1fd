//! The adapter that coerces, on formats whose values are often text.

use envref::{Expander, de};
use serde::Deserialize;

use crate::types::Kind;

#[test]
fn a_config_whose_numbers_are_text_is_coerced() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Config {
        v: u16,
        w: Kind<u16>,
        x: u16,
        y: Kind<u16>,
    }
    let text = r#"{"v": "8080", "w": "mail", "x": "$PORT", "y": "$KIND"}"#;
    let source = config::File::from_str(text, config::FileFormat::Json);
    let config = config::Config::builder().add_source(source).build().unwrap();
    let vars = [("PORT", "80"), ("KIND", "mail")];
    let expander = Expander::new(&vars);
    let read: Config = de::Deserializer::new(config, &expander).coerce().deserialize().unwrap();
    assert_eq!(read, Config { v: 8080, w: Kind::Mail, x: 80, y: Kind::Mail });
}

#[test]
fn an_enum_of_two_keys_is_not_coerced() {
    let expander = Expander::new(&());
    let read = |text| {
        let toml = toml::Deserializer::parse(text).unwrap();
        de::Deserializer::new(toml, &expander).coerce().deserialize::<Kind<u16>>()
    };
    assert_eq!(read("new = 5").unwrap(), Kind::New(5));
    let error = read("new = 5\npair = [1, true]").unwrap_err().to_string();
    assert!(error.contains("invalid value: map, expected a map with a single key"), "{error}");
}
