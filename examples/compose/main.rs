//! Renders a Compose file with the variables of a `.env` file: defaults, required variables and `$$`, in the Compose dialect.
//! Every other byte stays, comments included.
//!
//! ```sh
//! cargo run --example compose --features yaml
//! ```

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use envref::{Action, Dialect, Expander, Lookup, Unset, dotenv, yaml};

fn main() -> Result<(), Box<dyn Error>> {
    let template = fs::read_to_string(here("compose.yaml"))?;
    let vars = dotenv::parse(&fs::read_to_string(here(".env"))?)?;
    for line in needs(&template)? {
        eprintln!("{line}");
    }
    match render(&template, &vars) {
        Ok(text) => print!("{text}"),
        Err(error) => {
            // Everything that is missing, each with its message and its line.
            eprint!("{}", error.render(&template));
            std::process::exit(1);
        }
    }
    Ok(())
}

/// Returns the template with its references replaced. As in Compose, an unset variable is empty. No process variable is
/// read, so that the same files give the same result on every host.
fn render(template: &str, vars: &(impl Lookup + ?Sized)) -> Result<String, envref::Error> {
    let expander = Expander::new(vars).dialect(Dialect::Compose).on_unset(Unset::Empty).output_limit(1 << 20);
    yaml::expand(template, &expander).map(String::from)
}

/// Returns a line for each variable of the template: its default, or whether it is required.
fn needs(template: &str) -> Result<Vec<String>, envref::Error> {
    let expander = Expander::new(&()).dialect(Dialect::Compose);
    let mut lines = Vec::new();
    for site in &yaml::explain(template, &expander)? {
        let note = match site.operator() {
            Some((operator, word)) if operator.action() == Action::Default => format!("default {word}"),
            Some((operator, message)) if operator.action() == Action::Require => {
                format!("required: {message}")
            }
            _ => "optional".to_owned(),
        };
        let line = format!("{}: {note}", site.name());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    Ok(lines)
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/compose").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = include_str!("compose.yaml");
    const ENV: &str = include_str!(".env");

    fn rendered() -> serde_json::Value {
        let text = render(TEMPLATE, &dotenv::parse(ENV).unwrap()).unwrap();
        yaml_serde::from_str(&text).unwrap()
    }

    #[test]
    fn the_file_is_rendered_as_compose_would() {
        let file = rendered();
        let web = &file["services"]["web"];
        assert_eq!(file["name"], "harbour");
        assert_eq!(web["image"], "docker.io/harbour/web:1.4.2");
        assert_eq!(web["ports"][0], "9000:80");
        assert_eq!(web["environment"]["LOG_LEVEL"], "info");
        assert_eq!(web["environment"]["MIRROR_OPTIONS"], "--mirror https://mirror.example.org --verify");
        assert_eq!(file["services"]["db"]["environment"]["POSTGRES_DB"], "harbour");
        assert_eq!(file["services"]["db"]["healthcheck"]["interval"], "30s");
        assert_eq!(
            file["services"]["db"]["healthcheck"]["test"][1],
            "pg_isready --username ${POSTGRES_USER} --dbname ${POSTGRES_DB}"
        );
    }

    #[test]
    fn a_value_is_only_a_value() {
        let file = rendered();
        assert_eq!(
            file["services"]["web"]["environment"]["DATABASE_URL"],
            "postgres://app:correct horse: $battery # staple@db:5432/harbour"
        );
    }

    #[test]
    fn comments_stay() {
        let text = render(TEMPLATE, &dotenv::parse(ENV).unwrap()).unwrap();
        assert!(text.contains("      # The shell in the container is to see these: `$$` is a `$`.\n"));
        assert_eq!(text.lines().count(), TEMPLATE.lines().count());
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let error = render(TEMPLATE, &()).unwrap_err();
        let missing: Vec<_> = error.sites().iter().map(|site| (site.name(), site.path().unwrap())).collect();
        assert_eq!(
            missing,
            [
                ("TAG", "services.web.image"),
                ("DB_PASSWORD", "services.web.environment.DATABASE_URL"),
                ("DB_PASSWORD", "services.db.environment.POSTGRES_PASSWORD"),
            ]
        );
        assert!(error.to_string().contains("unset: name the release to run, such as TAG=1.4.2"));
    }

    #[test]
    fn what_a_template_needs_is_known_before() {
        let needs = needs(TEMPLATE).unwrap();
        for line in ["PROJECT: default harbour", "DB_PASSWORD: required: set it in .env", "MIRROR: optional"]
        {
            assert!(needs.iter().any(|it| it == line), "{line}");
        }
    }
}
