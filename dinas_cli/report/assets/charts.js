// The charts: the front, progress and learning curves of a search, and all metrics as parallel coordinates.

const MANY = 2000; // points from which on the graphics card draws, where there is one
const MOST_AXES = 9;
const MOST_CURVES = 60;

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

const CONFIG = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ['lasso2d', 'select2d', 'autoScale2d'] };

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
  const plot = chartPlace(
    'The front',
    'Point at a dot, or go along the front with the arrow keys; what is known of it is shown beside.',
    `Front of ${data.objectives.map((each) => each.key).join(', ')}: ${ahead.length} architectures. Left and right arrow keys go along it.`,
  );
  const points = (some, name, marker, more) => ({
    type: some.length > MANY && graphics() ? 'scattergl' : 'scatter', mode: 'markers', name, x: some.map((row) => value(0, row)), y: some.map((row) => value(1, row)),
    customdata: some, text: some.map((row) => plain(rows.id[row])), hovertemplate: '%{text}<br>%{x:.5g}, %{y:.5g}<extra></extra>', marker, ...more,
  });
  const draw = () => {
    const traces = [];
    if (data.cloud.length) {
      traces.push({ type: data.cloud[0].length > MANY && graphics() ? 'scattergl' : 'scatter', mode: 'markers', name: 'others of the space', x: data.cloud[0], y: data.cloud[1], hoverinfo: 'skip', marker: { size: 3, color: colour('other'), opacity: 0.45 } });
    }
    if (rest.length) traces.push(points(rest.filter(kept), 'dominated', { size: 6, color: colour('other'), opacity: 0.7 }));
    const inside = ahead.filter(kept);
    const shade = third === undefined ? { color: colour('front') } : {
      color: inside.map((row) => value(2, row)), colorscale: 'Viridis', showscale: true, colorbar: { title: { text: titled(third), side: 'right' } },
    };
    traces.push(points(inside, 'on the front', { size: 10, ...shade, line: { width: 1, color: colour('ground') } }, third === undefined ? { mode: 'lines+markers', line: { shape: 'hv', width: 1, color: colour('front') } } : {}));
    if (rows.knee !== null && kept(rows.knee)) traces.push(points([rows.knee], 'knee', { size: 14, symbol: 'diamond', color: colour('knee') }));
    if (page.chosen !== null && value(0, page.chosen) !== null) traces.push(points([page.chosen], 'chosen', { size: 18, symbol: 'circle-open', color: colour('chosen'), line: { width: 3 } }, { hoverinfo: 'skip', hovertemplate: null, showlegend: false }));
    return Plotly.react(plot, traces, layout(titled(across), titled(up)), CONFIG);
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
  page.listeners.push(draw);
}

function progressChart() {
  const trials = data.progress;
  const better = data.better === 'min' ? Math.min : Math.max;
  const plot = chartPlace('Progress', 'Each dot is a trial; the line is the best so far.', `${data.value} of ${trials.length} trials in the order in which they ended.`);
  const draw = () => {
    const best = [];
    for (const each of trials) best.push(each.value === null ? best.at(-1) ?? null : best.length && best.at(-1) !== null ? better(best.at(-1), each.value) : each.value);
    const place = trials.map((_, number) => number + 1);
    const of = (some, name, marker) => ({ type: 'scatter', mode: 'markers', name, x: some.map((each) => trials.indexOf(each) + 1), y: some.map((each) => each.value), customdata: some.map((each) => each.row), text: some.map((each) => plain(`trial ${each.trial}, ${each.source}`)), hovertemplate: '%{text}<br>%{y:.5g}<extra></extra>', marker });
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
  const some = data.curves.slice(0, MOST_CURVES);
  const plot = chartPlace('Learning curves', data.curves.length > some.length ? `The first ${some.length} of ${data.curves.length}.` : null, `Learning curves of ${some.length} trials.`);
  const draw = () => {
    const traces = some.map((each) => ({
      type: 'scatter', mode: 'lines', name: plain(each.name), x: each.values.map((_, epoch) => epoch + 1), y: each.values, customdata: each.values.map(() => each.row), hovertemplate: '%{y:.5g}', showlegend: false,
      line: { width: each.row === page.chosen ? 3 : 1.2, color: each.row === page.chosen ? colour('chosen') : colour('front') }, opacity: each.row === page.chosen ? 1 : 0.5,
    }));
    return Plotly.react(plot, traces, layout('epoch', data.value), CONFIG);
  };
  draw().then(() => follow(plot));
  page.listeners.push((what) => { if (what !== 'kept') draw(); });
}

function coordinates() {
  const some = rows.columns.map((each, place) => place).filter((place) => new Set(rows.columns[place].values.filter((value) => value !== null)).size > 1).slice(0, MOST_AXES);
  const whole = all().filter((row) => some.every((place) => rows.columns[place].values[row] !== null));
  if (some.length < 2 || whole.length < 2 || !graphics()) return;
  const place = document.getElementById('coordinates');
  document.getElementById('brush').hidden = false;
  place.setAttribute('aria-label', `Parallel coordinates of ${whole.length} architectures over ${some.map((each) => rows.columns[each].key).join(', ')}. The table below has the same values.`);
  const draw = () => {
    const lead = data.objectives.length > 1 ? column(data.objectives[1].key) : some[0];
    const dimensions = some.map((each) => ({ label: plain(rows.columns[each].key.replace('@', ' @')), values: whole.map((row) => rows.columns[each].values[row]), constraintrange: page.ranges[each] && page.ranges[each].length ? page.ranges[each] : undefined }));
    const scale = document.documentElement.dataset.theme === 'dark' ? 'Viridis' : [[0, '#5ec962'], [0.5, '#21908d'], [1, '#440154']];
    const line = { color: whole.map((row) => rows.columns[lead].values[row]), colorscale: scale };
    const dark = document.documentElement.dataset.theme === 'dark';
    return Plotly.react(place, [{ type: 'parcoords', line, dimensions, labelfont: { size: 12, color: colour('ink') }, tickfont: { size: 11, color: colour('ink') }, rangefont: { size: 10, color: colour('faint') }, unselected: { line: { color: dark ? '#444c56' : '#d0d7de', opacity: 0.3 } } }], layout('', '', { margin: { l: 70, r: 50, t: 60, b: 24 } }), CONFIG);
  };
  draw().then(() => place.on('plotly_restyle', () => {
    page.ranges = {};
    place.data[0].dimensions.forEach((dimension, number) => {
      const ranges = dimension.constraintrange;
      if (ranges && ranges.length) page.ranges[some[number]] = Array.isArray(ranges[0]) ? ranges : [ranges];
    });
    tell('kept');
  }));
  page.listeners.push((what) => { if (what === 'theme') draw(); });
}

function charts() {
  if (data.progress.length) progressChart();
  if (data.objectives.length > 1) frontChart();
  if (data.curves.length) curvesChart();
  coordinates();
}
