"""What long lists go by: the kept standings made anew with all of it, milestones by their day.

The standings are derived again when they are asked for.
"""

import django.db.models.deletion
from django.db import migrations, models


def kept():
    """Return the fields that both standings have."""
    return [
        ("division", models.CharField(max_length=200)),
        ("colour", models.CharField(max_length=12)),
        ("percent", models.PositiveSmallIntegerField()),
        ("expected", models.PositiveSmallIntegerField()),
        ("waiting", models.PositiveSmallIntegerField()),
        ("done_on", models.DateField(null=True)),
        ("from_day", models.DateField()),
        ("until_day", models.DateField()),
    ]


def of(model, **options):
    """Return a foreign key whose rows go with what they stand for."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=model, **options
    )


def standing_of(model):
    """Return the key of a standing: what it is the standing of."""
    return models.OneToOneField(
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name="kept_standing",
        serialize=False,
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_ledger_indexes"), ("accounts", "0002_unit_succession")]

    operations = [
        migrations.AlterField(
            model_name="milestone", name="due", field=models.DateField(blank=True, null=True)
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["due", "task", "position"], name="milestone_due"),
        ),
        migrations.DeleteModel(name="DutyStanding"),
        migrations.DeleteModel(name="TaskStanding"),
        migrations.CreateModel(
            name="TaskStanding",
            fields=[
                *kept(),
                ("task", standing_of("plans.task")),
                ("plan", of("plans.plan", db_index=False)),
                ("due", models.DateField(null=True)),
                ("position", models.PositiveIntegerField()),
                ("field", models.CharField(blank=True, max_length=20)),
                ("units", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["plan", "colour", "due", "position", "field", "waiting", "division", "task"],
                        name="task_standing_listed",
                    ),
                    models.Index(fields=["until_day"], name="task_standing_until"),
                    models.Index(fields=["from_day"], name="task_standing_from"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DutyStanding",
            fields=[
                *kept(),
                ("duty", standing_of("plans.duty")),
                ("task", of("plans.task")),
                ("unit", of("accounts.unit")),
                ("plan", of("plans.plan", db_index=False)),
                ("role", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=20)),
                ("weight", models.DecimalField(decimal_places=4, max_digits=9)),
                ("next_due", models.DateField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["unit", "plan", "state", "colour", "waiting", "next_due", "weight", "duty"],
                        name="duty_standing_listed",
                    ),
                    models.Index(fields=["task", "unit"], name="duty_standing_task"),
                ],
            },
        ),
    ]
