//! Deep nesting ends in the error of each format, with the adapter as without.

use std::thread;

use serde_json::Value;

use crate::format::Format;
use crate::types::At;

/// Returns a document of `depth` sequences, the innermost of which holds `value`.
fn nested(format: Format, depth: usize, value: Option<&str>) -> Vec<u8> {
    let text = |value: &str| format!("{}{value}{}", "[".repeat(depth), "]".repeat(depth));
    let quoted = value.map_or(String::new(), |value| format!("\"{value}\""));
    match format {
        Format::Json | Format::Json5 | Format::Figment | Format::Config => {
            format!(r#"{{"v": {}}}"#, text(&quoted)).into_bytes()
        }
        Format::Toml => format!("v = {}", text(&quoted)).into_bytes(),
        Format::Yaml | Format::Saphyr => format!("v: {}", text(&quoted)).into_bytes(),
        Format::Ron => format!("(v: {})", text(&quoted)).into_bytes(),
        Format::Cbor | Format::MessagePack => {
            let (one, none) = if format == Format::Cbor { (0x81, 0x80) } else { (0x91, 0x90) };
            let mut document =
                if format == Format::Cbor { b"\xa1\x61v".to_vec() } else { b"\x81\xa1v".to_vec() };
            document.resize(document.len() + depth - 1, one);
            match value {
                Some(value) => {
                    document.push(one);
                    document.extend(format.write(&value).unwrap());
                }
                None => document.push(none),
            }
            document
        }
    }
}

/// Calls `f` with a stack for a thousand levels of code that is not optimized: as many as MessagePack allows.
fn with_large_stack(f: fn()) {
    thread::Builder::new().stack_size(64 << 20).spawn(f).unwrap().join().unwrap();
}

#[test]
fn deep_nesting_ends_in_the_error_of_the_format() {
    with_large_stack(check_deep_nesting);
}

fn check_deep_nesting() {
    // `json5` has no limit, and overflows the stack by itself.
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json5) {
        // The scanner of `yaml_serde` takes quadratic time for this, with or without the adapter.
        let depth = if format == Format::Yaml { 1_000 } else { 100_000 };
        let document = nested(format, depth, None);
        let direct = format.read_directly::<At<Value>>(&document).unwrap_err().to_string();
        let error = format.read::<At<Value>>(&document, &[]).unwrap_err();
        assert_eq!(error.to_string(), direct, "{format:?}");
        assert_eq!(format.explain(&document).unwrap_err().to_string(), direct, "{format:?}");
    }
}

#[test]
fn the_deepest_that_a_format_reads_is_not_too_deep_for_the_adapter() {
    with_large_stack(check_deepest);
}

fn check_deepest() {
    for format in Format::ALL {
        let reads =
            |depth: usize| format.read_directly::<At<Value>>(&nested(format, depth, Some("$PORT"))).is_ok();
        let (mut deepest, mut too_deep) = (1, 1_000);
        while too_deep - deepest > 1 {
            let depth = usize::midpoint(deepest, too_deep);
            if reads(depth) { deepest = depth } else { too_deep = depth }
        }
        let document = nested(format, deepest, Some("$PORT"));
        let mut value = format.read::<At<Value>>(&document, &[("PORT", "8080")]).unwrap().v;
        while let Value::Array(mut items) = value {
            value = items.remove(0);
        }
        assert_eq!(value, "8080", "{format:?}");
        let path = format!("v{}", "[0]".repeat(deepest));
        let explanation = format.explain(&document).unwrap();
        let shown = explanation[0].path().unwrap();
        // A long path is shown without its middle.
        let (start, end) = shown.split_once('…').unwrap_or((shown, ""));
        assert!(path.starts_with(start) && path.ends_with(end), "{format:?}: {shown}");
        assert_eq!(path.len() <= 256, shown == path, "{format:?}: {shown}");
    }
}
