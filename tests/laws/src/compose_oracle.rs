//! The Compose dialect written a second time, as its grammar reads: a parser that calls itself and a tree. It shares no code
//! with `src/`, and is as slow as it likes.

use std::ops::Range;

use envref::{Form, Provenance, Reason, Unset};

/// How deep words nest.
pub const DEPTH: usize = 64;

/// A part of a text.
#[derive(Debug, Clone)]
pub enum Node {
    /// A character that stands for itself.
    Char(Range<usize>),
    /// `$$`
    Escape(Range<usize>),
    Reference(Reference),
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub span: Range<usize>,
    pub form: Form,
    pub name: String,
    /// The operator, and the word with what is in it.
    pub operator: Option<(&'static str, Range<usize>, Vec<Node>)>,
}

/// Reads a text. The error is where the malformed reference begins, and where the malformed rest of the text does.
pub fn parse(input: &str) -> Result<Vec<Node>, (usize, usize)> {
    let mut parser = Parser { input, at: 0, nodes_before: 0 };
    parser.sequence(&[]).map_err(|at| (at, parser.nodes_before))
}

struct Parser<'a> {
    input: &'a str,
    at: usize,
    /// Where the outermost part of the text begins that is being read.
    nodes_before: usize,
}

impl Parser<'_> {
    /// Reads up to the brace that closes what is open: references, by where they begin, and braces.
    fn sequence(&mut self, open: &[Option<usize>]) -> Result<Vec<Node>, usize> {
        let outermost = open.first().copied().flatten();
        let mut nodes = Vec::new();
        loop {
            if open.is_empty() {
                self.nodes_before = self.at;
            }
            let start = self.at;
            let Some(next) = self.input[start..].chars().next() else {
                return outermost.map_or(Ok(nodes), Err);
            };
            let in_word = !open.is_empty();
            if in_word && next == '}' {
                return Ok(nodes);
            } else if in_word && next == '{' {
                if open.len() == DEPTH {
                    return Err(outermost.unwrap());
                }
                self.at += 1;
                nodes.push(Node::Char(start..self.at));
                let inner = [open, &[None]].concat();
                nodes.extend(self.sequence(&inner)?);
                nodes.push(Node::Char(self.at..self.at + 1));
                self.at += 1;
            } else if self.rest().starts_with("$$") {
                self.at += 2;
                nodes.push(Node::Escape(start..self.at));
            } else if self.rest().starts_with("${") {
                nodes.push(Node::Reference(self.braced(open)?));
            } else {
                self.at += next.len_utf8();
                let name = if next == '$' { self.name() } else { String::new() };
                nodes.push(if name.is_empty() {
                    Node::Char(start..self.at)
                } else {
                    Node::Reference(Reference {
                        span: start..self.at,
                        form: Form::Bare,
                        name,
                        operator: None,
                    })
                });
            }
        }
    }

    fn braced(&mut self, open: &[Option<usize>]) -> Result<Reference, usize> {
        let start = self.at;
        self.at += 2;
        let name = self.name();
        if name.is_empty() {
            return Err(start);
        }
        let operators = [":-", ":?", ":+", "-", "?", "+"];
        let operator = match operators.into_iter().find(|it| self.rest().starts_with(it)) {
            Some(operator) => {
                self.at += operator.len();
                let word = self.at;
                let outermost = open.first().copied().flatten();
                if open.len() == DEPTH {
                    return Err(outermost.unwrap());
                }
                let inner = [open, &[Some(start)]].concat();
                let nodes = self.sequence(&inner)?;
                Some((operator, word..self.at, nodes))
            }
            None if self.rest().starts_with('}') => None,
            None => return Err(start),
        };
        self.at += 1;
        Ok(Reference { span: start..self.at, form: Form::Braced, name, operator })
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        for c in self.input[self.at..].chars() {
            let fits = c == '_' || c.is_ascii_alphabetic() || c.is_ascii_digit() && !name.is_empty();
            if !fits {
                break;
            }
            name.push(c);
        }
        self.at += name.len();
        name
    }

    fn rest(&self) -> &str {
        &self.input[self.at..]
    }
}

/// Returns the references, each before those in its word.
pub fn references(nodes: &[Node]) -> Vec<&Reference> {
    let mut found = Vec::new();
    for node in nodes {
        if let Node::Reference(reference) = node {
            found.push(reference);
            if let Some((_, _, word)) = &reference.operator {
                found.extend(references(word));
            }
        }
    }
    found
}

