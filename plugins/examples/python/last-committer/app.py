"""Pages those who changed the code last, one after another, before the policy's own steps."""

import datetime

import lincei

SECOND_NS = 10**9
WAIT_SECONDS_MIN = 10
BOTS = ("[bot]", "-bot", "dependabot", "renovate")

settings = {}


def init():
    """Reads the configuration. What it raises says what is wrong with it."""
    wait = lincei.config.get("wait_seconds", 300)
    if not isinstance(wait, int) or wait < WAIT_SECONDS_MIN:
        raise ValueError(f"wait_seconds must be at least {WAIT_SECONDS_MIN}, not {wait}")
    settings.update(
        labels=lincei.config.get("labels", ["committer", "committers", "author"]),
        people={key.lower(): value for key, value in lincei.config.get("people", {}).items()},
        wait=wait,
        max_age=lincei.config.get("commit_age_hours_max"),
        steps=lincei.config.get("people_max", 2),
    )


def committers(incident):
    """Whom to page, the latest committer first: people of the labels, without robots and repetitions."""
    found = []
    for subject in (incident, *incident.alerts):
        for key in settings["labels"]:
            for name in (lincei.label(subject, key) or "").split(","):
                name = name.strip()
                if name and not any(bot in name.lower() for bot in BOTS):
                    found.append(settings["people"].get(name.lower(), name))
    return list(dict.fromkeys(found))[:settings["steps"]]


def too_old(incident, now):
    """Whether the label `commit_time` (RFC 3339) says that the change is not likely the cause."""
    text = lincei.label(incident, "commit_time")
    if not text or settings["max_age"] is None:
        return False
    try:
        committed = datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    if committed.tzinfo is None:
        committed = committed.replace(tzinfo=datetime.timezone.utc)
    return now / SECOND_NS - committed.timestamp() > settings["max_age"] * 3600


def next(incident, history):
    """Step 0 pages the last committer, step 1 the one before, and so on; then the policy goes on."""
    if incident.responders or too_old(incident, history.now):
        return lincei.PASS
    people = committers(incident)
    if history.step >= len(people):
        return lincei.PASS
    name = people[history.step]
    note = "last committer" if history.step == 0 else f"committer {history.step + 1} of {len(people)}"
    return lincei.page(lincei.person(name), note=note, next_after=settings["wait"])


WitWorld = lincei.escalation(
    next,
    name="last-committer",
    version="1.0.0",
    description="Pages those who changed the code last before the policy's own steps.",
    init=init,
)
