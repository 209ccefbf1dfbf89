def process(record):
    """Called for each record. What it sets is stored; DROP drops the record."""
    if "GET /healthz" in (record.body or ""):
        return DROP
    record.attributes["body.length"] = len(record.body or "")
