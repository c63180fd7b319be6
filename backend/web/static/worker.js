// Keeps the page of the code, so that it opens without a network. The codes themselves are kept by the page.
"use strict";
const SHELL = "tillmark-shell", AWAY = "/me/away", WAIT = 3000;

async function refresh() {
  const shell = await caches.open(SHELL);
  const reply = await fetch(AWAY, { cache: "no-store" });
  if (!reply.ok || reply.redirected) return;
  const page = await reply.clone().text();
  const files = [...page.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1].replace(/&amp;/g, "&"));
  await shell.addAll(files);
  await shell.put(AWAY, reply);
  // Somebody may have signed out meanwhile, and forgotten what stood here before this was put: then forget it as well.
  if ((await fetch(AWAY, { cache: "no-store" })).redirected) await caches.delete(SHELL);
}

self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(refresh()); });
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request)));
  } else if (request.mode === "navigate" && (url.pathname === "/me" || url.pathname === "/")) {
    const line = fetch(request, { signal: AbortSignal.timeout(WAIT) });
    event.respondWith(line.catch(async () => await caches.match(AWAY, { cacheName: SHELL }) || Response.error()));
    if (url.pathname === "/me") event.waitUntil(line.then(refresh, () => {}));
  }
});
