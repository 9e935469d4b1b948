"""Tiers name pools, and users move from one to another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

FIRST_TIERS = ["free", "pro", "enterprise"]


def name_pools(apps, schema_editor):
    """Each of the first tiers has a pool of its own name; where no pools are set, one store stands for all names."""
    apps.get_model("accounts", "Tier").objects.filter(name__in=FIRST_TIERS).update(pool=F("name"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_audit_entry")]

    operations = [
        migrations.AddField(
            model_name="tier",
            name="pool",
            field=models.SlugField(
                default="default",
                help_text="New memories go to the Redis of REDIS_URL_ and this name, where such pools are set.",
                max_length=32,
            ),
        ),
        migrations.CreateModel(
            name="PoolMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pool",
                    models.SlugField(editable=False, help_text="The pool that the user left.", max_length=32),
                ),
                (
                    "at",
                    models.DateTimeField(
                        editable=False, help_text="From then on, new memories went elsewhere."
                    ),
                ),
                ("look_at", models.DateTimeField(db_index=True, editable=False)),
                ("empty", models.BooleanField(default=False, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["at"]},
        ),
        migrations.RunPython(name_pools, migrations.RunPython.noop),
    ]
