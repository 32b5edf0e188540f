//! One page: rows and panels in their places, and what is around them.

use serde_json::{Value, json};

use crate::alerts::{Alerts, Links};

use super::layout::{Place, flow};
use super::source::{Page, Panel};
use super::vocabulary::{SERVER, Vocabulary};
use super::{Dashboard, Problem, Shown, annotations, links, panel, variables};

/// The last version of the classic model; Grafana 11 to 13 read it.
const SCHEMA: u32 = 42;

/// What making a page takes beside its own file.
pub struct Maker<'a> {
    pub vocabulary: &'a Vocabulary,
    pub alerts: &'a Alerts,
    pub links: &'a Links,
    pub sources: &'a [Page],
}

impl Maker<'_> {
    pub fn dashboard(&self, page: &Page) -> Result<Dashboard, Problem> {
        let problem = |what| Problem { page: page.uid.clone(), what };
        let mut shown = Vec::new();
        let mut panels = Vec::new();
        let (mut id, mut y) = (0, 0);
        let mut next_id = || {
            id += 1;
            id
        };
        for row in &page.rows {
            let row_id = next_id();
            let sizes = row.panels.iter().map(|panel| (panel.width, panel::height(panel)));
            let (places, bottom) = flow(sizes, y + 1);
            let mut inside = Vec::new();
            for (panel, place) in row.panels.iter().zip(places) {
                let (json, metrics) = self
                    .panel(page, panel, next_id(), place)
                    .map_err(|what| problem(format!("panel \"{}\": {what}", panel.title)))?;
                inside.push(json);
                let (title, lesson) = (panel.title.clone(), panel.lesson.clone());
                shown.push(Shown { title, lesson, metrics });
            }
            let place = Place { x: 0, y, w: 24, h: 1 };
            // A shut row holds its panels; those of an open one follow it.
            let held = if row.collapsed { std::mem::take(&mut inside) } else { Vec::new() };
            panels.push(json!({
                "type": "row", "id": row_id, "title": row.title, "collapsed": row.collapsed,
                "gridPos": place, "panels": held,
            }));
            panels.append(&mut inside);
            y = if row.collapsed { y + 1 } else { bottom };
        }
        let json = json!({
            "uid": page.uid,
            "title": format!("PostgreSQL / {}", page.title),
            "description": page.about,
            "tags": [links::TAG, "postgresql", format!("level:{}", page.level)],
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": false,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": { "from": page.range, "to": "now" },
            "timezone": "browser",
            "templating": {
                "list": variables::list(page).map_err(problem)?,
            },
            "annotations": {
                "list": annotations::list(&page.events, self.vocabulary).map_err(problem)?,
            },
            "links": links::of_page(&page.uid),
            "panels": panels,
        });
        Ok(Dashboard {
            uid: page.uid.clone(),
            title: page.title.clone(),
            about: page.about.clone(),
            panels: shown,
            json,
        })
    }

    fn panel(
        &self,
        page: &Page,
        panel: &Panel,
        id: u32,
        place: Place,
    ) -> Result<(Value, Vec<String>), String> {
        let filters = page.filters.iter().map(String::as_str);
        let context = panel::Context {
            page,
            variables: SERVER.into_iter().chain(filters).collect(),
            vocabulary: self.vocabulary,
            alerts: self.alerts,
            pages: self.sources,
        };
        let (mut json, metrics) = panel::draw(&context, panel)?;
        let watched_by = context.watched_by(panel)?;
        json["id"] = id.into();
        json["gridPos"] = json!(place);
        json["title"] = panel.title.as_str().into();
        json["description"] = panel::description(panel, &watched_by).into();
        json["links"] = links::of_panel(panel, &watched_by, self.links).into();
        json["datasource"] = panel::data_source();
        json["pluginVersion"] = panel::PLUGIN_VERSION.into();
        Ok((json, metrics))
    }
}
