from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_access_token"),
        ("outfalls", "0005_places"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outfall",
            index=models.Index(fields=["stage", "division", "code"], name="outfalls_ou_stage_025618_idx"),
        ),
    ]
