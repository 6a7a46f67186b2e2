from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outfalls", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="sample",
            name="judged",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="sample",
            name="passes",
            field=models.CharField(blank=True, max_length=3),
        ),
    ]
