// A figure whose views come one at a time from a kernel: its picture is embedded once, then only its data change.

const WORDS = ["qiTitle", "qiSubtitle"]; // the signals that hold the words over a picture

// The compiled picture with its title as signals, and a line at the period that is chosen.
function movable(vega) {
  const { text, subtitle } = vega.title;
  vega.signals.push(...[text, subtitle ?? []].map((value, i) => ({ name: WORDS[i], value })), { name: "qiChosen", value: null });
  Object.assign(vega.title, { text: { signal: WORDS[0] }, subtitle: { signal: WORDS[1] } });
  const along = vega.scales?.find((scale) => scale.name === "x" && vega.data.some((one) => one.name === "points"));
  if (along) vega.marks.unshift(chosenMark());
  return vega;
}

const chosenMark = () => ({
  type: "rule", aria: false, interactive: false, encode: { update: {
    x: { scale: "x", signal: "qiChosen === null ? xLow : qiChosen" }, y: { value: 0 }, y2: { signal: "height" },
    stroke: { value: getComputedStyle(document.documentElement).getPropertyValue("--qi-focus").trim() || "currentColor" },
    strokeWidth: { value: 9 }, opacity: { signal: "qiChosen === null ? 0 : 0.3" },
  } },
});

// What may not change in a picture that stands: its template, and the room of it and of its panels.
const shape = (state, spec) => JSON.stringify([state.width, spec.columns, spec.spec?.width]);
const stands = (state, spec) => state.drawn && state.stood === shape(state, spec) && state.template === state.data.template;

function begin(figure, spec) {
  const state = states.get(figure);
  const { view } = state.drawn;
  Object.assign(state, { stood: shape(state, spec), template: state.data.template, known: known(state.drawn, spec) });
  view.addEventListener("click", (event, item) => state.live(pointed(figure, view, event, item)));
  return choosePeriod(figure, state.period);
}

// What the drawn picture knows of a spec: its signals and its data sets; other data sets are for the table alone.
function known({ vgSpec }, { params, title, datasets }) {
  const drawn = new Set(vgSpec.data.map((one) => one.name));
  const signals = [...params.map(({ name, value }) => [name, value]), [WORDS[0], title.text], [WORDS[1], title.subtitle]];
  return { signals, sets: Object.entries(datasets).filter(([name]) => drawn.has(name)) };
}

// Only what differs is given to the picture: whatever is given is worked out anew, down to its last mark. The room beside
// the marks is measured again, since the words there have other widths.
function swap(figure, spec) {
  const state = states.get(figure);
  const { view } = state.drawn;
  const [old, now] = [state.known, (state.known = known(state.drawn, spec))];
  for (const [i, [name, value]] of now.signals.entries())
    if (JSON.stringify(value) !== JSON.stringify(old.signals[i][1])) view.signal(name, value);
  for (const [i, [name, data]] of now.sets.entries()) refill(view, name, old.sets[i][1], data);
  return view.description(spec.description).resize().runAsync();
}

// Vega's own list of changes, which is not handed to us: a view makes one of whatever it is given, and pulses it.
const changesOf = (view, name) => view.insert.call({ __proto__: view, pulse: (_, { constructor }) => constructor() }, name, []);

// New cells in rows that stand: their marks stay too. Where there are more rows or fewer, all of them are new.
function refill(view, name, old, rows) {
  if (rows.length !== old.length) return view.data(name, rows);
  const [changes, drawn] = [changesOf(view, name), view.data(name)];
  let differ = false;
  rows.forEach((row, i) => {
    for (const cell in row) if (row[cell] !== old[i][cell]) differ = !!changes.modify(drawn[i], cell, row[cell]);
  });
  return differ ? view.change(name, changes) : view;
}

// What a click points at: the panel of a small chart, or the period nearest to it.
function pointed(figure, view, event, item) {
  if (item?.datum?.panel !== undefined) return { panel: item.datum.panel };
  const frame = figure.querySelector(".qi-chart .role-frame .background")?.getBoundingClientRect();
  const points = frame && states.get(figure).data.template.usermeta === undefined ? view.data("points") : [];
  if (!points.length) return {};
  const when = +view.scale("x").invert(((event.clientX - frame.left) / frame.width) * view.width());
  const near = (row) => Math.abs(Date.parse(row.date) - when);
  return { date: points.reduce((best, row) => (near(row) < near(best) ? row : best)).date };
}

function choosePeriod(figure, date) {
  const state = states.get(figure);
  state.period = date;
  const view = state.drawn?.view;
  return view?.signal("qiChosen", date ? Date.parse(date) : null).runAsync();
}

// A figure in a place of its own. ``told`` is called with what is clicked. Gives what changes it, and what ends it.
function live(place, html, told) {
  place.innerHTML = html;
  const figure = place.firstElementChild;
  figure.dataset.qiState = "waiting";
  const state = { ready: Promise.resolve(), live: told };
  states.set(figure, state);
  return {
    async show(data, view) { // the picture at once; its words may come later
      Object.assign(state, { data, view, chosen: view });
      await draw(figure);
      if (!state.watched && !state.ended) observer.observe((state.watched = parts(figure, "chart")));
    },
    words(view) {
      state.view = state.chosen = { ...view, data: state.view.data, params: state.view.params };
      tell(figure);
    },
    choose: (date) => choosePeriod(figure, date),
    end() {
      state.ended = true;
      state.turn += 1; // a picture on its way comes too late
      if (state.watched) observer.unobserve(state.watched);
      state.drawn?.finalize();
      state.drawn = undefined;
    },
  };
}
