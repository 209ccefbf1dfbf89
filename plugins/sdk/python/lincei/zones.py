"""Time zones for `zoneinfo`: `import lincei.zones`, with `tzdata` installed where the plugin is built.

A plugin has no files, so the zones are read when it is built and kept in its memory (about half a megabyte).
"""

import io
import pathlib
import zoneinfo
import zoneinfo._common
import zoneinfo._tzpath

import tzdata


def _read():
    folder = pathlib.Path(tzdata.__file__).parent
    names = (folder / "zones").read_text().split()
    return {name: (folder / "zoneinfo" / name).read_bytes() for name in names}


_ZONES = _read()


def _load(name):
    data = _ZONES.get(name)
    if data is None:
        raise zoneinfo.ZoneInfoNotFoundError(f"no time zone found with key {name}")
    return io.BytesIO(data)


zoneinfo.reset_tzpath(to=())
zoneinfo._common.load_tzdata = _load
zoneinfo.available_timezones = lambda: set(_ZONES)
