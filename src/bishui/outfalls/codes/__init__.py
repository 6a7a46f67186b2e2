"""Codes of dischargers, permits, divisions and outfalls: what is accepted, warned of and refused."""

from bishui.outfalls.codes.credit import check_credit_code
from bishui.outfalls.codes.permits import check_permit, check_permit_outlet
from bishui.outfalls.codes.places import check_division, check_local_code, check_official_code, local_code
from bishui.outfalls.codes.verdict import CodeVerdict, Level

__all__ = [
    "CodeVerdict",
    "Level",
    "check_credit_code",
    "check_division",
    "check_local_code",
    "check_official_code",
    "check_permit",
    "check_permit_outlet",
    "local_code",
]
