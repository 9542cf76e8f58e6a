'use strict';
// The page shows what api/fleet and api/stores/{id} answer, and asks again
// whenever api/events tells of a round. Texts go into the page as text, never
// as markup.
const signs = {ok: '✓', quiet: 'z', unknown: '?', broken: '✗', off: '–'};
const words = {ok: 'well', quiet: 'closed', unknown: 'unknown', broken: 'broken', off: 'off'};
const severity = {broken: 0, unknown: 1, ok: 2, quiet: 3, off: 4};
const $ = id => document.getElementById(id);
const view = {state: '', fleet: null, heard: 0, interval: 10};

function make(tag, cls, text) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  return e;
}
function span(seconds) {
  if (seconds < 0 || seconds === undefined) return 'never';
  if (seconds < 120) return Math.round(seconds) + ' s';
  if (seconds < 7200) return Math.round(seconds / 60) + ' min';
  if (seconds < 172800) return Math.round(seconds / 3600) + ' h';
  return Math.round(seconds / 86400) + ' days';
}
// age of a time the API gave; Go's zero time is a time that never was.
function age(text) {
  const t = Date.parse(text);
  return !(t > 0) ? 'never' : span(Math.max(0, (Date.now() - t) / 1000)) + ' ago';
}
const number = n => n >= 1e6 ? (n / 1e6).toFixed(1) + ' M' : n >= 1e4 ? Math.round(n / 1e3) + ' k' : n >= 100 || n % 1 === 0 ? String(Math.round(n)) : n.toFixed(1);

async function ask(path) {
  const answer = await fetch(path, {cache: 'no-store'});
  if (!answer.ok && answer.status !== 404) throw new Error((await answer.text()).trim());
  return answer.json();
}

function drawFleet() {
  const f = view.fleet;
  $('environment').textContent = f.environment;
  document.title = (f.counts.broken ? '✗' + f.counts.broken + ' ' : '✓ ') + 'tributary ' + f.environment;
  $('problems').replaceChildren(...f.problems.map(p => make('li', '', p.source + ': ' + p.text)));
  const chips = ['', 'broken', 'unknown', 'ok', 'quiet', 'off'].filter(s => s === '' || f.counts[s] || view.state === s).map(s => {
    const b = make('button', s && 's-' + s, s ? signs[s] + ' ' + (f.counts[s] || 0) + ' ' + words[s] : f.stores.length + ' stores');
    b.type = 'button';
    b.setAttribute('aria-pressed', view.state === s);
    b.onclick = () => { view.state = s; drawFleet(); };
    return b;
  });
  $('states').replaceChildren(...chips);
  drawSummary(f);
  drawWall(f.stores);
  charts($('fleet-charts'), f.history);
  table('letters', f.dead_letters.map(l => [link(l.store), l.table, number(l.count), age(l.last), l.reason]), 'none');
  $('letters-count').textContent = f.dead_letters.reduce((n, l) => n + l.count, 0) || '';
  table('restarts', f.restarts.map(r => [age(r.at), r.name, r.gave_up ? 'given up' : r.try, r.error || r.reason]), f.restarts_on ? 'none' : 'failed tasks are not restarted (TRIBUTARY_MONITOR_RESTART)');
  $('restarts-count').textContent = f.restarts.length || '';
}

