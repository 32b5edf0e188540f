use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::rows::Value;

const MINUTE: Duration = Duration::from_secs(60);
const HOLD: Duration = Duration::from_secs(30 * 60);

fn shape(keep: usize, max_rows: usize) -> Shape {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Shape {
        keep,
        max_rows,
        hold: HOLD,
        by: names(&["written", "size"]),
        key: names(&["schema", "name"]),
        other: "name".into(),
        counters: names(&["written"]),
        gauges: names(&["size", "age"]),
        summed: names(&["written", "size"]),
        evicted: false,
    }
}

/// Name, identity, counter and gauge of each object.
type Objects = BTreeMap<String, (u32, f64, f64)>;
type Shown = BTreeMap<String, (Option<f64>, Option<f64>)>;

fn rows(objects: &Objects) -> Rows {
    let mut rows = Rows::new(["database", "schema", "name", "key:oid", "written", "size", "age"]);
    for (name, (oid, written, size)) in objects {
        let oid = oid.to_string();
        rows.push([
            "db".into(),
            "public".into(),
            name.as_str().into(),
            oid.as_str().into(),
            (*written).into(),
            (*size).into(),
            7.0.into(),
        ]);
    }
    rows
}

fn poll(top: &mut Top, objects: &Objects, at: Duration) -> Shown {
    let rows = top.apply(rows(objects), at).unwrap();
    assert_eq!(rows.columns().len(), 6, "what is read only is not shown");
    let shown: Shown = rows
        .iter()
        .map(|row| {
            let name = row.text(2).unwrap().to_owned();
            let is_rest = name == "_other";
            assert_eq!(row.text(0), Some("db"));
            assert_eq!(row.text(1), (!is_rest).then_some("public"));
            assert_eq!(row.number(5), (!is_rest).then_some(7.0));
            (name, (row.number(3), row.number(4)))
        })
        .collect();
    assert_eq!(shown.len(), rows.len());
    shown
}

fn many(count: u32) -> Objects {
    (0..count).map(|n| (format!("t{n:03}"), (n, f64::from(n * 10), f64::from(n)))).collect()
}

fn names(shown: &Shown) -> Vec<&str> {
    shown.keys().map(String::as_str).collect()
}

#[test]
fn where_all_fit_all_are_shown_and_there_is_no_rest() {
    let shown = poll(&mut Top::new(shape(10, 16)), &many(10), MINUTE);
    assert_eq!(shown.len(), 10);
    assert!(!shown.contains_key("_other"));
}

#[test]
fn the_first_rest_is_the_sum_of_what_is_not_shown() {
    let mut top = Top::new(shape(2, 5));
    let shown = poll(&mut top, &many(5), MINUTE);
    assert_eq!(names(&shown), ["_other", "t003", "t004"]);
    assert_eq!(shown["_other"], (Some(30.0), Some(3.0)));
    assert_eq!(top.folded(), Some(3));
}

#[test]
fn what_grows_enters_and_what_rests_stays_for_the_hold() {
    let mut top = Top::new(shape(2, 5));
    let mut objects = many(20);
    assert_eq!(names(&poll(&mut top, &objects, MINUTE)), ["_other", "t018", "t019"]);
    for minute in 2..60 {
        objects.get_mut("t000").unwrap().1 += 100.0;
        let shown = poll(&mut top, &objects, minute * MINUTE);
        assert!(shown.contains_key("t000") && shown.contains_key("t019"), "{shown:?}");
        // t018 was second best at first, and still is by size: within 1.5 shares.
        assert!(shown.contains_key("t018"));
    }
    objects.get_mut("t018").unwrap().2 = 0.0;
    let begun = 60;
    for minute in begun..begun + 31 {
        let shown = poll(&mut top, &objects, minute * MINUTE);
        assert_eq!(shown.contains_key("t018"), minute < begun + 29, "{}", minute - begun);
    }
}

#[test]
fn a_row_without_the_name_is_a_total_and_passes() {
    let mut total = Rows::new(["schema", "name", "written", "size"]);
    total.push([Value::Null, Value::Null, 5.0.into(), Value::Null]);
    let out = Top::new(shape(2, 5)).apply(total.clone(), MINUTE).unwrap();
    assert_eq!(out, total);
}

#[test]
fn a_table_created_anew_is_another_one() {
    let mut top = Top::new(shape(2, 5));
    let mut objects = many(5);
    poll(&mut top, &objects, MINUTE);
    objects.get_mut("t004").unwrap().1 += 100.0;
    // Higher than before, so its counter alone would not tell.
    objects.insert("t001".into(), (99, 25.0, 0.0));
    assert_eq!(poll(&mut top, &objects, 2 * MINUTE)["_other"].0, Some(30.0 + 25.0));
}

