// The charts: the front, progress and learning curves of a search, and all metrics as parallel coordinates.

const MANY = 2000; // dominated points that are drawn at most, and lines of the coordinates: more make a page slow, not clearer
const MOST_AXES = 9;
const MOST_CURVES = 60;

function some(rowsOf, most) {
  const step = Math.ceil(rowsOf.length / most);
  return step > 1 ? rowsOf.filter((_, place) => place % step === 0) : rowsOf;
}

function graphics() {
  try { return Boolean(document.createElement('canvas').getContext('webgl')); } catch (_) { return false; }
}

function layout(across, up, more) {
  const axis = (title) => ({ title: { text: title, standoff: 12 }, gridcolor: colour('line'), zerolinecolor: colour('line'), linecolor: colour('other'), automargin: true });
  return {
    paper_bgcolor: colour('ground'), plot_bgcolor: colour('ground'),
    font: { color: colour('ink'), family: 'system-ui, sans-serif', size: 13 },
    margin: { l: 64, r: 16, t: 16, b: 56 }, hovermode: 'closest', uirevision: 'kept',
    hoverlabel: { bgcolor: colour('card'), bordercolor: colour('other'), font: { color: colour('ink') } },
    legend: { orientation: 'h', y: 1.08 }, xaxis: axis(across), yaxis: axis(up), ...more,
  };
}

const CONFIG = { responsive: true, displaylogo: false, modeBarButtons: [['zoom2d', 'pan2d', 'zoomIn2d', 'zoomOut2d', 'resetScale2d', 'toImage']] };

function chartPlace(title, words, label) {
  const plot = element('div', { class: 'plot', tabindex: '0', role: 'application', 'aria-label': label });
  document.getElementById('charts').append(element('h2', {}, title), words ? element('p', { class: 'hint' }, words) : null || '', plot);
  return plot;
}

function plain(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'); // plotly reads some tags in texts
}

function follow(plot) {
  plot.on('plotly_hover', (event) => { const row = event.points[0].customdata; if (typeof row === 'number') choose(row); });
  plot.on('plotly_click', (event) => { const row = event.points[0].customdata; if (typeof row === 'number') choose(row); });
}

function frontChart() {
  const [across, up, third] = data.objectives;
  const at = data.objectives.map((each) => column(each.key));
  const value = (place, row) => rows.columns[at[place]].values[row];
  const layer = rows.labels.layer || [];
  const ahead = all().filter((row) => layer[row] === 1).sort((a, b) => value(0, a) - value(0, b));
  const rest = all().filter((row) => layer[row] !== 1 && value(0, row) !== null && value(1, row) !== null);
  let ring = 0;
  const chosen = () => (page.chosen !== null && value(0, page.chosen) !== null && value(1, page.chosen) !== null ? [page.chosen] : []);
  const plot = chartPlace(
    'The front',
    'Point at a dot, or go along the front with the arrow keys; what is known of it is shown beside.',
    `Front of ${data.objectives.map((each) => each.key).join(', ')}: ${ahead.length} architectures. Left and right arrow keys go along it.`,
  );
  const points = (found, name, marker, more) => ({
    type: 'scatter', mode: 'markers', name, x: found.map((row) => value(0, row)), y: found.map((row) => value(1, row)),
    customdata: found, text: found.map((row) => plain(rows.id[row])), hovertemplate: '%{text}<br>%{x:.5g}, %{y:.5g}<extra></extra>', marker, ...more,
  });
  // What is far behind the front would squeeze it: the axes are the front's, and zooming out shows the rest.
  const around = (place) => {
    const values = ahead.map((row) => value(place, row));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.05 * (high - low || Math.abs(high) || 1);
    return [low - room, high + room];
  };
  const placed = () => {
    const found = layout(titled(across), titled(up));
    found.xaxis.range = around(0);
    found.yaxis.range = around(1);
    return found;
  };
  const draw = () => {
    const traces = [];
    if (data.cloud.length) {
      traces.push({ type: 'scatter', mode: 'markers', name: 'others of the space', x: data.cloud[0], y: data.cloud[1], hoverinfo: 'skip', marker: { size: 3, color: colour('other'), opacity: 0.45 } });
    }
    const behind = rest.filter(kept);
    const drawn = some(behind, MANY);
    const name = drawn.length < behind.length ? `dominated (${drawn.length} of ${behind.length} drawn)` : 'dominated';
    if (rest.length) traces.push(points(drawn, name, { size: 6, color: colour('other'), opacity: 0.7 }));
    const inside = ahead.filter(kept);
    const shade = third === undefined ? { color: colour('front') } : {
      color: inside.map((row) => value(2, row)), colorscale: 'Viridis', showscale: true, colorbar: { title: { text: titled(third), side: 'right' } },
    };
    traces.push(points(inside, 'on the front', { size: 10, ...shade, line: { width: 1, color: colour('ground') } }, third === undefined ? { mode: 'lines+markers', line: { shape: 'hv', width: 1, color: colour('front') } } : {}));
    if (rows.knee !== null && kept(rows.knee)) traces.push(points([rows.knee], 'knee', { size: 14, symbol: 'diamond', color: colour('knee') }));
    ring = traces.length;
    traces.push(points(chosen(), 'chosen', { size: 18, symbol: 'circle-open', color: colour('chosen'), line: { width: 3 } }, { hoverinfo: 'skip', hovertemplate: null, showlegend: false }));
    return Plotly.react(plot, traces, placed(), CONFIG);
  };
  draw().then(() => follow(plot));
  plot.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const inside = ahead.filter(kept);
    if (!step || !inside.length) return;
    event.preventDefault();
    const place = inside.indexOf(page.chosen);
    choose(inside[place < 0 ? 0 : Math.max(0, Math.min(inside.length - 1, place + step))]);
  });
  page.listeners.push((what) => {
    if (what !== 'chosen') draw();
    else Plotly.restyle(plot, { x: [chosen().map((row) => value(0, row))], y: [chosen().map((row) => value(1, row))] }, [ring]);
  });
}

