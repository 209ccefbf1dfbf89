"""Keeps people undisturbed while things are deployed: windows by time, weekday, service and time zone."""

import datetime
import fnmatch
import zoneinfo

import lincei
import lincei.zones

SECOND_NS = 10**9
DAY_MINUTES = 24 * 60
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ACTIONS = ["suppress", "suspend", "label"]

windows = []


class Window:
    """A window of the configuration. One that goes over midnight belongs to the day it starts on."""

    def __init__(self, given):
        known = {"name", "from", "until", "weekdays", "services", "time_zone", "except_severities", "action"}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ValueError(f"a window has no {unknown[0]}")
        self.start, self.end = minutes(given, "from"), minutes(given, "until")
        self.name = given.get("name") or f"{given['from']} to {given['until']}"
        self.weekdays = [weekday(name) for name in given.get("weekdays", WEEKDAYS)]
        self.services = given.get("services", ["*"])
        self.zone = zone(given["time_zone"]) if "time_zone" in given else None
        self.except_severities = given.get("except_severities", ["critical"])
        self.action = given.get("action", "suppress")
        if self.action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(ACTIONS)}, not {self.action}")

    def minutes_left(self, local):
        """How many minutes the window is still open, 0 outside of it."""
        minute = local.hour * 60 + local.minute
        length = (self.end - self.start) % DAY_MINUTES or DAY_MINUTES
        since = (minute - self.start) % DAY_MINUTES
        if since >= length:
            return 0
        started = local - datetime.timedelta(days=1) if minute < self.start else local
        return length - since if started.weekday() in self.weekdays else 0

    def concerns(self, service, severity):
        """Whether events of this service and severity are meant."""
        return severity not in self.except_severities and any(fnmatch.fnmatchcase(service, it) for it in self.services)


def minutes(given, key):
    """The minute of the day of a time as `22:00`."""
    text = str(given.get(key, ""))
    hours, colon, rest = text.partition(":")
    if not (colon and hours.isdecimal() and rest.isdecimal() and int(hours) < 24 and int(rest) < 60):
        raise ValueError(f'{key} must be a time as 22:00, not "{text}"')
    return int(hours) * 60 + int(rest)


def weekday(name):
    """The number of a weekday, 0 for Monday."""
    if str(name).lower() not in WEEKDAYS:
        raise ValueError(f"weekdays are {', '.join(WEEKDAYS)}, not {name}")
    return WEEKDAYS.index(str(name).lower())


def zone(name):
    """A time zone by its name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except Exception:
        raise ValueError(f"there is no time zone {name}") from None


def init():
    """Reads the configuration. What it raises says what is wrong with it."""
    windows[:] = [Window(given) for given in lincei.config.get("windows", [])]
    if not windows:
        raise ValueError("windows is missing: a list of at least one")


def decide(event, context):
    """The first window that concerns the event decides."""
    service = lincei.label(event, "service", "")
    severity = event.severity.name.lower()
    now = datetime.datetime.fromtimestamp(context.now // SECOND_NS, datetime.timezone.utc)
    for window in windows:
        if not window.concerns(service, severity):
            continue
        left = window.minutes_left(now.astimezone(window.zone or zone(context.time_zone or "UTC")))
        if left == 0:
            continue
        if window.action == "suspend":
            return lincei.suspend(left * 60 - now.second)
        if window.action == "label":
            return lincei.set_label("deploy_window", window.name)
        return lincei.suppress(f"deploy window {window.name}")
    return None


WitWorld = lincei.rule(
    decide,
    name="deploy-window",
    version="1.0.0",
    description="Suppresses, suspends or labels events in windows by time, weekday and service.",
    init=init,
)
