//! The serde traits: one wrapper around every deserializer, visitor, seed and access on the way to a value. It forwards
//! everything, and acts where a text or a key arrives.

#![allow(
    clippy::inline_always,
    reason = "the compiler leaves these layers standing otherwise, which costs a quarter of the time of reading JSON"
)]

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Visitor,
};

use super::guard::Guarded;
use super::number::{Scalar, visit_json_number, visit_number, visit_tagged};
use super::place::Node;
use super::private;

/// A deserializer, visitor, seed or access at a place of a document.
///
/// It is small, a pointer and what it wraps, since formats pass it from call to call.
pub(super) struct Wrap<'a, 'de, X, R = Value> {
    pub(super) inner: X,
    pub(super) node: &'a Node<'a, 'de>,
    pub(super) role: R,
}

/// What is being read, as a type: see [`Kind`].
pub(super) trait Role: Copy {
    const KIND: Kind;

    /// The role of what is within a value or a key, as in an `Option`.
    type Within: Role;

    fn within(self) -> Self::Within;

    /// Tells whether an enum expects `name`, which is then not a reference, whatever it looks like. True for every name
    /// where no enum is expected.
    fn has_variant(&self, name: &str) -> bool {
        let _ = name;
        true
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A value.
    Value,
    /// A value, where a bool or a number is expected.
    Scalar(Scalar),
    /// A key, which is never expanded.
    Key,
}

macro_rules! roles {
    ($($role:ident: $kind:expr, $within:ident;)*) => {$(
        #[derive(Clone, Copy)]
        pub(super) struct $role;

        impl Role for $role {
            const KIND: Kind = $kind;
            type Within = $within;

            fn within(self) -> $within {
                $within
            }
        }
    )*};
}

roles! {
    Value: Kind::Value, Value;
    Bool: Kind::Scalar(Scalar::Bool), Value;
    Integer: Kind::Scalar(Scalar::Integer), Value;
    F32: Kind::Scalar(Scalar::F32), Value;
    F64: Kind::Scalar(Scalar::F64), Value;
    Key: Kind::Key, Key;
}

/// A value, where an enum is expected, with the names of its variants.
#[derive(Clone, Copy)]
pub(super) struct Variants(&'static [&'static str]);

impl Role for Variants {
    const KIND: Kind = Kind::Value;
    type Within = Value;

    fn within(self) -> Value {
        Value
    }

    fn has_variant(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

impl<'a, 'de, X> Wrap<'a, 'de, X> {
    pub(super) fn new(inner: X, node: &'a Node<'a, 'de>) -> Self {
        Self { inner, node, role: Value }
    }
}

impl<'de, X, R: Role> Wrap<'_, 'de, X, R> {
    /// Runs code of the target type on something to read from, at this place, and settles its error.
    #[inline(always)]
    fn run<Y, T, E: Error>(
        self,
        read: Y,
        run: impl FnOnce(X, Wrap<'_, 'de, Y, R::Within>) -> Result<T, Guarded<E>>,
    ) -> Result<T, E> {
        let Self { inner, node, role } = self;
        let mark = node.document.mark();
        run(inner, Wrap { inner: read, node, role: role.within() }).map_err(|error| node.settle(mark, error))
    }

    /// The same, with what is read from one step further down, where `role` is read.
    #[inline(always)]
    fn run_below<Y, Q, T, E: Error>(
        self,
        read: Y,
        role: Q,
        run: impl FnOnce(X, Wrap<'_, 'de, Y, Q>) -> Result<T, Guarded<E>>,
    ) -> Result<T, E> {
        let Self { inner, node, .. } = self;
        let mark = node.document.mark();
        let below = Node::below(node);
        let wrap = Wrap { inner: read, node: &below, role };
        run(inner, wrap).map_err(|error| node.settle(mark, error))
    }
}

impl<'de, S: DeserializeSeed<'de>, R: Role> DeserializeSeed<'de> for Wrap<'_, 'de, S, R> {
    type Value = S::Value;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.run(deserializer, |seed, wrap| seed.deserialize(wrap))
    }
}

