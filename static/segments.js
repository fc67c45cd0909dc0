"use strict";
// What somebody types while the server redraws the rule builder is put back into the new inputs.

const late = new Map();
let drawing = false;
const redraws = (event) => event.detail.target?.id === "segment-builder";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!redraws(event)) return;
  late.clear();
  // Removing renumbers the inputs: an old name would mean another condition.
  drawing = !(event.detail.elt.value ?? "").startsWith("remove ");
});
document.addEventListener("input", (event) => {
  if (drawing && event.target.closest("#segment-builder") && event.target.type !== "checkbox") {
    late.set(event.target.name, event.target.value);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!redraws(event)) return;
  drawing = false;
  for (const [name, value] of late) putBack(document.getElementsByName(name)[0], value);
  late.clear();
});
function putBack(input, value) {
  if (!input || input.value === value) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  if (input.matches("select")) input.dispatchEvent(new Event("change", { bubbles: true }));
}
