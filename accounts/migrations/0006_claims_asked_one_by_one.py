from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_services_have_uuids"),
    ]

    operations = [
        migrations.AddField(
            model_name="authorizationcode",
            name="claims",
            field=models.JSONField(default=dict, help_text="Asked for one by one (OpenID Connect Core §5.5)."),
        ),
        migrations.AddField(
            model_name="consent",
            name="claims",
            field=models.JSONField(blank=True, default=list, help_text="Beyond what the scopes give."),
        ),
        migrations.AddField(
            model_name="device",
            name="claims",
            field=models.JSONField(
                blank=True, help_text="Of a client: what it asked for one by one (OpenID Connect Core §5.5).", null=True
            ),
        ),
    ]
