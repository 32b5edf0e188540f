// The panel types that our dashboards use, around the components that Grafana
// publishes. Timelines and text are not published: these two are ours.
import React from 'react';
import { cacheFieldDisplayNames, FieldType, getDisplayValueAlignmentFactors, getFieldDisplayValues, PanelPlugin, renderMarkdown, VizOrientation } from '@grafana/data';
import { sceneUtils } from '@grafana/scenes';
import { BarGauge, BigValue, TimeSeries, useTheme2, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { customOptions } from './grafana.js';

const NoData = ({ of }) => <div style={{ display: 'grid', placeItems: 'center', height: '100%', opacity: 0.6, textAlign: 'center' }}>{of.fieldConfig.defaults.noValue ?? 'No data'}</div>;

const figures = (panel, theme) => getFieldDisplayValues({
  fieldConfig: panel.fieldConfig, reduceOptions: { calcs: ['lastNotNull'], ...panel.options.reduceOptions },
  replaceVariables: panel.replaceVariables, theme, data: panel.data.series, timeZone: panel.timeZone, sparkline: false,
});

function Graph(panel) {
  const theme = useTheme2();
  // As Grafana does: what is no number is a gap.
  const gaps = (field) => (field.type === FieldType.number ? { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) } : field);
  const frames = panel.data.series.filter((frame) => frame.length > 0).map((frame) => ({ ...frame, fields: frame.fields.map(gaps) }));
  if (!frames.length) return <NoData of={panel} />;
  return <TimeSeries frames={frames} width={panel.width} height={panel.height} timeRange={panel.timeRange} timeZone={panel.timeZone}
    legend={panel.options.legend} options={panel.options} theme={theme} />;
}

function Stat(panel) {
  const theme = useTheme2();
  const { options } = panel;
  return <VizRepeater getValues={() => figures(panel, theme)} width={panel.width} height={panel.height} source={panel.data}
    itemSpacing={3} orientation={options.orientation ?? VizOrientation.Auto} renderCounter={panel.renderCounter} autoGrid
    renderValue={({ value, width, height, count }) => <BigValue value={value.display} colorMode={options.colorMode} graphMode="none"
      justifyMode={options.justifyMode} textMode={options.textMode} text={options.text} theme={theme} width={width} height={height} count={count} />} />;
}

function Bars(panel) {
  const theme = useTheme2();
  const { options } = panel;
  const values = () => figures(panel, theme);
  if (!values().some((value) => value.display.title)) return <NoData of={panel} />;
  return <VizRepeater getValues={values} getAlignmentFactors={getDisplayValueAlignmentFactors} width={panel.width} height={panel.height} source={panel.data} itemSpacing={8}
    orientation={options.orientation} renderCounter={panel.renderCounter} minVizHeight={options.minVizHeight} maxVizHeight={options.maxVizHeight}
    minVizWidth={options.minVizWidth}
    renderValue={({ value, width, height, orientation, alignmentFactors }) => <BarGauge value={value.display} width={width} height={height}
      orientation={orientation} field={value.field} theme={theme} displayMode={options.displayMode} showUnfilled={options.showUnfilled}
      itemSpacing={8} lcdCellWidth={6} valueDisplayMode={options.valueMode} namePlacement={options.namePlacement}
      alignmentFactors={alignmentFactors} display={value.view?.getFieldDisplayProcessor(value.colIndex)} />} />;
}

function Table(panel) {
  const frame = panel.data.series[0];
  if (!frame?.length) return <NoData of={panel} />;
  cacheFieldDisplayNames(panel.data.series);
  return <TableNG data={frame} width={panel.width} height={panel.height} timeRange={panel.timeRange} cellHeight={panel.options.cellHeight}
    noHeader={false} showTypeIcons={false} initialSortBy={panel.options.sortBy} sortBy={panel.options.sortBy} fieldConfig={panel.fieldConfig}
    getActions={() => []} structureRev={panel.data.structureRev} />;
}

/** One line a series; equal neighbours are one bar. */
function Timeline(panel) {
  const theme = useTheme2();
  const { from, to } = panel.timeRange;
  const share = (time) => `${(100 * (time - from.valueOf())) / (to.valueOf() - from.valueOf())}%`;
  const lines = panel.data.series.filter((frame) => frame.length > 0);
  if (!lines.length) return <NoData of={panel} />;
  const row = { position: 'relative', flex: 1, height: Math.min(28, panel.height / lines.length - 4) };
  return <div style={{ overflow: 'hidden' }}>{lines.map((frame, index) => {
    const times = frame.fields.find((field) => field.type === FieldType.time).values;
    const field = frame.fields.find((field) => field.type !== FieldType.time);
    const step = times.length > 1 ? Math.min(...times.slice(1).map((time, at) => time - times[at])) : 15000;
    const bars = [];
    times.forEach((time, at) => {
      const last = bars.at(-1);
      if (last && last.value === field.values[at] && time - last.end <= 2 * step) last.end = time;
      else bars.push({ value: field.values[at], begin: time, end: time });
    });
    return <div key={index} style={{ display: 'flex', margin: '2px 0', alignItems: 'center', fontSize: 12 }}>
      <span style={{ width: 210, paddingRight: 8, textAlign: 'right' }}>{field.config.displayNameFromDS}</span>
      <div style={row}>{bars.map((bar) => {
        const shown = field.display(bar.value);
        return <div key={bar.begin} style={{ position: 'absolute', height: '100%', overflow: 'hidden', left: share(bar.begin), paddingLeft: 4,
          width: `calc(${share(bar.end + step)} - ${share(bar.begin)})`, background: shown.color, color: theme.colors.getContrastText(shown.color) }}>{shown.text}</div>;
      })}</div>
    </div>;
  })}</div>;
}

const Text = (panel) => <div className="markdown-html" dangerouslySetInnerHTML={{ __html: renderMarkdown(panel.replaceVariables(panel.options.content)) }} />;

const hidden = { tooltip: false, viz: false, legend: false };
const GRAPH = {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', spanNulls: false, insertNulls: false,
  showPoints: 'auto', pointSize: 5, stacking: { mode: 'none', group: 'A' }, axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text',
  axisBorderShow: false, scaleDistribution: { type: 'linear' }, axisCenteredZero: false, hideFrom: hidden, thresholdsStyle: { mode: 'off' }, barAlignment: 0,
  axisSoftMin: undefined, axisSoftMax: undefined, lineStyle: undefined,
};
const TABLE = {
  align: 'auto', cellOptions: { type: 'auto' }, inspect: false, hideFrom: hidden, width: undefined, filterable: false, minWidth: 50, wrapText: undefined,
};

export function register() {
  const types = { timeseries: [Graph, GRAPH], stat: [Stat, {}], bargauge: [Bars, {}], table: [Table, TABLE], 'state-timeline': [Timeline, { fillOpacity: 70, lineWidth: 0 }], text: [Text, {}] };
  for (const [pluginId, [component, custom]] of Object.entries(types)) {
    const plugin = new PanelPlugin(component).useFieldConfig({ standardOptions: {}, useCustomConfig: customOptions(custom) });
    sceneUtils.registerRuntimePanelPlugin({ pluginId, plugin });
  }
}
