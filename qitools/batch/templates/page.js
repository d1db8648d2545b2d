// The bar marks the section that is being read.
(() => {
  const links = new Map([...document.querySelectorAll(".qi-bar a[href^='#']")].map((a) => [a.hash.slice(1), a]));
  const mark = () => {
    let now = null;
    for (const id of links.keys()) {
      const heading = document.getElementById(id);
      if (heading && heading.getBoundingClientRect().top < innerHeight / 3) now = id;
    }
    for (const [id, link] of links) id === now ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
})();

// Presenter mode: one part of the page at a time, as large as the screen allows, in the order of the agenda.
(() => {
  const root = document.documentElement;
  const main = document.querySelector("main");
  const stage = document.querySelector(".qi-stage");
  if (!stage || document.querySelector(".qi-private")) return;
  const starts = document.querySelector(".qi-starts");
  const [place, told, hint, keys] = [".qi-place", ".qi-told", ".qi-more", ".qi-keys input"].map((one) => document.querySelector(one));
  const [LARGEST, SMALLEST, BESIDE] = [1.8, 0.88, 0.75]; // times its own size; the last with its words beside it
  const NARROWEST = 620; // pixels a chart needs to keep its words apart
  const [LOWEST, OVERLAP] = [200, 60]; // pixels of a part that scrolls by itself, and what stays in sight of it
  const FEW = 6; // panels that stay as wide with words beside them
  let steps = [];
  let at = -1;
  starts.hidden = keys.closest("p").hidden = false;

  const here = () => steps[at];
  const heading = (section) => section.querySelector(":scope > h2");
  const figures = (step) => step.parts.filter((part) => part.matches(".qi-figure"));
  const held = (step) => figures(step).find((figure) => figure.dataset.qiVote === "held");
  // What would give the answer away waits until the vote is over.
  const waits = (step) => step.parts.every((part) => part.matches(".qi-tiles")) && steps.some(held);

  // A slide for an item that has no section on the page.
  function slide(words) {
    const section = main.appendChild(document.createElement("section"));
    const title = section.appendChild(document.createElement("h2"));
    section.className = "qi-slide";
    title.textContent = words;
    title.tabIndex = -1;
    return section;
  }

  function sectionOf(row) {
    const link = row.querySelector("a");
    const title = link && document.getElementById(link.hash.slice(1));
    return title?.closest("section") ?? slide(row.querySelector("th").textContent);
  }

  // Words go with the words and the table they lead to, and notes with what they explain.
  const joins = (part, before) =>
    part.matches(".qi-note, .qi-outline") ||
    !(part.matches(".qi-figure") || before.matches(".qi-figure, .qi-table, .qi-tiles, .qi-pairs"));

  // One step for each figure, table or block of words of a section.
  function stepsOf(section, { parts: wanted, clock = "" } = {}) {
    const own = [...section.children].filter((part) => !part.matches("h2, script, style"));
    const some = wanted ? own.filter((part) => part.matches(`${wanted}, .qi-recap`)) : own;
    const groups = [];
    for (const part of some.length ? some : own) {
      const last = groups.at(-1);
      if (last && joins(part, last.at(-1))) last.push(part);
      else groups.push([part]);
    }
    const of = groups.length || 1;
    const words = { section, heading: heading(section), title: heading(section).textContent, clock, of };
    return (groups.length ? groups : [[]]).map((parts, i) => ({ ...words, parts, part: i + 1 }));
  }

  // What waited for the vote comes after it: the aim, how far it is, and the headlines.
  function recap() {
    const vote = main.querySelector("figure[data-qi-vote]");
    const words = document.querySelectorAll(".qi-heading > :is(.qi-aim, .qi-progress), main > section > .qi-tiles");
    if (!vote || !words.length) return;
    const place = document.createElement("div");
    place.className = "qi-heading qi-recap";
    place.append(...[...words].map((one) => one.cloneNode(true)));
    vote.after(place);
  }

  function planned(timetable) {
    recap();
    const first = [...main.children].filter((part) => !part.matches("section"));
    const title = { heading: main.querySelector("h1"), title: main.querySelector("h1").textContent, parts: first, clock: "", part: 1, of: 1 };
    const rows = [...document.querySelectorAll(`${timetable} tr[data-section]`)];
    const sections = [...main.querySelectorAll(":scope > section")].filter((one) => !one.querySelector(".qi-method"));
    const all = rows.map((row) => [sectionOf(row), { parts: row.dataset.parts, clock: row.cells[0].textContent }]);
    // An agenda that names no section of the page comes first, and the page after it.
    if (!all.some(([section]) => sections.includes(section))) all.push(...sections.map((section) => [section, {}]));
    return [title, ...all.flatMap(([section, about]) => stepsOf(section, about))];
  }

  const under = () => Math.max(stage.offsetHeight, parseFloat(getComputedStyle(document.body).paddingBottom));
  const free = () => Math.floor(innerHeight - under() - main.getBoundingClientRect().bottom - scrollY);
  const chartOf = (figure) => figure.querySelector(":scope > .qi-chart");
  const boxed = () => main.querySelector("[data-qi-box]");

  // As large as leaves everything in sight, down to a size; whether it then is.
  async function sized(figure, smallest) {
    const [step, chart] = [here(), chartOf(figure)];
    await window.qitools.stretch(figure, 1);
    let scale = Math.min(LARGEST, chart.clientWidth / NARROWEST, 1 + free() / chart.offsetHeight);
    if (free() >= 0 && Math.abs(scale - 1) < 0.04) return true;
    for (let tries = 0; tries < 5 && scale >= smallest && step === here(); tries++, scale *= 0.96) {
      await window.qitools.stretch(figure, scale);
      if (free() >= 0) return true;
    }
    return false;
  }

  // A picture and its sentence stay in sight: as large as that allows, else with the words beside the picture, else the
  // picture scrolls by itself.
  async function arrange(figure) {
    if (await sized(figure, SMALLEST)) return;
    const few = Number(figure.dataset.qiPanels) <= FEW;
    if (few) {
      const notes = figure.querySelector(":scope > .qi-notes");
      figure.setAttribute("data-qi-beside", "");
      if (notes) notes.hidden = true; // they scroll, where the picture leaves them no room
      const fits = await sized(figure, BESIDE);
      if (notes) notes.hidden = false;
      if (notes) box(notes);
      if (fits && free() >= 0) return;
      unbox();
    }
    await window.qitools.stretch(figure, 1);
    box(chartOf(figure));
  }

  // A part that is too tall scrolls by itself, so that what stands around it stays in sight.
  function box(part) {
    const left = part.offsetHeight + free() - 1; // its own height is rounded
    if (free() >= 0 || left < LOWEST) return;
    part.style.maxHeight = `${left}px`;
    part.setAttribute("data-qi-box", "");
    part.tabIndex = 0;
    part.scrollTop = 0;
  }

  function unbox() {
    for (const one of main.querySelectorAll("[data-qi-beside]")) one.removeAttribute("data-qi-beside");
    for (const one of main.querySelectorAll("[data-qi-box]")) {
      one.removeAttribute("data-qi-box");
      one.removeAttribute("tabindex");
      one.style.maxHeight = "";
    }
  }

  async function fit() {
    const step = here();
    stage.dataset.qiFit = "now";
    unbox();
    for (const figure of figures(step)) await arrange(figure);
    const tall = step.parts.filter((part) => part.matches(".qi-table, .qi-stories, .qi-pairs, .qi-agenda"));
    if (step === here() && tall.length) box(tall.reduce((most, one) => (one.offsetHeight > most.offsetHeight ? one : most)));
    if (step !== here()) return;
    stage.dataset.qiFit = "done";
    further();
  }

  // Whether there is more in a direction, in the part that scrolls by itself or on the page; said while there is.
  function more(by) {
    const [part, height] = boxed() ? [boxed(), boxed().clientHeight] : [root, innerHeight];
    return by > 0 ? part.scrollTop + height < part.scrollHeight - 2 : part.scrollTop > 0;
  }

  function further() {
    if (hint) hint.hidden = at < 0 || !more(1);
  }

  function show(next) {
    at = next;
    const step = here();
    for (const one of document.querySelectorAll("[data-qi-on]")) one.removeAttribute("data-qi-on");
    for (const one of [step.section, ...step.parts]) one?.setAttribute("data-qi-on", "");
    for (const one of main.querySelectorAll("[aria-level]")) one.removeAttribute("aria-level");
    step.heading.ariaLevel = "1"; // of all that is to be seen
    const part = step.of > 1 ? `${step.title}, ${step.part} of ${step.of}` : step.title;
    place.textContent = step.clock ? `${part} · minutes ${step.clock}` : part;
    told.textContent = `${part}. Step ${at + 1} of ${steps.length}.`;
    step.heading.tabIndex = -1;
    step.heading.focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
    return fit();
  }

  function present(timetable) {
    steps = planned(timetable);
    root.classList.add("qi-presenting");
    stage.hidden = false;
    return show(0);
  }

  function leave() {
    const drawn = new Set(steps.flatMap(figures));
    const last = here().section?.matches(".qi-slide") ? steps[0].heading : here().heading;
    root.classList.remove("qi-presenting");
    stage.hidden = true;
    at = -1;
    unbox();
    for (const one of document.querySelectorAll(".qi-slide, .qi-recap")) one.remove();
    last.removeAttribute("aria-level");
    for (const figure of drawn) window.qitools.stretch(figure, 1);
    last.focus({ preventScroll: true });
    last.scrollIntoView({ behavior: "instant" });
  }

  // On to the next step; a vote shows the rest first, for whoever has two buttons in the hand and no keyboard.
  function move(by) {
    const vote = by > 0 && held(here());
    if (vote) return window.qitools.reveal(vote);
    let next = at + by;
    while (steps[next] && waits(steps[next])) next += by;
    if (steps[next]) show(next);
  }

  function reveal() {
    const inSight = (figure) => { const { top, bottom } = figure.getBoundingClientRect(); return bottom > 0 && top < innerHeight; };
    const vote = [...document.querySelectorAll("figure[data-qi-vote]")].find(inSight);
    if (vote) window.qitools.reveal(vote);
    return Boolean(vote);
  }

  const MOVES = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };

  // The last step; a vote on the way there holds, until the rest is shown.
  function end() {
    const stop = steps.findIndex((step, i) => i >= at && held(step));
    return show(stop < 0 ? steps.length - 1 : stop);
  }

  // What a key does, or nothing: then the browser does what it always does.
  function pressed({ key, shiftKey, target }) {
    if (key.toLowerCase() === "r") return reveal();
    if (key.toLowerCase() === "p") return present(shiftKey ? ".qi-short" : ".qi-timetable");
    if (at < 0) return false;
    if (key === "Escape") return leave();
    if (key === "Home" || key === "End") return key === "Home" ? show(0) : end();
    const by = key === " " && shiftKey ? -1 : MOVES[key];
    if (!by || (key === " " && target.closest("button, summary, a"))) return false;
    const sideways = key === "ArrowRight" || key === "ArrowLeft";
    if (sideways || !more(by)) return move(by);
    return boxed() ? boxed().scrollBy({ top: by * (boxed().clientHeight - OVERLAP), behavior: "instant" }) : false;
  }

  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
    if (!keys.checked && event.key.length === 1 && event.key !== " ") return;
    if (pressed(event) !== false) event.preventDefault();
  });
  for (const button of starts.querySelectorAll("button")) button.addEventListener("click", () => present(button.dataset.qiPlan));
  stage.addEventListener("click", ({ target }) => {
    const by = target.closest("button")?.dataset.qiMove;
    if (by !== undefined) by === "0" ? leave() : move(Number(by));
  });
  main.addEventListener("qi-shown", () => at >= 0 && fit());
  addEventListener("resize", () => at >= 0 && fit());
  addEventListener("scroll", further, { passive: true, capture: true });
})();
