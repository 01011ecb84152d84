from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("llm", "0004_registry")]

    operations = [
        migrations.AlterField(
            model_name="modelcall",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("ok", "Ok"),
                    ("timeout", "Timeout"),
                    ("rate_limited", "Rate Limited"),
                    ("refused", "Refused"),
                    ("unreachable", "Unreachable"),
                    ("failed", "Failed"),
                    ("unusable", "Unusable"),
                    ("cached", "Cached"),
                    ("circuit_open", "Circuit Open"),
                ],
                max_length=15,
            ),
        ),
    ]
