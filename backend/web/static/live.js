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

  // The question of a cash machine covers everything until it is answered or over.
  const approval = by("approval");
  let ticking = 0;
  function tick() {
    clearInterval(ticking);
    const form = approval.querySelector("form");
    if (!form) return approval.open && approval.close();
    if (!approval.matches(":modal")) { approval.removeAttribute("open"); approval.showModal(); }
    const over = performance.now() + Number(form.dataset.left), seconds = form.querySelector("[data-seconds]");
    ticking = setInterval(() => {
      const left = Math.max(0, over - performance.now());
      seconds.textContent = Math.ceil(left / 1000);
      if (!left) { clearInterval(ticking); asked().catch(() => {}); }
    }, 250);
  }
  async function asked() {
    if (approval) return void (await part("/me/approval", approval) && tick());
    const reply = await fetch("/me/approval", { cache: "no-store" });
    if (reply.ok && !reply.redirected && (await reply.text()).includes("<form")) location.assign("/me");
  }
  if (approval) {
    approval.addEventListener("cancel", (event) => event.preventDefault());
    tick();
  }

  async function changed(kind) {
    if (kind === "approval") return asked();
    if (kind === "lost" && approval) await asked();
    if (kind === "presented") return document.dispatchEvent(new Event("tillmark:presented"));
    if (slip) await news();
    if (arrival && kind === "deposit") await part(`/me/arrival?after=${arrival.firstElementChild.dataset.after}`, arrival);
    if (activity && kind !== "deposit") location.reload();
    if (wallet) await part("/me/wallet", wallet);
  }

  {
    const source = new EventSource("/v1/me/events");
    let broken = false;
    const heard = (event) => changed(event.type).catch(() => { broken = true; });
    ["deposit", "presented", "approval", "buy", "sell", "giftcard", "sale", "lost", "sale.settled", "sale.refunded", "sale.voided", "sale.reversed",
      "sale.expired", "changed"]
      .forEach((kind) => source.addEventListener(kind, heard));
    source.addEventListener("error", () => { broken = true; });
    // A machine may have asked while nobody listened.
    source.addEventListener("open", () => { asked().catch(() => {}); if (broken) { broken = false; changed("lost").catch(() => {}); } });
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
