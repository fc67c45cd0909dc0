"use strict";
// The review desk: focus and voice follow the current text, picking many, half-typed words, and words selected for a rewrite.

const deskOne = (selector, root = document) => root.querySelector(selector);
const deskAll = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- The queue: after a swap the current text has the focus and is read out -----------------------------

function tellCurrent() {
  const say = deskOne("#review-say"), current = deskOne(".review[aria-current='true']");
  if (say) say.textContent = [deskOne("[data-say]")?.textContent.trim(), current?.getAttribute("aria-label")].filter(Boolean).join(" ");
}
const listOf = (event) => event.detail.target?.id === "review-list";
// After a decision the focus would be nowhere; filters and fields keep the one that they have.
const focusIfLost = (element) => { if (document.activeElement === document.body) element?.focus({ preventScroll: true }); };
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  if (part.matches("section[tabindex]")) focusIfLost(part);
  if (part.id !== "review-list") return;
  putBackTyped();
  tellCurrent();
  focusIfLost(deskOne(".review[aria-current='true']"));
});
document.addEventListener("keydown", (event) => {
  const fold = event.target.closest("details.fold[open]");
  if (event.key !== "Escape" || !fold) return;
  fold.open = false;
  (fold.closest(".review[tabindex]") ?? deskOne("summary", fold)).focus();
});

// --- What was begun elsewhere in a part that is drawn anew stays ------------------------------------------

const typed = new Map();
const fieldsOf = (form) => deskAll("input:not([type=hidden]), textarea, select", form).filter((field) => field.name);
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!listOf(event) || !event.detail.shouldSwap) return;
  const sent = event.detail.requestConfig.elt;
  for (const form of deskAll("#review-list [data-keep]")) {
    if (form !== sent) typed.set(form.dataset.keep, fieldsOf(form).map((field) => field.value));
  }
});
function putBackTyped() {
  for (const form of deskAll("#review-list [data-keep]")) {
    const values = typed.get(form.dataset.keep);
    fieldsOf(form).forEach((field, at) => {
      if (field.matches("[type=checkbox]") || !values?.[at] || values[at] === field.value) return;
      field.value = values[at];
      field.closest("details")?.setAttribute("open", "");
    });
  }
  typed.clear();
}

// --- Picking many ---------------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick-all]")) return;
  for (const pick of deskAll("[name=pick]")) pick.checked = event.target.checked;
});

// --- Words selected in the editor are offered for a rewrite --------------------------------------------------

document.addEventListener("select", (event) => {
  const field = event.target, form = deskOne("[data-rewrite]");
  if (!form || !field.closest("#variant-form")) return;
  const words = field.value.slice(field.selectionStart, field.selectionEnd);
  if (words.trim() && deskOne(`option[value="${CSS.escape(field.name)}"]`, form.elements.part)) offer(form, field.name, field.selectionStart, words);
});
function offer(form, part, start, words) {
  form.elements.part.value = part;
  form.elements.start.value = start;
  form.elements.selected.value = words;
  const shown = deskOne("[data-selected]", form);
  shown.hidden = !words;
  deskOne("q", shown).textContent = words;
}
const offerNothing = (form) => offer(form, form.elements.part.value, "", "");
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-selected] button") && event.target.closest("[data-rewrite]");
  if (form) offerNothing(form);
});
document.addEventListener("change", (event) => {
  if (event.target.name === "part" && event.target.closest("[data-rewrite]")) offerNothing(event.target.form);
});