function progressChart() {
  const trials = data.progress;
  const better = data.better === 'min' ? Math.min : Math.max;
  const plot = chartPlace('Progress', 'Each dot is a trial; the line is the best so far.', `${data.value} of ${trials.length} trials in the order in which they ended.`);
  const draw = () => {
    const best = [];
    for (const each of trials) best.push(each.value === null ? best.at(-1) ?? null : best.length && best.at(-1) !== null ? better(best.at(-1), each.value) : each.value);
    const place = trials.map((_, number) => number + 1);
    const of = (found, name, marker) => ({ type: 'scatter', mode: 'markers', name, x: found.map((each) => trials.indexOf(each) + 1), y: found.map((each) => each.value), customdata: found.map((each) => each.row), text: found.map((each) => plain(`trial ${each.trial}, ${each.source}`)), hovertemplate: '%{text}<br>%{y:.5g}<extra></extra>', marker });
    const sources = [...new Set(trials.map((each) => each.source))];
    const traces = [{ type: 'scatter', mode: 'lines', name: 'best so far', x: place, y: best, hoverinfo: 'skip', line: { shape: 'hv', color: colour('knee'), width: 2 } }];
    const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'x'];
    sources.forEach((source, number) => traces.push(of(trials.filter((each) => each.source === source), source, { size: 9, symbol: shapes[number % shapes.length], color: number ? colour('other') : colour('front') })));
    return Plotly.react(plot, traces, layout('trials that ended', data.value), CONFIG);
  };
  draw().then(() => follow(plot));
  page.listeners.push((what) => { if (what === 'theme') draw(); });
}

function curvesChart() {
  const first = data.curves.slice(0, MOST_CURVES);
  const plot = chartPlace('Learning curves', data.curves.length > first.length ? `The first ${first.length} of ${data.curves.length}.` : null, `Learning curves of ${first.length} trials.`);
  const draw = () => {
    const traces = first.map((each) => ({
      type: 'scatter', mode: 'lines', name: plain(each.name), x: each.values.map((_, epoch) => epoch + 1), y: each.values, customdata: each.values.map(() => each.row), hovertemplate: '%{y:.5g}', showlegend: false,
      line: { width: each.row === page.chosen ? 3 : 1.2, color: each.row === page.chosen ? colour('chosen') : colour('front') }, opacity: each.row === page.chosen ? 1 : 0.5,
    }));
    return Plotly.react(plot, traces, layout('epoch', data.value), CONFIG);
  };
  draw().then(() => follow(plot));
  page.listeners.push((what) => { if (what !== 'kept') draw(); });
}

