from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_claims_asked_one_by_one"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="dpop_bound_access_tokens",
            field=models.BooleanField(default=False, help_text="RFC 9449 §5.2."),
        ),
    ]