// drawSummary answers the manager's question before the wall does: how many
// stores do not arrive, where they are broken, and, one tap away, why.
function drawSummary(f) {
  const broken = f.stores.filter(s => s.state === 'broken'), on = f.stores.length - (f.counts.off || 0), rungs = {};
  for (const s of broken) rungs[s.rung] = (rungs[s.rung] || 0) + 1;
  const where = Object.entries(rungs).sort((a, b) => b[1] - a[1]).map(([rung, n]) => n + ' at ' + rung).join(', ');
  const summary = $('summary');
  summary.className = broken.length ? 's-broken' : 's-ok';
  summary.replaceChildren(make('b', '', broken.length
    ? signs.broken + ' ' + broken.length + ' of ' + on + ' stores do not arrive as they should: ' + where
    : signs.ok + ' No store of ' + on + ' is broken'));
  const letters = f.dead_letters.reduce((n, l) => n + l.count, 0);
  const many = (n, what) => n ? number(n) + ' ' + what + (n === 1 ? '' : 's') : '';
  for (const [text, section] of [[many(letters, 'dead letter'), 'letters-section'], [many(f.restarts.length, 'restart'), 'restarts-section'], ['charts', 'fleet-charts']]) {
    if (!text) continue;
    const jump = make('button', 'jump', text + ' ↓');
    jump.type = 'button';
    jump.onclick = () => $(section).scrollIntoView({behavior: 'smooth'});
    summary.append(' ', jump);
  }
  $('trouble').hidden = !broken.length;
  if (view.heardOnce !== true) $('trouble').open = broken.length > 0 && broken.length <= 5; // then it is the reader's
  view.heardOnce = true;
  $('sentences').replaceChildren(...broken.sort((a, b) => b.since < a.since ? -1 : 1).map(s => {
    const item = make('li'), a = make('a', '', s.sentence);
    a.href = '#store/' + encodeURIComponent(s.store);
    item.append(a, ' ', make('span', 'count', 'since ' + age(s.since).replace(' ago', '')));
    return item;
  }));
}

function drawWall(stores) {
  const needle = $('search').value.trim().toLowerCase();
  const text = s => [s.store, s.state, words[s.state], s.rung, ...Object.values(s.labels || {}), s.sentence].join(' ').toLowerCase();
  const shown = stores.filter(s => (!view.state || s.state === view.state) && (!needle || text(s).includes(needle)));
  const byName = (a, b) => a.store.localeCompare(b.store, undefined, {numeric: true});
  const orders = {
    trouble: (a, b) => severity[a.state] - severity[b.state] || byName(a, b), name: byName,
    fresh: (a, b) => b.freshness_seconds - a.freshness_seconds || byName(a, b),
  };
  shown.sort(orders[$('order').value]);
  $('none').hidden = shown.length > 0;
  $('wall').replaceChildren(...shown.map(s => {
    const item = make('li'), a = make('a', 's-' + s.state);
    a.href = '#store/' + encodeURIComponent(s.store);
    a.title = s.sentence;
    const id = make('span', 'id');
    id.append(make('span', 'sign', signs[s.state]), s.store);
    a.append(id, make('span', 'what', s.rung ? 'at ' + s.rung : words[s.state]), make('span', 'what', s.freshness_seconds < 0 ? 'no row yet' : 'row ' + span(s.freshness_seconds)));
    a.setAttribute('aria-label', s.store + ', ' + words[s.state] + (s.rung ? ' at ' + s.rung : ''));
    item.append(a);
    return item;
  }));
}

function link(store) {
  const a = make('a', '', store);
  a.href = '#store/' + encodeURIComponent(store);
  return a;
}

function table(id, rows, empty) {
  const body = $(id).tBodies[0], columns = $(id).tHead.rows[0].cells.length;
  if (!rows.length) {
    const cell = make('td', 'empty', empty), row = make('tr');
    cell.colSpan = columns;
    row.append(cell);
    body.replaceChildren(row);
    return;
  }
  body.replaceChildren(...rows.map(cells => {
    const row = make('tr');
    row.append(...cells.map(c => { const td = make('td'); td.append(c); return td; }));
    return row;
  }));
}

async function drawStore(id) {
  const s = await ask('api/stores/' + encodeURIComponent(id));
  if (storeShown() !== id) return;
  const state = s.since ? ', ' + words[s.state] + ' for ' + age(s.since).replace(' ago', '') : '';
  $('store-title').textContent = 'Store ' + s.store + state + (s.hours ? ' · ' + (s.open ? 'open' : 'closed') + ' (' + s.hours + ')' : '');
  const sentence = $('store-sentence');
  sentence.className = 's-' + s.state;
  sentence.textContent = signs[s.state] + ' ' + s.sentence;
  $('ladder').replaceChildren(...s.steps.map(step => {
    const li = make('li', 's-' + step.state);
    li.append(make('span', 'sign', signs[step.state]), make('span', 'rung', step.rung), make('span', 'evidence', step.evidence));
    if (step.remedy) li.append(make('span', 'remedy', '→ ' + step.remedy));
    return li;
  }));
  charts($('store-charts'), s.history || []);
  table('tables', (s.tables || []).map(t => [t.table, number(t.waiting) + (t.unread ? ' (unread)' : ''), number(t.events), age(t.source_at), age(t.applied_at)]), 'no topics');
  table('preflight', (s.preflight || []).map(f => [f.verdict === 'fail' ? '✗ fail' : '! warn', f.title, f.evidence, f.remedy || '']),
    age(s.preflight_at) === 'never' ? 'not done by this monitor yet' : 'nothing to do');
  $('preflight-at').textContent = age(s.preflight_at) === 'never' ? '' : age(s.preflight_at);
  table('store-letters', (s.dead_letters || []).map(l => [l.table, number(l.count), age(l.last), l.reason]), 'none');
}

