// Signing out forgets the codes kept for a phone without a network.
"use strict";
document.querySelectorAll("form[data-forget]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (!window.caches || form.dataset.forgotten) return;
    event.preventDefault();
    form.dataset.forgotten = "1";
    const written = [];
    document.dispatchEvent(new CustomEvent("tillmark:forget", { detail: written }));
    Promise.allSettled(written)
      .then(() => Promise.allSettled(["tillmark-codes", "tillmark-shell"].map((name) => caches.delete(name))))
      .then(() => form.submit());
  });
});
