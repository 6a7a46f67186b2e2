"""How long the ledger of tasks takes: pages and workbook over 200 plans × 60 tasks × 20 units.

    python benchmarks/ledger.py [--plans 200] [--rounds 15]

Builds the ledger in bulk in a folder of its own, then asks for each page in this process, warm, and prints
the median at the server, by the clock and by the processor: where other work shares the machine the clock
says little. Each page stands beside the sign-in page, the least that a page can take; the workbook beside the
same rows written by pandas with openpyxl, and by openpyxl alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

TASKS, UNITS = 60, 20
CITY = "990200/"
TODAY = date.today()


def prepare() -> None:
    """Make an empty instance in a folder of its own and set Django up."""
    os.environ["BISHUI_DATA"] = tempfile.mkdtemp(prefix="bishui-bench-")
    os.environ["BISHUI_LOG"] = "quiet"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bishui.server.settings"
    subprocess.run(
        [sys.executable, "-m", "bishui", "demo", "--empty", "--no-serve"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    import django

    django.setup()


def build(plans: int) -> None:
    """Build the ledger: plans, tasks, units, duties, milestones, and reports on every third task."""
    from bishui.server.accounts import services as accounts
    from bishui.server.accounts.models import User
    from bishui.server.core import audit

    user = User.objects.get(username="admin")
    with audit.action("core.demonstration", actor=user, name="benchmark"):
        accounts.save_division("990200", "测试市", actor=user, level="city")
        units = [
            accounts.save_unit(f"b{n}", f"测试市第{n}局", division=CITY, actor=user, kind="department")
            for n in range(UNITS)
        ]
        for number in range(plans):
            _plan(number, units)


def _plan(number: int, units: list[Any]) -> None:
    from bishui.server.plans.models import Duty, Milestone, Plan, Task, TaskUnit

    year = TODAY.year
    plan = Plan(
        division=CITY,
        title=f"测试市{year}年水污染防治工作计划（{number}）",
        kind="annual_plan",
        year=year,
        period_from=date(year, 1, 1),
        period_to=date(year, 12, 31),
    )
    plan.save()
    tasks = [
        Task(
            division=CITY,
            plan=plan,
            position=n,
            seq=n,
            section=["一、深化水污染治理", f"（{n % 9}）任务组"],
            heading=f"一、深化水污染治理 › （{n % 9}）任务组",
            field=("industry", "urban", "rural", "ecology", "risk")[n % 5],
            theme=f"主要任务{n % 12}",
            content=f"第{n}项任务：新建改造污水管网{n}公里，完成入河排污口整治，按月报送进度。" * 2,
            deadline="按期完成",
            due=date(year, 1, 1) + timedelta(days=6 * n),
        )
        for n in range(1, TASKS + 1)
    ]
    Task.objects.bulk_create(tasks)
    roles = ["lead", *["responsible"] * 9, *["cooperating"] * 10]
    weights = {"lead": Decimal("0.6"), "responsible": Decimal("0.0444"), "cooperating": Decimal(0)}
    named = [
        (task, place, role, unit)
        for task in tasks
        for place, (role, unit) in enumerate(zip(roles, units, strict=True), 1)
    ]
    TaskUnit.objects.bulk_create(
        TaskUnit(division=CITY, task=task, role=role, position=place, written=unit.name, unit=unit)
        for task, place, role, unit in named
    )
    Duty.objects.bulk_create(
        Duty(division=CITY, task=task, role=role, unit=unit, weight=weights[role])
        for task, _place, role, unit in named
    )
    steps = [
        Milestone(division=CITY, task=task, position=place, due=due, what=what)
        for task in tasks
        for place, (due, what) in enumerate(
            ((task.due - timedelta(days=40), "阶段进展"), (task.due, "完成任务")), 1
        )
    ]
    Milestone.objects.bulk_create(steps)
    _reports(tasks, steps, units[0])


def _reports(tasks: list[Any], steps: list[Any], unit: Any) -> None:
    """Let the lead unit's reports on every third task be accepted, those on every seventh wait."""
    from django.db.models import QuerySet

    from bishui.server.plans.models import Progress, ProgressMilestone

    found = []
    for task in tasks[::3]:
        report = Progress(
            division=CITY,
            task=task,
            unit=unit,
            number=1,
            at=datetime.combine(min(task.due, TODAY), datetime.min.time()),
            text="按节点完成。",
            for_all=True,
            by="benchmark",
            state="handed_in" if task.position % 7 == 0 else "accepted",
        )
        found.append(report)
    # Past the workflow: the states of a benchmark are set, not worked.
    QuerySet(Progress).bulk_create(found)
    by_task = {report.task_id: report for report in found}
    ProgressMilestone.objects.bulk_create(
        ProgressMilestone(division=CITY, report=by_task[step.task_id], milestone=step)
        for step in steps
        if step.task_id in by_task
    )


