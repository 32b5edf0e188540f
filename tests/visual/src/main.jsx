// Draws one dashboard. A test aid: Grafana supports its packages only inside Grafana,
// so their versions are pinned, and what its application brings is in grafana.js.
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import { ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { install, theme } from './grafana.js';
import { register as registerPanels } from './panels.jsx';
import { register as registerPrometheus } from './prometheus.js';
import { scene } from './scene.js';

const parameters = new URLSearchParams(location.search);
// Measured before it is there, text is cut.
await document.fonts.load('14px Inter');
install();
registerPanels();
registerPrometheus(parameters.get('prometheus'));

const dashboard = await (await fetch(`/dashboard?file=${parameters.get('file')}`)).json();
const choices = new Map(parameters.getAll('select').map((choice) => choice.split(/=(.*)/s)));
window.scene = scene(dashboard, parameters.get('from'), choices);
createRoot(document.getElementById('root')).render(
  <MemoryRouter>
    <ThemeContext.Provider value={theme}>
      <GlobalStyles hackNoBackdropBlur={true} isExtensionSidebarOpen={false} />
      <div style={{ background: theme.colors.background.canvas, minHeight: '100vh', padding: 16 }}>
        <h3>{dashboard.title}</h3>
        <window.scene.Component model={window.scene} />
      </div>
      <PortalContainer />
    </ThemeContext.Provider>
  </MemoryRouter>,
);
