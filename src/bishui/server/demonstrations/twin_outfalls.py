"""The invented city's outfalls, from the bank to sign-off, by the same doors as people use.

What happened stands in `bishui.twin`; here each fact becomes a deed of somebody on its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from bishui import twin
from bishui.server.accounts import services as accounts
from bishui.server.accounts.models import User
from bishui.server.core import audit, clock, evidence
from bishui.server.demonstrations.loading import fill_register
from bishui.server.demonstrations.twin_work import PEOPLE, People
from bishui.server.outfalls import links, milestones, services
from bishui.server.outfalls.models import Milestone, Outfall, OutfallRound, Sample

_MORNING, _NOON = time(9, 20), time(14, 10)
_BUREAU = "990100-ecology"
_SURVEYORS = ["现场员甲", "现场员乙"]
_LABORATORY = "岚津市生态环境监测站（虚构）"
_PLAN = "岚津市入河排污口监督管理工作实施方案（2023—2025年，虚构）一（二）"
#: Name, day and share of the programme's milestones.
_MILESTONES = (
    ("2023年底前完成30%", date(2023, 12, 31), 30),
    ("2024年底前完成70%", date(2024, 12, 31), 70),
    ("2025年底前基本完成", date(2025, 12, 31), 100),
)
#: After it was taken: step, hours later, who has the sample then.
_CUSTODY = (("sealed", 0, "现场员甲"), ("handed_over", 3, "收样员"), ("received", 3, "收样员"))
_DRY = Decimal("0.0")
_PAPERS = {
    "trace_report": "溯源报告",
    "confirmation": "责任主体确认书",
    "decision": "责任主体确定文件",
    "plan": "一口一策整治方案",
    "report": "完工报告",
    "record": "验收记录",
    "signoff_docs": "销号证明材料",
}

Deed = Callable[[], None]


def load_outfalls(city: twin.City, paths: Mapping[str, str], people: People, operator: User) -> None:
    """Load them; once there are any they are left as they are."""
    root = paths[city.division]
    if Outfall.objects.filter(division__startswith=root).exists():
        return
    with audit.action("core.demonstration", actor=operator, name=city.name_zh, division=root):
        _registers(city, operator)
        loader = _Loader(city, paths, people, _surveyor(root, people, operator), operator)
        deeds = [deed for story in twin.outfall_stories(city) for deed in loader.deeds(story)]
        deeds += [
            (due, 10_000, _freezing(name, due)) for name, due, _percent in _MILESTONES if due <= city.as_of
        ]
        _define(root, operator)
        for day, _order, deed in sorted(deeds, key=lambda item: item[:2]):
            with clock.on(day):
                deed()


def _surveyor(root: str, people: People, operator: User) -> User:
    """Return the user who walks the banks."""
    name = f"{PEOPLE}surveyor"
    found: User | None = User.objects.filter(username=name).first()
    if found is None:
        unit = people.units[_BUREAU]
        found = accounts.create_user(name, None, actor=operator, full_name=f"{unit.name}现场员", unit=unit)
        accounts.grant(found, "field_surveyor", root, actor=operator, unit=unit)
    return found


def _water(river: str) -> str:
    """Return the code of a river in the register of receiving waters."""
    return f"99W-{river}"


def _registers(city: twin.City, operator: User) -> None:
    """Enter the receiving waters and who discharges into them."""
    rivers: dict[str, twin.Reach] = {}
    for reach in city.reaches:
        rivers.setdefault(reach.river, reach)
    targets = {section.water: section.target for section in city.sections}
    rows = [
        {
            "code": _water(river),
            "name": river,
            "division": city.division,
            "kind": "lake" if reach.kind == "lake" else "river",
            "river_system": "霁江水系",
            "zone2": f"{river}景观娱乐用水区",
            "zone2_target": ("I", "II", "III", "IV", "V")[targets.get(river, 3) - 1],
            "reach": reach.id,
        }
        for river, reach in rivers.items()
    ]
    fill_register("receiving_waters", rows, operator)
    fill_register(
        "dischargers",
        (
            {
                "code": owner.id,
                "name": owner.name_zh,
                "division": owner.county,
                "trade": owner.trade,
                "credit_code": owner.credit_code,
                "permit": owner.permit,
                "permit_class": "key" if owner.permit else "",
                "sewage_kind": owner.sewage,
                "indirect": "no",
            }
            for owner in twin.outfall_owners(city)
        ),
        operator,
    )


def _define(root: str, operator: User) -> None:
    for name, due, percent in _MILESTONES:
        milestones.define(
            root,
            actor=operator,
            name=name,
            due=due,
            percent=percent,
            denominator="abnormal",
            numerator="signed_off",
            waters=[],
            source=_PLAN,
        )


def _freezing(name: str, day: date) -> Deed:
    def freeze() -> None:
        milestones.freeze(Milestone.objects.get(name=name), day, actor="system")

    return freeze


class _Loader:
    """Turns stories into deeds; remembers the records that later deeds speak of."""

    def __init__(
        self, city: twin.City, paths: Mapping[str, str], people: People, surveyor: User, operator: User
    ) -> None:
        self._paths, self._people, self._surveyor, self._operator = paths, people, surveyor, operator
        self._today = city.as_of
        self._owners = {key: owner for owner in twin.outfall_owners(city) for key in owner.known}
        self._outfalls: dict[str, Outfall] = {}
        self._views: dict[str, Any] = {}
        self._papers: dict[str, str] = {}

    def deeds(self, story: twin.OutfallStory) -> Iterator[tuple[date, int, Deed]]:
        """Give the deeds of one outfall with their days and their order on a day."""
        order = story.number * 100
        for place, (day, deed) in enumerate(self._told(story)):
            if day <= self._today:
                yield day, order + place, deed

    def _told(self, story: twin.OutfallStory) -> Iterator[tuple[date, Deed]]:
        days = story.days
        yield days["found"], lambda: self._find(story)
        steps: dict[str, Callable[[twin.OutfallStory, date], Iterator[tuple[date, Deed]]]] = {
            "not_outfall": self._reject,
            "verified": self._verify,
            "sampled": self._sample,
            "tracing": self._trace,
            "traced": self._name_body,
            "no_action": self._let_be,
            "planned": self._plan,
            "remediating": self._begin,
            "pending_acceptance": self._finish,
            "signed_off": self._sign_off,
            "failed_again": self._fail,
        }
        for name, step in steps.items():
            if name in days:
                yield from step(story, days[name])

    # -- what happens ------------------------------------------------------------------------------------

    def _find(self, story: twin.OutfallStory) -> None:
        standard, grade = story.standard
        approval = story.kind in ("hj1312-01", "hj1312-03", "hj1312-07", "hj1312-09")
        self._outfalls[story.id] = services.find_outfall(
            story.name_zh,
            division=self._paths[story.county],
            actor=self._surveyor,
            regional_code=story.id,
            name_status="known" if story.kind else "unknown",
            lon=Decimal(story.lon),
            lat=Decimal(story.lat),
            datum="CGCS2000",
            coordinate_source="device" if story.number % 17 != 16 else "image",
            accuracy=Decimal("3.5"),
            village=story.village,
            address=f"{story.village}{story.river}岸边",
            bank=("left", "right")[story.number % 2],
            water=_water(story.river),
            reach=story.reach,
            entry_method=story.entry,
            mouth_shape="圆形" if story.entry == "pipe" else "矩形",
            size="DN400" if story.entry == "pipe" else "0.8 m × 0.6 m",
            drainage_mode="rain" if story.is_rain else "continuous",
            in_protected_area="no",
            is_ditch="no",
            survey_level=str(1 + story.number % 3),
            found_by=("uav", "on_foot", "patrol", "complaint")[story.number % 4],
            legacy_kind="hj1235-gq" if not story.kind else "",
            discharge_standard=standard,
            discharge_grade=grade,
            above_scale="yes" if approval else "no",
            online_monitor="yes" if story.kind == "hj1312-09" else "no",
            setting_status="approved" if approval else "registered" if story.kind else "unknown",
            permit_outlet="DW001" if approval else "",
            found_at=datetime.combine(story.days["found"], _MORNING),
        )

    def _visit(self, story: twin.OutfallStory, day: date, purpose: str, **fields: Any) -> Deed:
        def visit() -> None:
            services.record_visit(
                self._now(story),
                purpose=purpose,
                made_at=datetime.combine(day, _MORNING),
                actor=self._surveyor,
                people=_SURVEYORS,
                **fields,
            )

        return visit

    def _photo(self, story: twin.OutfallStory, day: date, kind: str, *, same_view: bool = False) -> Deed:
        def photo() -> None:
            taken = services.add_photo(
                self._now(story),
                BytesIO(twin.outfall_picture(kind, story.number)),
                f"{story.id}-{kind}.png",
                kind=kind,
                made_at=datetime.combine(day, time(9, 30)),
                actor=self._surveyor,
                lon=Decimal(story.lon),
                lat=Decimal(story.lat),
                datum="CGCS2000",
                accuracy=Decimal("3.5"),
                **({"view_of": self._views[story.id]} if same_view else {}),
            )
            if kind == "outfall":
                self._views[story.id] = taken

        return photo

    def _reject(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        seen = {"discharging": "no", "abnormal": "no", "can_sample": "no", "text": "山泉水自然汇入，无污水。"}
        yield day, self._visit(story, day, "survey", **seen)
        yield day, self._photo(story, day, "outfall")
        yield day, self._move(story, "t03", self._people.reviewer, text="现场为天然冲沟，无污水排入。")

    def _verify(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        bad = story.abnormal
        yield (
            day,
            self._visit(
                story,
                day,
                "survey",
                discharging="yes",
                rain=_DRY,
                colour="灰黑" if bad else "无色",
                turbidity="浑浊" if bad else "较清",
                odour="有异味" if bad else "无",
                oil_film="no",
                abnormal="yes" if bad else "no",
                abnormal_kinds=list(story.problems),
                suspected_source="上游管道来水" if bad else "",
                can_sample="yes",
            ),
        )
        yield day, self._photo(story, day, "outfall")
        yield day, self._photo(story, day, "surroundings")
        yield day, self._move(story, "t02", self._surveyor, text="")

    def _sampling(
        self, story: twin.OutfallStory, day: date, purpose: str, *, passing: bool, turn: int
    ) -> Iterator[tuple[date, Deed]]:
        """Take a sample, hand it on from hand to hand, and enter its results two days later."""
        number = f"{story.id}-{day:%y%m%d}"

        def take() -> None:
            sample = services.take_sample(
                self._now(story),
                number,
                purpose=purpose,
                made_at=datetime.combine(day, _MORNING),
                samplers=_SURVEYORS,
                flow_status="measured",
                flow_given=f"{40 + 15 * (story.number % 7)} m3/d",
                actor=self._surveyor,
                bottles=[f"{number}-1", f"{number}-2"],
            )
            holder = _SURVEYORS[0]
            for step, hours, name in _CUSTODY:
                at = datetime.combine(day, _MORNING) + timedelta(hours=hours)
                services.hand_over(
                    sample,
                    step,
                    at=at,
                    to_name=name,
                    from_name=holder,
                    actor=self._surveyor,
                    condition="完好",
                )
                holder = name

        def enter() -> None:
            sample = Sample.objects.get(number=number)
            at = datetime.combine(day + timedelta(days=2), _NOON)
            services.hand_over(
                sample, "analysed", at=at, to_name="分析员", from_name="收样员", actor=self._surveyor
            )
            services.enter_results(
                sample,
                story.results(passing=passing, turn=turn),
                laboratory=_LABORATORY,
                report_number=f"BG-{number}",
                actor=self._surveyor,
            )

        yield day, take
        yield day + timedelta(days=2), enter

    def _sample(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        yield from self._sampling(
            story, day - timedelta(days=3), "survey", passing=not story.abnormal, turn=0
        )
        yield day, self._move(story, "t04", self._surveyor, text="")

    def _trace(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        yield day, self._move(story, "t06", self._people.reviewer, trace_methods=list(story.methods))

    def _name_body(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        owner = self._owners.get(story.id)
        yield day, lambda: self._link(story, day)
        if owner is not None:
            yield (
                day,
                self._move(
                    story,
                    "t07",
                    self._people.reviewer,
                    files=("trace_report", "confirmation"),
                    responsible_name=owner.name_zh,
                    responsible_unit=story.unit,
                    discharger=owner.id,
                    kind=story.kind,
                    trace_finding="沿管道逐井排查，水量水质与排污单位外排口一致。",
                ),
            )
            return
        government = self._people.units[f"{story.county}-government"].name
        yield (
            day,
            self._move(
                story,
                "t08",
                self._people.reviewer,
                files=("trace_report", "decision"),
                analysis_result="not_found",
                trace_finding="多户混排，经市级溯源分析仍无法确定责任主体。",
                responsible_kind="government_fallback",
                fallback_level="county",
                responsible_name=government,
                responsible_unit=story.unit,
                kind=story.kind,
            ),
        )

    def _link(self, story: twin.OutfallStory, day: date) -> None:
        """Enter the channel and the links that tracing found."""
        outfall, owner = self._now(story), self._owners.get(story.id)
        code = f"{story.id}C"
        kind = {"pipe": "pipe", "ditch": "ditch", "culvert": "drain"}[story.entry]
        row = {
            "code": code,
            "name": f"{story.village or story.river}{'雨水管网' if kind == 'drain' else '排水通道'}",
            "division": story.county,
            "kind": kind,
            "length": str(120 + 35 * (story.number % 9)),
        }
        fill_register("channels", [row], self._operator)
        given: dict[str, Any] = {"actor": self._people.reviewer, "since": day, "evidence": "溯源报告第3节"}
        links.add_link(
            outfall,
            upper=("channel", code),
            lower=("outfall", outfall.code),
            share=Decimal(100),
            **given,
        )
        if owner is not None:
            permit: dict[str, Any] = {"permit_outlet": "DW001"} if owner.permit else {}
            links.add_link(
                outfall, upper=("discharger", owner.id), lower=("channel", code), **given, **permit
            )

    def _let_be(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        yield day, self._in_order(story)
        yield day, self._move(story, "t10", self._people.lead, text="达标排放，标识牌和采样点齐全。")

    def _in_order(self, story: twin.OutfallStory) -> Deed:
        def save() -> None:
            outfall = Outfall.objects.get(pk=self._now(story).pk)
            with audit.action(
                "outfalls.saved", actor=self._people.reviewer, division=outfall.division, name=outfall.name
            ):
                outfall.sign, outfall.sampling_point = "yes", "yes"
                outfall.save()

        return save

    def _plan(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        finish = story.days["found"] + timedelta(days=240)
        yield (
            day,
            self._move(
                story,
                "t11",
                self._people.reporter(story.unit),
                files=("plan",),
                category=story.category,
                problems=list(story.problems),
                measures=story.measures,
                funds=story.funds,
                department_unit=story.unit,
                responsible_person="整治责任人",
                planned_finish=finish,
            ),
        )
        if story.number % 4 == 0:
            later = day + timedelta(days=12)
            yield (
                later,
                self._move(
                    story,
                    "t19",
                    self._people.lead,
                    text="汛期无法施工，顺延。",
                    planned_finish=finish + timedelta(days=60),
                    approver="市生态环境局负责人",
                ),
            )

    def _begin(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        actor = self._people.reporter(story.unit)
        yield day, self._move(story, "t12", actor, started_on=day, progress="施工队已进场。")

    def _finish(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        finished = day - timedelta(days=10)
        yield finished, self._photo(story, finished, "sealed" if story.is_sealed else "after", same_view=True)
        if story.is_sealed:
            first = finished + timedelta(days=1)
            yield first, self._visit(story, first, "dry", discharging="no", rain=_DRY)
        else:
            yield from self._sampling(story, finished + timedelta(days=3), "acceptance", passing=True, turn=1)
        actor = self._people.reporter(story.unit)
        yield day, self._move(story, "t13", actor, files=("report",), finished_on=finished)

    def _sign_off(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        if story.is_sealed:
            second = day - timedelta(days=8)
            yield second, self._visit(story, second, "dry", discharging="no", rain=_DRY)
        else:
            yield day, self._photo(story, day, "sign")
            yield day, self._in_order(story)
        kept = {} if story.is_sealed else {"supervising_unit": f"{story.county}-ecology"}
        yield (
            day,
            self._move(
                story,
                "t15",
                self._people.lead,
                files=("record", "signoff_docs"),
                names="验收组三人",
                measures_done="yes",
                keep="no" if story.is_sealed else "yes",
                **kept,
            ),
        )

    def _fail(self, story: twin.OutfallStory, day: date) -> Iterator[tuple[date, Deed]]:
        """A sample of supervision fails: the outfall is begun anew by itself."""
        yield from self._sampling(story, day, "supervision", passing=False, turn=2)

    # -- how it is done ----------------------------------------------------------------------------------

    def _now(self, story: twin.OutfallStory) -> Outfall:
        return self._outfalls[story.id]

    def _paper(self, key: str) -> str:
        """Return a paper of evidence: one for each kind, for all outfalls; within an audited action."""
        if key not in self._papers:
            name = f"{_PAPERS[key]}.pdf"
            content = BytesIO(twin.evidence_file(name))
            self._papers[key] = str(evidence.keep(content, name, division=self._people.division).pk)
        return self._papers[key]

    def _move(
        self, story: twin.OutfallStory, step: str, actor: User, *, files: tuple[str, ...] = (), **given: Any
    ) -> Deed:
        def move() -> None:
            outfall = self._now(story)
            with audit.action(
                "core.transition", actor=actor, division=outfall.division, name=outfall.name, transition=step
            ):
                for key in files:
                    kept = self._paper(key)
                    given[key] = [kept] if key == "signoff_docs" else kept
                rounds = OutfallRound.objects.filter(outfall=outfall.pk, superseded=False)
                round_ = rounds.select_related("outfall").get()
                services.move(round_, step, actor=actor, evidence=given)

        return move
