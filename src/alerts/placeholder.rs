//! `{name}` in the texts of the source.
//!
//! A brace that opens a selector is followed by something else than one name and a
//! closing brace, and the braces of Prometheus' templates are doubled.

/// The text with every `{name}` replaced, or the name that nobody knows.
pub(super) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let taken = match name_in(tail) {
            Some(name) => {
                out.push_str(&value(name).ok_or_else(|| format!("{{{name}}} is not declared"))?);
                name.len() + 2
            }
            // Both braces of a template, or the one of a selector.
            None => tail.len() - tail.trim_start_matches('{').len(),
        };
        if name_in(tail).is_none() {
            out.push_str(&tail[..taken]);
        }
        rest = &tail[taken..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The names that a text refers to.
pub(super) fn names(text: &str) -> Vec<String> {
    let seen = std::cell::RefCell::new(Vec::new());
    // Every name is accepted, so there is no error.
    let _ = fill(text, |name| {
        seen.borrow_mut().push(name.to_owned());
        Some(String::new())
    });
    seen.into_inner()
}

fn name_in(tail: &str) -> Option<&str> {
    let (name, _) = tail.strip_prefix('{')?.split_once('}')?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_selectors_and_templates_left_alone() {
        let value = |name: &str| (name == "limit").then(|| "80".to_owned());
        assert_eq!(
            fill("a{b=\"c\"} > {limit} and {{ $value }}{}", value),
            Ok("a{b=\"c\"} > 80 and {{ $value }}{}".into())
        );
        assert_eq!(fill("x > {nobody}", value), Err("{nobody} is not declared".into()));
        assert_eq!(names("{a} {{ b }} {c_2} {d=\"e\"}"), ["a", "c_2"]);
    }
}
