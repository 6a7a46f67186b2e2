"""An outfall moved along its life cycle by the people whose part it is, as the tests of this app need it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image

from bishui.server.core import audit, files
from bishui.server.outfalls import rounds, services
from bishui.server.outfalls.models import Outfall, OutfallRound, Photo, Sample, WaterBody

DAY = timedelta(days=1)
#: The day on which the outfall of these tests is found.
FOUND = datetime(2025, 3, 3, 9)
GOOD = {"ph": "7.2", "cod": "32 mg/L", "nh3n": "<0.025"}
BAD = {"ph": "7.2", "cod": "320 mg/L", "nh3n": "0.025L"}
PLACE = {"lon": Decimal("108.500123"), "lat": Decimal("24.300456"), "datum": "CGCS2000"}


def picture(colour: str = "navy") -> BytesIO:
    """Return a small photograph."""
    out = BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "JPEG")
    return out


class Life:
    """One outfall in county A with the people who work on it; each step is done on a day of its own."""

    def __init__(self, instance: Any, county: str, **fields: Any) -> None:
        self.instance = instance
        self.county = county
        self.now = FOUND
        users = instance.users
        self.surveyor, self.staff = users["field_surveyor@a"], users["bureau_staff@a"]
        self.lead, self.admin = users["bureau_lead@a"], users["administrator@a"]
        with audit.action("outfalls.saved", actor="system", name="水"):
            if not WaterBody.objects.filter(code="W1").exists():
                WaterBody(code="W1", name="甲河", kind="river", division=county).save()
        known = {"entry_method": "pipe", "water": "W1", "found_at": FOUND, **PLACE} | fields
        self.outfall = services.find_outfall("某村 1# 排污口", division=county, actor=self.surveyor, **known)
        self.count = 0
        self.files: dict[str, str] = {}

    def round(self) -> OutfallRound:
        """The latest round, as the database has it."""
        found = rounds.latest(self.outfall)
        assert found is not None
        return found

    def stage(self) -> str:
        """The stage as the register shows it."""
        return Outfall.objects.get(pk=self.outfall.pk).stage

    def file(self, text: str = "x") -> str:
        """Keep a file, once, and return its identifier."""
        if text in self.files:
            return self.files[text]
        with audit.action("outfalls.saved", actor="system", name="f"):
            self.files[text] = str(files.keep([text.encode()], f"{text}.txt", division=self.county).pk)
        return self.files[text]

    def visit(self, actor: Any = None, **fields: Any) -> Any:
        """Visit it the next day."""
        self.now += DAY
        said = {"discharging": "yes", "abnormal": "yes", "can_sample": "yes", "purpose": "survey"} | fields
        return services.record_visit(
            self.outfall, made_at=self.now, actor=actor or self.surveyor, people=["甲", "乙"], **said
        )

    def photo(self, kind: str, view_of: Photo | None = None, **fields: Any) -> Photo:
        """Photograph it now."""
        return services.add_photo(
            self.outfall, picture(), "p.jpg", kind=kind, made_at=self.now, actor=self.surveyor,
            view_of=view_of, **PLACE | fields,
        )  # fmt: skip

    def sample(self, results: dict[str, str], **fields: Any) -> Sample:
        """Take a sample the next day and hand it on until it is analysed."""
        self.now += DAY
        self.count += 1
        number = f"S{self.outfall.code}-{self.count}"
        taken = services.take_sample(
            self.outfall, number, made_at=self.now, samplers=["甲", "乙"], flow_status="not_measured",
            actor=self.surveyor, **{"purpose": "survey"} | fields,
        )  # fmt: skip
        for place, (step, giver, taker) in enumerate(
            (("sealed", "甲", "甲"), ("handed_over", "甲", "丙"), ("received", "丙", "丁"))
        ):
            services.hand_over(
                taken,
                step,
                at=self.now + (place + 1) * DAY / 24,
                from_name=giver,
                to_name=taker,
                actor=self.surveyor,
            )
        return services.enter_results(
            taken, results, laboratory="某监测站", report_number="R1", actor=self.staff,
            analysed_at=self.now + DAY / 4,
        )  # fmt: skip

    def move(self, step: str, actor: Any = None, **evidence: Any) -> OutfallRound:
        """Move the latest round."""
        return services.move(self.round(), step, actor=actor or self.staff, evidence=evidence)

    def verified(self) -> Life:
        """From the bank to a verified outfall."""
        self.visit()
        self.before = self.photo("outfall")
        self.photo("surroundings")
        self.move("t02", self.surveyor)
        return self

    def traced(self) -> Life:
        """On to the responsible body."""
        self.sample(BAD)
        self.move("t04", self.surveyor)
        self.move("t06", trace_methods=["desk", "walk"])
        self.move(
            "t07", responsible_name="某厂", kind="hj1312-01", trace_report=self.file("trace"),
            confirmation=self.file("yes"),
        )  # fmt: skip
        return self

    def planned(self, category: str = "standardise") -> Life:
        """On to the plan."""
        self.move(
            "t11", category=category, problems=["exceed_standard", "illegal_setting"], category_reason="",
            measures="更新设施", plan=self.file("plan"), funds="12.5", department_unit="a-bureau",
            responsible_person="某人", planned_finish="2025-06-30",
        )  # fmt: skip
        return self

    def pending(self, sealed: bool = False) -> Life:
        """On to the application for acceptance."""
        self.now += DAY
        self.move("t12", started_on=self.now.date().isoformat(), progress="进场")
        self.now += 10 * DAY
        finished = self.now.date()
        self.photo("after", self.before)
        if sealed:
            self.photo("sealed", self.before)
        else:
            self.sample(GOOD)
        self.move("t13", finished_on=finished.isoformat(), report=self.file("done"))
        return self

    def upkeep(self) -> None:
        """Set up sign and sampling point in the register."""
        outfall = Outfall.objects.get(pk=self.outfall.pk)
        outfall.sign = outfall.sampling_point = "yes"
        outfall.discharge_standard, outfall.discharge_grade = "gb18918", "1A"
        with audit.action("outfalls.saved", actor=self.staff, name=outfall.name):
            outfall.save()

    def sign_off(self, actor: Any = None, **evidence: Any) -> OutfallRound:
        """Ask for sign-off."""
        given = {
            "record": self.file("record"), "names": "某某、某某", "signoff_docs": [self.file("doc")],
            "measures_done": "yes", "keep": "yes", "supervising_unit": "a-bureau",
        } | evidence  # fmt: skip
        return self.move("t15", actor or self.lead, **given)


def finished(life: Life) -> date:
    """Return the day of completion of the latest round."""
    day = life.round().finished_on
    assert day is not None
    return day
