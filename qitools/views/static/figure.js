// Draws the figures of a page from what Python computed. It computes no number and words nothing: it picks.

const HOW = {
  renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true },
};
const states = new WeakMap(); // figure -> its data, its view, and the width it was last drawn at
const queue = [];
const MARGIN = 12; // pixels around a title
const MARK = 80; // pixels beside the words of a legend: its mark, and what stands left of it
const PAPER = 690; // pixels between the margins of an upright A4 page
let working = false;

const parts = (figure, name) => figure.querySelector(`:scope > .qi-${name}`);

// Columns to rows; a column of one cell is the same in every row.
function rows(columns) {
  const names = Object.keys(columns);
  const count = Math.max(0, ...names.map((name) => columns[name].length));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(names.map((name) => [name, columns[name][columns[name].length === 1 ? 0 : i]])));
}

// The data of a figure; where there is much of it, it comes deflated.
async function read(figure) {
  const sent = JSON.parse(parts(figure, "data").textContent);
  if (!sent.deflated) return sent;
  const bytes = Uint8Array.from(atob(sent.deflated), (letter) => letter.charCodeAt(0));
  const flow = new DecompressionStream("deflate");
  const [into, out] = [flow.writable.getWriter(), new Response(flow.readable).json()];
  return (await Promise.all([out, into.write(bytes), into.close()]))[0]; // within the page: a Blob goes through the browser
}

// Words in as many lines as the width asks for, measured in their own type; Vega would cut them off.
const pen = document.createElement("canvas").getContext("2d");
function lines(text, type, width) {
  pen.font = type;
  return text.split(" ").reduce((done, word) => {
    const longer = done.length ? `${done[done.length - 1]} ${word}` : word;
    if (done.length && pen.measureText(longer).width > width) done.push(word);
    else done.splice(-1, 1, longer);
    return done;
  }, []);
}

// The template filled with one view, for a width in pixels.
function filled({ template }, view, width) {
  const { title, ...set } = structuredClone(view.set);
  const { font, title: type } = template.config;
  const spec = { ...structuredClone(template), ...set };
  spec.title = {
    ...title,
    text: lines(title.text, `${type.fontWeight} ${type.fontSize}px ${font}`, width - MARGIN),
    subtitle: title.subtitle.flatMap((line) => lines(line, `${type.subtitleFontSize}px ${font}`, width - MARGIN)),
  };
  const given = { ...view.params, room: width };
  if (given.wide > width) given.words = folded(given.words, `${template.config.legend.labelFontSize}px ${font}`, width - MARK);
  for (const one of spec.params) if (one.name in given) one.value = given[one.name];
  spec.datasets = Object.fromEntries(Object.entries(view.data).map(([name, data]) => [name, rows(data)]));
  return sized(spec, width);
}

// The words of a legend too wide for one line, in more.
const folded = (words, type, width) =>
  Object.fromEntries(Object.entries(words).map(([kind, said]) => [kind, lines(said, type, width)]));

// One chart takes the whole width; small ones share it, as many side by side as stay readable.
function sized(spec, width) {
  const { panel, axis, gap } = spec.usermeta?.qitools ?? {};
  const free = width - spec.config.padding.left - spec.config.padding.right;
  if (!panel) return { ...spec, width };
  const count = new Set(spec.datasets[spec.data.name].map((row) => row.panel)).size;
  const least = width > PAPER ? panel : Math.min(panel, 110); // two side by side on a telephone, four on paper
  const across = Math.max(1, Math.min(count, Math.floor((free + gap) / (least + axis + gap))));
  spec.columns = across;
  spec.spec.width = Math.floor((free - (across - 1) * gap) / across - axis);
  const set = Object.fromEntries(spec.params.map((one) => [one.name, one]));
  set.across.value = across;
  set.panel.value = spec.spec.width;
  set.heads.value = headed(set.heads.value, `600 13px ${spec.config.font}`, spec.spec.width, across);
  return spec;
}

