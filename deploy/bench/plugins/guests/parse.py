import json


def process(record):
    fields = json.loads(record.body)
    record.attributes["user.id"] = fields["user_id"]
    record.attributes["http.status"] = fields["status"]
    record.attributes["duration.ms"] = fields["duration_ms"]
    return fields["level"] != "debug"
