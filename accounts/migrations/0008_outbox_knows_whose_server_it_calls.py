"""Messages that wait for a client's server are told apart from mail, and by whose server it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_client_gets_bound_tokens_alone")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="recipient",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Whose server will be called: the id of a client. Empty for mail.",
                max_length=64,
            ),
            preserve_default=False,
        ),
    ]