function coordinates() {
  const axes = rows.columns.map((each, place) => place).filter((place) => new Set(rows.columns[place].values.filter((value) => value !== null)).size > 1).slice(0, MOST_AXES);
  const whole = all().filter((row) => axes.every((place) => rows.columns[place].values[row] !== null));
  if (axes.length < 2 || whole.length < 2) return;
  const layer = rows.labels.layer || [];
  const ahead = whole.filter((row) => layer[row] === 1);
  const lines = [...some(whole.filter((row) => layer[row] !== 1), MANY), ...ahead];
  document.getElementById('brush').hidden = false;
  const place = document.getElementById('coordinates');
  let drawn = false;
  const draw = () => {
    const dark = document.documentElement.dataset.theme === 'dark';
    const lead = data.objectives.length > 1 ? column(data.objectives[1].key) : axes[0];
    const dimensions = axes.map((each) => ({ label: plain(rows.columns[each].key.replace('@', ' @')), values: lines.map((row) => rows.columns[each].values[row]), constraintrange: page.ranges[each] ? page.ranges[each].map(([low, high]) => [Math.max(low, -1e300), Math.min(high, 1e300)]) : undefined }));
    const scale = dark ? 'Viridis' : [[0, '#5ec962'], [0.5, '#21908d'], [1, '#440154']];
    const fonts = { labelfont: { size: 12, color: colour('ink') }, tickfont: { size: 11, color: colour('ink') }, rangefont: { size: 10, color: colour('faint') } };
    const unselected = { line: { color: dark ? '#444c56' : '#d0d7de', opacity: 0.3 } };
    return Plotly.react(place, [{ type: 'parcoords', line: { color: lines.map((row) => rows.columns[lead].values[row]), colorscale: scale }, dimensions, unselected, ...fonts }], layout('', '', { margin: { l: 70, r: 50, t: 60, b: 24 } }), { responsive: true, displayModeBar: false });
  };
  const brushed = () => {
    page.ranges = {};
    place.data[0].dimensions.forEach((dimension, number) => {
      const ranges = dimension.constraintrange;
      if (ranges && ranges.length) page.ranges[axes[number]] = Array.isArray(ranges[0]) ? ranges : [ranges];
    });
    tell('kept');
  };
  place.setAttribute('aria-label', `Parallel coordinates of ${lines.length} architectures over ${axes.map((each) => rows.columns[each].key).join(', ')}. The fields below do the same, and the table has the values.`);
  // Lines are drawn when they come into view: without a graphics card that takes its time.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    if (graphics()) {
      drawn = true;
      draw().then(() => place.on('plotly_restyle', brushed));
    } else {
      place.replaceWith(element('p', { class: 'quiet' }, 'This browser draws no lines (it has no WebGL); the fields below do the same.'));
    }
  }).observe(place);
  page.listeners.push((what) => { if (drawn && what === 'theme') draw(); });
  keepFields(axes, () => { if (drawn) draw(); });
}

// The same as brushing, with the keyboard.
function keepFields(axes, redraw) {
  const which = element('select', { 'aria-label': 'metric' }, ...axes.map((each) => element('option', { value: each }, titled(rows.columns[each]))));
  const low = element('input', { type: 'number', step: 'any', 'aria-label': 'at least', placeholder: 'at least' });
  const high = element('input', { type: 'number', step: 'any', 'aria-label': 'at most', placeholder: 'at most' });
  const keep = element('button', { type: 'submit' }, 'Keep');
  const release = element('button', { type: 'button', onclick: () => { page.ranges = {}; redraw(); tell('kept'); } }, 'Keep all');
  const form = element('form', { class: 'bar', id: 'keep', 'aria-label': 'keep a range of a metric' }, which, low, high, keep, release);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const bound = (field, otherwise) => (field.value === '' ? otherwise : Number(field.value));
    page.ranges[which.value] = [[bound(low, -Number.MAX_VALUE), bound(high, Number.MAX_VALUE)]];
    redraw();
    tell('kept');
  });
  document.getElementById('brush').append(form);
}

function charts() {
  if (data.progress.length) progressChart();
  if (data.objectives.length > 1) frontChart();
  if (data.curves.length) curvesChart();
  coordinates();
}
