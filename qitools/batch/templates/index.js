(() => {
  const input = document.getElementById("search"), found = document.getElementById("found");
  const rows = [...document.querySelectorAll("main tbody tr")];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
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
})();
