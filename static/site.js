"use strict";
// What pages need beside htmx. Listeners are delegated from the document, so swapped parts work too;
// nothing is evaluated and nothing is inline: it runs under script-src 'self'.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, listener) => document.addEventListener(type, listener);
const setting = (name) => one(`meta[name="${name}"]`)?.content ?? "";
const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };

// --- Requests: CSRF token, polling, failures ------------------------------------------------------

// The cookie is always fresh, also after signing in in another tab; a token in the page may be old.
function csrfToken() {
  const name = setting("csrf-cookie") + "=";
  const cookie = document.cookie.split("; ").find((part) => part.startsWith(name));
  return cookie ? cookie.slice(name.length) : "";
}
const polls = (element) => /\bevery\b/.test(element.getAttribute("hx-trigger") ?? "");
on("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
  // Not "in": htmx's parameters answer only when they are read.
  if (event.detail.parameters.csrfmiddlewaretoken !== undefined) event.detail.parameters.csrfmiddlewaretoken = csrfToken();
  if (polls(event.detail.elt)) event.detail.headers["X-Background"] = "1";
});
on("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event.detail.elt)) event.preventDefault();
});
// A part that asks again by itself takes away neither the form of an open question nor the focus.
let focused = null;
const nameOf = (element) => element.getAttribute("href") ?? element.textContent.trim();
on("htmx:beforeSwap", (event) => {
  const part = event.detail.target, active = document.activeElement;
  if (!polls(event.detail.requestConfig.elt)) return;
  if (one("dialog[open]")) event.detail.shouldSwap = false;
  else if (part.contains(active) && !active.id) focused = { part: part.id, name: nameOf(active) };
});
on("htmx:afterSettle", () => {
  const part = focused && document.getElementById(focused.part);
  if (part) all("a, button, summary", part).find((element) => nameOf(element) === focused.name)?.focus({ preventScroll: true });
  focused = null;
});
on("htmx:sendError", (event) => { if (!polls(event.detail.elt)) toast(setting("offline-text"), "error"); });
on("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || polls(event.detail.elt)) return;
  toast(setting(status === 403 ? "refused-text" : "failed-text"), "error");
});
// What a page asks by itself tells it once: the dialog does not come back under somebody who closed it to read on.
let toldSignedOut = false;
const asksByItself = (element) => /\b(every|load)\b/.test(element.getAttribute("hx-trigger") ?? "");
on("signedOut", (event) => { if (!toldSignedOut || !asksByItself(event.detail.elt)) tellSignedOut(); });
function tellSignedOut() {
  toldSignedOut = true;
  if (!one("#signed-out").open) one("#signed-out").showModal();
}

// --- Toasts: messages of the server, and failures ---------------------------------------------------

function toast(text, level = "info") {
  const box = one("#toasts");
  if (!text || all(".toast > span", box).some((span) => span.textContent === text)) return;
  const note = document.createElement("div"), words = document.createElement("span"), close = document.createElement("button");
  note.className = level === "error" ? "toast toast-error" : "toast";
  words.textContent = text;
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", box.dataset.close);
  close.addEventListener("click", () => note.remove());
  note.append(words, close);
  box.append(note);
  if (level !== "error") setTimeout(() => note.remove(), 8000);
}
on("toasts", (event) => { for (const { text, level } of event.detail.toasts) toast(text, level); });

// --- Forms: nothing typed is lost ---------------------------------------------------------------------

const isTypedInto = (form) => one("input:not([type=hidden]), textarea, select", form) !== null;
const isPlainPost = (form) => form.method === "post" && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");

// Leaving a page with unsaved changes asks first (forms marked data-guard).
on("input", (event) => event.target.closest("form[data-guard]")?.setAttribute("data-changed", ""));
on("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.elt.matches("form")) event.detail.elt.removeAttribute("data-changed");
});
window.addEventListener("beforeunload", (event) => { if (one("form[data-changed]")) event.preventDefault(); });

