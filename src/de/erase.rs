//! A deserializer without its type. In a recursive type with coercion, the wrapper around the deserializer would be
//! wrapped again and again, without an end that the compiler could see. Behind a `dyn` it is one type.
//!
//! The deserializer's error is kept and returned as it was; a type's error is returned in the words of serde.
//! `erased-serde` turns both into text, so this module does not use it.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

/// Returns what `read` makes of `deserializer`.
pub(super) fn erased<'de, D, T>(
    deserializer: D,
    read: impl FnOnce(&mut dyn Source<'de>) -> Result<T, Fault>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    let mut source = Held::new(deserializer);
    read(&mut source).map_err(|fault| fault.into_error(source.kept))
}

/// What goes wrong behind a `dyn`.
#[derive(Debug)]
pub(super) enum Fault {
    /// An error of the deserializer, which is kept, and what it says.
    Kept(String),
    Custom(String),
    InvalidValue {
        unexpected: String,
        expected: String,
    },
    MissingField(&'static str),
    DuplicateField(&'static str),
}

impl Fault {
    /// Returns the error that was kept, if it is this one, else one with the same message.
    fn into_error<E: Error>(self, kept: Option<E>) -> E {
        match self {
            Self::Kept(message) => {
                let kept = kept.filter(|kept| kept.to_string() == message);
                kept.unwrap_or_else(|| E::custom(message))
            }
            Self::Custom(message) => E::custom(message),
            Self::InvalidValue { unexpected, expected } => {
                E::invalid_value(Unexpected::Other(&unexpected), &expected.as_str())
            }
            Self::MissingField(name) => E::missing_field(name),
            Self::DuplicateField(name) => E::duplicate_field(name),
        }
    }
}

/// The words are those of serde.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use serde_core::de::value::Error;
        match self {
            Self::Kept(message) | Self::Custom(message) => f.write_str(message),
            Self::InvalidValue { unexpected, expected } => {
                write!(f, "invalid value: {unexpected}, expected {expected}")
            }
            Self::MissingField(name) => <Error as serde_core::de::Error>::missing_field(name).fmt(f),
            Self::DuplicateField(name) => <Error as serde_core::de::Error>::duplicate_field(name).fmt(f),
        }
    }
}

impl core::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::InvalidValue { unexpected: unexpected.to_string(), expected: expected.to_string() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::MissingField(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::DuplicateField(field)
    }
}

/// A deserializer, an access, a visitor or a seed behind a `dyn`, until it is used, with its last error or the value that
/// it made.
struct Held<T, K> {
    inner: Option<T>,
    kept: Option<K>,
}

impl<T, K> Held<T, K> {
    fn new(inner: T) -> Self {
        Self { inner: Some(inner), kept: None }
    }

    fn take(&mut self) -> Result<T, Fault> {
        self.inner.take().ok_or_else(spent)
    }

    fn get(&mut self) -> Result<&mut T, Fault> {
        self.inner.as_mut().ok_or_else(spent)
    }

    /// Returns the value that was made.
    fn value(self) -> Result<K, Fault> {
        self.kept.ok_or_else(spent)
    }
}

impl<T, E: Error> Held<T, E> {
    fn keep<V>(&mut self, result: Result<V, E>) -> Result<V, Fault> {
        result.map_err(|error| keep(&mut self.kept, error))
    }
}

fn keep<E: Error>(kept: &mut Option<E>, error: E) -> Fault {
    let fault = Fault::Kept(error.to_string());
    *kept = Some(error);
    fault
}

/// No format uses twice what serde says is used once.
fn spent() -> Fault {
    Fault::Custom("a deserializer, a visitor or a seed was used twice, or not at all".into())
}

/// A deserializer.
pub(super) trait Source<'de> {
    fn ask(&mut self, hint: Hint, target: &mut dyn Target<'de>) -> Result<(), Fault>;
    fn is_for_people(&self) -> bool;
}

