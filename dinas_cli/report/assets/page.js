// The page's state, its theme, and the parts put together. Texts of records become text nodes and nothing else.

const data = JSON.parse(document.getElementById('data').textContent);
const rows = data.rows;
const size = rows.id.length;
const page = {
  chosen: null, // row
  filter: '',
  ranges: {}, // by column number, [[low, high], ...]
  listeners: [],
};

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'onclick') made.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function number(value, unit) {
  if (value === null || value === undefined) return '–';
  if (unit === 'count' || unit === 'B') {
    for (const [factor, sign] of [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']])
      if (Math.abs(value) >= factor) return (value / factor).toFixed(2) + sign + (unit === 'B' ? 'B' : '');
    return String(Number(value.toFixed(2))) + (unit === 'B' ? ' B' : '');
  }
  if (unit === '%' || value === 0 || Math.abs(value) >= 1) return value.toFixed(2);
  return Number(value.toPrecision(3)).toString();
}

function column(key) {
  return rows.columns.findIndex((each) => each.key === key);
}

function titled(each) {
  return each.key + (each.unit && each.unit !== 'count' ? ` (${each.unit})` : '');
}

function kept(row) {
  const words = page.filter.toLowerCase();
  if (words && !`${rows.id[row]} ${rows.genotype[row]}`.toLowerCase().includes(words)) return false;
  return Object.entries(page.ranges).every(([place, ranges]) => {
    const value = rows.columns[place].values[row];
    return value !== null && ranges.some(([low, high]) => value >= low && value <= high);
  });
}

function all() {
  return Array.from({ length: size }, (_, row) => row);
}

function choose(row, focus) {
  page.chosen = row;
  tell('chosen', focus);
}

function tell(what, detail) {
  for (const listener of page.listeners) listener(what, detail);
}

function remember(key, value) {
  try { sessionStorage.setItem(`dinas-${key}`, JSON.stringify(value)); } catch (_) { /* not to be had in some browsers */ }
}

function remembered(key) {
  try { return JSON.parse(sessionStorage.getItem(`dinas-${key}`)); } catch (_) { return null; }
}

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById('theme').setAttribute('aria-pressed', String(theme === 'dark'));
}

function setTheme(theme) {
  showTheme(theme);
  remember('theme', theme);
  tell('theme');
}

function live() {
  if (!data.refresh) return;
  const said = document.getElementById('live');
  const pause = document.getElementById('pause');
  let paused = remembered('paused') === true;
  const show = () => {
    said.textContent = paused ? 'paused' : `at work: renewed every ${data.refresh} s`;
    pause.textContent = paused ? 'Go on' : 'Pause';
  };
  pause.hidden = false;
  pause.addEventListener('click', () => { paused = !paused; remember('paused', paused); show(); });
  setInterval(() => {
    if (paused) return;
    remember('view', { filter: page.filter, id: page.chosen === null ? null : rows.id[page.chosen], scroll: scrollY });
    location.reload();
  }, data.refresh * 1000);
  show();
}

function facts() {
  if (!data.facts.length) return;
  const list = element('dl');
  for (const [name, value] of data.facts) list.append(element('dt', {}, name), element('dd', {}, value));
  document.getElementById('facts').append(element('h2', { id: 'facts-title' }, 'How this was made'), list);
}

function start() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  showTheme(remembered('theme') || (dark.matches ? 'dark' : 'light'));
  document.getElementById('theme').addEventListener('click', () => {
    setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  });
  dark.addEventListener('change', (event) => setTheme(event.matches ? 'dark' : 'light'));
  const view = data.refresh ? remembered('view') : null;
  if (view) page.filter = view.filter;
  let first = rows.knee;
  if (view && view.id !== null) first = rows.id.indexOf(view.id);
  if (size) page.chosen = first === null || first < 0 ? 0 : first;
  details();
  charts();
  table();
  furtherTables();
  facts();
  if (view) scrollTo(0, view.scroll);
  live();
  performance.mark('dinas-ready');
  document.documentElement.dataset.ready = 'true';
}

start();
