// What unfold lets be clicked and is no button becomes one for the keyboard and for screen readers: Tab reaches it,
// Enter and Space press it, and it says what it is called and whether what it opens is open.

// Those that are an icon and no words, by what they open.
const NAMES = {
  sidebarDesktopOpen: "Sidebar",
  sidebarMobileOpen: "Sidebar",
  openTheme: "Theme",
  openRelatedWidgetWrapper: "More",
};
const OPENS = /^\s*(\w+) = (?:true|!\1)\b/;
const CHOOSES = /^\s*(?:adminTheme = |switchTheme\()'(\w+)'/;
const REACHED = "a[href], button, input, select, [role=button]";

// Alpine reads the bindings after this.
document.addEventListener("alpine:init", () => {
  for (const element of document.querySelectorAll("[x-on\\:click]")) {
    // What is empty is the ground around a panel, for which the keyboard has Escape.
    if (element.hasChildNodes() && !element.matches(REACHED)) makeButton(element, element.getAttribute("x-on:click"));
  }
  hideIcons();
});

function makeButton(element, action) {
  const opens = action.match(OPENS)?.[1];
  const theme = action.match(CHOOSES)?.[1];
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  if (NAMES[opens]) element.setAttribute("aria-label", NAMES[opens]);
  if (theme) element.setAttribute("x-bind:aria-pressed", `adminTheme == '${theme}'`);
  if (opens) {
    element.dataset.opens = opens;
    element.setAttribute("x-bind:aria-expanded", opens);
  }
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    // Space would scroll the page, too.
    event.preventDefault();
    if (event.repeat) return;
    element.click();
    follow(element);
  });
}

// An icon is a word in a font of icons ("dock_to_right"), which is not to be read out beside another name.
function hideIcons() {
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    const button = icon.parentElement.closest(REACHED);
    if (button && (button.title || button.textContent.trim() !== icon.textContent.trim())) icon.ariaHidden = "true";
  }
}

// The focus goes into what a key has opened, and back where it was closed.
function follow(button) {
  const opens = button.dataset.opens;
  // The desktop's sidebar is beside the page, and covers nothing.
  if (!opens || opens === "sidebarDesktopOpen") return;
  whenDrawn(() => {
    const panel = shown(opens === "sidebarMobileOpen" ? "#nav-sidebar" : `[x-show="${opens}"]`);
    if (!panel) {
      shown(`[data-opens=${opens}]`)?.focus();
      return;
    }
    [...panel.querySelectorAll(REACHED)].find((one) => one.checkVisibility())?.focus();
    panel.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      // Some panels close by themselves.
      whenDrawn(() => {
        if (button.getAttribute("aria-expanded") === "true") button.click();
        button.focus();
      });
    };
  });
}

function shown(selector) {
  return [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
}

// Alpine shows and hides in the next frame.
function whenDrawn(act) {
  Alpine.nextTick(() => requestAnimationFrame(act));
}
