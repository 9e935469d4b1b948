"""A run of the purge tells what each pool keeps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("memories", "0003_heartbeat")]

    operations = [
        migrations.AddField(
            model_name="purgerun",
            name="pools",
            field=models.JSONField(
                default=dict,
                help_text="Live memories and bytes of each pool, by name; null of one that could not be reached.",
            ),
        ),
    ]
