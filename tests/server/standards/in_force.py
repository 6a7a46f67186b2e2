"""A bureau's own file put in force as people do it: one hands it in, a second confirms."""

from bishui.server.accounts import services as accounts
from bishui.server.accounts.models import User
from bishui.server.core import workflow
from bishui.server.standards import services
from bishui.server.standards.models import OverrideFile
from tests.server.conftest import CITY, PASSWORD


def second_lead() -> User:
    """Return a second lead of the city's bureau, made on the first call."""
    known = User.objects.filter(username="second").first()
    if known is not None:
        return known
    lead = User.objects.get(username="bureau_lead@city")
    second = accounts.create_user("second", PASSWORD, actor="system", unit=lead.unit)
    accounts.grant(second, "bureau_lead", CITY, actor="system", unit=lead.unit)
    return second


def put_in_force(text: str, division: str = CITY) -> OverrideFile:
    """Hand a file in and confirm it."""
    record = services.upload(
        text.encode(),
        "own.toml",
        division=division,
        why="市政府已印发",
        actor=User.objects.get(username="bureau_lead@city"),
    )
    workflow.fire(record, "confirm", actor=second_lead(), evidence={"text": "与文件一致"})
    return record
