"""Repeat a published draw: python3 repeat_draw.py DRAW.json (nothing but the standard library)."""

import hashlib
import json
import sys


def sha256(text: str) -> str:  # noqa: D103
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


draw = json.load(open(sys.argv[1], encoding="utf-8"))  # noqa: SIM115, PTH123
ids = sorted(draw["ids"])
list_hash = sha256("".join(one + "\n" for one in ids))
if list_hash != draw["list_hash"]:
    sys.exit("the list is not the one whose hash was published")
seed = sha256(f"bishui-draw-v1|{draw['draw_id']}|{list_hash}|{draw['public_random']}")
order = sorted(ids, key=lambda one: (sha256(f"{seed}|{one}"), one))
number = (draw["percent"] * len(ids) + 99) // 100
drawn = order[:number]
for group in set(draw["classes"].values()) if draw["by_class"] else ():
    members = [one for one in order if draw["classes"][one] == group]
    lacking = (draw["percent"] * len(members) + 99) // 100 - sum(one in drawn for one in members)
    drawn += [one for one in members if one not in drawn][: max(lacking, 0)]
sys.stdout.write("\n".join(drawn[:number] + sorted(drawn[number:], key=order.index)) + "\n")
