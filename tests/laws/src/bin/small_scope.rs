//! Checks the laws of the language on every text of at most so many characters: `small_scope 7`.

fn main() {
    let len = std::env::args().nth(1).and_then(|len| len.parse().ok()).expect("a number of characters");
    let checked = envref_laws::small_scope::check(len);
    println!("{checked} texts of at most {len} characters");
}
