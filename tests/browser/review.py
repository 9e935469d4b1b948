"""What is asked of every page: nobody is kept out, nothing is cut off, and a picture to look at."""

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
WIDTHS = {390: 844, 1440: 900}
GRAVE = ("serious", "critical")
# How far the page's content reaches beyond its window, in pixels.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is shown as something to press, and neither is, nor is in, nor holds what Tab stops at.
UNREACHED = """
    () => {
        const stops = "a[href], button, input, select, textarea, summary, label, [tabindex='0']";
        return [...document.querySelectorAll("*")]
            .filter(one => one.checkVisibility() && getComputedStyle(one).cursor === "pointer")
            .filter(one => !one.closest(stops) && !one.querySelector(stops))
            .map(one => one.outerHTML.slice(0, 200));
    }
"""
# Texts that end outside what they are in, where that hides what is outside of it and cannot be scrolled. What is cut
# with dots says that it goes on. A font's letters may be a little higher than their line.
CLIPPED = """
    () => {
        const found = [];
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode, range = document.createRange();
            if (!text.data.trim() || !text.parentElement.checkVisibility({ visibilityProperty: true })) continue;
            range.selectNodeContents(text);
            let at = range.getBoundingClientRect();
            for (let box = text.parentElement, next; box && box !== document.body; box = next) {
                const style = getComputedStyle(box), edge = box.getBoundingClientRect();
                const hides = [style.overflowX, style.overflowY].map(one => ["hidden", "clip"].includes(one));
                if (["auto", "scroll"].includes(style.overflowX)) break;
                // It is there for screen readers alone.
                if (edge.width <= 1) break;
                if (style.textOverflow === "ellipsis") at = edge;
                const beside = at.right > edge.right + 1 || at.left < edge.left - 1;
                const above = at.bottom > edge.bottom + 4 || at.top < edge.top - 4;
                if ((hides[0] && beside) || (hides[1] && above)) found.push(text.data.trim().slice(0, 80));
                if (style.position === "fixed") break;
                next = style.position === "absolute" ? box.offsetParent : box.parentElement;
            }
        }
        return found;
    }
"""
axe = Axe()


def stay(page: Page) -> None:
    """No step from the page that was opened."""


def review(page: Page, path: str, name: str, go_on: Callable[[Page], None] = stay) -> None:
    """Opens `path` in both themes and at both widths: pictures, accessibility, and nothing that is cut off.

    `go_on` does what leads from there to a page that has no address of its own.

    Each of axe-core's rules meets each theme and each width once: colours hang on the theme, and little else does.
    """
    for theme, judged in (("light", 1440), ("dark", 390)):
        page.emulate_media(color_scheme=theme)
        page.goto(path)
        go_on(page)
        assert page.evaluate("document.documentElement.classList.contains('dark')") == (theme == "dark")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
            assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than {width} pixels"
            assert page.evaluate(CLIPPED) == [], f"{name} cuts texts off at {width} pixels"
            assert page.evaluate(UNREACHED) == [], f"{name} cannot be worked with the keyboard"
            if width == judged:
                found = faults(page)
                assert not found, "\n".join([f"{name}, {width}, {theme}:", *found])


def faults(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical, one line for each element."""
    found = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