// The names over the panels, in as many lines as the longest name of their row.
function headed(heads, type, width, across) {
  const broken = heads.map((head) => head.flatMap((line) => lines(line, type, width)));
  const tall = (i) => Math.max(...broken.slice(i - (i % across), i - (i % across) + across).map((head) => head.length));
  return broken.map((head, i) => [...Array(tall(i) - head.length).fill(""), ...head]);
}

async function draw(figure, wanted) {
  const state = states.get(figure);
  const place = parts(figure, "chart");
  const turn = (state.turn = (state.turn ?? 0) + 1);
  try {
    await prepared(figure);
    const width = (state.width = Math.round(wanted ?? place.clientWidth / (state.scale ?? 1)));
    if (!width || !state.view) return;
    if (!state.view.panels) return say(figure, state.view.set.description);
    const spec = filled(state.data, state.view, width);
    if (state.live && stands(state, spec)) return await swap(figure, spec);
    const result = await embed(place, spec, state.live ? { ...HOW, patch: movable } : HOW);
    if (turn !== state.turn) return result.finalize();
    state.drawn?.finalize();
    state.drawn = result;
    if (state.live) begin(figure, spec);
    figure.dataset.qiState = "drawn";
  } catch (error) {
    say(figure, state.data?.said.broken ?? place.textContent, error);
  }
}

// Words in place of a chart: never a blank.
function say(figure, words, error) {
  const [place, state] = [parts(figure, "chart"), states.get(figure)];
  state?.drawn?.finalize();
  if (state) state.drawn = undefined;
  const line = document.createElement("p");
  line.className = "qi-fallback";
  line.textContent = words;
  place.replaceChildren(line);
  figure.dataset.qiState = error ? "broken" : "empty";
  if (error) console.error(error);
}

function element(name, words, settings = {}) {
  return Object.assign(document.createElement(name), { textContent: words, ...settings });
}

function table(figure, { data, view }) {
  const [name, caption, columns] = view.table;
  const line = (cells) => {
    const row = document.createElement("tr");
    row.append(...cells);
    return row;
  };
  const style = columns.map(([, , number]) => (number ? "qi-number" : ""));
  const head = line(columns.map(([, words], i) => element("th", words, { scope: "col", className: style[i] })));
  const body = rows(view.data[name]).slice(-data.rows).map((row) =>
    line(columns.map(([field], i) =>
      i ? element("td", row[field], { className: style[i] }) : element("th", row[field], { scope: "row" }))));
  const old = figure.querySelector(".qi-numbers table");
  old.caption.textContent = caption;
  old.tHead.replaceChildren(head);
  old.tBodies[0].replaceChildren(...body);
}

// A choice in the pickers.
function choose(figure) {
  const state = states.get(figure);
  const picked = [...figure.querySelectorAll(".qi-pickers select")].map((select) => select.value);
  state.chosen = state.data.views.find((view) => view.choice.every((choice, i) => choice === picked[i]));
  state.open = false;
  return show(figure);
}

// What is held back until the room has voted, or hidden again.
async function reveal(figure) {
  const state = states.get(figure);
  await prepared(figure);
  if (!state.chosen?.reveal) return;
  state.open = !state.open;
  return show(figure);
}

function ballot(figure, { chosen, open }) {
  const place = parts(figure, "ballot");
  if (!place) return;
  const button = place.querySelector("button");
  place.hidden = !chosen?.reveal;
  if (chosen?.reveal) figure.dataset.qiVote = open ? "shown" : "held";
  else delete figure.dataset.qiVote;
  const [now, other] = [button.dataset.qiNow ?? button.textContent, button.dataset.qiOther];
  Object.assign(button.dataset, { qiNow: now, qiOther: other });
  button.textContent = open ? other : now;
}

// Chart, title, sentence, notes and table change together; whoever gives the figure its place is told.
async function show(figure) {
  await change(figure);
  figure.dispatchEvent(new Event("qi-shown", { bubbles: true }));
}

