// The explorer's chart in JupyterLab, Notebook and Voila: shows what the kernel sends, and tells it what is clicked.
// JupyterLab's own keys (Enter edits a cell, D D deletes one) are not meant for who is in a control.
const kept = (event) => event.ctrlKey || event.metaKey || event.altKey || event.stopPropagation();

function render({ model, el }) {
  if (!window.qitools?.live) {
    el.innerHTML = model.get("html"); // sentence and numbers, with words in place of the chart
    return undefined;
  }
  let clicks = 0;
  const chart = window.qitools.live(el, model.get("html"), (at) => {
    model.set("clicked", { ...at, turn: (clicks += 1) });
    model.save_changes();
  });
  const gone = new AbortController();
  const ours = () => el.closest(".qi-explorer")?.addEventListener("keydown", kept, { signal: gone.signal });
  const picture = () => chart.show(model.get("picture"), JSON.parse(model.get("view"))).then(() => chart.choose(model.get("chosen")));
  const words = () => chart.words(JSON.parse(model.get("words")));
  const choose = () => chart.choose(model.get("chosen"));
  model.on("change:view", picture);
  model.on("change:words", words);
  model.on("change:chosen", choose);
  picture().then(words).then(ours);
  return () => {
    model.off("change:view", picture);
    model.off("change:words", words);
    model.off("change:chosen", choose);
    gone.abort();
    chart.end();
  };
}

export default { render };
