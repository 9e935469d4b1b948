"""The API's URLs, made of its routes."""

from typing import Any

from django.urls import URLPattern, path, register_converter

from memories.routes import ROUTES
from memories.target import MemoryIdConverter
from memories.views import description
from memories.views.batch import BatchViewSet
from memories.views.key import KeyViewSet
from memories.views.memory import MemoryViewSet
from memories.views.viewset import ApiViewSet
from memories.views.whoami import WhoamiViewSet

register_converter(MemoryIdConverter, "memory_id")

VIEWS: dict[str, type[ApiViewSet]] = {
    "memory": MemoryViewSet,
    "batch": BatchViewSet,
    "whoami": WhoamiViewSet,
    "key": KeyViewSet,
}


def patterns() -> list[URLPattern]:
    """A pattern for each path, with all of its methods. Raises AttributeError for a verb that its view lacks."""
    found = []
    for place, name in dict.fromkeys((route.path, route.view) for route in ROUTES):
        view = VIEWS[name]
        actions: dict[str, Any] = {
            route.method.lower(): route.action for route in ROUTES if route.path == place
        }
        for action in actions.values():
            getattr(view, action)
        found.append(path(place, view.as_view(actions)))
    return found


urlpatterns = [
    *patterns(),
    path("openapi.json", description.openapi),
    path("docs", description.docs),
    path("llms.txt", description.llms),
]
