//! One statement, cut out of what a person wrote, so that it can stand in brackets.

/// The statement in `text` without the semicolon and what follows it.
pub fn single(text: &str) -> Result<&str, &'static str> {
    let bytes = text.as_bytes();
    let mut end = None;
    let mut is_empty = true;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let (length, is_code) = match bytes[at] {
            b if b.is_ascii_whitespace() => (1, false),
            b'-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), false),
            b'/' if rest.starts_with("/*") => (comment(rest)?, false),
            b'\'' => (quoted(rest, '\'', is_escaped(&text[..at]))?, true),
            b'"' => (quoted(rest, '"', false)?, true),
            b'$' => (dollar(rest)?, true),
            b';' => {
                end = end.or(Some(at));
                (1, false)
            }
            // A word as one piece: the $ inside a name opens no string.
            _ => (word(rest), true),
        };
        if is_code && end.is_some() {
            return Err("expected one statement");
        }
        is_empty &= !is_code;
        at += length;
    }
    match is_empty {
        true => Err("it is empty"),
        false => Ok(text[..end.unwrap_or(text.len())].trim()),
    }
}

fn word(rest: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    length.max(rest.chars().next().map_or(1, char::len_utf8))
}

/// Whether the quote after `before` opens a string with backslashes: `E'…'`.
fn is_escaped(before: &str) -> bool {
    let mut last = before.chars().rev();
    matches!(last.next(), Some('e' | 'E'))
        && !last.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// A doubled quote needs no care: it ends one piece and begins the next.
fn quoted(rest: &str, quote: char, escaped: bool) -> Result<usize, &'static str> {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Ok(at + 1);
        }
        if escaped && c == '\\' {
            chars.next();
        }
    }
    Err("a quote is not closed")
}

fn dollar(rest: &str) -> Result<usize, &'static str> {
    let tag_end = rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').map(|at| at + 1);
    match tag_end {
        Some(at) if rest[at..].starts_with('$') => {
            let tag = &rest[..=at];
            let body = rest[tag.len()..].find(tag).ok_or("a dollar quote is not closed")?;
            Ok(body + 2 * tag.len())
        }
        _ => Ok(1),
    }
}

/// Comments nest in PostgreSQL.
fn comment(rest: &str) -> Result<usize, &'static str> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let (length, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += length;
        depth = depth.saturating_add_signed(change);
        if depth == 0 {
            return Ok(at);
        }
    }
    Err("a comment is not closed")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn semicolons_and_comments_at_the_end_are_cut() {
        for text in
            ["select 1", " select 1 ; ", "select 1;;\n-- done;\n", "select 1; /* a /* b */ ; */"]
        {
            assert_eq!(single(text), Ok("select 1"), "{text}");
        }
        assert_eq!(single("select 1 -- one"), Ok("select 1 -- one"));
    }

    #[test]
    fn a_semicolon_in_a_string_a_name_or_a_comment_is_none() {
        for text in [
            "select ';', 'it''s;', \"a;\"\"b\"",
            "select e'\\';' as x",
            "select $$;$$, $a$ $b$; $a$",
            "select 1 /* ; */ + 2 -- ;\n",
            "select a$b from t where c = $1",
            "select 'schön;'",
        ] {
            assert_eq!(single(text), Ok(text.trim()), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_statement_is_refused() {
        for (text, why) in [
            ("select 1; select 2", "expected one statement"),
            ("select 'a", "a quote is not closed"),
            ("select $a$ $$", "a dollar quote is not closed"),
            ("select 1 /* /* */", "a comment is not closed"),
            (" -- nothing\n;", "it is empty"),
        ] {
            assert_eq!(single(text), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[a-eE'\"$;/*\\\\ü\n -]{0,40}") {
            let _ = single(&text);
        }
    }
}
