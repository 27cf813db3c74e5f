"use strict";

const toast = document.querySelector(".toast");
let hiding;

function say(text, color) {
  toast.textContent = text;
  toast.style.setProperty("--color", color);
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.textContent = ""; }, 2000);
}

// Where a page opened from disk may not use the clipboard, the older way mostly still works.
function copiedTheOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    // Not offered at all.
  }
  field.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

async function copy(hex) {
  let done = false;
  try {
    await navigator.clipboard.writeText(hex);
    done = true;
  } catch {
    done = copiedTheOldWay(hex);
  }
  say(done ? `Copied ${hex}` : `${hex} could not be copied; this browser does not allow it`, hex);
}

function buttonOf(segment) {
  const index = [...segment.parentElement.children].indexOf(segment);
  return segment.closest("figure").querySelectorAll(".colors button")[index];
}

document.addEventListener("click", (event) => {
  const swatch = event.target.closest(".colors button, .strip span");
  if (swatch) {
    const button = swatch.matches("button") ? swatch : buttonOf(swatch);
    copy(button.querySelector("code").textContent);
  }
});

// Pointing at a part of the strip shows which line of the label is meant.
for (const [name, lit] of [["mouseover", true], ["mouseout", false]]) {
  document.addEventListener(name, (event) => {
    const segment = event.target.closest?.(".strip span");
    if (segment) buttonOf(segment).classList.toggle("lit", lit);
  });
}

