"use strict";

const one = (selector) => document.querySelector(selector);
const formats = [
  ["json", "JSON"], ["csv", "CSV"], ["tsv", "TSV"], ["hex", "hex codes"], ["text", "text"], ["ase", "ASE: Adobe, Affinity"],
  ["aco", "ACO: Photoshop"], ["gpl", "GPL: GIMP, Inkscape, Krita"], ["procreate", "Procreate"], ["css", "CSS"],
  ["scss", "SCSS"], ["pal", "PAL"], ["paintnet", "paint.net"], ["coolors", "Coolors link"], ["svg", "SVG"], ["html", "HTML"],
];
const extensions = { text: "txt", procreate: "swatches", paintnet: "txt", coolors: "url.txt" };

let picture = null; // the file that is shown
let asking = null; // the request that is under way
let waiting; // until the controls rest for a moment
const WAIT_MS = 120;

for (const [value, text] of formats) one("#format").append(new Option(text, value));
one("#format").value = "ase";

function say(text, wrong = false) {
  one(".said").textContent = text;
  one(".said").classList.toggle("wrong", wrong);
}

async function problemOf(answer) {
  const facts = await answer.json().catch(() => null);
  return facts?.detail ?? `The server answered ${answer.status}.`;
}

// The server may have been stopped while the page stands open.
const GONE = "The server does not answer. Is cinepalette serve still running?";

function asked(format) {
  const words = new URLSearchParams({ name: picture.name, format });
  for (const id of ["n", "method", "sort", "darkest", "brightest"]) words.set(id, one(`#${id}`).value);
  return `/api/palette?${words}`;
}

function working(shown) {
  const box = one(".working");
  clearInterval(working.clock);
  box.hidden = true;
  if (!shown) return;
  const begun = Date.now();
  working.clock = setInterval(() => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    box.hidden = Date.now() - begun < 300;
    box.querySelector("span").textContent = seconds ? `Finding the palette: ${seconds} s` : "Finding the palette";
  }, 100);
}

async function find() {
  asking?.abort();
  if (!picture) return;
  if (Number(one("#darkest").value) >= Number(one("#brightest").value)) {
    say("The darker limit must be below the brighter one.", true);
    working(false);
    return;
  }
  const mine = (asking = new AbortController());
  working(true);
  try {
    const answer = await fetch(asked("json"), { method: "POST", body: picture, signal: mine.signal });
    if (!answer.ok) {
      say(await problemOf(answer), true);
    } else {
      const [found] = await answer.json();
      show(found.swatches);
      say(`${found.swatches.length} ${found.swatches.length === 1 ? "swatch" : "swatches"}`);
    }
  } catch (error) {
    if (error.name !== "AbortError") say(GONE, true);
  } finally {
    if (asking === mine) {
      asking = null;
      working(false);
    }
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(find, WAIT_MS);
}

function percent(share) {
  return share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
}

// Black or white, whichever reads better on the color.
function on(swatch) {
  return swatch.contrast[0] > swatch.contrast[1] ? "#fff" : "#000";
}

function code(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.title = `Copy ${text}`;
  return button;
}

function show(swatches) {
  one("#palette").hidden = false;
  const rows = swatches.map((swatch, index) => {
    const row = document.createElement("tr");
    const patch = document.createElement("span");
    patch.className = "patch";
    patch.textContent = index + 1;
    const [white, black] = swatch.contrast.map((ratio) => ratio.toFixed(1));
    const cells = [
      patch, code(swatch.hex), percent(swatch.share), swatch.name, code(`rgb(${swatch.rgb.join(" ")})`), code(swatch.hsl),
      code(swatch.oklch), `${white}, ${black}`,
    ];
    for (const content of cells) row.insertCell().append(content);
    return row;
  });
  const parts = swatches.map(() => document.createElement("span"));
  const places = swatches.map((swatch, index) => {
    const place = document.createElement("li");
    place.textContent = index + 1;
    place.title = `${swatch.hex} ${swatch.name}`;
    place.style.left = `${swatch.at[0] * 100}%`;
    place.style.top = `${swatch.at[1] * 100}%`;
    return place;
  });
  swatches.forEach((swatch, index) => {
    for (const element of [rows[index].cells[0].firstChild, parts[index], places[index]]) {
      element.style.setProperty("--color", swatch.hex);
      element.style.setProperty("--on", on(swatch));
      element.style.setProperty("--share", swatch.share);
    }
    for (const element of [rows[index], parts[index], places[index]]) {
      for (const [event, lit] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
        element.addEventListener(event, () => places[index].classList.toggle("lit", lit));
      }
    }
  });
  one("tbody").replaceChildren(...rows);
  one(".strip").replaceChildren(...parts);
  one(".places").replaceChildren(...places);
  const listed = swatches.map((swatch) => `${swatch.name} ${percent(swatch.share)}`).join(", ");
  one(".picture img").alt = `${picture.name}: ${listed}`;
  one("#coolors").href = `https://coolors.co/${swatches.map((swatch) => swatch.hex.slice(1)).join("-")}`;
}

function take(file) {
  if (!file) return;
  picture = file;
  const image = one(".picture img");
  URL.revokeObjectURL(image.src);
  image.hidden = false;
  one(".unseen").hidden = true;
  one(".places").hidden = false;
  image.src = URL.createObjectURL(file);
  one("figcaption").textContent = file.name;
  find();
}

one(".picture img").addEventListener("error", (event) => {
  event.target.hidden = one(".places").hidden = true;
  one(".unseen").hidden = false;
});

one("#file").addEventListener("change", (event) => take(event.target.files[0]));

one("#newest").addEventListener("click", async () => {
  try {
    const answer = await fetch("/api/stills/newest");
    if (!answer.ok) return say(await problemOf(answer), true);
    const still = await answer.json();
    const data = await fetch(still.picture);
    if (!data.ok) return say(await problemOf(data), true);
    take(new File([await data.blob()], still.still.split(/[\\/]/).pop()));
  } catch {
    say(GONE, true);
  }
});

addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", () => document.body.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  const file = event.dataTransfer.files[0];
  if (file) take(file);
  else say("What was dropped is no file. Save the picture first, then drop it here.", true);
});
addEventListener("paste", (event) => take(event.clipboardData.files[0]));

