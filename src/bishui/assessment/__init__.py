"""What measurements mean: means, classes, attainment, as functions over the tables of `observations.schema`.

Arithmetic is exact and every result opens down to its rows, its method and its clause. Nothing here reads a
file, knows a server or holds a limit: limits and settings come from `standards`.
"""

from bishui.assessment.alerts.find import alerts_look_back, find_alerts, several_stations
from bishui.assessment.alerts.findings import AlertFinding, AlertKind, AlertRow
from bishui.assessment.alerts.standing import (
    JUDGED_AGAIN,
    RowStands,
    gaps_look_back,
    standing_gaps,
    standing_rows,
)
from bishui.assessment.alerts.standing import Evidence as AlertEvidence
from bishui.assessment.assess import assess
from bishui.assessment.background import Background, Deduction, backgrounds, deduct
from bishui.assessment.explain import Explanation, MeanStep, RowStep, explain
from bishui.assessment.item_lists import ITEM_LISTS, Exceeded, ItemLists, SectionItems, item_lists
from bishui.assessment.numbers import percent
from bishui.assessment.opening import black_odorous as _bodies_open  # noqa: F401 - registers how they open
from bishui.assessment.opening import changes as _changes_open  # noqa: F401 - registers how they open
from bishui.assessment.opening import room as _room_opens  # noqa: F401 - registers how it opens
from bishui.assessment.opening import subjects as _subjects_open  # noqa: F401 - registers how they open
from bishui.assessment.opening import times as _times_open  # noqa: F401 - registers how they open
from bishui.assessment.opening import waters as _waters_open  # noqa: F401 - registers how they open
from bishui.assessment.opening.steps import Opened, OpenedStep, RowsBehind, open_result
from bishui.assessment.overrides import Overrides
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.ranking.cwqi import (
    CityIndex,
    NoIndex,
    QualityIndex,
    city_index,
    quality_index,
    section_index,
)
from bishui.assessment.ranking.indices import (
    IndexChange,
    Indexed,
    IndexRanking,
    index_change,
    rank_changes,
    rank_indices,
)
from bishui.assessment.ranking.places import Place, rank_ascending
from bishui.assessment.ranking.terms import IndexTerm
from bishui.assessment.rates import LeftOut, Rate, reaches
from bishui.assessment.register import Target
from bishui.assessment.rejudge import rejudged
from bishui.assessment.results import (
    RESULTS,
    Assessment,
    Attainment,
    Counts,
    Exceedance,
    ItemResult,
    MainPollutant,
    Reason,
    SectionResult,
    State,
    Summary,
    limit_text,
    mean_text,
)
from bishui.assessment.room.chance import Chance
from bishui.assessment.room.items import ItemRoom, RoomState
from bishui.assessment.room.left import RoomLeft, SectionRoom, room_left
from bishui.assessment.room.rates import RateRoom, RateTarget
from bishui.assessment.row_words import source_text, use_text
from bishui.assessment.site_means import SiteMean, rows_behind, site_means, with_ids
from bishui.assessment.subjects.air import AirDay, AirPeriod, air_day, air_period, good_days
from bishui.assessment.subjects.black_odorous import (
    Body,
    BodyGrade,
    BodyPoint,
    Grade,
    GradedReading,
    PointGrade,
    grade_body,
)
from bishui.assessment.subjects.black_odorous_sign_off import (
    PointMean,
    Record,
    Requirement,
    ReturnCheck,
    SignOff,
    Stage,
    Survey,
    returns,
    sign_off,
)
from bishui.assessment.subjects.discharges import (
    DISCHARGE_STANDARDS,
    Discharge,
    DischargeResult,
    discharge_result,
)
from bishui.assessment.subjects.drinking_sources import (
    FailingItem,
    PointResult,
    SourceAssessment,
    SourceKind,
    SourceResult,
    WaterSource,
    Withdrawal,
    assess_sources,
    volume_rate,
)
from bishui.assessment.subjects.ecological_flow import (
    FlowResult,
    FlowStep,
    FlowTarget,
    Met,
    Passing,
    ecological_flow,
)
from bishui.assessment.subjects.effluent import EffluentItem, EffluentResult, effluent
from bishui.assessment.subjects.flood_results import FloodIntensity, Rain
from bishui.assessment.subjects.flood_season import flood_season
from bishui.assessment.subjects.function_zones import (
    Zone,
    ZoneAssessment,
    ZoneMethod,
    ZoneResult,
    ZoneSample,
    assess_zones,
)
from bishui.assessment.subjects.groundwater import GroundwaterItem, GroundwaterResult, groundwater_classes
from bishui.assessment.subjects.indicator_formulas import Amount, IndicatorResult, Parts, indicator_value
from bishui.assessment.subjects.plants import (
    DayVolume,
    InletStrength,
    LoadRates,
    Plant,
    PlantLoad,
    SampleKind,
    collection_rate,
    inlet_strength,
    load_rates,
)
from bishui.assessment.tables import rows_subjects as _subjects_tabled  # noqa: F401 - registers their rows
from bishui.assessment.tables.cells import period_cells
from bishui.assessment.tables.columns import ResultColumn, result_columns, result_schema
from bishui.assessment.tables.figures import figure_rows
from bishui.assessment.tables.positions import Position, positions
from bishui.assessment.tables.rows import rows_of, section_row
from bishui.assessment.tables.table import result_table, table_of_rows
from bishui.assessment.tables.words import spoken
from bishui.assessment.trends.series import Series, SeriesPoint, measured_series
from bishui.assessment.trends.series_files import series_file
from bishui.assessment.trends.trend import (
    Course,
    KendallTrend,
    Meaning,
    RankTrend,
    mann_kendall_trend,
    seasonal_kendall_trend,
    spearman_trend,
)
from bishui.assessment.warm import warm_up
from bishui.assessment.waters.areas import (
    AreaPollutant,
    AreaStatus,
    By,
    RateKind,
    area_status,
    attainment_by_frequency,
    status_of_shares,
)
from bishui.assessment.waters.change import (
    Caution,
    Change,
    Keeping,
    Verdict,
    Warned,
    area_change,
    keeping,
    section_change,
)
from bishui.assessment.waters.lakes import LakeStatus, lake_status
from bishui.assessment.waters.pooled import Pooled, pool
from bishui.assessment.waters.shares import Shares, rate_reaches, shares
from bishui.assessment.waters.tli import TrophicState, trophic_state
from bishui.assessment.whatif.changes import FlagChange, ItemsChange, LimitChange, OverrideChange
from bishui.assessment.whatif.difference import Difference, Move, RankMove, RateMove, Share, Standing
from bishui.assessment.whatif.model import CityModel, TriedChange
from bishui.verification import register_module

