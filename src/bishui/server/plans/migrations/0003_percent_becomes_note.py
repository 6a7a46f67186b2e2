"""What was typed as a percentage becomes a note of the report, which now awaits its review."""

from django.db import migrations

from bishui.server.core.ids import uuid7


def carry_over(apps, schema_editor):
    """Keep each report's typed percentage as a note and its evidence as a file of its own."""
    progress = apps.get_model("plans", "Progress")
    kept = apps.get_model("plans", "ProgressFile")
    for report in progress.objects.all().iterator():
        report.note = f"原填报完成比例 {report.percent}%"
        report.outlook = "difficult" if report.state == "difficult" else "normal"
        report.state = "handed_in"
        report.save()
        if report.evidence_id:
            kept.objects.create(
                id=uuid7(), division=report.division, report=report, file_id=report.evidence_id
            )
    task = apps.get_model("plans", "Task")
    for record in task.objects.all().iterator():
        record.heading = " › ".join(record.section)[:300]
        record.save(update_fields=["heading"])


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_task_ledger")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
