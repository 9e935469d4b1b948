"""Every route of the service."""

from django.urls import path

from memories.urls import urlpatterns as api
from operators.site import site
from stash_site.health import HealthViewSet
from stash_site.metrics.page import metrics

urlpatterns = [
    # Listed, since an include would add a resolver to the way of every request.
    *api,
    path("health/live", HealthViewSet.as_view({"get": "live"})),
    path("health/ready", HealthViewSet.as_view({"get": "ready"})),
    path("metrics", metrics),
    path("admin/", site.urls),
]

handler400 = "memories.problems.bad_request"
handler404 = "memories.problems.path_not_found"
handler500 = "memories.problems.internal_error"
