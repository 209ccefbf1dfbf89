LEVEL = "parse_json.level"


def transform(rows):
    rows.attributes[LEVEL] = rows.body.json("level")
    rows.attributes["user.id"] = rows.body.json("user_id")
    rows.attributes["http.status"] = rows.body.json("status")
    rows.attributes["duration.ms"] = rows.body.json("duration_ms")
    rows.drop(rows.attributes[LEVEL] == "debug")
    del rows.attributes[LEVEL]