def median(action: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the medians of so many runs in ms, by clock and by processor, after one that is not counted."""
    action()
    by_clock, by_processor = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        action()
        by_clock.append((time.perf_counter() - start) * 1000)
        by_processor.append((time.process_time() - used) * 1000)
    return statistics.median(by_clock), statistics.median(by_processor)


def pages(rounds: int) -> None:
    """Measure the list pages."""
    from django.conf import settings
    from django.test import Client

    from bishui.server.accounts import services as accounts
    from bishui.server.accounts.models import Unit, User
    from bishui.server.plans.models import Plan

    settings.ALLOWED_HOSTS = ["testserver"]
    unit = Unit.objects.get(code="b3")
    reporter = accounts.create_user("reporter", "long-enough-for-a-benchmark", actor="system", unit=unit)
    accounts.grant(reporter, "unit_reporter", CITY, actor="system", unit=unit)
    clients = {"": Client(), "admin": Client(), "reporter": Client()}
    for name in ("admin", "reporter"):
        clients[name].force_login(
            User.objects.get(username=name), "django.contrib.auth.backends.ModelBackend"
        )
    plan = Plan.objects.filter(division=CITY).first()
    asked = {
        "sign-in (peer)": ("", "/accounts/sign-in/"),
        "plans": ("admin", "/plans/"),
        "ledger": ("admin", "/plans/ledger/"),
        "ledger overdue": ("admin", "/plans/ledger/?state=overdue"),
        "ledger of a unit": ("admin", f"/plans/ledger/?unit={unit.pk}&role=responsible"),
        "ledger by text": ("admin", "/plans/ledger/?q=第17项"),
        "ledger by field": ("admin", "/plans/ledger/?field=rural&state=behind&page=7"),
        "one plan": ("admin", f"/plans/{plan.pk}/"),
        "waiting": ("admin", "/plans/waiting/"),
        "calendar": ("admin", "/plans/calendar/"),
        "mine (reporter)": ("reporter", "/plans/mine/"),
        "ledger (reporter)": ("reporter", "/plans/ledger/?state=overdue"),
        "standing ledgers": ("admin", "/ledgers/"),
        "indicators": ("admin", "/indicators/"),
    }
    base = 0.0
    print(f"{'page':20} {'clock ms':>9} {'cpu ms':>7} {'ratio':>6}")
    for name, (who, address) in asked.items():
        answer = clients[who].get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        clock, used = median(lambda who=who, address=address: clients[who].get(address), rounds)
        base = base or used
        print(f"{name:20} {clock:9.1f} {used:7.1f} {used / base:6.1f}")
    export(clients["admin"])


def export(client: Any) -> None:
    """Measure the workbook beside its peers."""
    import pandas
    from openpyxl import Workbook, load_workbook

    answer = client.get("/plans/ledger/export/")
    rows = list(
        load_workbook(BytesIO(answer.content), read_only=True).active.iter_rows(min_row=2, values_only=True)
    )

    def by_pandas() -> None:
        pandas.DataFrame(rows[1:], columns=rows[0]).to_excel(BytesIO(), index=False)

    def by_openpyxl() -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
        book.save(BytesIO())

    clock, own = median(lambda: client.get("/plans/ledger/export/"), 3)
    print(f"\n{'workbook of ' + str(len(rows) - 1):24} {clock:8.0f} ms by the clock {own:6.0f} ms cpu")
    for name, action in (("pandas (rows given)", by_pandas), ("openpyxl (rows given)", by_openpyxl)):
        clock, used = median(action, 3)
        print(f"{name:24} {clock:8.0f} ms by the clock {used:6.0f} ms cpu, ours {own / used:.2f} of it")


def main() -> None:
    """Build, measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    prepare()
    start = time.perf_counter()
    build(asked.plans)
    print(f"built {asked.plans} × {TASKS} × {UNITS} in {time.perf_counter() - start:.0f} s")

    from bishui.server.plans import standings

    start = time.perf_counter()
    standings.daily(TODAY)
    print(f"standings derived in {time.perf_counter() - start:.1f} s")
    pages(asked.rounds)


if __name__ == "__main__":
    main()