for (const range of document.querySelectorAll("input[type=range]")) {
  range.addEventListener("input", () => {
    range.nextElementSibling.textContent = range.value;
    soon();
  });
}
for (const select of document.querySelectorAll(".controls select")) select.addEventListener("change", soon);
for (const radio of document.querySelectorAll("[name=widths]")) {
  radio.addEventListener("change", () => one(".strip").classList.toggle("proportional", radio.value === "proportional"));
}

one("#stop").addEventListener("click", () => {
  asking?.abort();
  working(false);
  say("Stopped.");
});

one("tbody").addEventListener("click", async (event) => {
  const text = event.target.closest("button")?.textContent;
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${text}`);
  } catch {
    say(`${text} could not be copied; this browser does not allow it`, true);
  }
});

one("#save").addEventListener("click", async () => {
  const format = one("#format").value;
  try {
    const answer = await fetch(asked(format), { method: "POST", body: picture });
    if (!answer.ok) return say(await problemOf(answer), true);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `${picture.name.replace(/\.[^.]*$/, "") || "palette"}.${extensions[format] ?? format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`Saved ${link.download}`);
  } catch {
    say(GONE, true);
  }
});

async function listSessions(chosen) {
  const answer = await fetch("/api/sessions").catch(() => null);
  if (!answer?.ok) return;
  const options = (await answer.json()).reverse().map((session) => new Option(session.name, session.id));
  // A session may have been chosen while the list was on its way; one that is gone gives way to a new one.
  const value = chosen ?? one("#session").value;
  one("#session").replaceChildren(new Option("a new one", ""), ...options);
  one("#session").value = options.some((option) => option.value === value) ? value : "";
  one(".title").hidden = one("#session").value !== "";
}

one("#session").addEventListener("focus", () => listSessions());
one("#session").addEventListener("change", () => { one(".title").hidden = one("#session").value !== ""; });

one(".keep").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = new URLSearchParams({ name: picture.name });
  if (one("#session").value) words.set("session", one("#session").value);
  else if (one("#title").value.trim()) words.set("title", one("#title").value);
  const button = event.submitter ?? one(".keep button");
  button.disabled = true;
  say("Adding it; the collage follows.");
  try {
    const answer = await fetch(`/api/stills?${words}`, { method: "POST", body: picture });
    if (!answer.ok) {
      say(await problemOf(answer), true);
      if (answer.status === 404) await listSessions();
    } else {
      const added = await answer.json();
      say(`Added to ${added.name} as still ${added.n}.`);
      await listSessions(added.id);
    }
  } catch {
    say(GONE, true);
  } finally {
    button.disabled = false;
  }
});

listSessions();