// A form that leaves the page first asks whether the session still lives: if not, the page stays.
async function sendWhenSignedIn(form, button) {
  let answer;
  try {
    answer = await fetch(setting("session-check"), { credentials: "same-origin", cache: "no-store" });
  } catch {
    toast(setting("offline-text"), "error");
    return;
  }
  if (answer.status === 401) { tellSignedOut(); return; }
  send(form, button);
}
function send(form, button) {
  const token = one("input[name=csrfmiddlewaretoken]", form);
  if (token) token.value = csrfToken();
  form.removeAttribute("data-changed");
  form.dataset.checked = "";
  form.requestSubmit(button);
  delete form.dataset.checked;
}
on("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented || !isPlainPost(form) || "checked" in form.dataset || form.matches("[data-theme-switch]")) return;
  if (form.dataset.confirm) {
    event.preventDefault();
    confirmFirst(form, () => send(form, button));
  } else if (one("#signed-out") && isTypedInto(form)) {
    event.preventDefault();
    sendWhenSignedIn(form, button);
  }
});
on("htmx:confirm", (event) => {
  if (!event.detail.elt.dataset.confirm) return;
  event.preventDefault();
  confirmFirst(event.detail.elt, () => event.detail.issueRequest(true));
});
function confirmFirst(element, proceed) {
  const dialog = one("#confirm");
  one("#confirm-title").textContent = element.dataset.confirm;
  one("#confirm-text").textContent = element.dataset.confirmText ?? "";
  one("#confirm-yes").textContent = element.dataset.confirmButton ?? one("#confirm-yes").textContent;
  one("#confirm-yes").className = `button button-${element.dataset.confirmStyle ?? "danger"}`;
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") proceed(); }, { once: true });
  dialog.showModal();
}

// A list of errors takes the focus, so that it is read first.
const focusErrors = (root) => one("[data-focus]", root)?.focus();
document.addEventListener("DOMContentLoaded", () => focusErrors(document));
on("htmx:afterSettle", (event) => focusErrors(event.detail.elt));

// --- Theme, menus, dialogs ------------------------------------------------------------------------------

on("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]")) return;
  event.preventDefault();
  const chosen = event.submitter;
  document.documentElement.dataset.theme = chosen.value;
  remember("theme", chosen.value);
  for (const button of all("button", event.target)) button.setAttribute("aria-pressed", button === chosen);
});
on("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) openDialog(opener.dataset.open);
  if (event.target.matches("dialog")) event.target.close();
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target) || opener) menu.open = false;
});
on("change", (event) => {
  if (event.target.id !== "single-keys") return;
  document.documentElement.dataset.keys = event.target.checked ? "on" : "off";
  remember("keys", event.target.checked ? "on" : "off");
});
on("pointerover", (event) => event.target.closest(".hint-closed")?.classList.remove("hint-closed"));
on("focusin", (event) => event.target.closest(".hint-closed")?.classList.remove("hint-closed"));
function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (id === "palette") one("#palette-input").select();
}

// --- Palette -----------------------------------------------------------------------------------------------

const paletteLinks = () => all("#palette a").filter((link) => !link.closest("li").hidden);
on("input", (event) => {
  if (event.target.id !== "palette-input") return;
  const words = event.target.value.trim().toLowerCase();
  for (const item of all("[data-palette-pages] li")) item.hidden = !item.textContent.toLowerCase().includes(words);
});
function paletteKey(event) {
  const links = paletteLinks(), at = links.indexOf(document.activeElement);
  if (event.key === "Enter" && event.target.id === "palette-input") {
    event.preventDefault();
    links[0]?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (links[next] ?? (next < 0 ? one("#palette-input") : links.at(-1)))?.focus();
  }
}

// --- Keys -----------------------------------------------------------------------------------------------------

