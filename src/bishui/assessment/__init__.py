"""What measurements mean: means, classes, attainment, as functions over the tables of `observations.schema`.

Arithmetic is exact and every result opens down to its rows, its method and its clause. Nothing here reads a
file, knows a server or holds a limit: limits and settings come from `standards`.
"""

from bishui.assessment import verify_areas as _verify_areas  # noqa: F401 - registers the layouts
from bishui.assessment import verify_layouts as _verify_layouts  # noqa: F401 - registers the layouts
from bishui.assessment import verify_ranking as _verify_ranking  # noqa: F401 - registers its layout
from bishui.assessment import verify_trends as _verify_trends  # noqa: F401 - registers its layouts
from bishui.assessment import verify_zones as _verify_zones  # noqa: F401 - registers its layouts
from bishui.assessment.air import AirDay, air_day, good_days
from bishui.assessment.alerts import alerts_look_back, find_alerts, several_stations
from bishui.assessment.alerts_findings import AlertFinding, AlertKind, AlertRow
from bishui.assessment.areas import (
    AreaPollutant,
    AreaStatus,
    By,
    RateKind,
    area_status,
    attainment_by_frequency,
    status_of_shares,
)
from bishui.assessment.assess import assess
from bishui.assessment.background import Background, Deduction, backgrounds, deduct
from bishui.assessment.black_odorous import (
    Body,
    BodyGrade,
    BodyPoint,
    Grade,
    GradedReading,
    PointGrade,
    grade_body,
)
from bishui.assessment.black_odorous_sign_off import (
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
from bishui.assessment.change import (
    Caution,
    Change,
    Keeping,
    Verdict,
    Warned,
    area_change,
    keeping,
    section_change,
)
from bishui.assessment.cwqi import (
    CityIndex,
    IndexTerm,
    NoIndex,
    QualityIndex,
    city_index,
    quality_index,
    section_index,
)
from bishui.assessment.drinking_sources import (
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
from bishui.assessment.ecological_flow import FlowResult, FlowStep, FlowTarget, Met, Passing, ecological_flow
from bishui.assessment.explain import Explanation, MeanStep, RowStep, explain
from bishui.assessment.flood_season import FloodIntensity, Rain, flood_season
from bishui.assessment.function_zones import (
    Zone,
    ZoneAssessment,
    ZoneMethod,
    ZoneResult,
    ZoneSample,
    assess_zones,
)
from bishui.assessment.groundwater import GroundwaterItem, GroundwaterResult, groundwater_classes
from bishui.assessment.index_ranking import (
    IndexChange,
    Indexed,
    IndexRanking,
    index_change,
    rank_changes,
    rank_indices,
)
from bishui.assessment.indicator_formulas import Amount, IndicatorResult, Parts, indicator_value
from bishui.assessment.item_lists import ITEM_LISTS, Exceeded, ItemLists, SectionItems, item_lists
from bishui.assessment.lakes import LakeStatus, lake_status
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.plants import (
    DayVolume,
    EffluentItem,
    EffluentResult,
    InletStrength,
    LoadRates,
    Plant,
    PlantLoad,
    SampleKind,
    collection_rate,
    effluent,
    inlet_strength,
    load_rates,
)
from bishui.assessment.pooled import Pooled, pool
from bishui.assessment.ranking import Place, rank_ascending
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
    mean_text,
)
from bishui.assessment.room import RoomLeft, SectionRoom, room_left
from bishui.assessment.room_chance import Chance
from bishui.assessment.room_items import ItemRoom, RoomState
from bishui.assessment.room_rate import RateRoom, RateTarget
from bishui.assessment.shares import Shares, rate_reaches, shares
from bishui.assessment.site_means import SiteMean, rows_behind, site_means, with_ids
from bishui.assessment.tli import TrophicState, trophic_state
from bishui.assessment.trend import (
    Course,
    KendallTrend,
    Meaning,
    RankTrend,
    mann_kendall_trend,
    seasonal_kendall_trend,
    spearman_trend,
)
from bishui.assessment.trend_series import Series, SeriesPoint, measured_series
from bishui.assessment.verify import (
    Case,
    Check,
    FileReport,
    Layout,
    Outcome,
    compare,
    register_layout,
    verify,
)
from bishui.assessment.verify_trends import series_file
from bishui.assessment.warm import warm_up
from bishui.assessment.whatif import CityModel
from bishui.assessment.whatif_changes import FlagChange, LimitChange
from bishui.assessment.whatif_difference import Difference, Move, RankMove, RateMove, Share, Standing

__all__ = [
    "ITEM_LISTS",
    "RESULTS",
    "AirDay",
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
    "Case",
    "Caution",
    "Chance",
    "Change",
    "Check",
    "CityIndex",
    "CityModel",
    "Counts",
    "Course",
    "DayVolume",
    "Deduction",
    "Difference",
    "EffluentItem",
    "EffluentResult",
    "Exceedance",
    "Exceeded",
    "Explanation",
    "FailingItem",
    "FileReport",
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
    "Keeping",
    "KendallTrend",
    "LakeStatus",
    "Layout",
    "LeftOut",
    "LimitChange",
    "LoadRates",
    "MainPollutant",
    "MeanStep",
    "Meaning",
    "Met",
    "Move",
    "NoIndex",
    "Outcome",
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
    "ReturnCheck",
    "RoomLeft",
    "RoomState",
    "RowStep",
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
    "compare",
    "deduct",
    "ecological_flow",
    "effluent",
    "explain",
    "find_alerts",
    "flood_season",
    "good_days",
    "grade_body",
    "groundwater_classes",
    "index_change",
    "indicator_value",
    "inlet_strength",
    "item_lists",
    "keeping",
    "lake_status",
    "load_rates",
    "mann_kendall_trend",
    "mean_text",
    "measured_series",
    "periods_between",
    "pool",
    "quality_index",
    "rank_ascending",
    "rank_changes",
    "rank_indices",
    "rate_reaches",
    "reaches",
    "register_layout",
    "rejudged",
    "returns",
    "room_left",
    "rows_behind",
    "seasonal_kendall_trend",
    "section_change",
    "section_index",
    "series_file",
    "several_stations",
    "shares",
    "sign_off",
    "site_means",
    "spearman_trend",
    "status_of_shares",
    "trophic_state",
    "verify",
    "volume_rate",
    "warm_up",
    "with_ids",
]
