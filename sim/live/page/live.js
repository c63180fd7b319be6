// The page's eyes and hands: pictures of the device's screen come in, what the person does goes out.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const told = JSON.parse(document.body.dataset.words);
  const phoneOrigin = new URL(document.body.dataset.phone).origin;
  const screen = by("screen");
  const fresh = () => ({ picture: "", size: { width: 800, height: 480 }, spoken: "" });
  const stands = { till: fresh(), atm: fresh() };
  let line, at = "till", coming = "till", code = "", held = false, papers = 0, last = {}, wait = 250, state = null;

  const send = (order) => { if (line && line.readyState === WebSocket.OPEN) line.send(JSON.stringify({ ...order, at })); };
  const say = (text, good) => { by("said").textContent = text; by("said").classList.toggle("good", Boolean(good)); };

  function open() {
    line = new WebSocket(`${location.origin.replace("http", "ws")}${location.pathname}socket`);
    line.binaryType = "blob";
    line.addEventListener("open", () => { by("lost").hidden = true; wait = 250; papers = 0; last = {}; state = null; by("papers").replaceChildren(); });
    line.addEventListener("close", () => {
      by("lost").hidden = false;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 4000);
    });
    line.addEventListener("message", ({ data }) => {
      if (data instanceof Blob) return show(data);
      const message = JSON.parse(data);
      if (message.kind === "screen") {
        coming = message.at;
        Object.assign(stands[coming], { size: message, spoken: message.spoken });
      } else if (message.kind === "no") say(message.text);
      else news(state = message);
    });
  }

  // The picture of a stand is shown small on its button, and large where the person stands.
  function show(picture) {
    const one = stands[coming], old = one.picture;
    one.picture = URL.createObjectURL(picture);
    by(`at-${coming}`).querySelector("img").src = one.picture;
    if (coming === at) look();
    if (old) URL.revokeObjectURL(old);
  }

  function look() {
    const one = stands[at];
    by("starting").hidden = Boolean(one.picture);
    by("starting").textContent = at === "atm" ? told.atm_waiting : told.waiting;
    screen.style.visibility = one.picture ? "" : "hidden";
    if (one.picture) screen.src = one.picture;
    screen.width = one.size.width;
    screen.height = one.size.height;
    if (by("spoken").textContent !== one.spoken) by("spoken").textContent = screen.alt = one.spoken;
  }

  function stand(there) {
    if (there === at) return;
    if (held) { let_go(); send({ do: "away" }); }
    at = there;
    say("");
    for (const name of ["till", "atm"]) by(`at-${name}`).setAttribute("aria-pressed", String(name === at));
    for (const [id, where] of [["goods", "till"], ["inside", "atm"], ["exit", "atm"]]) by(id).hidden = where !== at;
    by("counter-title").textContent = at === "atm" ? told.before_machine : told.counter;
    papers = 0;
    by("papers").replaceChildren();
    look();
    if (state) news(state);
  }
  by("at-till").addEventListener("click", () => stand("till"));
  by("at-atm").addEventListener("click", () => stand("atm"));

  // ------------------------------------------------------------------------------------ the device
  const spot = (event) => {
    const size = stands[at].size;
    const box = screen.getBoundingClientRect(), clamp = (value, most) => Math.max(0, Math.min(most - 1, Math.floor(value)));
    return { x: clamp((event.clientX - box.left) / box.width * size.width, size.width),
             y: clamp((event.clientY - box.top) / box.height * size.height, size.height) };
  };
  screen.addEventListener("pointerdown", (event) => {
    screen.setPointerCapture(event.pointerId);
    screen.focus({ preventScroll: true });
    send({ do: "finger", phase: 0, ...spot(event) });
    event.preventDefault();
  });
  screen.addEventListener("pointermove", (event) => { if (event.buttons) send({ do: "finger", phase: 1, ...spot(event) }); });
  screen.addEventListener("pointerup", (event) => send({ do: "finger", phase: 2, ...spot(event) }));
  screen.addEventListener("pointercancel", (event) => send({ do: "finger", phase: 2, ...spot(event) }));
  const keys = { Enter: "enter", Escape: "escape", Backspace: "backspace", ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", PageUp: "page_up", PageDown: "page_down" };
  screen.addEventListener("keydown", (event) => {
    const name = keys[event.key] || (/^\d$/.test(event.key) ? event.key : "");
    if (!name || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    send({ do: "key", name });
  });

  // -------------------------------------------------------------------------------------- the phone
  const symbology = () => document.querySelector("[name=as]:checked").value;
  const hold = () => send({ do: "hold", code, as: symbology() });
  function let_go() {
    held = false;
    by("hold").textContent = told.hold;
    by("hold").setAttribute("aria-pressed", "false");
    document.querySelector(".phone").classList.remove("held");
  }
  addEventListener("message", (event) => {
    if (event.origin !== phoneOrigin || event.source !== by("phone").contentWindow || typeof event.data.code !== "string") return;
    code = event.data.code;
    by("phone").dataset.shows = code ? "code" : "";
    if (held && event.data.read) { let_go(); send({ do: "away" }); }
    if (held && code) hold();
  });
  by("hold").addEventListener("click", () => {
    say("");
    if (held) { let_go(); return send({ do: "away" }); }
    if (!code) return say(told.no_code);
    held = true;
    by("hold").textContent = told.away;
    by("hold").setAttribute("aria-pressed", "true");
    document.querySelector(".phone").classList.add("held");
    hold();
  });
  document.querySelectorAll("[name=as]").forEach((one) => one.addEventListener("change", () => { if (held) hold(); }));
  by("tap").addEventListener("click", () => { say(code ? "" : told.no_code); if (code) send({ do: "tap", code }); });

  // ------------------------------------------------------------------------- what is around the counter
  function make(tag, text, more = {}) {
    const made = Object.assign(document.createElement(tag), more);
    if (text) made.textContent = text;
    return made;
  }
  const changed = (name, value) => {
    const text = JSON.stringify(value), is = last[name] !== text;
    last[name] = text;
    return is;
  };

  function news(state) {
    if (changed("products", state.products)) by("shelf").replaceChildren(...state.products.map((one) => {
      const button = make("button", one.name);
      button.append(make("small", `${one.price} · ${one.symbology === "qr" ? told.as_qr : told.as_bars}`));
      button.addEventListener("click", () => { let_go(); say(""); send({ do: "product", id: one.id }); });
      const item = make("li");
      item.append(button);
      return item;
    }));
    const here = at === "atm" ? state.atm : state;
    while (here && papers < here.papers) {
      papers += 1;
      by("papers").prepend(make("img", "", { src: `${at === "atm" ? "atm/" : ""}paper/${papers}`, alt: `${told.paper} ${papers}`, className: "new" }));
    }
    by("nopaper").hidden = papers > 0;
    if (last.letters && last.letters !== JSON.stringify(state.letters) && state.letters.length) toast(state.letters[0]);
    if (changed("letters", state.letters)) by("letters").replaceChildren(...state.letters.map((one) => {
      const item = make("li", one.text);
      item.prepend(make("small", one.to));
      return item;
    }));
    by("noletters").hidden = state.letters.length > 0;
    if (here && changed("switches", [at, here.switches])) by("switches").replaceChildren(...here.switches.map((one) => {
      const label = make("label"), box = make("input", "", { type: "checkbox", checked: one.on });
      box.addEventListener("change", () => send({ do: "fault", name: one.name, on: box.checked }));
      label.append(box, told[`fault.${one.name}`] || one.name);
      return label;
    }));
    knobs(state.knobs);
    if (state.atm) machine(state.atm);
  }

  // ------------------------------------------------------------------------------- the cash machine
  const paint = ["#9fc6a8", "#e2b56b", "#a9b8d8", "#d3a4a0"];
  const placed = (place) => {
    const [kind, number] = place.split(":");
    return number ? `${told.place_cassette} ${number}` : told[`place_${kind}`] || kind;
  };

  function machine(now) {
    const faces = [...new Set(now.piles.map((one) => one.face))];
    if (changed("exit", now.exit)) {
      by("notes").replaceChildren(...now.exit.map((one) => {
        const note = make("li", one.face, { className: now.coins ? "coin" : "" });
        note.style.setProperty("--note", paint[faces.indexOf(one.face) % paint.length] || paint[0]);
        return note;
      }));
      by("take").hidden = !now.exit.length;
      by("exit-empty").hidden = now.exit.length > 0;
      by("exit-empty").textContent = now.coins ? told.exit_empty_coins : told.exit_empty;
    }
    if (changed("piles", now.piles)) by("piles").replaceChildren(...now.piles.map((one) => {
      const item = make("li"), booked = one.booked && `${told.booked} ${one.booked}`;
      const most = one.place.startsWith("cassette") ? 300 : 20;
      item.classList.toggle("off", Boolean(one.booked) && one.booked !== String(one.count));
      item.append(make("span", placed(one.place)), make("span", `${one.face} ₩`), make("meter", "", { max: most, value: one.count }),
        make("b", `× ${one.count}`), make("small", booked || ""));
      return item;
    }));
    const standing = !now.running ? told.stopped : now.said ? `${told.pays_not} · ${now.said}` : told.pays;
    if (by("standing").textContent !== standing) by("standing").textContent = standing;
    by("standing").classList.toggle("off", !now.running || Boolean(now.said));
    by("vault").textContent = now.running ? told.vault_kill : told.vault_run;
    by("vault").setAttribute("aria-pressed", String(!now.running));
    if (changed("troubles", now.troubles)) by("troubles").replaceChildren(...now.troubles.map((name) => make("option", name.replaceAll("_", " "), { value: name })));
  }
  by("take").addEventListener("click", () => send({ do: "take" }));
  by("load").addEventListener("click", () => { say(""); send({ do: "load" }); });
  by("count").addEventListener("click", () => { say(""); send({ do: "count" }); });
  by("vault").addEventListener("click", () => { say(""); send({ do: "vault", on: by("vault").getAttribute("aria-pressed") === "true" }); });
  by("strike").addEventListener("click", () => { send({ do: "trouble", name: by("troubles").value }); say(told.struck, true); });

  // A mail or SMS drops in from the top of the phone, as on a real one.
  function toast(letter) {
    by("toast").textContent = letter.text;
    by("toast").hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { by("toast").hidden = true; }, 15000);
  }
  by("toast").addEventListener("click", () => { by("toast").hidden = true; });

  function knobs(all) {
    const names = all.map((one) => one.pair);
    if (changed("knobs", names)) by("knobs").replaceChildren(...all.map((one) => {
      const label = make("label", one.pair, { className: "knob" });
      const slide = make("input", "", { type: "range", min: one.least, max: one.most, step: Math.max(1, Math.round((one.most - one.least) / 200)) });
      slide.addEventListener("input", () => { figure.textContent = Number(slide.value).toLocaleString(); });
      slide.addEventListener("change", () => send({ do: "price", pair: one.pair, price: Number(slide.value) }));
      const figure = make("span");
      label.append(figure, slide);
      label.dataset.pair = one.pair;
      return label;
    }));
    for (const one of all) {
      const label = [...by("knobs").children].find((found) => found.dataset.pair === one.pair), slide = label.querySelector("input");
      if (slide.matches(":active")) continue;
      slide.value = one.price;
      label.querySelector("span").textContent = one.price.toLocaleString();
    }
  }

  by("bank").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    send({ do: "transfer", reference: form.get("reference"), amount: form.get("amount") });
    say(told.sent, true);
  });
  open();
})();
