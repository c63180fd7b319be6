// Signing out forgets the codes kept for a phone without a network.
"use strict";
document.querySelectorAll("form[data-forget]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (!window.caches || form.dataset.forgotten) return;
    event.preventDefault();
    form.dataset.forgotten = "1";
    const written = [];
    document.dispatchEvent(new CustomEvent("tillmark:forget", { detail: written }));
    // The exchange first: what the worker still keeps after that, it finds signed out and forgets by itself.
    Promise.allSettled(written)
      .then(() => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }))
      .catch(() => null)
      .then(async (reply) => {
        await Promise.allSettled(["tillmark-codes", "tillmark-shell"].map((name) => caches.delete(name)));
        if (reply && reply.ok) location.assign(reply.url);
        else form.submit();
      });
  });
});
