from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="water",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
