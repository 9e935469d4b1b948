"""Operators' roles: groups whose permissions are made here, and are the same after every `migrate`.

superuser   everything (a flag of the user's, and no group)
operator    all but tiers, staff and roles
viewer      reads
"""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions

VIEWER, OPERATOR = "viewer", "operator"
APPS = ("accounts", "memories")

# What operators may do beside reading. Whom they may not touch is for operators/admin/ to see to: other operators.
OPERATORS = {
    "add_user",
    "change_user",
    "delete_user",
    "add_apikey",
    "change_apikey",
    "delete_poolmove",
}


def make_roles(app_config: AppConfig, using: str, apps: Any = apps, **_: Any) -> None:
    """Gives both groups what they may do with the app's models. Called after `migrate`, when all of them are there."""
    if app_config.label not in APPS:
        return
    # Django's own step comes later than this one, and has nothing left to do then.
    create_permissions(app_config, apps=apps, using=using, verbosity=0, interactive=False)
    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    ours = permissions.objects.using(using).filter(content_type__app_label=app_config.label)
    views = ours.filter(codename__startswith="view_")
    for name, allowed in ((VIEWER, views), (OPERATOR, views | ours.filter(codename__in=OPERATORS))):
        group, _created = groups.objects.using(using).get_or_create(name=name)
        group.permissions.remove(*ours.exclude(pk__in=allowed.values("pk")))
        group.permissions.add(*allowed)
