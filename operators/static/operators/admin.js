// Select2 puts a box of its own in place of a field, and does not name it: it is called what the field's label says.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector(".select2-selection");
    if (!label || !box) continue;
    for (const part of [box, ...box.querySelectorAll("[role=textbox]")]) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label.textContent.trim());
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});

// Until Alpine has started, unfold hides the whole page (x-cloak), and what is hidden cannot take the focus that its
// `autofocus` asks for.
document.addEventListener("alpine:initialized", () => {
  Alpine.nextTick(() => {
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  });
});
