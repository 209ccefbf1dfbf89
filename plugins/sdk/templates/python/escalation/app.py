"""Pages the last committer first."""

import lincei


def next(incident, history):
    """Called for each step of an escalation."""
    committer = lincei.label(incident, "committer")
    if committer and history.step == 0:
        return lincei.page(lincei.person(committer), note="last committer", next_after=300)
    return lincei.PASS


WitWorld = lincei.escalation(
    next,
    name="{{name}}",
    description="Pages the last committer first.",
)
