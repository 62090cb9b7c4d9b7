// What is known of the architecture that is chosen: its picture, its genotype to copy, every metric with its source.

function said(each, row) {
  const value = each.values[row];
  const parts = [];
  const source = each.sources[row] || each.source;
  parts.push({ table: 'the benchmark\'s table', surrogate: 'predicted', computed: 'computed', measured: 'measured here' }[source] || source);
  if (source === 'surrogate' && each.tau !== null) parts.push(`agreement τ ${each.tau.toFixed(2)}`);
  if (each.probability[row] !== undefined) parts.push(`keeps its limit with probability ${each.probability[row].toFixed(2)}`);
  if (each.outside[row]) parts.push('unlike all that was labelled');
  return value === null ? 'not known' : parts.join(', ');
}

function shown(each, row) {
  const value = each.values[row];
  const doubt = each.uncertainty[row];
  const unit = each.unit && each.unit !== 'count' && each.unit !== 'B' ? ` ${each.unit}` : '';
  const about = doubt === undefined || value === null ? '' : ` ± ${number(doubt, each.unit)}`;
  return `${each.bound[row] ? each.bound[row] + ' ' : ''}${number(value, each.unit)}${about}${value === null ? '' : unit}`;
}

function copy(text, button) {
  const done = () => { button.textContent = 'Copied'; setTimeout(() => { button.textContent = 'Copy genotype'; }, 1500); };
  const byHand = () => {
    const field = element('textarea', { readonly: true, 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    if (document.execCommand('copy')) done();
    field.remove();
    button.focus();
  };
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(done, byHand);
  else byHand();
}

function details() {
  const place = document.getElementById('details');
  let address = null;
  const show = () => {
    const row = page.chosen;
    place.replaceChildren(element('h3', {}, rows.id[row]));
    if (row === rows.knee) place.append(element('p', { class: 'mark' }, 'The knee: from here on, little is gained for much.'));
    if (address) URL.revokeObjectURL(address);
    address = null;
    const picture = data.pictures[row];
    if (picture) {
      address = URL.createObjectURL(new Blob([picture], { type: 'image/svg+xml' }));
      const words = /<desc id="desc">([^]*?)<\/desc>/.exec(picture);
      const plain = new DOMParser().parseFromString(words ? words[1] : '', 'text/html').body.textContent;
      place.append(element('img', { src: address, alt: `The cell of ${rows.id[row]}. ${plain}` }));
    } else {
      place.append(element('p', { class: 'quiet' }, 'No picture of this one here: dinas show GENOTYPE draws it.'));
    }
    const button = element('button', { type: 'button', onclick: () => copy(rows.genotype[row], button) }, 'Copy genotype');
    place.append(element('code', { class: 'genotype', tabindex: '0', 'aria-label': 'genotype' }, rows.genotype[row]), button);
    const body = element('tbody');
    for (const each of rows.columns) {
      body.append(element('tr', {}, element('th', { class: 'text', scope: 'row' }, each.key), element('td', {}, shown(each, row)), element('td', { class: 'text quiet' }, said(each, row))));
    }
    place.append(element('table', { 'aria-label': 'metrics' }, body));
  };
  page.listeners.push((what) => { if (what === 'chosen') show(); });
  if (page.chosen !== null) show();
}
