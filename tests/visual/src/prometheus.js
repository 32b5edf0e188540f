// Grafana's Prometheus data source without Grafana's server: steps and
// $__rate_interval as its backend computes them, legends and tables as it shapes them.
import { FieldType } from '@grafana/data';
import { RuntimeDataSource, sceneGraph, sceneUtils } from '@grafana/scenes';
import { SOURCE } from './grafana.js';

const SCRAPE_SECONDS = 15;

// Read by draw.mjs: what was asked, and since when nothing is under way.
window.queries = [];
let underWay = 0;
async function counted(work) {
  underWay += 1;
  window.idleSince = undefined;
  try {
    return await work();
  } finally {
    underWay -= 1;
    if (!underWay) window.idleSince = Date.now();
  }
}

const seconds = (text) => {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text);
  return +number * { s: 1, m: 60, h: 3600, d: 86400 }[unit];
};

class Prometheus extends RuntimeDataSource {
  constructor(address) {
    super('prometheus', SOURCE);
    this.address = address;
  }

  api(path, parameters) {
    return counted(async () => {
      const answer = await (await fetch(`${this.address}/api/v1/${path}?${new URLSearchParams(parameters)}`)).json();
      if (answer.status !== 'success') throw new Error(answer.error);
      return answer.data;
    });
  }

  async query(request) {
    const answers = await Promise.all(request.targets.map((target) => this.one(request, target)));
    return { data: answers.flatMap((answer) => answer.frames ?? []), errors: answers.flatMap((answer) => answer.error ?? []) };
  }

  async one(request, target) {
    const scrape = target.interval ? seconds(target.interval) : SCRAPE_SECONDS;
    const step = Math.max((request.intervalMs ?? 0) / 1000, scrape);
    const range = (request.range.to - request.range.from) / 1000;
    const lengths = { __interval: step, __rate_interval: Math.max(step + scrape, 4 * scrape), __range: range };
    const scoped = Object.entries(lengths).map(([name, value]) => [name, { value: `${Math.round(value)}s`, text: '' }]);
    scoped.push(['__range_s', { value: Math.round(range), text: '' }]);
    const expr = sceneGraph.interpolate(window.scene, target.expr, { ...request.scopedVars, ...Object.fromEntries(scoped) });
    const end = request.range.to.valueOf() / 1000;
    try {
      const { result } = target.instant
        ? await this.api('query', { query: expr, time: end })
        : await this.api('query_range', { query: expr, start: end - range, end, step });
      window.queries.push({ expr, series: result.length });
      return { frames: target.format === 'table' ? [table(request, target, result)] : result.map((series) => line(target, series, step)) };
    } catch (error) {
      window.queries.push({ expr, error: String(error) });
      return { error: { message: String(error), refId: target.refId } };
    }
  }

  async metricFindQuery(query) {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query.query ?? query);
    const values = await this.api(`label/${label}/values`, { 'match[]': sceneGraph.interpolate(window.scene, selector) });
    return values.map((text) => ({ text }));
  }
}

function line(target, series, step) {
  const values = series.values ?? [series.value];
  const name = (target.legendFormat ?? '').replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => series.metric[label] ?? '');
  return {
    refId: target.refId, name, fields: [
      // The step tells a graph what is a gap.
      { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: values.map(([time]) => time * 1000) },
      { name: 'Value', type: FieldType.number, labels: series.metric, config: { displayNameFromDS: name }, values: values.map(([, value]) => +value) },
    ],
  };
}

function table(request, target, result) {
  const labels = [...new Set(result.flatMap((series) => Object.keys(series.metric)))].sort();
  return {
    refId: target.refId, fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value: [time] }) => time * 1000) },
      ...labels.map((name) => ({ name, type: FieldType.string, values: result.map(({ metric }) => metric[name] ?? '') })),
      // One query's figures are "Value", several queries' have their letter.
      { name: request.targets.length > 1 ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: result.map(({ value: [, value] }) => +value) },
    ],
  };
}

export function register(address) {
  sceneUtils.registerRuntimeDataSource({ dataSource: new Prometheus(address) });
}
