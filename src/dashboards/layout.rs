//! Where panels stand: authors name widths, places are computed.

use serde::Deserialize;

/// Grafana's grid.
const COLUMNS: u32 = 24;

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    Eighth,
    Sixth,
    Quarter,
    Third,
    #[default]
    Half,
    TwoThirds,
    ThreeQuarters,
    Full,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Height {
    /// One figure.
    Low,
    /// A few lines of a table or a timeline.
    Short,
    /// A graph.
    Normal,
    /// A long table.
    Tall,
}

impl Width {
    fn columns(self) -> u32 {
        match self {
            Self::Eighth => COLUMNS / 8,
            Self::Sixth => COLUMNS / 6,
            Self::Quarter => COLUMNS / 4,
            Self::Third => COLUMNS / 3,
            Self::Half => COLUMNS / 2,
            Self::TwoThirds => COLUMNS / 3 * 2,
            Self::ThreeQuarters => COLUMNS / 4 * 3,
            Self::Full => COLUMNS,
        }
    }
}

impl Height {
    fn lines(self) -> u32 {
        match self {
            Self::Low => 4,
            Self::Short => 6,
            Self::Normal => 8,
            Self::Tall => 12,
        }
    }
}

/// A place in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

/// Fills lines from the left. The panels of a line are as high as its highest, so
/// that nothing stands out or leaves a hole. Returns the first line below.
pub fn flow(panels: impl Iterator<Item = (Width, Height)>, top: u32) -> (Vec<Place>, u32) {
    let mut places: Vec<Place> = Vec::new();
    let mut line = 0;
    let (mut x, mut y) = (0, top);
    for (width, height) in panels {
        let (w, h) = (width.columns(), height.lines());
        if x + w > COLUMNS {
            y += level(&mut places[line..]);
            line = places.len();
            x = 0;
        }
        places.push(Place { x, y, w, h });
        x += w;
    }
    let bottom = y + level(&mut places[line..]);
    (places, bottom)
}

/// Gives a line's panels one height, and returns it.
fn level(line: &mut [Place]) -> u32 {
    let highest = line.iter().map(|place| place.h).max().unwrap_or_default();
    line.iter_mut().for_each(|place| place.h = highest);
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_from_the_left_and_levelled() {
        let panels = [
            (Width::Half, Height::Low),
            (Width::Half, Height::Normal),
            (Width::ThreeQuarters, Height::Low),
            (Width::Third, Height::Low),
        ];
        let (places, bottom) = flow(panels.into_iter(), 1);
        let place = |x, y, w, h| Place { x, y, w, h };
        assert_eq!(
            places,
            [place(0, 1, 12, 8), place(12, 1, 12, 8), place(0, 9, 18, 4), place(0, 13, 8, 4)]
        );
        assert_eq!(bottom, 17);
    }
}