// One stop of the Tab key a palette; arrows within it.
document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.(".colors button");
  if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
  const buttons = [...button.closest(".colors").querySelectorAll("button")];
  const at = buttons.indexOf(button);
  const to = {
    ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = buttons[(to + buttons.length) % buttons.length];
  button.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// Small pictures may have been cleared away; the still itself is what the picture links to.
document.addEventListener("error", (event) => {
  const link = event.target.closest?.(".picture, .collage");
  if (!link || event.target.src === link.href) return;
  event.target.src = link.href;
  link.classList.add("whole");
}, true);

// Pictures further down have not been loaded yet, and paper does not scroll.
addEventListener("beforeprint", () => {
  for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
});

// What follows keeps an open page as the sessions are.

const main = document.querySelector("main");
// Stills that were taken out stay at hand, since the key that takes one out also puts it back.
const takenOut = new Map();

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// The answer to a key comes before the still is on disk. Its place shows its colors until then.
const RETRY_MS = [60, 60, 90, 120, 180, 250, 400, 600, 1000, 2000, 4000, 8000, 16000];

function shownOnceThere(item, tries = 0) {
  const link = item.querySelector(".picture");
  const image = link.querySelector("img");
  if (!tries) {
    image.dataset.src = image.getAttribute("src");
    image.removeAttribute("src");
    image.loading = "eager";
    const stops = [...item.querySelectorAll(".strip span")].map((one) => one.style.getPropertyValue("--color"));
    link.style.setProperty("--waiting", `linear-gradient(90deg, ${stops.join(", ")}, ${stops.at(-1)})`);
    link.classList.add("waiting");
  }
  const first = new Image();
  first.onload = async () => {
    await first.decode().catch(() => undefined);
    image.src = first.src;
    link.classList.remove("waiting");
    item.dispatchEvent(new CustomEvent("there", { bubbles: true }));
  };
  first.onerror = () => {
    if (tries < RETRY_MS.length) setTimeout(shownOnceThere, RETRY_MS[tries], item, tries + 1);
    else image.src = link.href;
  };
  // Some browsers remember that an address did not load.
  first.src = tries ? `${image.dataset.src}?${tries}` : image.dataset.src;
}

// Puts the stills into the given order. Those that are right stay untouched: focus and selection live in them.
function arrange(list, items) {
  const wanted = new Set(items);
  for (const item of [...list.children]) {
    if (wanted.has(item)) continue;
    takenOut.set(`${list.closest("section").id} ${item.dataset.n}`, item);
    item.remove();
  }
  items.forEach((item, index) => {
    const there = list.children[index];
    if (there === item) return;
    if (there && list.children[index + 1] === item) there.remove();
    else list.insertBefore(item, there ?? null);
  });
}

function setHead(section, fresh) {
  const [label, freshLabel] = [section, fresh].map((one) => one.querySelector(".label"));
  for (const part of ["h2", ".about", ".files"]) {
    const [one, other] = [label, freshLabel].map((parent) => parent.querySelector(part));
    if (!one.isEqualNode(other)) one.replaceWith(other);
  }
  const [list, freshList] = [section, fresh].map((one) => one.querySelector(".stills"));
  for (const name of ["class", "style"]) list.setAttribute(name, freshList.getAttribute(name) ?? "");
  return list;
}

function setCollage(section, fresh) {
  const [image, other] = [section, fresh].map((one) => one.querySelector(".collage img"));
  if (image.getAttribute("src") !== other.getAttribute("src")) image.src = other.getAttribute("src");
}

function setEntry(id, html) {
  const fresh = parsed(html);
  const old = document.querySelector(`nav [data-session="${id}"]`);
  if (old) {
    if (!old.isEqualNode(fresh)) old.replaceWith(fresh);
    return;
  }
  if (!document.querySelector("nav")) {
    main.before(parsed('<nav aria-label="Sessions" hidden><ol class="contents"></ol></nav>'));
  }
  document.querySelector(".contents").prepend(fresh);
}

function settleNavigation() {
  const navigation = document.querySelector("nav");
  if (navigation) navigation.hidden = main.querySelectorAll(".session").length < 2;
  if (main.querySelector(".session")) main.querySelector(".empty")?.remove();
}

// Where the keyboard is: what took the place of a still gets its focus, too.
function focusKept(change) {
  const focused = document.activeElement;
  const item = focused?.closest?.("main .still");
  const index = item && [...item.querySelectorAll("a, button")].indexOf(focused);
  const where = item && [item.closest("section").id, item.dataset.n];
  change();
  if (!item || document.activeElement === focused) return;
  const now = document.getElementById(where[0])?.querySelector(`.still[data-n="${where[1]}"]`);
  now?.querySelectorAll("a, button")[index]?.focus({ preventScroll: true });
}

// What is in sight stays where it is, whatever comes or goes above it.
function steady(change) {
  const middle = document.elementsFromPoint(innerWidth / 2, innerHeight / 2);
  const anchor = scrollY > 0 && middle.map((one) => one.closest(".still, .session")).find(Boolean);
  const before = anchor && anchor.getBoundingClientRect().top;
  focusKept(change);
  if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
  if (document.body.classList.contains("live")) showNewest();
}

function placed(id, head) {
  const known = document.getElementById(id);
  if (known) return [known, setHead(known, head)];
  main.prepend(head);
  return [head, head.querySelector(".stills")];
}

const cinepalette = {
  // The list of all sessions: loads those that are shown as they were before.
  listing(list) {
    const text = JSON.stringify(list);
    if (text === lastListing) return;
    lastListing = text;
    const ids = list.sessions.map(([id]) => id);
    steady(() => {
      document.querySelector(".summary").textContent = list.summary;
      for (const one of main.querySelectorAll(".session")) {
        // What a key has begun since is in no list yet.
        if (ids.includes(one.id) || one.dataset.at >= list.at) continue;
        document.querySelector(`nav [data-session="${one.id}"]`)?.remove();
        one.remove();
      }
      // From the last to the first, each before the one after it, and only where it is not there already.
      let after = null;
      for (const section of ids.map((id) => document.getElementById(id)).filter(Boolean).reverse()) {
        if (section.nextElementSibling !== after) main.insertBefore(section, after);
        after = section;
      }
      settleNavigation();
    });
    for (const [id, version, at, address] of list.sessions) {
      const known = document.getElementById(id);
      if (known?.dataset.version !== version || known.dataset.at < at) loadSection(id, version, at, address);
    }
  },

  // A session with all its stills.
  whole(one) {
    const known = document.getElementById(one.id);
    if (known) known.dataset.version = one.version;
    // An answer to a key may be newer than what was drawn at leisure.
    if (known && known.dataset.at > one.at) return;
    const fresh = parsed(one.html);
    steady(() => {
      setEntry(one.id, one.entry);
      if (known) {
        const items = one.order.map((n) => {
          const [shown, item] = [known, fresh].map((where) => where.querySelector(`.still[data-n="${n}"]`));
          return !item || shown?.dataset.v === item.dataset.v ? shown : item;
        });
        setCollage(known, fresh);
        arrange(setHead(known, fresh), items.filter(Boolean));
      } else {
        main.prepend(fresh);
      }
      if (known) known.dataset.at = one.at;
      settleNavigation();
    });
  },

  // What a key has just changed: the order of a session's stills, and the one that came last.
  touched(one) {
    const known = document.getElementById(one.id);
    if (known && known.dataset.at >= one.at) return;
    steady(() => {
      const [section, list] = placed(one.id, parsed(one.head));
      setEntry(one.id, one.entry);
      const newest = parsed(one.newest);
      const items = one.order.map((n) => {
        const shown = list.querySelector(`.still[data-n="${n}"]`) ?? takenOut.get(`${one.id} ${n}`);
        if (shown || String(n) !== newest.dataset.n) return shown;
        shownOnceThere(newest);
        return newest;
      });
      arrange(list, items.filter(Boolean));
      section.dataset.at = one.at;
      // It has this one still only.
      if (!known) section.dataset.version = "";
      settleNavigation();
    });
  },
};

const loading = new Set();
let lastListing = "";

function loadScript(address, then) {
  const script = document.createElement("script");
  script.src = address;
  script.onload = script.onerror = (event) => {
    script.remove();
    then(event.type === "load");
  };
  document.head.append(script);
}

const follow = document.body.dataset;
const LOOK_MS = 120;
const REST_MS = 2000;

function loadSection(id, version, at, address) {
  if (loading.has(id)) return;
  loading.add(id);
  const done = (found) => {
    loading.delete(id);
    // Looked for again at the next look.
    if (!found) lastListing = "";
  };
  if (follow.events) {
    fetch(address).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null).then((one) => {
      if (one) cinepalette.whole(one);
      done(one);
    });
  } else {
    loadScript(`${address}?${version}-${at}`, done);
  }
}

