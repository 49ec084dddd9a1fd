//! The enums of the data model: the name of a variant, and its content.

#![allow(clippy::inline_always, reason = "see `wrap`, of which this is a part")]

use alloc::string::String;
use core::fmt;

use serde_core::de::value::{BorrowedStrDeserializer, BytesDeserializer, StrDeserializer, U64Deserializer};
use serde_core::de::{DeserializeSeed, Deserializer, EnumAccess, Error, Unexpected, VariantAccess, Visitor};

use super::guard::Guarded;
use super::place::Node;
use super::wrap::{Kind, Role, Wrap};

impl<'a, 'de, A: EnumAccess<'de>, R: Role> EnumAccess<'de> for Wrap<'a, 'de, A, R> {
    type Error = Guarded<A::Error>;
    type Variant = Wrap<'a, 'de, Option<A::Variant>, R::Within>;

    #[inline(always)]
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Self::Error> {
        let Self { inner, node, role } = self;
        let result = inner.variant_seed(Name(Wrap { inner: seed, node, role }));
        match result.map_err(Guarded::passed)? {
            (Named::Variant(variant), content) => {
                Ok((variant, Wrap { inner: Some(content), node, role: role.within() }))
            }
            (Named::Reference(text, seed), content) => {
                let variant = read_reference(node, &text, seed, content).map_err(Guarded::passed)?;
                Ok((variant, Wrap { inner: None, node, role: role.within() }))
            }
        }
    }
}

/// The name of a variant. It is a value if the variant has no content, else a key or a tag, and only the format knows
/// which. So a name with a reference, other than one that the enum has, is not read before the format has said that there
/// is no content.
struct Name<X>(X);

enum Named<V, S> {
    Variant(V),
    /// A text with references, and the seed that is to read what it expands to.
    Reference(String, S),
}

impl<'de, S: DeserializeSeed<'de>, R: Role> DeserializeSeed<'de> for Name<Wrap<'_, 'de, S, R>> {
    type Value = Named<S::Value, S>;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, S: DeserializeSeed<'de>, R: Role> Name<Wrap<'_, 'de, S, R>> {
    fn refers(&self, text: &str) -> bool {
        R::KIND != Kind::Key && !self.0.role.has_variant(text) && self.0.node.refers(text)
    }

    /// Has the seed read a name. Nothing is expanded in it, so its error has nothing to hide.
    #[inline(always)]
    fn read<D, E>(self, name: D) -> Result<Named<S::Value, S>, E>
    where
        D: Deserializer<'de, Error = Guarded<E>>,
    {
        self.0.inner.deserialize(name).map(Named::Variant).map_err(|error| error.0.error)
    }
}

impl<'de, S: DeserializeSeed<'de>, R: Role> Visitor<'de> for Name<Wrap<'_, 'de, S, R>> {
    type Value = Named<S::Value, S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VARIANT)
    }

    #[inline(always)]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        if self.refers(text) {
            return Ok(Named::Reference(text.into(), self.0.inner));
        }
        self.0.node.name(text);
        self.read(BorrowedStrDeserializer::new(text))
    }

    #[inline(always)]
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if self.refers(text) {
            return Ok(Named::Reference(text.into(), self.0.inner));
        }
        self.0.node.name_lent(text);
        self.read(StrDeserializer::new(text))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        // A name, which is to be a step of a path.
        match core::str::from_utf8(bytes) {
            Ok(text) => self.visit_str(text),
            Err(_) => self.read(BytesDeserializer::new(bytes)),
        }
    }

    fn visit_u64<E: Error>(self, index: u64) -> Result<Self::Value, E> {
        self.0.node.name_lent(index);
        self.read(U64Deserializer::new(index))
    }
}

/// What serde's derived code expects as well.
const VARIANT: &str = "variant identifier";

/// Reads the variant that a text with references names.
#[cold]
fn read_reference<'de, S, A>(
    node: &Node<'_, 'de>,
    text: &str,
    seed: S,
    content: A,
) -> Result<S::Value, A::Error>
where
    S: DeserializeSeed<'de>,
    A: VariantAccess<'de>,
{
    if content.unit_variant().is_err() {
        return Err(node.key_refers(text));
    }
    let Some(expansion) = node.expand(text)? else {
        return seed.deserialize(StrDeserializer::<Guarded<_>>::new(text)).map_err(|error| error.0.error);
    };
    let result = seed.deserialize(StrDeserializer::<Guarded<_>>::new(&expansion));
    result.map_err(|error| node.misfit(text, error, VARIANT.into()))
}

/// The content of a variant, and `None` after a name that was expanded.
impl<'de, A: VariantAccess<'de>, R: Role> VariantAccess<'de> for Wrap<'_, 'de, Option<A>, R> {
    type Error = Guarded<A::Error>;

    fn unit_variant(self) -> Result<(), Self::Error> {
        match self.inner {
            Some(content) => content.unit_variant().map_err(Guarded::passed),
            None => Ok(()),
        }
    }

    #[inline(always)]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        let Self { inner, node, role } = self;
        let content = inner.ok_or_else(|| no_content("newtype variant"))?;
        content.newtype_variant_seed(Wrap { inner: seed, node, role }).map_err(Guarded::passed)
    }

    #[inline(always)]
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        let Self { inner, node, role } = self;
        let content = inner.ok_or_else(|| no_content("tuple variant"))?;
        content.tuple_variant(len, Wrap { inner: visitor, node, role }).map_err(Guarded::passed)
    }

    #[inline(always)]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let Self { inner, node, role } = self;
        let content = inner.ok_or_else(|| no_content("struct variant"))?;
        content.struct_variant(fields, Wrap { inner: visitor, node, role }).map_err(Guarded::passed)
    }
}

#[cold]
fn no_content<E: Error>(expected: &'static str) -> Guarded<E> {
    Guarded::program(E::invalid_type(Unexpected::UnitVariant, &expected))
}
