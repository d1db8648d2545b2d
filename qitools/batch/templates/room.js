// What is agreed in the room: typed into a form, kept in this browser, saved as one file for `qitools check --take`.
(() => {
  const room = document.querySelector(".qi-room");
  if (!room) return;
  const said = JSON.parse(room.querySelector(".qi-room-words").textContent);
  const [off, form, told, list, rows, state, day, save] = ["-off", "-form", "-told", "-list", "-list ol", "-state", "-keep input", "-keep button"]
    .map((one) => room.querySelector(`.qi-room${one}`));
  const field = (name) => form.elements[name];
  const kind = () => field("kind").value;
  const label = (name, of = kind()) => said.labels[name][of] ?? said.labels[name];
  const KEY = `qitools room: ${said.collaborative}, ${said.session}`;
  let kept = { items: [], draft: null, open: false, day: day.value };
  let keeps = true; // whether this browser keeps what is written; else it stays in memory
  let editing = null;

  function read() {
    try {
      const text = keeps && localStorage.getItem(KEY);
      if (text) kept = { ...kept, ...JSON.parse(text) };
    } catch { /* what is in memory is all there is */ }
    return kept;
  }

  function write(change) {
    kept = { ...read(), ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
      keeps = true;
    } catch {
      keeps = false;
    }
    render();
  }

  const element = (name, words, settings = {}) => Object.assign(document.createElement(name), { textContent: words, ...settings });
  const tell = (words) => { told.textContent = words; };
  const shown = (name, value) => [...(field(name).options ?? [])].find((one) => one.value === value)?.textContent ?? value;

  // ---- the form: only what belongs to the kind chosen --------------------------------------------------------------

  // Ten digits that begin with a day: what may not go into any file here.
  function personal(text) {
    return [...text.matchAll(/(?<!\d)(?<!\d\.)(\d{2})(\d{2})(\d{2})[ -]?\d{4}(?!\d)/g)].some(([, day, month, year]) =>
      [1900, 2000].some((century) => {
        const date = new Date(Date.UTC(century + Number(year), month - 1, day));
        return date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day);
      }));
  }

  function fit() {
    const of = kind();
    for (const place of form.querySelectorAll("[data-kinds]")) {
      const control = place.querySelector("[name]");
      place.hidden = !place.dataset.kinds.split(" ").includes(of);
      control.required = said.needed[of].includes(control.name);
      place.firstElementChild.textContent = label(control.name);
    }
    field("team").options[0].textContent = of === "note" ? said.words.every : said.words.choose;
    form.querySelector("button:not([type])").textContent = editing ? said.words.keep : said.words.add;
  }

  function typed() {
    const item = { kind: kind() };
    for (const name of said.fields) item[name] = field(name).closest("label").hidden ? "" : field(name).value.trim();
    return item;
  }

  function fill(item) {
    for (const name of said.fields) field(name).value = item?.[name] ?? "";
    if (item) field("kind").value = item.kind;
    fit();
  }

  function right() {
    for (const name of said.fields) {
      const control = field(name);
      const hidden = control.closest("label").hidden;
      if (!control.value.trim()) control.value = ""; // spaces say nothing
      control.setCustomValidity(!hidden && personal(control.value) ? said.told.personal : "");
    }
    return form.reportValidity();
  }

  // ---- the list ----------------------------------------------------------------------------------------------------

  function row(item) {
    const line = element("li", "");
    const head = [said.kinds[item.kind], item.team ? shown("team", item.team) : item.kind === "note" && said.words.every];
    line.append(element("strong", head.filter(Boolean).join(", ")));
    for (const name of said.fields) {
      if (name === "team" || !item[name]) continue;
      line.append(element("p", `${label(name, item.kind)}: ${shown(name, item[name])}`));
    }
    for (const what of ["change", "remove"]) {
      const button = element("button", said.words[what], { type: "button" });
      button.dataset.what = what;
      button.dataset.item = item.id;
      button.ariaLabel = `${said.words[what]}: ${[...head, item.idea || item.text].filter(Boolean).join(", ")}`;
      line.append(button, " ");
    }
    return line;
  }

  function render() {
    rows.replaceChildren(...kept.items.map(row));
    list.hidden = !kept.items.length;
    state.textContent = [!keeps && said.told.unkept, kept.open && said.told.open].filter(Boolean).join(" ");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!right()) return;
    const item = { ...typed(), id: editing ?? `${Date.now()}-${Math.random()}` };
    const items = read().items;
    const there = items.some((one) => one.id === editing);
    const next = there ? items.map((one) => (one.id === editing ? item : one)) : [...items, item];
    const words = there ? said.told.changed : said.told.added;
    editing = null;
    fill();
    write({ items: next, draft: null, open: true });
    tell(keeps ? words : `${words} ${said.told.unkept}`);
    field("kind").focus();
  });
  form.addEventListener("input", ({ target }) => {
    target.setCustomValidity?.("");
    fit();
    write({ draft: typed() });
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault(); // the kind stays
    editing = null;
    fill();
    write({ draft: null });
    tell("");
  });
  rows.addEventListener("click", ({ target }) => {
    const item = kept.items.find((one) => one.id === target.dataset.item);
    if (!item) return;
    if (target.dataset.what === "change") {
      editing = item.id;
      fill(item);
      tell(said.told.editing);
      field("team").focus();
    } else if (confirm(said.told.sure)) {
      write({ items: read().items.filter((one) => one.id !== item.id), open: true });
      tell(said.told.removed);
      field("team").focus();
    }
  });

  // ---- the file ----------------------------------------------------------------------------------------------------

  day.addEventListener("input", () => write({ day: day.value }));
  save.addEventListener("click", () => {
    if (!day.reportValidity()) return;
    const items = read().items.map(({ id, ...item }) => item);
    const file = { qitools: "room", collaborative: said.collaborative, session: said.session, date: day.value, items };
    const address = URL.createObjectURL(new Blob([`${JSON.stringify(file, null, 1)}\n`], { type: "application/json" }));
    const name = `${said.collaborative}-room-${day.value}.json`;
    element("a", "", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    write({ open: false });
    state.textContent = said.told.saved.replace("{file}", name);
  });
  addEventListener("beforeunload", (event) => { if (!keeps && kept.open) event.preventDefault(); });
  addEventListener("storage", ({ key }) => { if (key === KEY) { read(); render(); } }); // another window of the page

  off.remove();
  form.hidden = false;
  read();
  day.value = kept.day || day.value;
  fill(kept.draft);
  write({});
})();
