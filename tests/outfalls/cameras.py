"""Photographs as phones make them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def camera(orientation=1, **extra):
    """A photograph as a phone makes it: device, times, place, comment, and a film behind its end."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = orientation, "Maker", "Phone 5"
    exif.get_ifd(0x8769)[0x9003] = "2025:10:20 09:08:07"
    place = {
        1: "N",
        2: (24.0, 19.0, 48.0),
        3: "E",
        4: (109.0, 7.0, 12.0),
        7: (1.0, 8.0, 7.0),
        29: "2025:10:20",
    }
    exif.get_ifd(0x8825).update(place)
    image = Image.effect_noise((64, 48), 60).convert("RGB")
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"Zhang San", icc_profile=b"\x00" * 128, **extra)
    return out.getvalue() + b"\x00\x00ftypmp42 film with a voice"
