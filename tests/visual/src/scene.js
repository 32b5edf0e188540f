// From the classic JSON to Grafana's scenes, which draw it.
import {
  ConstantVariable, EmbeddedScene, QueryVariable, SceneControlsSpacer, SceneDataTransformer, SceneGridItem, SceneGridLayout, SceneGridRow,
  SceneQueryRunner, SceneTimePicker, SceneTimeRange, SceneVariableSet, VariableValueSelectors, VizPanel,
} from '@grafana/scenes';
import { SOURCE } from './grafana.js';

const source = { type: 'prometheus', uid: SOURCE };

function panel(json, y) {
  const runner = json.targets && new SceneQueryRunner({ datasource: source, queries: json.targets, minInterval: json.interval });
  const data = json.transformations ? new SceneDataTransformer({ $data: runner, transformations: json.transformations }) : runner;
  const body = new VizPanel({
    key: `panel-${json.id}`, pluginId: json.type, title: json.title, description: json.description,
    options: json.options, fieldConfig: json.fieldConfig ?? { defaults: {}, overrides: [] }, $data: data,
  });
  return new SceneGridItem({ x: json.gridPos.x, y: json.gridPos.y + y, width: json.gridPos.w, height: json.gridPos.h, body });
}

/** Shut rows are opened: what is drawn is to be looked at. */
function rows(dashboard) {
  let opened = 0;
  const rows = [];
  for (const json of dashboard.panels) {
    if (json.type !== 'row') {
      rows.at(-1).setState({ children: [...rows.at(-1).state.children, panel(json, opened)] });
      continue;
    }
    const y = json.gridPos.y + opened;
    const children = json.panels.map((inner) => panel(inner, opened));
    rows.push(new SceneGridRow({ key: `row-${json.id}`, title: json.title, y, isCollapsed: false, children }));
    opened += Math.max(0, ...json.panels.map(({ gridPos }) => gridPos.y + gridPos.h - json.gridPos.y - 1));
  }
  return rows;
}

export function scene(dashboard, from, choices) {
  const variables = dashboard.templating.list.map((json) => {
    if (json.type === 'datasource') return new ConstantVariable({ name: json.name, value: SOURCE, hide: 2 });
    const chosen = choices.get(json.name) ?? (json.includeAll ? '$__all' : '');
    return new QueryVariable({
      name: json.name, label: json.label, datasource: source, query: json.query.query, refresh: json.refresh, sort: json.sort, regex: json.regex,
      isMulti: json.multi, includeAll: json.includeAll, allValue: json.allValue, value: json.multi ? [chosen] : chosen, text: chosen,
    });
  });
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: from || dashboard.time.from, to: 'now' }),
    $variables: new SceneVariableSet({ variables }),
    controls: [new VariableValueSelectors({}), new SceneControlsSpacer(), new SceneTimePicker({})],
    body: new SceneGridLayout({ isLazy: false, children: rows(dashboard) }),
  });
}
