"""Posts messages as JSON to a web hook."""

import lincei


def init():
    """Called once, when `lincei.config` is there. What it raises says what is wrong with it."""
    if not lincei.config.get("url"):
        raise ValueError("url is missing")


def send(message):
    """Called for each message. Gives the provider's own id, or None; raises `lincei.Failure`."""
    response = lincei.post_json(lincei.config["url"], {"subject": message.subject, "text": message.text})
    response.raise_for_status()


WitWorld = lincei.notifier(
    send,
    name="{{name}}",
    description="Posts messages as JSON to a web hook.",
    init=init,
)
