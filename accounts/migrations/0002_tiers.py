"""The founding document's three tiers, and the one of local mode."""

from django.db import migrations

MB = 1_048_576
HOUR, DAY = 3_600, 86_400

TIERS = [
    {
        "name": "free",
        "payload_bytes": MB,
        "default_ttl": HOUR,
        "max_ttl": HOUR,
        "requests_per_minute": 60,
        "burst": 10,
        "max_memories": 1_000,
        "max_bytes": 100 * MB,
    },
    {
        "name": "pro",
        "payload_bytes": 50 * MB,
        "default_ttl": DAY,
        "max_ttl": DAY,
        "requests_per_minute": 300,
        "burst": 50,
        "max_memories": 100_000,
        "max_bytes": 10 * 1024 * MB,
    },
    {
        "name": "enterprise",
        "payload_bytes": 500 * MB,
        "default_ttl": DAY,
        "max_ttl": 7 * DAY,
    },
    {
        # `stash serve` gives this one the limits that STASH_* name.
        "name": "local",
        "payload_bytes": MB,
        "default_ttl": HOUR,
        "max_ttl": DAY,
    },
]


def make_tiers(apps, schema_editor):
    tier = apps.get_model("accounts", "Tier")
    for fields in TIERS:
        tier.objects.get_or_create(name=fields["name"], defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(make_tiers, migrations.RunPython.noop)]
