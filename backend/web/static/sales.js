// Keeps the list of sales fresh while somebody looks at it.
"use strict";
(() => {
  const EVERY = 3000, sales = document.getElementById("sales");
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const reply = await fetch(`/shop/sales?days=${sales.dataset.days}`, { cache: "no-store" });
      const text = reply.ok && !reply.redirected ? await reply.text() : "";
      if (text && text !== sales.dataset.was) { sales.innerHTML = text; sales.dataset.was = text; }
    } catch { /* no network for a moment: the next round asks again, and what stands here is what was true */ }
  }, EVERY);
})();