/// A part of a result: of the input, or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Input(Range<usize>),
    Value(String),
}

/// What becomes of a text.
#[derive(Debug, Default)]
pub struct Expansion {
    /// None is empty, and no two parts of the input are side by side.
    pub pieces: Vec<Piece>,
    /// All references, in order.
    pub sites: Vec<(Range<usize>, Provenance)>,
    /// Those of them for which there is an error.
    pub rejected: Vec<Range<usize>>,
}

impl Expansion {
    pub fn text(&self, input: &str) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Input(part) => input[part.clone()].to_owned(),
            Piece::Value(value) => value.clone(),
        };
        self.pieces.iter().map(text).collect()
    }

    fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Input(part)) if part.start == part.end => {}
            (_, Piece::Value(value)) if value.is_empty() => {}
            (Some(Piece::Input(last)), Piece::Input(part)) if last.end == part.start => last.end = part.end,
            (_, piece) => self.pieces.push(piece),
        }
    }
}

/// Gives the value of a variable.
type Values<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where values come from, and what becomes of what has none.
pub struct Rules<'a> {
    pub vars: Values<'a>,
    pub host: Option<Values<'a>>,
    pub unset: Unset,
}

impl Rules<'_> {
    /// Expands a text of `len` bytes.
    pub fn expand(&self, nodes: &[Node], len: usize) -> Expansion {
        let mut expansion = Expansion::default();
        self.sequence(nodes, len, &mut expansion);
        expansion
    }

    fn sequence(&self, nodes: &[Node], len: usize, to: &mut Expansion) {
        for node in nodes {
            match node {
                Node::Char(span) => to.push(Piece::Input(span.clone())),
                Node::Escape(span) if self.unset == Unset::Keep => to.push(Piece::Input(span.clone())),
                Node::Escape(span) if to.pieces.is_empty() => to.push(Piece::Input(span.start + 1..span.end)),
                Node::Escape(span) => to.push(Piece::Input(span.start..span.start + 1)),
                Node::Reference(reference) => self.reference(reference, len, to),
            }
        }
    }

    fn reference(&self, reference: &Reference, len: usize, to: &mut Expansion) {
        let is_whole = reference.span == (0..len);
        let from_vars = (self.vars)(&reference.name);
        let from_host = self.host.filter(|_| is_whole).and_then(|host| host(&reference.name));
        let origin = if from_vars.is_some() { Provenance::Vars } else { Provenance::Fallback };
        let value = from_vars.or(from_host);
        let missing = Provenance::Missing(match self.host {
            Some(_) if is_whole => Reason::Unset,
            Some(_) => Reason::Embedded,
            None if is_whole => Reason::NoFallback,
            None => Reason::Unset,
        });
        let span = reference.span.clone();
        let Some((operator, _, word)) = &reference.operator else {
            to.sites.push((span.clone(), if value.is_some() { origin } else { missing }));
            match value {
                Some(value) => to.push(Piece::Value(value)),
                None => match self.unset {
                    Unset::Empty => {}
                    Unset::Default if is_whole => {}
                    Unset::Reject => to.rejected.push(span),
                    _ => to.push(Piece::Input(span)),
                },
            }
            return;
        };
        // The table of the documentation, cell by cell.
        let state = match value.as_deref() {
            None => 0,
            Some("") => 1,
            Some(_) => 2,
        };
        let cell = match *operator {
            "-" => ["word", "value", "value"],
            ":-" => ["word", "word", "value"],
            "?" => ["error", "value", "value"],
            ":?" => ["error", "error", "value"],
            "+" => ["nothing", "word", "word"],
            _ => ["nothing", "nothing", "word"],
        }[state];
        let empty = Provenance::Missing(Reason::Empty);
        to.sites.push((
            span.clone(),
            match cell {
                "value" => origin,
                "error" => {
                    if state == 1 {
                        empty
                    } else {
                        missing
                    }
                }
                _ => Provenance::Word,
            },
        ));
        match cell {
            "value" => to.push(Piece::Value(value.unwrap())),
            "error" => to.rejected.push(span),
            _ => {}
        }
        if cell == "word" {
            self.sequence(word, len, to);
        } else {
            let unused = references(word).into_iter().map(|it| (it.span.clone(), Provenance::Unused));
            to.sites.extend(unused);
        }
    }
}
