// What Grafana's own application installs before a panel is drawn: standard field
// options, transformations and services. None of it is published as a package.
import {
  createTheme, EventBusSrv, LoadingState, standardEditorsRegistry, standardFieldConfigEditorRegistry,
  standardTransformers, standardTransformersRegistry, toDataFrame,
  booleanOverrideProcessor, dataLinksOverrideProcessor, displayNameOverrideProcessor, identityOverrideProcessor,
  numberOverrideProcessor, stringOverrideProcessor, thresholdsOverrideProcessor, unitOverrideProcessor, valueMappingsOverrideProcessor,
} from '@grafana/data';
import { config, setAppEvents, setDataSourceSrv, setPluginImportUtils, setRunRequest, setTemplateSrv } from '@grafana/runtime';
import { from, map } from 'rxjs';

export const SOURCE = 'prometheus-under-test';
export const theme = createTheme({ colors: { mode: 'dark' } });

const option = (id, process, settings = {}) => ({
  id, path: id, name: id, editor: () => null, override: process, process, settings,
  shouldApply: () => true, getItemsCount: () => 0,
});

/** Options of a panel type beside the standard ones, with their defaults. */
export const customOptions = (defaults) => (builder) => {
  for (const [path, defaultValue] of Object.entries(defaults)) {
    builder.addCustomEditor({ ...option(path, identityOverrideProcessor), defaultValue });
  }
};

export function install() {
  config.theme2 = theme;
  config.bootData = { user: {}, settings: {}, navTree: [] };
  setAppEvents(new EventBusSrv());
  setTemplateSrv({ replace: (text) => text ?? '', getVariables: () => [], containsTemplate: () => false, updateTimeRange() {} });
  setPluginImportUtils({
    importPanelPlugin: async (id) => { throw new Error(`no panel plugin ${id}`); },
    getPanelPluginFromCache: () => undefined,
  });
  setDataSourceSrv({
    get: async () => { throw new Error('only the source under test is there'); },
    getInstanceSettings: () => ({ uid: SOURCE, type: 'prometheus', name: 'Prometheus', meta: {} }),
    getList: () => [],
  });
  setRunRequest((source, request, query) => from((query ?? source.query.bind(source))(request)).pipe(map((answer) => ({
    state: LoadingState.Done,
    series: (answer.data ?? []).map((frame) => toDataFrame(frame)),
    timeRange: request.range, request, errors: answer.errors,
  }))));
  standardFieldConfigEditorRegistry.setInit(() => [
    option('displayName', displayNameOverrideProcessor, { expandTemplateVars: true }),
    option('unit', unitOverrideProcessor), option('min', numberOverrideProcessor), option('max', numberOverrideProcessor),
    option('decimals', numberOverrideProcessor), option('noValue', stringOverrideProcessor),
    option('description', stringOverrideProcessor), option('filterable', booleanOverrideProcessor),
    option('fieldMinMax', booleanOverrideProcessor), option('color', identityOverrideProcessor),
    option('thresholds', thresholdsOverrideProcessor), option('mappings', valueMappingsOverrideProcessor),
    option('links', dataLinksOverrideProcessor), option('actions', identityOverrideProcessor),
  ]);
  const editors = ['text', 'number', 'boolean', 'select', 'radio', 'slider', 'custom', 'color', 'unit', 'multi-select', 'stats-picker',
    'strings', 'timezone', 'field-name', 'dashboard-uid', 'fieldColor', 'links', 'thresholds', 'mappings', 'nested-options', 'actions'];
  standardEditorsRegistry.setInit(() => editors.map((id) => ({ id, name: id, editor: () => null })));
  const transformers = new Map(Object.values(standardTransformers).filter((it) => it?.id).map((it) => [it.id, it]));
  standardTransformersRegistry.setInit(() => [...transformers.values()].map((it) => ({
    id: it.id, name: it.name, transformation: async () => it, editor: () => null, imageDark: '', imageLight: '',
  })));
}
