// The countdown of an offer, and the quick amounts. Without it the server still refuses a price that has expired.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const chips = by("chips"), offer = by("offer");
  if (chips) {
    chips.hidden = false;
    chips.addEventListener("click", (event) => {
      const amount = event.target.dataset.amount;
      if (amount !== undefined) { by("amount").value = amount; by("amount").focus(); }
    });
  }
  if (!offer) return;
  const whole = Number(offer.dataset.left), end = performance.now() + whole;
  const yes = by("yes"), over = by("over"), ring = by("ring-left");
  yes.addEventListener("submit", () => { yes.querySelector("button").disabled = true; });
  (function tick() {
    const left = Math.max(0, end - performance.now());
    by("seconds").textContent = Math.ceil(left / 1000);
    ring.style.strokeDashoffset = 100 * (1 - left / whole);
    ring.parentNode.parentNode.classList.toggle("soon", left <= 5000);
    if (left > 0) return setTimeout(tick, left % 1000 || 1000);
    yes.hidden = true;
    over.hidden = false;
  })();
})();
