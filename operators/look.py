"""The admin's look: settings of django-unfold. All files are the project's own; pages load from no other host."""

from typing import Any

from django.templatetags.static import static

# Teal. White on 600, and 600 on white, are 5.5 to 1; 500 on the dark theme's ground is 7 to 1 (WCAG AA: 4.5).
PRIMARY = {
    "50": "#f0fdfa",
    "100": "#ccfbf1",
    "200": "#99f6e4",
    "300": "#5eead4",
    "400": "#2dd4bf",
    "500": "#14b8a6",
    "600": "#0f766e",
    "700": "#115e59",
    "800": "#134e4a",
    "900": "#113f3c",
    "950": "#042f2e",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Stash",
    "SITE_HEADER": "Stash",
    "SITE_SUBHEADER": "Operations",
    # The API's page for people.
    "SITE_URL": "/docs",
    "SITE_ICON": lambda request: static("operators/stash.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("operators/stash.svg")}
    ],
    "STYLES": [
        lambda request: static("operators/admin.css"),
        lambda request: static("operators/charts.css"),
    ],
    "SCRIPTS": [
        lambda request: static("operators/admin.js"),
        lambda request: static("operators/buttons.js"),
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": PRIMARY},
    "DASHBOARD_CALLBACK": "operators.dashboard.page.fill",
    "SIDEBAR": {"navigation": "operators.site.sections"},
}
