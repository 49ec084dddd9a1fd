//! The formats, as one type; and what is done with the deserializer of a format, whatever its type is.

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::marker::PhantomData;

use envref::{Dialect, Expander, Explanation, de};
use figment::providers::Format as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Json5,
    Toml,
    Yaml,
    Saphyr,
    Ron,
    Cbor,
    MessagePack,
    Figment,
    Config,
}

impl Format {
    pub(crate) const ALL: [Self; 10] = [
        Self::Json,
        Self::Json5,
        Self::Toml,
        Self::Yaml,
        Self::Saphyr,
        Self::Ron,
        Self::Cbor,
        Self::MessagePack,
        Self::Figment,
        Self::Config,
    ];

    /// Returns the name of the crate.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "serde_json",
            Self::Json5 => "json5",
            Self::Toml => "toml",
            Self::Yaml => "yaml_serde",
            Self::Saphyr => "serde-saphyr",
            Self::Ron => "ron",
            Self::Cbor => "ciborium",
            Self::MessagePack => "rmp-serde",
            Self::Figment => "figment",
            Self::Config => "config",
        }
    }

    /// Writes a document as the format itself does; `figment` and `config` read JSON.
    pub(crate) fn write(self, value: &impl Serialize) -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(match self {
            Self::Json | Self::Figment | Self::Config => serde_json::to_vec(value)?,
            Self::Json5 => json5::to_string(value)?.into_bytes(),
            Self::Toml => toml::to_string(value)?.into_bytes(),
            Self::Yaml => yaml_serde::to_string(value)?.into_bytes(),
            Self::Saphyr => serde_saphyr::to_string(value)?.into_bytes(),
            Self::Ron => ron::to_string(value)?.into_bytes(),
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(value, &mut bytes)?;
                bytes
            }
            Self::MessagePack => rmp_serde::to_vec_named(value)?,
        })
    }

    /// Hands the deserializer of the format for `document` to `reader`.
    pub(crate) fn open<R: Reader>(self, document: &[u8], reader: R) -> Result<R::Value, Box<dyn Error>> {
        let text = || std::str::from_utf8(document);
        Ok(match self {
            Self::Json => {
                let mut json = serde_json::Deserializer::from_str(text()?);
                let value = reader.read(&mut json)?;
                json.end()?;
                value
            }
            Self::Json5 => reader.read(&mut json5::Deserializer::from_str(text()?))?,
            Self::Toml => reader.read(toml::Deserializer::parse(text()?)?)?,
            Self::Yaml => reader.read(yaml_serde::Deserializer::from_str(text()?))?,
            Self::Saphyr => serde_saphyr::with_deserializer_from_str(text()?, |it| reader.read(it))?,
            Self::Ron => {
                let mut ron = ron::Deserializer::from_str(text()?)?;
                let value = reader.read(&mut ron)?;
                ron.end()?;
                value
            }
            Self::Cbor => Hook::lend(reader, || ciborium::from_reader(document))?,
            Self::MessagePack => reader.read(&mut rmp_serde::Deserializer::from_read_ref(document))?,
            Self::Figment => {
                let figment = figment::Figment::from(figment::providers::Json::string(text()?));
                reader.read(&figment.extract::<figment::value::Value>()?)?
            }
            Self::Config => {
                let source = config::File::from_str(text()?, config::FileFormat::Json);
                reader.read(config::Config::builder().add_source(source).build()?)?
            }
        })
    }

    /// Reads a document without the adapter.
    pub(crate) fn read_directly<T: DeserializeOwned + 'static>(
        self,
        document: &[u8],
    ) -> Result<T, Box<dyn Error>> {
        self.open(document, Direct(PhantomData))
    }

    /// Reads a document through the adapter.
    pub(crate) fn read<T: DeserializeOwned + 'static>(
        self,
        document: &[u8],
        vars: &[(&str, &str)],
    ) -> Result<T, Box<dyn Error>> {
        self.read_in(Dialect::Plain, document, vars)
    }

    /// Reads a document in `dialect` through the adapter.
    pub(crate) fn read_in<T: DeserializeOwned + 'static>(
        self,
        dialect: Dialect,
        document: &[u8],
        vars: &[(&str, &str)],
    ) -> Result<T, Box<dyn Error>> {
        self.open(document, Through { dialect, ..Through::new(vars, How::Read) })
    }

    /// Reads a document through an adapter that is passed on as a deserializer.
    pub(crate) fn pass_on<T: DeserializeOwned + 'static>(
        self,
        document: &[u8],
        vars: &[(&str, &str)],
    ) -> Result<T, Box<dyn Error>> {
        self.open(document, Through::new(vars, How::PassOn))
    }

    /// Reads a document through an adapter that coerces.
    pub(crate) fn coerce<T: DeserializeOwned + 'static>(
        self,
        document: &[u8],
        vars: &[(&str, &str)],
    ) -> Result<T, Box<dyn Error>> {
        self.open(document, Through::new(vars, How::Coerce))
    }

    /// Explains a document: no reference has a value.
    pub(crate) fn explain(self, document: &[u8]) -> Result<Explanation, Box<dyn Error>> {
        self.open(document, Explain)
    }
}

/// What is done with a deserializer, whatever its type is.
pub(crate) trait Reader: 'static {
    type Value;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error>;
}

/// Reads without the adapter.
struct Direct<T>(PhantomData<T>);

impl<T: DeserializeOwned + 'static> Reader for Direct<T> {
    type Value = T;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// Reads through the adapter.
struct Through<T> {
    vars: Vec<(String, String)>,
    dialect: Dialect,
    how: How,
    target: PhantomData<T>,
}

enum How {
    Read,
    Coerce,
    /// The target reads by itself, from the adapter.
    PassOn,
}

impl<T> Through<T> {
    fn new(vars: &[(&str, &str)], how: How) -> Self {
        let vars = vars.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { vars, dialect: Dialect::Plain, how, target: PhantomData }
    }
}

impl<T: DeserializeOwned + 'static> Reader for Through<T> {
    type Value = T;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let expander = Expander::new(&self.vars).dialect(self.dialect);
        let adapter = de::Deserializer::new(deserializer, &expander);
        let result = match self.how {
            How::Read => adapter.deserialize(),
            How::Coerce => adapter.coerce().deserialize(),
            How::PassOn => T::deserialize(adapter),
        };
        result.map_err(de::Error::into_inner)
    }
}

struct Explain;

impl Reader for Explain {
    type Value = Explanation;

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Explanation, D::Error> {
        de::explain(deserializer, &Expander::new(&())).map_err(de::Error::into_inner)
    }
}

/// A type that has a reader take the deserializer: for a format that shows its deserializer to types only.
struct Hook<R: Reader>(R::Value);

thread_local! {
    /// The reader of the hook that is read next.
    static READER: Cell<Option<Box<dyn Any>>> = const { Cell::new(None) };
}

impl<R: Reader> Hook<R> {
    /// Returns what `reader` makes of the deserializer that `open` has a hook read from.
    fn lend<E>(reader: R, open: impl FnOnce() -> Result<Self, E>) -> Result<R::Value, E> {
        READER.set(Some(Box::new(reader)));
        open().map(|Self(value)| value)
    }
}

impl<'de, R: Reader> Deserialize<'de> for Hook<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reader = READER.take().and_then(|reader| reader.downcast::<R>().ok());
        reader.expect("a hook is read where its reader is lent").read(deserializer).map(Self)
    }
}