register_module("bishui.assessment.worked_cases")

__all__ = [
    "DISCHARGE_STANDARDS",
    "ITEM_LISTS",
    "JUDGED_AGAIN",
    "RESULTS",
    "AirDay",
    "AirPeriod",
    "AlertEvidence",
    "AlertFinding",
    "AlertKind",
    "AlertRow",
    "Amount",
    "AreaPollutant",
    "AreaStatus",
    "Assessment",
    "Attainment",
    "Background",
    "Body",
    "BodyGrade",
    "BodyPoint",
    "By",
    "Caution",
    "Chance",
    "Change",
    "CityIndex",
    "CityModel",
    "Counts",
    "Course",
    "DayVolume",
    "Deduction",
    "Difference",
    "Discharge",
    "DischargeResult",
    "EffluentItem",
    "EffluentResult",
    "Exceedance",
    "Exceeded",
    "Explanation",
    "FailingItem",
    "FlagChange",
    "FloodIntensity",
    "FlowResult",
    "FlowStep",
    "FlowTarget",
    "Grade",
    "GradedReading",
    "GroundwaterItem",
    "GroundwaterResult",
    "IndexChange",
    "IndexRanking",
    "IndexTerm",
    "Indexed",
    "IndicatorResult",
    "InletStrength",
    "ItemLists",
    "ItemResult",
    "ItemRoom",
    "ItemsChange",
    "Keeping",
    "KendallTrend",
    "LakeStatus",
    "LeftOut",
    "LimitChange",
    "LoadRates",
    "MainPollutant",
    "MeanStep",
    "Meaning",
    "Met",
    "Move",
    "NoIndex",
    "Opened",
    "OpenedStep",
    "OverrideChange",
    "Overrides",
    "Parts",
    "Passing",
    "Period",
    "PeriodKind",
    "Place",
    "Plant",
    "PlantLoad",
    "PointGrade",
    "PointMean",
    "PointResult",
    "Pooled",
    "Position",
    "QualityIndex",
    "Rain",
    "RankMove",
    "RankTrend",
    "Rate",
    "RateKind",
    "RateMove",
    "RateRoom",
    "RateTarget",
    "Reason",
    "Record",
    "Requirement",
    "ResultColumn",
    "ReturnCheck",
    "RoomLeft",
    "RoomState",
    "RowStands",
    "RowStep",
    "RowsBehind",
    "SampleKind",
    "SectionItems",
    "SectionResult",
    "SectionRoom",
    "Series",
    "SeriesPoint",
    "Share",
    "Shares",
    "SignOff",
    "SiteMean",
    "SourceAssessment",
    "SourceKind",
    "SourceResult",
    "Stage",
    "Standing",
    "State",
    "Summary",
    "Survey",
    "Target",
    "TriedChange",
    "TrophicState",
    "Verdict",
    "Warned",
    "WaterSource",
    "Withdrawal",
    "Zone",
    "ZoneAssessment",
    "ZoneMethod",
    "ZoneResult",
    "ZoneSample",
    "air_day",
    "air_period",
    "alerts_look_back",
    "area_change",
    "area_status",
    "assess",
    "assess_sources",
    "assess_zones",
    "attainment_by_frequency",
    "backgrounds",
    "city_index",
    "collection_rate",
    "deduct",
    "discharge_result",
    "ecological_flow",
    "effluent",
    "explain",
    "figure_rows",
    "find_alerts",
    "flood_season",
    "gaps_look_back",
    "good_days",
    "grade_body",
    "groundwater_classes",
    "index_change",
    "indicator_value",
    "inlet_strength",
    "item_lists",
    "keeping",
    "lake_status",
    "limit_text",
    "load_rates",
    "mann_kendall_trend",
    "mean_text",
    "measured_series",
    "open_result",
    "percent",
    "period_cells",
    "periods_between",
    "pool",
    "positions",
    "quality_index",
    "rank_ascending",
    "rank_changes",
    "rank_indices",
    "rate_reaches",
    "reaches",
    "rejudged",
    "result_columns",
    "result_schema",
    "result_table",
    "returns",
    "room_left",
    "rows_behind",
    "rows_of",
    "seasonal_kendall_trend",
    "section_change",
    "section_index",
    "section_row",
    "series_file",
    "several_stations",
    "shares",
    "sign_off",
    "site_means",
    "source_text",
    "spearman_trend",
    "spoken",
    "standing_gaps",
    "standing_rows",
    "status_of_shares",
    "table_of_rows",
    "trophic_state",
    "use_text",
    "volume_rate",
    "warm_up",
    "with_ids",
]
