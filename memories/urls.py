"""The API's routes. No trailing slashes."""

from django.urls import path, register_converter

from memories.paths import MemoryIdConverter
from memories.views import description
from memories.views.batch import BatchViewSet
from memories.views.key import KeyViewSet
from memories.views.memory import MemoryViewSet
from memories.views.whoami import WhoamiViewSet

register_converter(MemoryIdConverter, "memory_id")

# The first that fits is taken: what is asked most comes first.
urlpatterns = [
    path("stash", MemoryViewSet.as_view({"post": "stash", "get": "list", "delete": "forget_prefix"})),
    path("recall/<memory_id:memory_id>", MemoryViewSet.as_view({"get": "recall"})),
    path("stash/<memory_id:memory_id>", MemoryViewSet.as_view({"put": "stash_as"})),
    path("update/<memory_id:memory_id>", MemoryViewSet.as_view({"patch": "update"})),
    path("forget/<memory_id:memory_id>", MemoryViewSet.as_view({"delete": "forget"})),
    path("batch", BatchViewSet.as_view({"post": "batch"})),
    path("whoami", WhoamiViewSet.as_view({"get": "whoami"})),
    path("keys", KeyViewSet.as_view({"get": "list", "post": "mint"})),
    path("keys/<str:key_id>", KeyViewSet.as_view({"delete": "revoke"})),
    path("openapi.json", description.openapi),
    path("docs", description.docs),
    path("llms.txt", description.llms),
]
