from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_percent_becomes_note")]

    operations = [
        migrations.RemoveConstraint(model_name="progress", name="percent_at_most_100"),
        migrations.RemoveField(model_name="progress", name="evidence"),
        migrations.RemoveField(model_name="progress", name="percent"),
    ]