/// Forwards to the format, with the visitor wrapped.
macro_rules! forward {
    ($($method:ident($($arg:ident: $type:ty),*))*) => {$(
        #[inline(always)]
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            let Self { inner, node, role } = self;
            inner.$method($($arg,)* Wrap { inner: visitor, node, role }).map_err(Guarded::passed)
        }
    )*};
}

/// Asks the format for any value, so that it does not reject a text.
macro_rules! ask {
    ($($method:ident, $name:literal as $as:ident;)*) => {$(
        #[inline(always)]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let Self { inner, node, role } = self;
            let result = if R::KIND == Kind::Key {
                inner.$method(Wrap { inner: visitor, node, role })
            } else {
                inner.deserialize_any(Wrap { inner: visitor, node, role: $as })
            };
            result.map_err(|error| Guarded::refused(error, $name))
        }
    )*};
}

/// The same for integers of 128 bits, but only under coercion: asked for any value, some formats give none.
macro_rules! ask_to_coerce {
    ($($method:ident, $name:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let Self { inner, node, role } = self;
            let result = if R::KIND == Kind::Key {
                inner.$method(Wrap { inner: visitor, node, role })
            } else if node.document.coerces() {
                inner.deserialize_any(Wrap { inner: visitor, node, role: Integer })
            } else {
                inner.$method(Wrap { inner: visitor, node, role: Integer })
            };
            result.map_err(|error| Guarded::refused(error, $name))
        }
    )*};
}

impl<'de, D: Deserializer<'de>, R: Role> Deserializer<'de> for Wrap<'_, 'de, D, R> {
    type Error = Guarded<D::Error>;

    ask! {
        deserialize_bool, "a boolean" as Bool;
        deserialize_i8, "i8" as Integer;
        deserialize_i16, "i16" as Integer;
        deserialize_i32, "i32" as Integer;
        deserialize_i64, "i64" as Integer;
        deserialize_u8, "u8" as Integer;
        deserialize_u16, "u16" as Integer;
        deserialize_u32, "u32" as Integer;
        deserialize_u64, "u64" as Integer;
        deserialize_f32, "f32" as F32;
        deserialize_f64, "f64" as F64;
    }

    ask_to_coerce! {
        deserialize_i128, "i128";
        deserialize_u128, "u128";
    }

    forward! {
        deserialize_any()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_identifier()
    }

    #[inline(always)]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let result = if private::is_private_newtype(name) {
            // Raw text, in which a value would be structure.
            self.inner.deserialize_newtype_struct(name, visitor)
        } else {
            let Self { inner, node, role } = self;
            inner.deserialize_newtype_struct(name, Wrap { inner: visitor, node, role })
        };
        result.map_err(Guarded::passed)
    }

    #[inline(always)]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let Self { inner, node, role } = self;
        let result = if R::KIND == Kind::Key {
            inner.deserialize_enum(name, variants, Wrap { inner: visitor, node, role })
        } else {
            inner.deserialize_enum(name, variants, Wrap { inner: visitor, node, role: Variants(variants) })
        };
        result.map_err(Guarded::passed)
    }

    /// Passes through: a reference in an ignored value is not an error.
    #[inline(always)]
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.inner.deserialize_ignored_any(visitor).map_err(Guarded::passed)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A text as the format gives it.
enum Text<'de, 't> {
    /// Borrowed from the document.
    Borrowed(&'de str),
    /// Lent for the call.
    Lent(&'t str),
    Owned(String),
}

impl<'de> Text<'de, '_> {
    #[inline(always)]
    #[allow(clippy::match_same_arms, reason = "the lifetimes differ")]
    fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Lent(text) => text,
            Self::Owned(text) => text,
        }
    }

    #[inline(always)]
    fn hand_to<V: Visitor<'de>, E: Error>(self, visitor: V) -> Result<V::Value, E> {
        match self {
            Self::Borrowed(text) => visitor.visit_borrowed_str(text),
            Self::Lent(text) => visitor.visit_str(text),
            Self::Owned(text) => visitor.visit_string(text),
        }
    }
}

impl<'de, V: Visitor<'de>, R: Role> Wrap<'_, 'de, V, R> {
    #[inline(always)]
    fn visit_text<E: Error>(self, text: Text<'de, '_>) -> Result<V::Value, E> {
        let is_done = match R::KIND {
            Kind::Key => true,
            Kind::Value | Kind::Scalar(_) => self.node.document.is_plain(text.as_str()),
        };
        if is_done { self.hand_on(text) } else { self.visit_expanded(text) }
    }

