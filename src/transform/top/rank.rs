//! Who is kept: the best by each criterion, and for a while those who were.

use std::cmp::Reverse;
use std::time::Duration;

/// How an object stands by a criterion; the second number decides between equals.
pub type Strength = (f64, f64);

pub struct Candidate {
    /// By criterion. `None` is never kept for it.
    pub strengths: Vec<Option<Strength>>,
    /// When it was last near the best, if it is kept.
    pub kept: Option<Duration>,
}

/// Decides anew who is kept. Every criterion that tells anything has an equal
/// share of `keep`. Who was kept stays while it is within one and a half shares
/// by any criterion, and for `hold` after; `most` bounds both together, and the
/// longest gone make room for the best. Places left over go to the next in turn.
///
/// Candidates come in a lasting order, which decides between full equals.
pub fn select(
    candidates: &mut [Candidate],
    keep: usize,
    most: usize,
    hold: Duration,
    at: Duration,
) {
    let orders = orders(candidates);
    let share = keep.checked_div(orders.len()).unwrap_or(0);
    let mut chosen = vec![false; candidates.len()];
    let mut near = vec![false; candidates.len()];
    for order in &orders {
        for (rank, index) in order.iter().take(share + share.div_ceil(2)).enumerate() {
            chosen[*index] |= rank < share;
            near[*index] = true;
        }
    }

    let mut held: Vec<(Duration, usize)> = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(last) = candidate.kept else { continue };
        let last = if near[index] { at } else { last };
        if !chosen[index] && at < last + hold {
            held.push((last, index));
        }
    }
    held.sort_unstable_by_key(|(last, index)| (Reverse(*last), *index));
    let best = chosen.iter().filter(|chosen| **chosen).count();
    held.truncate(most.saturating_sub(best));

    let mut last_near = vec![None; candidates.len()];
    for (last, index) in &held {
        last_near[*index] = Some(*last);
    }
    let mut left = keep.saturating_sub(best + held.len());
    for index in in_turn(&orders).chain(ranked_at_all(candidates)) {
        if left > 0 && !chosen[index] && last_near[index].is_none() {
            chosen[index] = true;
            left -= 1;
        }
    }
    for (index, candidate) in candidates.iter_mut().enumerate() {
        candidate.kept = if chosen[index] { Some(at) } else { last_near[index] };
    }
}

/// For each criterion by which anyone stands out, those who do, best first.
fn orders(candidates: &[Candidate]) -> Vec<Vec<usize>> {
    let criteria = candidates.first().map_or(0, |candidate| candidate.strengths.len());
    let order = |criterion: usize| {
        let mut ranked: Vec<(Strength, usize)> = candidates
            .iter()
            .enumerate()
            .filter_map(|(index, candidate)| Some((candidate.strengths[criterion]?, index)))
            .filter(|(strength, _)| *strength > (0.0, 0.0))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        ranked.into_iter().map(|(_, index)| index).collect()
    };
    (0..criteria).map(order).filter(|order: &Vec<usize>| !order.is_empty()).collect()
}

/// The best by each criterion, the second best by each, and so on.
fn in_turn(orders: &[Vec<usize>]) -> impl Iterator<Item = usize> {
    let deepest = orders.iter().map(Vec::len).max().unwrap_or(0);
    (0..deepest).flat_map(|rank| orders.iter().filter_map(move |order| order.get(rank).copied()))
}

/// Whoever may be kept, at zero or not.
fn ranked_at_all(candidates: &[Candidate]) -> impl Iterator<Item = usize> {
    let ranked = |candidate: &Candidate| candidate.strengths.iter().any(Option::is_some);
    candidates.iter().enumerate().filter(move |(_, c)| ranked(c)).map(|(index, _)| index)
}