#[test]
fn parts_are_added_up_and_one_that_goes_takes_nothing_away() {
    let mut top = Top::new(shape(2, 5));
    let mut apply = |parts: &[(&str, f64)]| {
        let mut rows = Rows::new(["schema", "name", "part:oid", "written", "size"]);
        for (part, written) in parts {
            rows.push(["s".into(), "root".into(), (*part).into(), (*written).into(), 1.0.into()]);
        }
        let rows = top.apply(rows, MINUTE).unwrap();
        let row = rows.iter().next().unwrap();
        assert_eq!(rows.len(), 1);
        (row.number(2), row.number(3))
    };
    assert_eq!(apply(&[("1", 10.0), ("2", 5.0)]), (Some(15.0), Some(2.0)));
    assert_eq!(apply(&[("2", 6.0), ("3", 1.0)]), (Some(17.0), Some(2.0)));
    assert_eq!(apply(&[("2", 2.0)]), (Some(19.0), Some(1.0)));
}

#[test]
fn what_is_evicted_and_comes_back_goes_on_where_it_was() {
    let mut top = Top::new(Shape {
        by: vec!["seconds".to_owned()],
        counters: vec!["seconds".to_owned()],
        gauges: Vec::new(),
        summed: vec!["seconds".to_owned()],
        evicted: true,
        ..shape(2, 5)
    });
    let mut apply = |minute: u32, statements: &[(&str, f64)]| {
        let mut rows = Rows::new(["schema", "name", "part:entry", "seconds"]);
        for (name, seconds) in statements {
            rows.push(["s".into(), (*name).into(), "".into(), (*seconds).into()]);
        }
        let rows = top.apply(rows, minute * MINUTE).unwrap();
        let shown = rows.iter().map(|row| (row.text(1).unwrap().to_owned(), row.number(2)));
        shown.collect::<BTreeMap<_, _>>()
    };
    let shown = apply(1, &[("small", 1.0), ("busy", 50.0), ("report", 20.0)]);
    assert_eq!((shown["report"], shown["_other"]), (Some(20.0), Some(1.0)));
    // Its entry goes, and it stays; back with as much, it has run once more.
    assert_eq!(apply(2, &[("small", 1.0), ("busy", 51.0)])["report"], Some(20.0));
    assert_eq!(apply(3, &[("small", 1.0), ("busy", 52.0)])["report"], Some(20.0));
    let shown = apply(4, &[("small", 1.0), ("busy", 53.0), ("report", 20.0)]);
    assert_eq!((shown["report"], shown["_other"]), (Some(40.0), Some(1.0)));
    // Gone for good, it leaves when others do, and nothing is forgotten or counted twice.
    for minute in 5..60 {
        let shown = apply(minute, &[("small", 1.0), ("busy", 54.0), ("more", 2.0)]);
        assert_eq!(shown.contains_key("report"), minute < 34, "{minute}");
        assert!(shown["_other"] <= Some(3.0), "{shown:?}");
    }
    assert_eq!(apply(60, &[("report", 3.0)])["report"], Some(3.0));
}

#[test]
fn chance_does_not_make_the_kept_come_and_go() {
    let mut top = Top::new(shape(20, 31));
    let mut objects = many(500);
    let mut random = 1_u64;
    let mut changes = 0;
    let mut before: Vec<String> = Vec::new();
    for minute in 1..240 {
        for (index, object) in objects.values_mut().enumerate() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Rates fall slowly with the rank, and every poll sees them off by half.
            object.1 +=
                1e6 / (10.0 + index as f64) * (0.5 + (random >> 40) as f64 / 2_f64.powi(24));
        }
        let shown = poll(&mut top, &objects, minute * MINUTE);
        let now: Vec<String> = names(&shown).into_iter().map(str::to_owned).collect();
        if minute > 60 {
            changes += before.iter().filter(|name| !now.contains(name)).count();
        }
        before = now;
    }
    assert!(changes <= 10, "{changes} objects left in three hours");
}

#[derive(Clone, Debug)]
enum Event {
    Grow(u8, u16),
    Size(u8, u16),
    Create(u8),
    Drop(u8),
    Reset(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..12_u8, 1..1000_u16).prop_map(|(n, by)| Event::Grow(n, by)),
        2 => (0..12_u8, 0..1000_u16).prop_map(|(n, to)| Event::Size(n, to)),
        1 => (0..12_u8).prop_map(Event::Create),
        1 => (0..12_u8).prop_map(Event::Drop),
        1 => (0..12_u8).prop_map(Event::Reset),
    ]
}

