// What goes to the server and what comes back: sent once, answered late, out of turn, by something else, or never.
"use strict";

// A form is sent once, however often its button is pressed.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  form.dataset.sent = "yes";
}, true);

function sendAgain() {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
}

addEventListener("pageshow", sendAgain);
// The browser's own Stop.
globalThis.navigation?.addEventListener("navigateerror", sendAgain);
document.addEventListener("htmx:finally:request", (event) => {
  const leaving = event.detail.ctx.keepIndicators;
  if (!leaving) delete event.target.dataset?.sent;
});

// The dialog that was asked for last opens, and none comes in place of one that is open.

let opening = null;
document.addEventListener("htmx:before:request", (event) => {
  const { request, target } = event.detail.ctx;
  if (target?.id !== "dialog" || request.method !== "GET") return;
  if (document.querySelector("dialog:modal")) {
    event.preventDefault();
    return;
  }
  opening?.abort();
  opening = request;
});

// No answer, and one that is not ours, a proxy's say, leave the page and what was typed as they are, and are told.

function tell(from, text) {
  const place = from.closest?.("dialog")?.querySelector(".dialog-body") ?? document.getElementById("flash");
  if (!place) return;
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.dataset.unanswered = "";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  place.prepend(notice);
}

document.addEventListener("htmx:before:request", () => {
  for (const notice of all("[data-unanswered]")) notice.remove();
});
document.addEventListener("htmx:error", (event) => {
  tell(event.target, "The server did not answer. Check the connection, then try again.");
});
document.addEventListener("htmx:before:response", (event) => {
  const { headers, status } = event.detail.ctx.response;
  // Each page and part of ours names the nonce of its scripts.
  if (headers.get("Content-Security-Policy")?.includes("'nonce-")) return;
  event.preventDefault();
  tell(event.target, `Something other than OWOX answered (${status}). Try again in a moment, or load the page again.`);
});

// A sign-in that has ended costs no long text: it waits in this tab until its form is there again.

const TYPED = "textarea, input:not([type=hidden])";

document.addEventListener("htmx:before:response", (event) => {
  const form = event.target;
  const leadsTo = event.detail.ctx.response.headers.get("HX-Redirect");
  if (!leadsTo?.startsWith("/sign-in") || !form.matches?.("[data-long]")) return;
  const names = new Set(all(TYPED, form).map((field) => field.name));
  const typed = [...new FormData(form)].filter(([name]) => names.has(name));
  sessionStorage.setItem(form.action, JSON.stringify(typed));
});

function restoreTyped() {
  for (const form of all("form[data-long]")) {
    const typed = JSON.parse(sessionStorage.getItem(form.action) ?? "null");
    if (!typed) continue;
    sessionStorage.removeItem(form.action);
    for (const field of all(TYPED, form)) {
      const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0];
    }
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.setAttribute("role", "status");
    notice.textContent = "What you typed before you signed in again is back. It is not saved yet.";
    form.querySelector(".field").before(notice);
  }
}

document.addEventListener("htmx:after:swap", restoreTyped);
document.addEventListener("DOMContentLoaded", restoreTyped);

// What was typed into a filter before htmx listened, or was kept over a reload, is asked for as soon as it does.

document.addEventListener("htmx:after:process", (event) => {
  if (event.target !== document.body) return;
  const typed = all("#filter input[type=search]").filter((field) => field.value !== field.defaultValue);
  const chosen = all("#filter option").filter((option) => option.selected !== option.defaultSelected);
  const early = [...typed, ...chosen][0];
  if (early) early.dispatchEvent(new Event("input", { bubbles: true }));
});

// A secret that is pasted into a search gets into no address: there is a form for that.

document.addEventListener("htmx:config:request", (event) => {
  if (!/owox_(sec|key)_[0-9A-Za-z]/.test(event.detail.ctx.request.body.get("q"))) return;
  event.preventDefault();
  location.assign(document.getElementById("filter").dataset.bySecret);
});

// A part of the page that came anew while an answer for it was under way is still the place for that answer.

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.target?.isConnected === false) ctx.target = document.getElementById(ctx.target.id) ?? ctx.target;
});

// What a search, a filter or an act leaves of a list is said, too: else only those know it who see it.
function sayFound() {
  const said = document.querySelector("[data-found]");
  const found = document.querySelector("#pages .num, .list.empty h2")?.textContent.replace(/\s+/g, " ").trim();
  if (said && found && said.textContent !== found) said.textContent = found;
}

document.addEventListener("htmx:after:swap", sayFound);
