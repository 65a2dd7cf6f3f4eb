// What the pages do beyond HTML and htmx: dialogs, copying, the one-time secret, times, the focus. What goes to the server
// and comes back is in requests.js. Every page works without both; only the .env download needs them.
"use strict";

const root = document.documentElement;
root.classList.add("js");

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Dialogs. One that htmx puts into [data-overlay] becomes modal; on a page of its own it stays a card in the page.

function openDialogs() {
  for (const dialog of all("[data-overlay] dialog")) {
    if (dialog.matches(":modal")) continue;
    // Of several parts that are refused at once, one tells it.
    document.querySelector(`[data-overlay] #${dialog.id}:modal`)?.remove();
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.querySelector("[aria-invalid=true]")?.focus();
  }
}

function closeDialog(dialog) {
  // What was sent is answered first: it cannot be called back, and the answer may hold the one sight of a secret.
  if (dialog.querySelector("form[data-sent]")) return;
  dialog.close();
  dialog.remove();
  returnFocus(opener);
}

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close]");
  const dialog = closer?.closest("[data-overlay] dialog");
  if (!dialog) return;
  event.preventDefault();
  closeDialog(dialog);
});

// Esc closes a dialog, except one that must be answered; keydown too, since a browser lets a second cancel pass.
for (const type of ["keydown", "cancel"]) {
  document.addEventListener(type, (event) => {
    if (type === "keydown" && event.key !== "Escape") return;
    const dialog = all("dialog:modal").at(-1);
    if (!dialog) return;
    event.preventDefault();
    if (!dialog.matches("[data-answer]")) closeDialog(dialog);
  }, true);
}

// A dialog that was opened from a menu leaves no menu behind.
document.addEventListener("click", (event) => {
  const menu = event.target.closest("[popover] a[hx-get]")?.closest("[popover]");
  if (menu) menu.hidePopover();
});

// Copying. It works on plain http too, and says "Copied" only when something was copied.

function copyByCommand(text) {
  let copied = false;
  const fill = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    copied = true;
  };
  document.addEventListener("copy", fill, { capture: true, once: true });
  try {
    return document.execCommand("copy") && copied;
  } catch {
    return false;
  } finally {
    document.removeEventListener("copy", fill, { capture: true });
  }
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function selectSource(source) {
  if (source instanceof HTMLInputElement) {
    unmask(source);
    source.focus();
    source.select();
  } else {
    getSelection().selectAllChildren(source);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const group = button.closest("[data-copy-group]");
  const source = group.querySelector("[data-copy-source]");
  const copied = await copyText(source.value ?? source.textContent);
  const said = group.querySelector("[role=status]");
  said.classList.toggle("failed", !copied);
  said.textContent = copied ? "Copied" : "Press Ctrl+C or ⌘C to copy";
  if (!copied) selectSource(source);
  setTimeout(() => { said.textContent = ""; }, copied ? 2500 : 15000);
});

// The secret: masked until asked for, and gone from the page when the page or the dialog goes.

function unmask(input) {
  if (input.matches(".masked")) showSecret(input, true);
}

function showSecret(input, shown) {
  input.classList.toggle("masked", !shown);
  const button = document.querySelector(`[data-reveal="${input.id}"]`);
  if (!button) return;
  const label = `${shown ? "Hide" : "Show"} ${button.dataset.name}`;
  button.setAttribute("aria-label", label);
  button.title = label;
  button.classList.toggle("on", shown);
}

function maskSecrets() {
  for (const input of all("[data-secret]:not([data-seen])")) {
    input.dataset.seen = "";
    showSecret(input, false);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  showSecret(input, input.matches(".masked"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-env]");
  if (!button) return;
  const value = (id) => document.getElementById(id).value;
  const lines = [
    `OWOX_API_ORIGIN=${button.dataset.env}`,
    `OWOX_API_KEY_ID=${value("api-key-id")}`,
    `OWOX_API_KEY_SECRET=${value("api-key-secret")}`,
  ];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/plain" }));
  link.download = "owox-api-key.env";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

function removeSecrets() {
  for (const holder of all("[data-answer]")) {
    root.dataset.gone = holder.dataset.answer;
    holder.remove();
  }
}

// Leaving the page loses a secret that is shown, so that the browser asks first; not after the button that says it is saved.
addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-answer]:not([data-saved])")) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  const holder = event.target.closest("[data-answer]");
  if (holder) holder.dataset.saved = "";
});
addEventListener("pagehide", removeSecrets);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  removeSecrets();
  if (root.dataset.gone) location.replace(root.dataset.gone);
});

// The browser's time zone goes along with a sign-in, so that the server can write local times.

function fillTimeZones() {
  for (const input of all("[data-time-zone]")) {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}

// Relative times stay true on a page that stays open.

// Months are too rough below two of them.
const UNITS = [["year", 31536000, 31536000], ["month", 5184000, 2592000], ["day", 86400, 86400], ["hour", 3600, 3600],
  ["minute", 60, 60]];

function refreshTimes() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  for (const time of all("time[data-relative]")) {
    const seconds = Math.round((new Date(time.dateTime) - Date.now()) / 1000);
    const [unit, , size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? [];
    time.textContent = unit ? words.format(Math.sign(seconds) * Math.round(Math.abs(seconds) / size), unit) : "just now";
  }
}

// Where the project menu is a strip, the page's own line is in sight.

function showPlaceInMenu() {
  const link = document.querySelector(".side nav [aria-current=page]");
  const strip = link?.closest("nav");
  if (strip) strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
}

// What had the focus may be gone with a dialog or a swap: the keyboard goes on where the dialog was opened, or on what has
// the same id now, or where the page says.

let focused = null;
let opener = null;
let menu = null;
document.addEventListener("focusin", (event) => { focused = event.target; });
document.addEventListener("htmx:before:swap", () => {
  const at = document.activeElement;
  if (!at.closest("[data-overlay]")) opener = at;
  menu = document.querySelector(":popover-open")?.id;
});

function returnFocus(from) {
  const places = [from, from?.id && document.getElementById(from.id), document.querySelector("[data-return-focus]")];
  for (const place of places) {
    if (document.activeElement === document.body && place?.isConnected) place.focus({ preventScroll: true });
  }
}

function keepFocus() {
  if (!focused || focused.isConnected) return;
  const inDialog = focused.closest("dialog");
  const gone = focused;
  focused = null;
  returnFocus(inDialog ? opener : gone);
}

// A menu that is open stays so when its row comes anew.

function keepMenu() {
  if (menu && !document.querySelector(":popover-open")) document.querySelector(`[popovertarget="${menu}"]`)?.click();
}

function prepare() {
  openDialogs();
  keepMenu();
  keepFocus();
  maskSecrets();
  fillTimeZones();
  refreshTimes();
}

document.addEventListener("htmx:after:swap", prepare);
setInterval(refreshTimes, 30000);
prepare();
showPlaceInMenu();
