// Each search box narrows the table it controls to the rows that hold every word, whatever their case and accents.
(() => {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  for (const input of document.querySelectorAll(".qi-search input")) {
    const found = document.getElementById(input.getAttribute("aria-describedby"));
    const rows = [...document.querySelectorAll(`#${input.getAttribute("aria-controls")} tbody tr`)];
    const texts = rows.map((row) => plain(row.textContent));
    const filter = () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      const shown = rows.filter((row, i) => !(row.hidden = !words.every((word) => texts[i].includes(word))));
      found.textContent = words.length ? `${shown.length} of ${rows.length} shown` : "";
    };
    input.addEventListener("input", filter);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { input.value = ""; filter(); }
    });
    input.parentElement.hidden = rows.length < 2;
  }
})();
