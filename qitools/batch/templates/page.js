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
  const [place, told, keys] = [".qi-place", ".qi-told", ".qi-keys input"].map((one) => document.querySelector(one));
  const [LARGEST, SMALLEST] = [1.8, 0.88]; // times its own size
  const NARROWEST = 620; // pixels a chart needs to keep its words apart
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
    part.matches(".qi-note, .qi-outline") || !(part.matches(".qi-figure") || before.matches(".qi-figure, .qi-table, .qi-tiles"));

  // One step for each figure, table or block of words of a section.
  function stepsOf(section, { parts: wanted, clock = "" } = {}) {
    const own = [...section.children].filter((part) => !part.matches("h2, script, style"));
    const some = wanted ? own.filter((part) => part.matches(wanted)) : own;
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

  function planned(timetable) {
    const first = [...main.children].filter((part) => !part.matches("section"));
    const title = { heading: main.querySelector("h1"), title: main.querySelector("h1").textContent, parts: first, clock: "", part: 1, of: 1 };
    const rows = [...document.querySelectorAll(`${timetable} tr[data-section]`)];
    const sections = [...main.querySelectorAll(":scope > section")].filter((one) => !one.querySelector(".qi-method"));
    const all = rows.map((row) => [sectionOf(row), { parts: row.dataset.parts, clock: row.cells[0].textContent }]);
    // An agenda that names no section of the page comes first, and the page after it.
    if (!all.some(([section]) => sections.includes(section))) all.push(...sections.map((section) => [section, {}]));
    return [title, ...all.flatMap(([section, about]) => stepsOf(section, about))];
  }

  // As large as leaves everything in sight; what is too tall for that keeps its size, and is scrolled.
  async function fit() {
    const step = here();
    stage.dataset.qiFit = "now";
    const free = () => innerHeight - stage.offsetHeight - main.getBoundingClientRect().bottom - scrollY;
    for (const figure of figures(step)) {
      const chart = figure.querySelector(":scope > .qi-chart");
      await window.qitools.stretch(figure, 1);
      let scale = Math.min(LARGEST, chart.clientWidth / NARROWEST, 1 + free() / chart.offsetHeight);
      if (scale < SMALLEST || Math.abs(scale - 1) < 0.04) continue;
      for (let tries = 0; tries < 4 && scale >= SMALLEST && step === here(); tries++, scale *= 0.95) {
        await window.qitools.stretch(figure, scale);
        if (free() >= 0) break;
      }
    }
    if (step === here()) stage.dataset.qiFit = "done";
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
    for (const one of document.querySelectorAll(".qi-slide")) one.remove();
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
  const below = () => scrollY + innerHeight < root.scrollHeight - 2;

  // What a key does, or nothing: then the browser does what it always does.
  function pressed({ key, shiftKey, target }) {
    if (key.toLowerCase() === "r") return reveal();
    if (key.toLowerCase() === "p") return present(shiftKey ? ".qi-short" : ".qi-timetable");
    if (at < 0) return false;
    if (key === "Escape") return leave();
    if (key === "Home" || key === "End") return show(key === "Home" ? 0 : steps.length - 1);
    const by = key === " " && shiftKey ? -1 : MOVES[key];
    if (!by || (key === " " && target.closest("button, summary, a"))) return false;
    const sideways = key === "ArrowRight" || key === "ArrowLeft";
    if (!sideways && (by > 0 ? below() : scrollY > 0)) return false;
    return move(by);
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
})();
