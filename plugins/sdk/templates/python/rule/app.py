"""Suppresses the events of some services while they are deployed."""

import lincei

MINUTE_NS = 60 * 10**9
settings = {}


def minutes(key):
    """The minute of the day of a time as `22:00`."""
    text = str(lincei.config.get(key, ""))
    hours, colon, rest = text.partition(":")
    if not (colon and hours.isdecimal() and rest.isdecimal() and int(hours) < 24 and int(rest) < 60):
        raise ValueError(f'{key} must be a time as 22:00, not "{text}"')
    return int(hours) * 60 + int(rest)


def init():
    """Called once, when `lincei.config` is there. What it raises says what is wrong with it."""
    settings.update(start=minutes("from"), end=minutes("until"), services=lincei.config.get("services", []))


def decide(event, context):
    """Called for each event. Gives an action, a list of them, or None."""
    minute = context.now // MINUTE_NS % (24 * 60)
    start, end = settings["start"], settings["end"]
    inside = start <= minute < end if start <= end else minute >= start or minute < end
    if inside and lincei.label(event, "service") in settings["services"]:
        return lincei.suppress("deploy window")
    return None


WitWorld = lincei.rule(
    decide,
    name="{{name}}",
    description="Suppresses the events of some services while they are deployed.",
    init=init,
)