let before = "";
on("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  if (event.key === "Escape") closeFloating();
  if (event.target.closest("#palette")) { paletteKey(event); return; }
  const plot = event.target.closest(".plot");
  if (plot && stepChart(plot, event.key)) { event.preventDefault(); return; }
  singleKey(event);
});
function closeFloating() {
  for (const menu of all("details[data-menu][open]")) { menu.open = false; one("summary", menu).focus(); }
  for (const hint of all(".hint:hover, .hint:focus-within")) hint.classList.add("hint-closed");
}
function singleKey(event) {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys !== "on") return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, sequence = `${before} ${key}`;
  before = key;
  const action = one(`a[data-keys="${CSS.escape(sequence)}"]`) ?? keyed(key);
  if (action) { event.preventDefault(); before = ""; act(action); }
  else if (key === "/") { event.preventDefault(); openDialog("palette"); }
  else if (key === "?") { event.preventDefault(); openDialog("keys"); }
  else if (steps[key] && moveReview(steps[key])) event.preventDefault();
}
const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
// data-key="a" on a button, link or input: within the current review card first, then on the page.
function keyed(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  return one(`.review[aria-current="true"] ${wanted}`) ?? all(wanted).find((element) => !element.closest(".review"));
}
function act(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (element.matches("[type=checkbox]") || !element.matches("input, textarea, select")) element.click();
  else { element.focus(); element.select?.(); }
}
// Steps to another card of the queue, or at its end to another page; false where there is no queue.
function moveReview(step) {
  const cards = all("article.review[tabindex]");
  if (!cards.length) return false;
  const at = cards.findIndex((card) => card.getAttribute("aria-current") === "true");
  const next = cards[at + step];
  if (next) makeCurrent(cards, next);
  else one(step > 0 ? ".pager [rel=next]" : ".pager [rel=prev]")?.click();
  return true;
}
function makeCurrent(cards, next) {
  for (const card of cards) card.toggleAttribute("aria-current", false);
  next.setAttribute("aria-current", "true");
  next.scrollIntoView({ block: "nearest" });
  next.focus({ preventScroll: true });
}

// --- Charts: crosshair, tooltip and arrow keys; the table behind the chart is the source ----------------------

const tableOf = (plot) => one("table", plot.closest("[data-chart]"));
function chartRow(plot, index) {
  const names = all("thead th", tableOf(plot)), cells = all("th, td", all("tbody tr", tableOf(plot))[index]);
  return cells.map((cell, at) => [names[at].textContent, cell.textContent]);
}
function showChart(plot, index) {
  const dots = all(".chart-dot", plot), cross = one(".crosshair", plot), tip = one(".chart-tip", plot);
  plot.dataset.index = index;
  dots.forEach((dot, at) => dot.classList.toggle("chart-on", at === index));
  cross.classList.toggle("chart-on", index >= 0);
  tip.hidden = index < 0;
  if (index < 0) return;
  const x = dots[index].getAttribute("cx");
  cross.setAttribute("x1", x);
  cross.setAttribute("x2", x);
  tip.replaceChildren(...tipParts(chartRow(plot, index)));
  placeTip(plot, tip, parseFloat(x));
}
function tipParts([[period, label], ...values]) {
  const title = document.createElement("b");
  title.textContent = `${period} ${label}`;
  const parts = values.flatMap(([name, text]) => [name, text].map((words, at) => {
    const part = document.createElement("span");
    part.textContent = words;
    if (at === 1) part.className = "number";
    return part;
  }));
  return [title, ...parts];
}
function placeTip(plot, tip, percent) {
  const x = plot.clientWidth * percent / 100, width = tip.offsetWidth, gap = 14;
  const left = x + gap + width > plot.clientWidth ? Math.max(0, x - width - gap) : x + gap;
  tip.style.transform = `translate(${left}px, 8px)`;
}
function stepChart(plot, key) {
  const last = all(".chart-dot", plot).length - 1, at = Number(plot.dataset.index ?? -1);
  const next = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last, Escape: -1 }[key];
  if (next === undefined) return false;
  showChart(plot, next);
  const [period, ...values] = next < 0 ? [["", ""]] : chartRow(plot, next);
  one("[data-say]", plot.closest("[data-chart]")).textContent = next < 0 ? "" : `${period.join(" ")}: ${values.map((pair) => pair.join(" ")).join(", ")}`;
  return true;
}
on("pointermove", (event) => {
  const hit = event.target.closest(".chart-hit");
  if (hit) showChart(hit.closest(".plot"), Number(hit.dataset.index));
});
on("pointerout", (event) => {
  const plot = event.target.closest(".plot");
  if (plot && !plot.contains(event.relatedTarget)) showChart(plot, -1);
});
on("focusout", (event) => { if (event.target.matches(".plot")) showChart(event.target, -1); });
