"""Drops what is below INFO, measures bodies, and classes failed requests."""

import lincei


def process(record):
    """Called for each log record. None keeps it, `lincei.DROP` drops it."""
    if 1 <= (record.severity_number or 0) <= 8:  # 0 stands for unknown
        return lincei.DROP
    if record.body is not None:
        record.attributes["body.length"] = len(record.body.encode())
    status = record.attributes.get("http.response.status_code", 0)
    if status >= 500:
        record.attributes["error.class"] = "server"
    elif status >= 400:
        record.attributes["error.class"] = "client"
    return None


WitWorld = lincei.operator(
    name="{{name}}",
    description="Drops what is below INFO, measures bodies, and classes failed requests.",
    signals=["logs"],
    reads={"severity_number": int, "body": str, "attributes.http.response.status_code": int},
    writes={"attributes.body.length": int},
    # read, too, so that records that do not set it keep the class they have
    changes={"attributes.error.class": str},
    process=process,
)
