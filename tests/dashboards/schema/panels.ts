// What a dashboard's JSON may hold: the dashboard itself, and the options of the
// panel types that ours use. Grafana's own types, under names of one schema.
import { Dashboard } from '@grafana/schema/dist/types/raw/dashboard/x/types.gen';
import * as bargauge from '@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/types.gen';
import * as stat from '@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen';
import * as statetimeline from '@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen';
import * as table from '@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen';
import * as text from '@grafana/schema/dist/types/raw/composable/text/panelcfg/x/types.gen';
import * as timeseries from '@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen';

export interface Schema {
  dashboard: Dashboard;
  bargauge: { options: Partial<bargauge.Options>; custom: {} };
  stat: { options: Partial<stat.Options>; custom: {} };
  'state-timeline': { options: Partial<statetimeline.Options>; custom: Partial<statetimeline.FieldConfig> };
  table: { options: Partial<table.Options>; custom: Partial<table.FieldConfig> };
  text: { options: Partial<text.Options>; custom: {} };
  timeseries: { options: Partial<timeseries.Options>; custom: Partial<timeseries.FieldConfig> };
}