    /// Passes a text on as it is, and notes it if it is a name.
    #[inline(always)]
    fn hand_on<E: Error>(self, text: Text<'de, '_>) -> Result<V::Value, E> {
        if R::KIND == Kind::Key {
            match &text {
                Text::Borrowed(name) => self.node.name(name),
                Text::Lent(name) => self.node.name_lent(name),
                Text::Owned(name) => self.node.name_lent(name),
            }
        }
        text.hand_to(self.inner)
    }

    #[cold]
    fn visit_expanded<E: Error>(self, text: Text<'de, '_>) -> Result<V::Value, E> {
        let Some(expansion) = self.node.expand(text.as_str())? else {
            return match R::KIND {
                Kind::Scalar(scalar) if self.node.document.coerces() => {
                    match visit_number(scalar, text.as_str(), self.inner) {
                        Ok(result) => result,
                        Err(visitor) => text.hand_to(visitor),
                    }
                }
                // References without a value, that is: no number has a `$`.
                Kind::Scalar(_) if self.node.refers(text.as_str()) => {
                    let expected = (&self.inner as &dyn Expected).to_string();
                    let result = self.inner.visit_str(text.as_str());
                    result.map_err(|error| self.node.misfit(text.as_str(), error, expected))
                }
                _ => self.hand_on(text),
            };
        };
        let Self { inner: visitor, node, .. } = self;
        let expected = (&visitor as &dyn Expected).to_string();
        let result = match R::KIND {
            Kind::Scalar(scalar) => match visit_number(scalar, &expansion, visitor) {
                Ok(result) => result,
                Err(visitor) => visitor.visit_str(&expansion),
            },
            _ => match expansion {
                Cow::Borrowed(text) => visitor.visit_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
        };
        result.map_err(|error| node.misfit(text.as_str(), error, expected))
    }

    /// Expands the text that `bytes` are: formats give a text as bytes to a type that asks for bytes. Gives the visitor back
    /// if they are to be passed on as they are.
    #[inline(always)]
    fn plain_or_expanded<E: Error>(self, bytes: &[u8]) -> Result<Self, Result<V::Value, E>> {
        if R::KIND == Kind::Key {
            if let Ok(key) = core::str::from_utf8(bytes) {
                self.node.name_lent(key);
            }
            return Ok(self);
        }
        if memchr::memchr(b'$', bytes).is_none() {
            return Ok(self);
        }
        self.expanded_bytes(bytes)
    }

    #[cold]
    fn expanded_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self, Result<V::Value, E>> {
        let Ok(text) = core::str::from_utf8(bytes) else { return Ok(self) };
        let expansion = match self.node.expand(text) {
            Ok(Some(expansion)) => expansion,
            Ok(None) => return Ok(self),
            Err(error) => return Err(Err(error)),
        };
        let Self { inner: visitor, node, .. } = self;
        let expected = (&visitor as &dyn Expected).to_string();
        let result = match expansion {
            Cow::Borrowed(text) => visitor.visit_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        };
        Err(result.map_err(|error| node.misfit(text, error, expected)))
    }

    #[inline(always)]
    fn visit_scalar_key(&self, key: impl fmt::Display) {
        if R::KIND == Kind::Key {
            self.node.name_lent(key);
        }
    }
}

/// Forwards a scalar that is not a text, and notes it if it is a key.
macro_rules! visit_scalar {
    ($($method:ident($type:ty))*) => {$(
        #[inline(always)]
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.visit_scalar_key(value);
            self.inner.$method(value)
        }
    )*};
}

/// The same for integers of 128 bits. Where a float is expected, one is made of it, as the format does when it is asked
/// for a float.
macro_rules! visit_wide {
    ($($method:ident($type:ty), else $narrow:ident;)*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            if let Kind::Scalar(Scalar::F32 | Scalar::F64) = R::KIND {
                #[allow(clippy::cast_precision_loss, reason = "it is what reading a float does")]
                return self.inner.visit_f64(value as f64);
            }
            if let (Kind::Scalar(Scalar::Integer), Ok(value)) = (R::KIND, value.try_into()) {
                // As the format does when it is asked for the type.
                return self.inner.$narrow(value);
            }
            self.visit_scalar_key(value);
            self.inner.$method(value)
        }
    )*};
}

