"""Why a section has no class in a period: not sampled, offline, under review … never just blank."""

from __future__ import annotations

from bishui.assessment import Reason, SectionResult

NOT_SAMPLED = "not_sampled"
NOT_DUE = "not_due"


def reason_of(result: SectionResult) -> str:
    """Return why a result has no class, as a key of the words of the pages (`words.REASONS`).

    No class for lack of data is told apart by the rows that there are: none at all, all of a period under
    review, of a station that was off, all excluded, or rows without a number.
    """
    if result.reason is not Reason.NO_DATA:
        return (result.reason or Reason.NO_DATA).value
    counts = [item.counts for item in result.items.values()]
    if not any(count.total for count in counts):
        return NOT_SAMPLED
    if any(count.under_review for count in counts):
        return "under_review"
    if any(count.offline for count in counts):
        return "offline"
    return "too_few_values" if any(count.excluded for count in counts) else "no_data"
