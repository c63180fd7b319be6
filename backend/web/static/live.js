// What happens to the wallet appears here as it happens. An event is only the bell: the server is asked what it was.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const part = async (where, into) => {
    const reply = await fetch(where, { cache: "no-store" });
    if (reply.ok && !reply.redirected) into.innerHTML = await reply.text();
    return reply.ok && !reply.redirected;
  };
  const wallet = by("wallet"), slip = by("slip"), arrival = by("arrival"), activity = by("activity");

  async function news() {
    const reply = await fetch(`/me/news?after=${slip.dataset.after}`, { cache: "no-store" });
    if (!reply.ok || reply.redirected) return;
    const told = await reply.json();
    slip.dataset.after = told.after;
    if (told.txn && await part(`/me/slips/${encodeURIComponent(told.txn)}`, slip) && !slip.open) slip.showModal();
  }

  async function changed(kind) {
    if (kind === "presented") return document.dispatchEvent(new Event("tillmark:presented"));
    if (slip) await news();
    if (arrival && kind === "deposit") await part(`/me/arrival?after=${arrival.firstElementChild.dataset.after}`, arrival);
    if (activity && kind !== "deposit") location.reload();
    if (wallet) await part("/me/wallet", wallet);
  }

  if (wallet || arrival || activity) {
    const source = new EventSource("/v1/me/events");
    let broken = false;
    const heard = (event) => changed(event.type).catch(() => { broken = true; });
    ["deposit", "presented", "buy", "sell", "sale", "lost", "sale.settled", "sale.refunded", "sale.voided", "sale.reversed",
      "sale.expired", "changed"]
      .forEach((kind) => source.addEventListener(kind, heard));
    source.addEventListener("error", () => { broken = true; });
    source.addEventListener("open", () => { if (broken) { broken = false; changed("lost").catch(() => {}); } });
    addEventListener("pagehide", () => source.close());
  }
  if (slip) slip.addEventListener("click", (event) => {
    if (event.target === slip || event.target.closest("[data-close]")) slip.close();
  });
  document.querySelectorAll("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(by(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
    });
  });
})();
