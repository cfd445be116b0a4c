"""A client says when it was last used, also one that signs nobody in. Of those that do, their sign-ins know."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def take_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    client, device = apps.get_model("accounts", "Client"), apps.get_model("accounts", "Device")
    newest = device.objects.filter(client_id=OuterRef("pk")).order_by("-last_seen_at").values("last_seen_at")[:1]
    client.objects.update(last_used_at=Subquery(newest))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_outbox_knows_whose_server_it_calls")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="last_used_at",
            field=models.DateTimeField(editable=False, help_text="Within five minutes.", null=True),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
