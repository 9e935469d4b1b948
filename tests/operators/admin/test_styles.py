"""The classes that our templates name are somewhere told what they mean: one that is not does nothing, in silence."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

SHEETS = ("unfold/css/styles.css", "operators/admin.css", "operators/charts.css")
FOLDERS = (Path(settings.BASE_DIR) / "templates" / "admin", Path(settings.BASE_DIR) / "templates" / "unfold")
TEMPLATES = sorted(template for folder in FOLDERS for template in folder.rglob("*.html"))
NAMES = re.compile(r'class="([^"]*)"')
# What Django fills in.
TAGS = re.compile(r"\{[{%].*?[%}]\}")


@pytest.fixture(scope="module")
def styles() -> str:
    """All sheets, without the backslashes before signs in names."""
    return "".join(Path(finders.find(sheet)).read_text() for sheet in SHEETS).replace("\\", "")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_class_has_a_style(template: Path, styles: str) -> None:
    text = TAGS.sub(" ", template.read_text())
    for name in {name for names in NAMES.findall(text) for name in names.split()}:
        assert f".{name}" in styles
