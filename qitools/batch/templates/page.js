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
