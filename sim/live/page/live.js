// The page's eyes and hands: pictures of the device's screen come in, what the person does goes out.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const told = JSON.parse(document.body.dataset.words);
  const phoneOrigin = new URL(document.body.dataset.phone).origin;
  const screen = by("screen");
  let line, size = { width: 800, height: 480 }, code = "", held = false, papers = 0, last = {}, wait = 250;

  const send = (order) => { if (line && line.readyState === WebSocket.OPEN) line.send(JSON.stringify(order)); };
  const say = (text, good) => { by("said").textContent = text; by("said").classList.toggle("good", Boolean(good)); };

  function open() {
    line = new WebSocket(`${location.origin.replace("http", "ws")}${location.pathname}socket`);
    line.binaryType = "blob";
    line.addEventListener("open", () => { by("lost").hidden = true; wait = 250; papers = 0; last = {}; by("papers").replaceChildren(); });
    line.addEventListener("close", () => {
      by("lost").hidden = false;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 4000);
    });
    line.addEventListener("message", ({ data }) => {
      if (data instanceof Blob) return show(data);
      const message = JSON.parse(data);
      if (message.kind === "screen") {
        size = message;
        if (by("spoken").textContent !== message.spoken) by("spoken").textContent = screen.alt = message.spoken;
      } else if (message.kind === "no") say(message.text);
      else news(message);
    });
  }

  function show(picture) {
    const old = screen.src;
    screen.src = URL.createObjectURL(picture);
    screen.width = size.width;
    screen.height = size.height;
    if (old) URL.revokeObjectURL(old);
    by("starting").hidden = true;
  }

  // ------------------------------------------------------------------------------------ the device
  const at = (event) => {
    const box = screen.getBoundingClientRect(), clamp = (value, most) => Math.max(0, Math.min(most - 1, Math.floor(value)));
    return { x: clamp((event.clientX - box.left) / box.width * size.width, size.width),
             y: clamp((event.clientY - box.top) / box.height * size.height, size.height) };
  };
  screen.addEventListener("pointerdown", (event) => {
    screen.setPointerCapture(event.pointerId);
    screen.focus({ preventScroll: true });
    send({ do: "finger", phase: 0, ...at(event) });
    event.preventDefault();
  });
  screen.addEventListener("pointermove", (event) => { if (event.buttons) send({ do: "finger", phase: 1, ...at(event) }); });
  screen.addEventListener("pointerup", (event) => send({ do: "finger", phase: 2, ...at(event) }));
  screen.addEventListener("pointercancel", (event) => send({ do: "finger", phase: 2, ...at(event) }));
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
    while (papers < state.papers) {
      papers += 1;
      by("papers").prepend(make("img", "", { src: `paper/${papers}`, alt: `${told.paper} ${papers}`, className: "new" }));
    }
    by("nopaper").hidden = papers > 0;
    if (last.letters && last.letters !== JSON.stringify(state.letters) && state.letters.length) toast(state.letters[0]);
    if (changed("letters", state.letters)) by("letters").replaceChildren(...state.letters.map((one) => {
      const item = make("li", one.text);
      item.prepend(make("small", one.to));
      return item;
    }));
    by("noletters").hidden = state.letters.length > 0;
    if (changed("switches", state.switches)) by("switches").replaceChildren(...state.switches.map((one) => {
      const label = make("label"), box = make("input", "", { type: "checkbox", checked: one.on });
      box.addEventListener("change", () => send({ do: "fault", name: one.name, on: box.checked }));
      label.append(box, told[`fault.${one.name}`] || one.name);
      return label;
    }));
    knobs(state.knobs);
  }

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
