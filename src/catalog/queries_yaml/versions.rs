//! `runonserver`: ranges such as `>=10.0.0 <14.0.0 || >16.0.0` as major versions.

use super::super::TESTED_MAJORS;

/// Majors beyond any that this program will meet.
const FAR: u32 = 99;

/// The first and the last major in the range; no last where it is open.
pub fn majors(range: &str) -> Result<(u32, Option<u32>), String> {
    let alternatives: Vec<Vec<(String, [u32; 3])>> =
        range.split("||").map(comparisons).collect::<Result<_, _>>()?;
    let matches = |version: [u32; 3]| {
        alternatives.iter().any(|all| all.iter().all(|(op, bound)| holds(op, version, *bound)))
    };
    let mut majors = Vec::new();
    for major in *TESTED_MAJORS.start()..=FAR {
        // Version 17.4 is 17.4.0 there, so between these stands every release.
        let (first, last) = (matches([major, 1, 0]), matches([major, 99, 0]));
        if first != last {
            return Err(format!(
                "{range} ends within major version {major}, which is not supported"
            ));
        }
        if first {
            majors.push(major);
        }
    }
    match (majors.first(), majors.last()) {
        (Some(first), Some(last)) if (last - first) as usize + 1 == majors.len() => {
            Ok((*first, (*last < FAR).then_some(*last)))
        }
        (None, _) => Err(format!("{range} has no version from {} on", TESTED_MAJORS.start())),
        _ => Err(format!("{range} has a gap, which is not supported")),
    }
}

fn comparisons(range: &str) -> Result<Vec<(String, [u32; 3])>, String> {
    let invalid = || format!("{range} is not a range like >=14.0.0 <17.0.0");
    let is_operator = |c: char| "<>=!".contains(c);
    let mut comparisons = Vec::new();
    let mut rest = range.trim();
    while !rest.is_empty() {
        let at = rest.find(|c| !is_operator(c)).ok_or_else(invalid)?;
        let (operator, tail) = rest.split_at(at);
        let tail = tail.trim_start();
        let at = tail.find(|c: char| c.is_whitespace() || is_operator(c)).unwrap_or(tail.len());
        let (version, tail) = tail.split_at(at);
        if !["", "=", "==", "!", "!=", "<", "<=", ">", ">="].contains(&operator) {
            return Err(invalid());
        }
        comparisons.push((operator.to_owned(), parse(version).ok_or_else(invalid)?));
        rest = tail.trim_start();
    }
    if comparisons.is_empty() { Err(invalid()) } else { Ok(comparisons) }
}

fn parse(version: &str) -> Option<[u32; 3]> {
    let mut parts = [0; 3];
    for (position, part) in version.split('.').enumerate() {
        *parts.get_mut(position)? = part.parse().ok()?;
    }
    Some(parts)
}

fn holds(operator: &str, version: [u32; 3], bound: [u32; 3]) -> bool {
    match operator {
        "<" => version < bound,
        "<=" => version <= bound,
        ">" => version > bound,
        ">=" => version >= bound,
        "!" | "!=" => version != bound,
        _ => version == bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_become_majors() {
        for (range, expected) in [
            (">=9.6.0", (13, None)),
            (">=14.0.0 <17.0.0", (14, Some(16))),
            ("> 14.0.0", (14, None)),
            (">=10.0.0 <14.0.0 || >=14.0.0", (13, None)),
            ("<17", (13, Some(16))),
            ("!=15.0.0", (13, None)),
        ] {
            assert_eq!(majors(range), Ok(expected), "{range}");
        }
    }

    #[test]
    fn what_majors_cannot_say_is_refused() {
        for (range, why) in [
            ("<9.6.0", "no version"),
            (">=17.2.0", "within major version 17"),
            ("<14.0.0 || >16.99.0", "gap"),
            ("14.x", "not a range"),
            ("=> 14", "not a range"),
            ("", "not a range"),
        ] {
            let told = majors(range).unwrap_err();
            assert!(told.contains(why), "{range}: {told}");
        }
    }
}
