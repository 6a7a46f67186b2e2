"""The city of the loop, for a process of its own: ``build`` it with its people, or let its next ``day`` come."""

from __future__ import annotations

import sys
from datetime import date

PASSWORD = "long-enough-for-a-test"
CITY = "990100"
FIRST_DAY, LATER_DAY = date(2025, 6, 20), date(2025, 7, 15)
#: In the registry under another name than the plan writes, so that a person must say what is meant.
RENAMED = ("990102-nichuan", "霓川园区管理办公室")
PEOPLE = {
    "staff": ("bureau_staff", "990100-ecology"),
    "lead": ("bureau_lead", "990100-ecology"),
    "housing": ("unit_reporter", "990100-housing"),
    "farming": ("unit_reporter", "990100-agriculture"),
}


def build():
    """Register the invented city's divisions, units and sections as on the first day, and a user of each role."""
    from bishui import twin
    from bishui.server.accounts import services
    from bishui.server.sites import services as sites

    city = twin.build_city()
    paths = {}
    for division in city.divisions:
        if division.code == CITY or division.parent == CITY:
            own = (
                {"level": "city", "fiction": True, "as_of": FIRST_DAY}
                if division.code == CITY
                else {"level": "county", "parent": CITY}
            )
            saved = services.save_division(division.code, division.name_zh, actor="system", **own)
            paths[division.code] = saved.division
    units = {}
    for unit in city.units:
        if unit.division in paths:
            renamed = unit.id == RENAMED[0]
            units[unit.id] = services.save_unit(
                unit.id,
                RENAMED[1] if renamed else unit.name_zh,
                division=paths[unit.division],
                actor="system",
                kind="government" if unit.kind == "government" else "department",
                aliases="" if renamed else "；".join(unit.aliases),
            )
    for section in city.sections:
        sites.save_site(
            section.id,
            section.name_zh,
            kind="section",
            division=paths.get(section.assessed, paths[CITY]),
            actor="system",
            water_type=section.water_type or "",
            water=section.water,
        )
    for name, (role, unit) in PEOPLE.items():
        user = services.create_user(name, PASSWORD, actor="system", full_name=name, unit=units[unit])
        services.grant(user, role, paths[CITY], actor="system", unit=units[unit])


def day():
    """Let the city's later day come: the running worker finds the daily work undone and does it."""
    from bishui.server.accounts import services
    from bishui.server.accounts.models import Division
    from bishui.server.core.models import DailyRun

    root = Division.objects.get(code=CITY)
    services.save_division(CITY, root.name, actor="system", as_of=LATER_DAY)
    DailyRun.objects.all().delete()


if __name__ == "__main__":
    import django

    django.setup()
    {"build": build, "day": day}[sys.argv[1]]()
