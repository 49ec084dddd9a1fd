//! What crosses threads: the types of the crate, as far as what they hold does, checked by the compiler.

use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;

use envref::{
    Action, Dialect, Error, ErrorKind, Expander, Explanation, Layers, Lookup, Operator, Position, ProcessEnv,
    Provenance, Reason, Reference, References, Site, Text, Token, Tokens, Unset, from_fn,
};

/// Where a type has the trait, its own constant hides that of [`Otherwise`].
struct Is<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T: ?Sized> Otherwise for Is<T> {}

impl<T: ?Sized + Send> Is<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Is<T> {
    const SYNC: bool = true;
}

macro_rules! cross_threads {
    ($($type:ty),* $(,)?) => {
        const { $(assert!(Is::<$type>::SEND && Is::<$type>::SYNC);)* }
    };
}

macro_rules! stay_where_they_are {
    ($($type:ty),* $(,)?) => {
        const { $(assert!(!Is::<$type>::SEND && !Is::<$type>::SYNC);)* }
    };
}

type Map = HashMap<String, String>;
/// A lookup that may be sent to another thread, but not shared with one.
type Recording = Layers<Map, RefCells>;
type Shared = Layers<Map, Rc<Map>>;

/// Has no variable, and remembers which it was asked for.
struct RefCells(RefCell<Vec<String>>);

impl Lookup for RefCells {
    fn value<'v>(&'v self, name: &str) -> Option<std::borrow::Cow<'v, str>> {
        self.0.borrow_mut().push(name.to_owned());
        None
    }
}

#[test]
fn an_expander_crosses_threads_exactly_if_its_lookups_can_be_shared() {
    cross_threads!(
        Expander<'static>,
        Expander<'static, Map>,
        Expander<'static, [(String, String)]>,
        Expander<'static, Map, ProcessEnv>,
        Expander<'static, dyn Lookup + Sync, dyn Lookup + Sync>,
        Expander<'static, dyn Lookup + Send + Sync>,
    );
    stay_where_they_are!(
        Expander<'static, dyn Lookup>,
        Expander<'static, Rc<Map>>,
        Expander<'static, Recording>,
        Expander<'static, Map, Recording>,
        Expander<'static, Map, dyn Lookup>,
        Expander<'static, Shared>,
    );
    const { assert!(Is::<Recording>::SEND && !Is::<Recording>::SYNC) };
}

#[test]
fn the_other_types_cross_threads() {
    cross_threads!(
        Action,
        Dialect,
        Error,
        ErrorKind,
        Explanation,
        Layers<Map, ProcessEnv>,
        Operator,
        Position,
        ProcessEnv,
        Provenance,
        Reason,
        Reference<'static>,
        References<'static>,
        Site,
        Text<'static>,
        Token<'static>,
        Tokens<'static>,
        Unset,
    );
}

#[cfg(any(feature = "serde", feature = "yaml"))]
#[test]
fn paths_cross_threads() {
    cross_threads!(envref::Paths, envref::PathError);
}

#[cfg(feature = "serde")]
#[test]
fn an_error_of_the_adapter_crosses_threads_if_that_of_the_format_does() {
    cross_threads!(envref::de::Error<serde_json::Error>);
    stay_where_they_are!(envref::de::Error<Rc<str>>);
}

#[test]
fn errors_are_errors_that_a_program_can_box() {
    fn is_error<E: std::error::Error + Send + Sync + Unpin + 'static>() {}
    is_error::<Error>();
    #[cfg(feature = "serde")]
    is_error::<envref::de::Error<serde_json::Error>>();
    #[cfg(any(feature = "serde", feature = "yaml"))]
    is_error::<envref::PathError>();
}

#[test]
fn a_closure_crosses_threads_if_what_it_borrows_does() {
    let vars = HashMap::from([("A".to_owned(), "x".to_owned())]);
    let lookup = from_fn(|name| vars.get(name));
    let expander = Expander::new(&lookup);
    let result = std::thread::scope(|scope| scope.spawn(|| expander.expand("$A").ok()).join());
    assert_eq!(result.ok().flatten().as_deref(), Some("x"));
}