// From disk nothing can be fetched, but a script can be loaded again. Nobody looks at a page that is hidden.
let looks = 0;

function look() {
  if (document.hidden) {
    document.addEventListener("visibilitychange", look, { once: true });
    return;
  }
  looks += 1;
  loadScript(`${follow.script}?${looks}`, (found) => setTimeout(look, found ? LOOK_MS : REST_MS));
}

if (follow.script) look();

if (follow.events) {
  const events = new EventSource(follow.events);
  for (const name of Object.keys(cinepalette)) {
    events.addEventListener(name, (event) => cinepalette[name](JSON.parse(event.data)));
  }
}

// #live: the newest still as large as the window, for a second screen.

const stage = document.querySelector(".newest");

function newestStill() {
  let newest;
  for (const one of main.querySelectorAll(".still")) {
    if (!newest || Number(one.dataset.taken) >= Number(newest.dataset.taken)) newest = one;
  }
  return newest;
}

async function showNewest() {
  const item = newestStill();
  const link = item?.querySelector(".picture");
  const key = item ? `${item.closest("section").id} ${item.dataset.n} ${item.dataset.v}` : "";
  if (stage.dataset.key === key || link?.classList.contains("waiting")) return;
  stage.dataset.key = key;
  const fresh = item ? item.querySelector("figure").cloneNode(true) : parsed("<p>Nothing hangs here yet.</p>");
  if (item) {
    fresh.style.setProperty("--ratio", item.style.getPropertyValue("--ratio"));
    const image = fresh.querySelector("img");
    image.loading = "eager";
    const title = document.createElement("p");
    title.className = "title";
    title.dir = "auto";
    title.textContent = item.closest("section").querySelector("h2").textContent;
    fresh.querySelector("figcaption").prepend(title);
    await image.decode().catch(() => undefined);
    if (stage.dataset.key !== key) return;
  }
  const old = [...stage.children];
  stage.append(fresh);
  const ended = fresh.animate?.([{ opacity: 0 }, { opacity: 1 }], { duration: calm() ? 0 : 250 }).finished;
  await ended?.catch(() => undefined);
  for (const one of old) one.remove();
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function turnTo() {
  const live = location.hash === "#live";
  document.body.classList.toggle("live", live);
  stage.hidden = !live;
  if (live) showNewest();
}

main.addEventListener("there", () => { if (document.body.classList.contains("live")) showNewest(); });
addEventListener("hashchange", turnTo);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("live")) location.hash = "";
});
turnTo();