function change(figure) {
  const state = states.get(figure);
  state.view = (state.open && state.chosen?.reveal) || state.chosen;
  ballot(figure, state);
  tell(figure);
  return state.view ? draw(figure) : say(figure, state.data.said.absent);
}

// Sentence, notes and table of the view.
function tell(figure) {
  const state = states.get(figure);
  parts(figure, "numbers").hidden = !state.view || figure.dataset.qiVote === "held" || !rows(state.view.data[state.view.table[0]]).length;
  parts(figure, "notes")?.replaceChildren(...(state.view?.notes ?? []).map((note) => element("li", note)));
  parts(figure, "sentence").textContent = state.view ? state.view.set.description : state.data.said.absent;
  if (!state.view) return;
  figure.dataset.qiPanels = state.view.panels;
  table(figure, state);
}

// One observer for all: a chart whose width has changed is drawn again once the width has come to rest.
let resting;
const changed = new Set();
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) changed.add(target.closest(".qi-figure"));
  clearTimeout(resting);
  resting = setTimeout(() => {
    for (const figure of changed) {
      const state = states.get(figure);
      const width = parts(figure, "chart").clientWidth / (state?.scale ?? 1);
      if (state && Math.abs(width - (state.width ?? 0)) > 4) draw(figure);
    }
    changed.clear();
  }, 150);
});

async function prepare(figure) {
  const state = states.get(figure);
  state.data = await read(figure);
  state.view = state.chosen = state.data.views[0];
  const [pickers, vote] = [parts(figure, "pickers"), parts(figure, "ballot")];
  if (vote) {
    ballot(figure, state);
    vote.querySelector("button").addEventListener("click", () => reveal(figure));
    figure.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "r" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
      event.stopPropagation();
      reveal(figure);
    });
  }
  if (!pickers) return;
  pickers.hidden = false;
  pickers.addEventListener("change", () => choose(figure));
}

// A figure is read when it is drawn for the first time: nothing comes before the first chart that it does not need.
const prepared = (figure) => (states.get(figure).ready ??= prepare(figure));

// The first chart at once, the first screen as soon as that is seen, the rest whenever the browser is idle.
const seen = () => new Promise((go) => [requestAnimationFrame(() => setTimeout(go)), setTimeout(go, 100)]); // a hidden page has no frames
const idle = () => new Promise((go) => (window.requestIdleCallback ? requestIdleCallback(go, { timeout: 200 }) : setTimeout(go)));

async function work() {
  if (working) return;
  working = true;
  while (queue.length) {
    const figure = queue.shift();
    if (document.querySelector("[data-qi-state=drawn]")) await (figure.getBoundingClientRect().top > innerHeight ? idle() : seen());
    await draw(figure);
    observer.observe(parts(figure, "chart"));
  }
  working = false;
  document.documentElement.setAttribute("data-qi-drawn", "");
}

// Takes in every figure not yet taken in, wherever it came from: cells may run in any order.
function scan() {
  for (const figure of document.querySelectorAll(".qi-figure:not([data-qi-state])")) {
    figure.dataset.qiState = "waiting";
    document.documentElement.removeAttribute("data-qi-drawn");
    states.set(figure, {});
    queue.push(figure);
  }
  return work();
}

// Paper does not wait and has its own width, which a page may set: all is drawn for it at once, and for the screen again
// afterwards.
const onPaper = (figure) => Number(getComputedStyle(figure).getPropertyValue("--qi-paper-width")) || PAPER;
const printed = (width) => () =>
  [...document.querySelectorAll(".qi-figure[data-qi-state]")].map((figure) => draw(figure, width(figure)));
addEventListener("beforeprint", printed(onPaper));
addEventListener("afterprint", printed(() => undefined));

// On a screen far away everything is drawn larger: as if the place were narrower, and then stretched.
function stretch(figure, scale) {
  const state = states.get(figure);
  state.scale = scale;
  return draw(figure);
}

window.qitools = { scan, draw, reveal, stretch, live };
scan();