// charts draws lag and throughput over the last hours.
function charts(into, history) {
  history = history || [];
  into.replaceChildren(
    chart('Oldest event waiting', history, 'lag', span),
    chart('Events waiting', history, 'waiting', number),
    chart('Events written a second', history, 'rate', number));
}

function chart(title, history, key, unit) {
  const figure = make('figure'), caption = make('figcaption', '', title), top = Math.max(1, ...history.map(h => h[key]));
  const long = history.length > 1 ? '· ' + span(history[history.length - 1].t - history[0].t) : '';
  const last = history.length ? history[history.length - 1][key] : 0;
  caption.append(make('span', '', long));
  caption.append(make('b', '', history.length ? unit(last) + ' (max ' + unit(Math.max(...history.map(h => h[key]))) + ')' : 'no history yet'));
  if (history.length < 2) {
    figure.append(caption, make('p', 'empty', 'the line begins in half a minute'));
    return figure;
  }
  const ns = 'http://www.w3.org/2000/svg', svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 300 80');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title + ', now ' + unit(last));
  const from = history[0].t, width = Math.max(1, history[history.length - 1].t - from);
  const points = history.map(h => ((h.t - from) / width * 300).toFixed(1) + ' ' + (76 - h[key] / top * 70).toFixed(1));
  for (const [cls, d] of [['area', 'M0 76L' + points.join('L') + 'L300 76Z'], ['', 'M' + points.join('L')]]) {
    const path = document.createElementNS(ns, 'path');
    path.setAttribute('class', cls);
    path.setAttribute('d', d);
    svg.append(path);
  }
  figure.append(caption, svg);
  return figure;
}

const storeShown = () => location.hash.startsWith('#store/') ? decodeURIComponent(location.hash.slice(7)) : '';

async function refresh() {
  try {
    const id = storeShown();
    $('overview').hidden = !!id;
    $('store').hidden = !id;
    view.fleet = await ask('api/fleet');
    view.heard = Date.parse(view.fleet.at);
    drawFleet();
    if (id) await drawStore(id);
    tick();
  } catch (e) {
    $('live').textContent = 'the monitor does not answer: ' + e.message;
    $('live').className = 'stale';
  }
}

// tick says how old the picture is: an old one must not look like a good one.
function tick() {
  if (!view.heard) return;
  const seconds = Math.max(0, (Date.now() - view.heard) / 1000);
  $('live').textContent = (seconds > 90 ? '✗ no news for ' : 'as of ') + span(seconds) + (seconds > 90 ? '' : ' ago');
  $('live').className = seconds > 90 ? 'stale' : '';
}

function listen() {
  const events = new EventSource('api/events');
  events.onmessage = refresh;
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) { events.close(); setTimeout(listen, 5000); } };
}

window.addEventListener('hashchange', () => { window.scrollTo(0, 0); refresh(); });
$('search').addEventListener('input', () => view.fleet && drawFleet());
$('order').addEventListener('change', () => view.fleet && drawFleet());
$('filter').addEventListener('submit', e => e.preventDefault());
setInterval(tick, 1000);
setInterval(() => { if (Date.now() - view.heard > 60000) refresh(); }, 30000);
// ?state=broken&q=north is a link to a part of the wall.
const wish = new URLSearchParams(location.search);
if (wish.get('state') in signs) view.state = wish.get('state');
$('search').value = wish.get('q') || '';
refresh();
// ?live=no shows one picture and asks no more: for printing, and for browsers
// without anybody in front of them.
if (wish.get('live') !== 'no') listen();
