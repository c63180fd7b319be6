// Shows the code of this half minute from the thirty the exchange handed out; no key is ever on this page.
"use strict";
(() => {
  const SLOT = 30000, ASK_AGAIN = 300000, RETRY = 5000;
  const KEPT = "tillmark-codes", KEPT_AT = "/kept/codes";
  const by = (id) => document.getElementById(id);
  const tell = document.currentScript.dataset.tell || "";
  let offset = Number(by("code").dataset.server) - Date.now();
  let codes = [], online = true, asked = 0, shown = "", skipped = 0, readUntil = 0;

  const now = () => Date.now() + offset;
  let leaving = false, keeping = Promise.resolve();
  const keep = (text) => {
    if (window.caches && !leaving) keeping = caches.open(KEPT).then((held) => held.put(KEPT_AT, new Response(text)));
    return keeping;
  };
  const kept = async () => {
    const found = window.caches && await (await caches.open(KEPT)).match(KEPT_AT);
    if (found) ({ offset, codes } = await found.json());
  };

  async function ask() {
    asked = Date.now();
    try {
      const sent = Date.now();
      const reply = await fetch("/me/codes", { headers: { accept: "application/json" }, cache: "no-store" });
      if (reply.status === 401) {
        codes = [];
        if (window.caches) await caches.delete(KEPT);
        by("out").hidden = false;
        return;
      }
      if (!reply.ok) throw new Error(String(reply.status));
      const told = await reply.json();
      offset = told.server_ms - (sent + Date.now()) / 2;
      codes = told.codes;
      online = true;
      await keep(JSON.stringify({ offset, codes }));
    } catch {
      online = false;
      if (!codes.length) await kept();
    }
    draw();
  }

  function qrPath(rows) {
    let path = "";
    for (let y = 0; y < 21; y++) {
      const bits = parseInt(rows.slice(6 * y, 6 * y + 6), 16);
      for (let x = 0; x < 21; x++) if (bits >> (20 - x) & 1) path += `M${x + 4} ${y + 4}h1v1h-1z`;
    }
    return path;
  }

  function barPath(widths) {
    let x = 10, path = "";
    [...widths].forEach((width, place) => {
      if (place % 2 === 0) path += `M${x} 0h${width}v1h-${width}z`;
      x += Number(width);
    });
    return path;
  }

  function draw() {
    const at = now();
    const first = codes.findIndex((one) => one.from_ms <= at && at < one.from_ms + SLOT);
    const next = first < 0 ? -1 : codes[first].from_ms < skipped ? first + 1 : first;
    const one = codes[next];
    by("gone").hidden = Boolean(one) || !codes.length && online;
    if (!one) { if (codes.length) { shown = ""; hand(""); } return status(0); }
    if (one.digits !== shown) {
      shown = one.digits;
      by("qr").setAttribute("d", qrPath(one.qr));
      by("bars").setAttribute("d", barPath(one.bars));
      by("digits").textContent = shown.replace(/(...)(?=.)/g, "$1 ");
      hand(shown);
    }
    const left = one.from_ms + SLOT - at, ring = by("ring-left");
    by("seconds").textContent = Math.ceil(left / 1000);
    ring.style.transition = left > SLOT - 1500 ? "none" : "";
    ring.style.strokeDashoffset = 100 * (1 - Math.min(1, left / SLOT));
    by("ring").classList.toggle("soon", left <= 5000);
    status(codes[codes.length - 1].from_ms + SLOT - at);
  }

  function status(left) {
    const line = by("status"), minutes = Math.floor(left / 60000);
    let text = "";
    if (Date.now() < readUntil) text = line.dataset.read;
    else if (!online && left > 0) text = minutes ? line.dataset.offline.replace("#", minutes) : line.dataset.last;
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("pill", Boolean(text));
    line.classList.toggle("warn", !online && Date.now() >= readUntil);
  }

  // Only the page of a demonstration, at the one origin the server names, is told what the phone shows.
  function hand(digits, read = false) {
    if (tell && window.parent !== window) window.parent.postMessage({ code: digits, read }, tell);
  }

  function tick() {
    const since = Date.now() - asked;
    if (since > ASK_AGAIN || !online && since > RETRY) ask();
    draw();
    setTimeout(tick, 1000 - now() % 1000);
  }

  document.addEventListener("tillmark:presented", () => {
    skipped = now();
    readUntil = Date.now() + 4000;
    draw();
    hand(shown, true);
  });
  document.addEventListener("tillmark:forget", (event) => { leaving = true; event.detail.push(keeping); });
  addEventListener("online", ask);
  addEventListener("offline", () => { online = false; draw(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { awake(); ask(); } });
  function awake() { if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {}); }

  if (navigator.serviceWorker) navigator.serviceWorker.register("/worker.js").catch(() => {});
  awake();
  ask().then(tick);
})();
