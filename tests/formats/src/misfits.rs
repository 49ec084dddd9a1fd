//! Formats and wrappers that do not fit, and what happens with them.
//!
//! bincode is one of them, for the same reason as postcard, and no dependency here, since it is not maintained any more.

use envref::{ErrorKind, Expander, de};
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use crate::support::{SECRET, assert_no_secret};
use crate::types::{At, Internal, Port};

const VARS: &[(&str, &str)] = &[("PORT", "8080"), ("SECRET", SECRET)];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Texts {
    name: String,
    tags: Vec<Option<String>>,
}

/// A format that does not say what there is reads texts, and refuses whatever the adapter has to see first.
#[test]
fn postcard_reads_texts_and_refuses_numbers_and_explanations() {
    let expander = Expander::new(VARS);
    let template = Texts { name: "x$PORT".to_owned(), tags: vec![None, Some("$PORT".to_owned())] };
    let bytes = postcard::to_stdvec(&template).unwrap();
    let read: Texts = de::deserialize(&mut postcard::Deserializer::from_bytes(&bytes), &expander).unwrap();
    let expected = Texts { name: "x8080".to_owned(), tags: vec![None, Some("8080".to_owned())] };
    assert_eq!(read, expected);

    let bytes = postcard::to_stdvec(&At { v: 80_u16 }).unwrap();
    let mut postcard = postcard::Deserializer::from_bytes(&bytes);
    let error = de::deserialize::<_, At<u16>, _, _>(&mut postcard, &expander).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Document);
    assert_eq!(error.into_inner(), postcard::Error::WontImplement);

    let mut postcard = postcard::Deserializer::from_bytes(&bytes);
    let error = de::explain(&mut postcard, &expander).unwrap_err();
    assert_eq!(error.into_inner(), postcard::Error::WontImplement);
}

/// Asked for anything, quick-xml gives a map, even where there is only a text.
#[test]
fn quick_xml_reads_texts_and_no_typed_elements() {
    #[serde_as]
    #[derive(Debug, PartialEq, Deserialize)]
    struct Parsed {
        #[serde_as(as = "DisplayFromStr")]
        port: u16,
    }

    fn read<'de, T: Deserialize<'de>>(xml: &'de str) -> Result<T, String> {
        let mut xml = quick_xml::de::Deserializer::from_str(xml);
        de::deserialize(&mut xml, &Expander::new(VARS)).map_err(|error| error.to_string())
    }

    let xml = "<c><port>${PORT}</port></c>";
    assert_eq!(read::<Port<String>>(xml).unwrap(), Port { port: "8080".to_owned() });
    assert_eq!(read::<Port<u16>>(xml).unwrap_err(), "invalid type: map, expected u16");
    assert_eq!(read::<Port<u16>>("<c><port>80</port></c>").unwrap_err(), "invalid type: map, expected u16");
    // What works: a type that asks for a text.
    assert_eq!(read::<Parsed>(xml).unwrap(), Parsed { port: 8080 });
    assert_eq!(read::<Parsed>("<c><port>80</port></c>").unwrap(), Parsed { port: 80 });
}

/// All values of a form are texts, and the format converts them only if it is asked for a number.
#[test]
fn serde_urlencoded_reads_numbers_with_coercion() {
    let expander = Expander::new(VARS);
    let adapter = |form: &'static str| {
        let form = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form.as_bytes()));
        de::Deserializer::new(form, &expander)
    };
    assert_eq!(adapter("port=$PORT").deserialize::<Port<u16>>().unwrap(), Port { port: 8080 });
    let error = adapter("port=80").deserialize::<Port<u16>>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: string \"80\", expected u16");
    assert_eq!(adapter("port=80").coerce().deserialize::<Port<u16>>().unwrap(), Port { port: 80 });
    assert_eq!(adapter("port=$PORT").coerce().deserialize::<Port<u16>>().unwrap(), Port { port: 8080 });
}

#[test]
fn erased_serde_fits_inside_of_the_adapter() {
    let expander = Expander::new(VARS);
    let mut json = serde_json::Deserializer::from_str(r#"{"port": "$PORT"}"#);
    let mut erased = <dyn erased_serde::Deserializer>::erase(&mut json);
    let dynamic: &mut dyn erased_serde::Deserializer = &mut erased;
    assert_eq!(de::deserialize::<_, Port<u16>, _, _>(dynamic, &expander).unwrap(), Port { port: 8080 });

    let mut json = serde_json::Deserializer::from_str(r#"{"kind": "a", "port": "$SECRET"}"#);
    let mut erased = <dyn erased_serde::Deserializer>::erase(&mut json);
    let dynamic: &mut dyn erased_serde::Deserializer = &mut erased;
    let error = de::deserialize::<_, Internal<Port<u16>>, _, _>(dynamic, &expander).unwrap_err();
    assert_no_secret(&error);
}

/// Around the adapter, erased-serde has an error of its own: what a type that serde buffers says after the adapter has
/// returned goes past the adapter. Here a value shows, and nothing can be done about it.
#[test]
fn erased_serde_around_the_adapter_shows_what_a_buffered_type_refuses() {
    fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, erased_serde::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let expander = Expander::new(VARS);
        let adapter = de::Deserializer::new(&mut json, &expander);
        erased_serde::deserialize(&mut <dyn erased_serde::Deserializer>::erase(adapter))
    }

    assert_eq!(read::<Port<u16>>(r#"{"port": "$PORT"}"#).unwrap(), Port { port: 8080 });
    assert_no_secret(&read::<Port<u16>>(r#"{"port": "$SECRET"}"#).unwrap_err());

    let error = read::<Internal<Port<u16>>>(r#"{"kind": "a", "port": "$SECRET"}"#).unwrap_err();
    assert_eq!(error.to_string(), format!("invalid type: string \"{SECRET}\", expected u16"));
}
