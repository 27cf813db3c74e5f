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
  const still = event.target.closest?.(".picture")?.href;
  if (still && event.target.src !== still) event.target.src = still;
}, true);

// Pictures further down have not been loaded yet, and paper does not scroll.
addEventListener("beforeprint", () => {
  for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
});