/// Applies an event and says by how much all objects grew.
fn happen(objects: &mut Objects, event: &Event, oid: u32) -> f64 {
    let name = |n: &u8| format!("t{n:03}");
    match event {
        Event::Grow(n, by) => {
            if let Some(object) = objects.get_mut(&name(n)) {
                object.1 += f64::from(*by);
                return f64::from(*by);
            }
        }
        Event::Size(n, to) => {
            if let Some(object) = objects.get_mut(&name(n)) {
                object.2 = f64::from(*to);
            }
        }
        Event::Create(n) => {
            objects.entry(name(n)).or_insert((oid, 3.0, 0.0));
        }
        Event::Drop(n) => {
            objects.remove(&name(n));
        }
        Event::Reset(n) => {
            if let Some(object) = objects.get_mut(&name(n)) {
                object.1 = 0.0;
            }
        }
    }
    0.0
}

proptest! {
    /// What Prometheus adds up over all series is what happened: nothing is lost
    /// when objects come, go, begin anew, or change sides.
    #[test]
    fn growth_shown_is_growth(polls in prop::collection::vec(event(), 1..60), keep in 2..6_usize) {
        let mut top = Top::new(shape(keep, 13));
        let mut objects = many(8);
        let mut before_shown = poll(&mut top, &objects, MINUTE);
        let mut before = objects.clone();
        for (number, event) in polls.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            happen(&mut objects, event, 100 + number);
            let shown = poll(&mut top, &objects, (number + 2) * MINUTE);

            let grew = |was: Option<f64>, is: f64| was.filter(|was| *was <= is).map_or(is, |was| is - was);
            let same = |name: &str| before.get(name).filter(|b| objects.get(name).is_some_and(|o| o.0 == b.0));
            let truth: f64 = objects.iter().map(|(n, o)| grew(same(n).map(|b| b.1), o.1)).sum();
            let mut seen = 0.0;
            for (name, (written, _)) in &shown {
                let was = before_shown.get(name).and_then(|(written, _)| *written);
                let written = written.unwrap();
                seen += match was {
                    Some(was) if name == "_other" => {
                        prop_assert!(written >= was, "_other fell from {} to {}", was, written);
                        written - was
                    }
                    None if name == "_other" => written,
                    _ if same(name).is_none() => written,
                    Some(was) => grew(Some(was), written),
                    // It was in the rest until now, and the rest has shown its growth.
                    None => 0.0,
                };
            }
            prop_assert!((seen - truth).abs() < 1e-6, "{seen} shown of {truth}");

            let sizes: f64 = objects.values().map(|object| object.2).sum();
            let shown_sizes: f64 = shown.values().filter_map(|(_, size)| *size).sum();
            prop_assert!((sizes - shown_sizes).abs() < 1e-6);
            let kept = shown.keys().filter(|name| *name != "_other").count();
            prop_assert!(kept >= keep.min(objects.len()) && shown.len() <= 13);
            prop_assert_eq!(top.known.len(), objects.len());
            (before, before_shown) = (objects.clone(), shown);
        }
    }

    /// Where there is room, nobody leaves before the hold is over.
    #[test]
    fn the_kept_stay_for_the_hold(polls in prop::collection::vec(event(), 1..60)) {
        let mut top = Top::new(shape(3, 14));
        let mut objects = many(8);
        let mut entered: BTreeMap<(String, u32), u32> = BTreeMap::new();
        for (number, event) in polls.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            happen(&mut objects, event, 100 + number);
            let shown = poll(&mut top, &objects, number * MINUTE);
            entered.retain(|(name, oid), _| objects.get(name).is_some_and(|o| o.0 == *oid));
            for ((name, _), since) in &entered {
                let young = number - since < 30;
                prop_assert!(!young || shown.contains_key(name), "{name} left after {}", number - since);
            }
            entered.retain(|(name, _), _| shown.contains_key(name));
            for (name, object) in objects.iter().filter(|(name, _)| shown.contains_key(*name)) {
                entered.entry((name.clone(), object.0)).or_insert(number);
            }
        }
    }

    /// However many come and go, no more rows are shown than declared.
    #[test]
    fn the_bound_holds(polls in prop::collection::vec(event(), 1..60), max_rows in 4..8_usize) {
        let mut top = Top::new(shape(3, max_rows));
        let mut objects = many(8);
        for (number, event) in polls.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            happen(&mut objects, event, 100 + number);
            let shown = poll(&mut top, &objects, number * MINUTE);
            prop_assert!(shown.len() <= max_rows);
        }
    }
}