/// Forwards what is neither a text nor a key.
macro_rules! visit_other {
    ($($method:ident($($arg:ident: $type:ty)?))*) => {$(
        #[inline(always)]
        fn $method<E: Error>(self, $($arg: $type)?) -> Result<V::Value, E> {
            self.inner.$method($($arg)?)
        }
    )*};
}

impl<'de, V: Visitor<'de>, R: Role> Visitor<'de> for Wrap<'_, 'de, V, R> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    #[inline(always)]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.visit_text(Text::Borrowed(text))
    }

    #[inline(always)]
    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.visit_text(Text::Lent(text))
    }

    #[inline(always)]
    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        self.visit_text(Text::Owned(text))
    }

    visit_scalar! {
        visit_bool(bool)
        visit_i8(i8)
        visit_i16(i16)
        visit_i32(i32)
        visit_i64(i64)
        visit_u8(u8)
        visit_u16(u16)
        visit_u32(u32)
        visit_u64(u64)
        visit_f32(f32)
        visit_f64(f64)
        visit_char(char)
    }

    visit_other! {
        visit_none()
        visit_unit()
    }

    #[inline(always)]
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        match self.plain_or_expanded(bytes) {
            Ok(wrap) => wrap.inner.visit_bytes(bytes),
            Err(result) => result,
        }
    }

    #[inline(always)]
    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        match self.plain_or_expanded(bytes) {
            Ok(wrap) => wrap.inner.visit_borrowed_bytes(bytes),
            Err(result) => result,
        }
    }

    #[inline(always)]
    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<V::Value, E> {
        match self.plain_or_expanded(&bytes) {
            Ok(wrap) => wrap.inner.visit_byte_buf(bytes),
            Err(result) => result,
        }
    }

    visit_wide! {
        visit_i128(i128), else visit_i64;
        visit_u128(u128), else visit_u64;
    }

    #[inline(always)]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.run(deserializer, |visitor, wrap| visitor.visit_some(wrap))
    }

    #[inline(always)]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.run(deserializer, |visitor, wrap| visitor.visit_newtype_struct(wrap))
    }

    #[inline(always)]
    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        if R::KIND == Kind::Key {
            return self.inner.visit_seq(access);
        }
        #[cfg(feature = "origins")]
        let node = self.node;
        self.run_below(access, Value, |visitor, wrap| {
            #[cfg(feature = "origins")]
            let elements = wrap.node;
            let result = visitor.visit_seq(wrap);
            #[cfg(feature = "origins")]
            node.note_sequence(elements);
            result
        })
    }

    #[inline(always)]
    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        match R::KIND {
            Kind::Key => self.inner.visit_map(access),
            Kind::Scalar(scalar) => visit_json_number(scalar, access, self.inner),
            Kind::Value => self.run_below(access, Value, |visitor, wrap| visitor.visit_map(wrap)),
        }
    }

    #[inline(always)]
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let role = self.role;
        match R::KIND {
            Kind::Key => self.run(access, |visitor, wrap| visitor.visit_enum(wrap)),
            Kind::Scalar(_) => visit_tagged(access, self),
            Kind::Value => self.run_below(access, role, |visitor, wrap| visitor.visit_enum(wrap)),
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Wrap<'_, 'de, A> {
    type Error = Guarded<A::Error>;

    #[inline(always)]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        self.node.next_index();
        let Self { inner, node, .. } = self;
        inner.next_element_seed(Wrap::new(seed, node)).map_err(Guarded::passed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Wrap<'_, 'de, A> {
    type Error = Guarded<A::Error>;

    #[inline(always)]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Self::Error> {
        self.node.next_key();
        let Self { inner, node, .. } = self;
        inner.next_key_seed(Wrap { inner: seed, node, role: Key }).map_err(Guarded::passed)
    }

    #[inline(always)]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Self::Error> {
        let Self { inner, node, .. } = self;
        inner.next_value_seed(Wrap::new(seed, node)).map_err(Guarded::passed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}
