// Tables: of all records, to sort, to filter and to choose from with the keyboard; and further ones as they come.

const ROWS_PER_PAGE = 50;

function table() {
  if (!size) return;
  const names = Object.keys(rows.labels);
  let by = null;
  let down = false;
  let first = 0;
  const head = element('tr');
  const body = element('tbody');
  const count = element('span', { role: 'status', id: 'count' });
  const before = element('button', { type: 'button', onclick: () => { first -= ROWS_PER_PAGE; fill(); } }, 'Previous');
  const next = element('button', { type: 'button', onclick: () => { first += ROWS_PER_PAGE; fill(); } }, 'Next');
  const filter = element('input', { type: 'search', id: 'filter', 'aria-label': 'filter by id or genotype', placeholder: 'filter by id or genotype' });
  filter.value = page.filter;
  filter.addEventListener('input', () => { page.filter = filter.value; first = 0; tell('kept'); });

  const keys = [
    ['id', (row) => rows.id[row], true],
    ...names.map((name) => [name, (row) => rows.labels[name][row], false]),
    ...rows.columns.map((each) => [titled(each), (row) => each.values[row], false]),
    ['genotype', (row) => rows.genotype[row], true],
  ];
  keys.forEach(([title, value, text], place) => {
    const sort = element('button', { type: 'button' }, title);
    const cell = element('th', { scope: 'col', class: text ? 'text' : null, 'aria-sort': 'none' }, sort);
    sort.addEventListener('click', () => {
      down = by === place ? !down : (rows.columns[place - 1 - names.length] || {}).better === 'max';
      by = place;
      first = 0;
      for (const other of head.children) other.setAttribute('aria-sort', 'none');
      cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      fill();
    });
    head.append(cell);
  });

  function order() {
    const found = all().filter(kept);
    if (by === null) return found;
    const value = keys[by][1];
    const sign = down ? -1 : 1;
    return found.sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === b || (a === null && b === null)) return one - other;
      if (a === null) return 1; // what is not known comes last
      if (b === null) return -1;
      return a < b ? -sign : sign;
    });
  }

  function fill() {
    const found = order();
    first = Math.max(0, Math.min(first, Math.floor((found.length - 1) / ROWS_PER_PAGE) * ROWS_PER_PAGE));
    const some = found.slice(first, first + ROWS_PER_PAGE);
    const lines = some.map((row) => {
      const button = element('button', { type: 'button', 'aria-label': `choose ${rows.id[row]}`, onclick: () => choose(row) }, rows.id[row]);
      const line = element('tr', { 'data-row': row, 'aria-selected': String(row === page.chosen) }, element('td', { class: 'text' }, button));
      for (const name of names) line.append(element('td', {}, String(rows.labels[name][row] ?? '–')));
      for (const each of rows.columns) line.append(element('td', { title: said(each, row) }, shownShort(each, row)));
      line.append(element('td', { class: 'text' }, element('code', {}, rows.genotype[row])));
      line.addEventListener('click', (event) => { if (event.target.tagName !== 'BUTTON') choose(row); });
      return line;
    });
    body.replaceChildren(...lines);
    const last = first + some.length;
    count.textContent = found.length ? `${first + 1} to ${last} of ${found.length}` + (found.length < size ? ` that are kept, of ${size}` : '') : 'nothing is kept';
    before.disabled = first === 0;
    next.disabled = last >= found.length;
  }

  function shownShort(each, row) {
    const doubt = each.uncertainty[row];
    const value = each.values[row];
    return number(value, each.unit) + (doubt === undefined || value === null ? '' : ` ± ${number(doubt, each.unit)}`);
  }

  page.listeners.push((what) => {
    if (what === 'kept') fill();
    if (what === 'chosen') for (const line of body.children) line.setAttribute('aria-selected', String(Number(line.dataset.row) === page.chosen));
  });
  const grid = element('table', { 'aria-labelledby': 'table-title' }, element('thead', {}, head), body);
  document.getElementById('table').append(
    element('h2', { id: 'table-title' }, 'Architectures'),
    element('div', { class: 'bar' }, filter, count, before, next),
    element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'table-title' }, grid),
  );
  fill();
}

function furtherTables() {
  const place = document.getElementById('tables');
  data.tables.forEach((each) => {
    const head = element('tr', {}, ...each.header.map((title, cell) => element('th', { scope: 'col', class: cell ? null : 'text' }, title)));
    const lines = each.rows.map((line) => element('tr', {}, ...line.map((cell, at) => element('td', { class: at ? null : 'text' }, cell))));
    place.append(element('h2', {}, each.title), element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': each.title }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines))));
    if (each.note) place.append(element('p', { class: 'quiet' }, each.note));
  });
}