/// A visitor.
pub(super) trait Target<'de> {
    fn visit(&mut self, visit: Visit<'_, 'de>) -> Result<(), Fault>;
    fn expected(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A seed.
pub(super) trait Seed<'de> {
    fn read(&mut self, source: &mut dyn Source<'de>) -> Result<(), Fault>;
}

/// Access to a sequence.
pub(super) trait Elements<'de> {
    fn next(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault>;
    fn hint(&self) -> Option<usize>;
}

/// Access to a map.
pub(super) trait Entries<'de> {
    fn key(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault>;
    fn value(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn hint(&self) -> Option<usize>;
}

/// Access to an enum, and then to what is in its variant.
pub(super) trait Tagged<'de> {
    fn variant(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn unit(&mut self) -> Result<(), Fault>;
    fn newtype(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn tuple(&mut self, len: usize, target: &mut dyn Target<'de>) -> Result<(), Fault>;
    fn fields(&mut self, fields: &'static [&'static str], target: &mut dyn Target<'de>) -> Result<(), Fault>;
}

/// What a deserializer is asked for: a method, as one of an enum.
macro_rules! hints {
    ($($hint:ident $method:ident($($arg:ident: $type:ty),*))*) => {
        pub(super) enum Hint {
            $($hint { $($arg: $type),* },)*
        }

        impl<'de, D: Deserializer<'de>> Source<'de> for Held<D, D::Error> {
            fn ask(&mut self, hint: Hint, target: &mut dyn Target<'de>) -> Result<(), Fault> {
                let (inner, visitor) = (self.take()?, Ptr(target));
                let result = match hint {
                    $(Hint::$hint { $($arg),* } => inner.$method($($arg,)* visitor),)*
                };
                self.keep(result)
            }

            fn is_for_people(&self) -> bool {
                self.inner.as_ref().is_none_or(D::is_human_readable)
            }
        }

        impl<'de> Deserializer<'de> for &mut dyn Source<'de> {
            type Error = Fault;

            $(fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Fault> {
                let mut target = Held::new(visitor);
                self.ask(Hint::$hint { $($arg),* }, &mut target)?;
                target.value()
            })*

            fn is_human_readable(&self) -> bool {
                self.is_for_people()
            }
        }
    };
}

hints! {
    Any deserialize_any()
    Bool deserialize_bool()
    I8 deserialize_i8()
    I16 deserialize_i16()
    I32 deserialize_i32()
    I64 deserialize_i64()
    I128 deserialize_i128()
    U8 deserialize_u8()
    U16 deserialize_u16()
    U32 deserialize_u32()
    U64 deserialize_u64()
    U128 deserialize_u128()
    F32 deserialize_f32()
    F64 deserialize_f64()
    Char deserialize_char()
    Str deserialize_str()
    String deserialize_string()
    Bytes deserialize_bytes()
    ByteBuf deserialize_byte_buf()
    Option deserialize_option()
    Unit deserialize_unit()
    UnitStruct deserialize_unit_struct(name: &'static str)
    NewtypeStruct deserialize_newtype_struct(name: &'static str)
    Seq deserialize_seq()
    Tuple deserialize_tuple(len: usize)
    TupleStruct deserialize_tuple_struct(name: &'static str, len: usize)
    Map deserialize_map()
    Struct deserialize_struct(name: &'static str, fields: &'static [&'static str])
    Enum deserialize_enum(name: &'static str, variants: &'static [&'static str])
    Identifier deserialize_identifier()
    IgnoredAny deserialize_ignored_any()
}

/// What a visitor is given: a method and its argument, as one of an enum.
macro_rules! visits {
    ($($visit:ident $method:ident($type:ty))* / $($empty:ident $empty_method:ident)*) => {
        pub(super) enum Visit<'v, 'de> {
            $($visit($type),)*
            $($empty,)*
            Some(&'v mut dyn Source<'de>),
            Newtype(&'v mut dyn Source<'de>),
            Seq(&'v mut dyn Elements<'de>),
            Map(&'v mut dyn Entries<'de>),
            Enum(&'v mut dyn Tagged<'de>),
            Str(&'v str),
            Bytes(&'v [u8]),
        }

        impl<'de, V: Visitor<'de>> Target<'de> for Held<V, V::Value> {
            fn visit(&mut self, visit: Visit<'_, 'de>) -> Result<(), Fault> {
                let visitor = self.take()?;
                self.kept = Some(match visit {
                    $(Visit::$visit(value) => visitor.$method(value),)*
                    $(Visit::$empty => visitor.$empty_method(),)*
                    Visit::Some(source) => visitor.visit_some(source),
                    Visit::Newtype(source) => visitor.visit_newtype_struct(source),
                    Visit::Seq(access) => visitor.visit_seq(Ptr(access)),
                    Visit::Map(access) => visitor.visit_map(Ptr(access)),
                    Visit::Enum(access) => visitor.visit_enum(Ptr(access)),
                    Visit::Str(text) => visitor.visit_str(text),
                    Visit::Bytes(bytes) => visitor.visit_bytes(bytes),
                }?);
                Ok(())
            }

            fn expected(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.as_ref().map_or(Ok(()), |visitor| visitor.expecting(f))
            }
        }

        impl<'de> Visitor<'de> for Ptr<&mut dyn Target<'de>> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.expected(f)
            }

            $(fn $method<E: Error>(self, value: $type) -> Result<(), E> {
                self.leaf(Visit::$visit(value))
            })*

            $(fn $empty_method<E: Error>(self) -> Result<(), E> {
                self.leaf(Visit::$empty)
            })*

            fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
                self.leaf(Visit::Str(text))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
                self.leaf(Visit::Bytes(bytes))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                erased(deserializer, |source| self.0.visit(Visit::Some(source)))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                erased(deserializer, |source| self.0.visit(Visit::Newtype(source)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<(), A::Error> {
                let mut access = Held::new(access);
                self.0.visit(Visit::Seq(&mut access)).map_err(|fault| fault.into_error(access.kept))
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<(), A::Error> {
                let mut access = Held::new(access);
                self.0.visit(Visit::Map(&mut access)).map_err(|fault| fault.into_error(access.kept))
            }

            fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<(), A::Error> {
                let mut access = EnumHeld { access: Held::new(access), content: None };
                self.0.visit(Visit::Enum(&mut access)).map_err(|fault| fault.into_error(access.access.kept))
            }
        }
    };
}

visits! {
    Bool visit_bool(bool)
    I8 visit_i8(i8)
    I16 visit_i16(i16)
    I32 visit_i32(i32)
    I64 visit_i64(i64)
    I128 visit_i128(i128)
    U8 visit_u8(u8)
    U16 visit_u16(u16)
    U32 visit_u32(u32)
    U64 visit_u64(u64)
    U128 visit_u128(u128)
    F32 visit_f32(f32)
    F64 visit_f64(f64)
    Char visit_char(char)
    BorrowedStr visit_borrowed_str(&'de str)
    String visit_string(String)
    BorrowedBytes visit_borrowed_bytes(&'de [u8])
    ByteBuf visit_byte_buf(Vec<u8>)
    /
    None visit_none
    Unit visit_unit
}

/// A `dyn` as what it stands for.
struct Ptr<P>(P);

impl<'de> Ptr<&mut dyn Target<'de>> {
    fn leaf<E: Error>(self, visit: Visit<'_, 'de>) -> Result<(), E> {
        self.0.visit(visit).map_err(|fault| fault.into_error(None))
    }
}

impl<'de, S: DeserializeSeed<'de>> Seed<'de> for Held<S, S::Value> {
    fn read(&mut self, source: &mut dyn Source<'de>) -> Result<(), Fault> {
        self.kept = Some(self.take()?.deserialize(source)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Ptr<&mut dyn Seed<'de>> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        erased(deserializer, |source| self.0.read(source))
    }
}

impl<'de, A: SeqAccess<'de>> Elements<'de> for Held<A, A::Error> {
    fn next(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault> {
        let next = self.get()?.next_element_seed(Ptr(seed));
        Ok(self.keep(next)?.is_some())
    }

    fn hint(&self) -> Option<usize> {
        self.inner.as_ref()?.size_hint()
    }
}

impl<'de> SeqAccess<'de> for Ptr<&mut dyn Elements<'de>> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut seed = Held::new(seed);
        if self.0.next(&mut seed)? { seed.value().map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.hint()
    }
}

impl<'de, A: MapAccess<'de>> Entries<'de> for Held<A, A::Error> {
    fn key(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault> {
        let key = self.get()?.next_key_seed(Ptr(seed));
        Ok(self.keep(key)?.is_some())
    }

    fn value(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        let value = self.get()?.next_value_seed(Ptr(seed));
        self.keep(value)
    }

    fn hint(&self) -> Option<usize> {
        self.inner.as_ref()?.size_hint()
    }
}

impl<'de> MapAccess<'de> for Ptr<&mut dyn Entries<'de>> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut seed = Held::new(seed);
        if self.0.key(&mut seed)? { seed.value().map(Some) } else { Ok(None) }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let mut seed = Held::new(seed);
        self.0.value(&mut seed)?;
        seed.value()
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.hint()
    }
}

/// An enum, and what is in its variant once that is known.
struct EnumHeld<'de, A: EnumAccess<'de>> {
    access: Held<A, A::Error>,
    content: Option<A::Variant>,
}

impl<'de, A: EnumAccess<'de>> EnumHeld<'de, A> {
    fn content<T>(&mut self, read: impl FnOnce(A::Variant) -> Result<T, A::Error>) -> Result<T, Fault> {
        let content = self.content.take().ok_or_else(spent)?;
        self.access.keep(read(content))
    }
}

impl<'de, A: EnumAccess<'de>> Tagged<'de> for EnumHeld<'de, A> {
    fn variant(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        let variant = self.access.take()?.variant_seed(Ptr(seed));
        let ((), content) = self.access.keep(variant)?;
        self.content = Some(content);
        Ok(())
    }

    fn unit(&mut self) -> Result<(), Fault> {
        self.content(VariantAccess::unit_variant)
    }

    fn newtype(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        self.content(|content| content.newtype_variant_seed(Ptr(seed)))
    }

    fn tuple(&mut self, len: usize, target: &mut dyn Target<'de>) -> Result<(), Fault> {
        self.content(|content| content.tuple_variant(len, Ptr(target)))
    }

    fn fields(&mut self, fields: &'static [&'static str], target: &mut dyn Target<'de>) -> Result<(), Fault> {
        self.content(|content| content.struct_variant(fields, Ptr(target)))
    }
}

impl<'de> EnumAccess<'de> for Ptr<&mut dyn Tagged<'de>> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let mut seed = Held::new(seed);
        self.0.variant(&mut seed)?;
        Ok((seed.value()?, self))
    }
}

impl<'de> VariantAccess<'de> for Ptr<&mut dyn Tagged<'de>> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.0.unit()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let mut seed = Held::new(seed);
        self.0.newtype(&mut seed)?;
        seed.value()
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        let mut target = Held::new(visitor);
        self.0.tuple(len, &mut target)?;
        target.value()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let mut target = Held::new(visitor);
        self.0.fields(fields, &mut target)?;
        target.value()
    }
}
