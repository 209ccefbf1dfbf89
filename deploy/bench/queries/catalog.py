"""The queries, and how each engine spells them."""
import dataclasses
import re

from victorialogs import LOGSQL

QUANTILES = (0.5, 0.95, 0.99)
# between which an approximation of each must lie
BOUNDS = (0.45, 0.55, 0.92, 0.98, 0.96, 1.0)


@dataclasses.dataclass(frozen=True)
class Query:
    name: str
    about: str
    sql: str
    # kinds of the answer's columns: t time, s text, i integer, f float, l several floats
    columns: str
    # "ordered" rows are equal; "top" has its last ties in any order; "near" is an approximation, and
    # "within" one that lies between values of the other answer
    check: str = "ordered"
    # whose exact answer an approximation is held against
    exact: str = ""
    timed: bool = True


QUERIES = {query.name: query for query in [
    Query("Q1", "rows per minute and severity",
          "SELECT {minute} AS minute, {severity} AS severity, count(*) AS n FROM logs GROUP BY 1, 2 ORDER BY 1, 2",
          "tsi"),
    Query("Q2", "newest 100 of a service",
          "SELECT {time} AS time, {severity} AS severity, {service} AS service, {body} AS body, {trace} AS trace,"
          " {path} AS path, {status} AS status FROM logs WHERE {service} = 'payment' ORDER BY {time} DESC LIMIT 100",
          "tsssssi"),
    Query("Q2t", "newest 100 of all",
          "SELECT {time} AS time, {severity} AS severity, {service} AS service, {body} AS body FROM logs"
          " ORDER BY {time} DESC LIMIT 100", "tsss"),
    Query("Q3", "one trace, all columns",
          "SELECT * FROM logs WHERE {trace} = '{trace_id}' ORDER BY {time}", "ts"),
    Query("Q4", "rare substring",
          "SELECT {time} AS time, {service} AS service, {body} AS body FROM logs WHERE {body} LIKE '%kx9q7zt%'"
          " ORDER BY {time} DESC LIMIT 100", "tss"),
    Query("Q5", "common substring, by service",
          "SELECT {service} AS service, count(*) AS n FROM logs WHERE {body} LIKE '%block%'"
          " GROUP BY 1 ORDER BY 1", "si"),
    Query("Q6", "p50, p95, p99 per 5 minutes and path, approximate",
          "SELECT {five} AS five, {path} AS path, {approximate} FROM logs GROUP BY 1, 2 ORDER BY 1, 2",
          "tsl", "within", "Q6b"),
    Query("Q6x", "the same, exact",
          "SELECT {five} AS five, {path} AS path, {exact} FROM logs GROUP BY 1, 2 ORDER BY 1, 2", "tsl"),
    Query("Q6b", "exact quantiles somewhat below and above those of Q6",
          "SELECT {five} AS five, {path} AS path, {bounds} FROM logs GROUP BY 1, 2 ORDER BY 1, 2", "tsl", timed=False),
    Query("Q7", "20 most frequent users",
          "SELECT {user} AS user_id, count(*) AS n FROM logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20", "si", "top"),
    Query("Q8", "distinct users per hour",
          "SELECT {hour} AS hour, {distinct} AS users FROM logs GROUP BY 1 ORDER BY 1", "ti"),
    Query("Q8a", "the same, approximate",
          "SELECT {hour} AS hour, {distinct_approximate} AS users FROM logs GROUP BY 1 ORDER BY 1", "ti", "near", "Q8"),
    Query("Q9", "failures of a service per minute",
          "SELECT {minute} AS minute, count(*) AS n FROM logs WHERE {status} >= 500 AND {service} = 'gateway'"
          " GROUP BY 1 ORDER BY 1", "ti"),
]}

_LATENCY = "attributes['latency_ms']::double"
_USER = "attributes['user.id']"
LINCEI = {
    "time": "time", "severity": "severity", "service": "service", "body": "body", "trace": "trace_id",
    "path": "attributes['url.path']", "status": "attributes['http.response.status_code']::int", "user": _USER,
    "minute": "date_trunc('minute', time)", "hour": "date_trunc('hour', time)",
    "five": "date_bin(INTERVAL '5 minutes', time)",
    "approximate": ", ".join(f"approx_percentile_cont({_LATENCY}, {q}) AS p{q * 100:.0f}" for q in QUANTILES),
    "exact": ", ".join(f"percentile_cont({_LATENCY}, {q}) AS p{q * 100:.0f}" for q in QUANTILES),
    "bounds": ", ".join(f"percentile_cont({_LATENCY}, {q}) AS q{i}" for i, q in enumerate(BOUNDS)),
    "distinct": f"count(DISTINCT {_USER})", "distinct_approximate": f"approx_distinct({_USER})",
}
_CLICKHOUSE = {
    "minute": "toStartOfMinute({time})", "hour": "toStartOfHour({time})", "five": "toStartOfFiveMinutes({time})",
    "approximate": "quantiles(0.5, 0.95, 0.99)({latency})",
    "exact": "quantilesExactInclusive(0.5, 0.95, 0.99)({latency})",
    "bounds": f"quantilesExactInclusive{BOUNDS}({{latency}})",
    "distinct": "uniqExact({user})", "distinct_approximate": "uniq({user})",
}
_DUCKDB = {
    "minute": "date_trunc('minute', {time})", "hour": "date_trunc('hour', {time})",
    "five": "time_bucket(INTERVAL '5 minutes', {time})",
    "approximate": "approx_quantile({latency}, [0.5, 0.95, 0.99])",
    "exact": "quantile_cont({latency}, [0.5, 0.95, 0.99])",
    "bounds": f"quantile_cont({{latency}}, {list(BOUNDS)})",
    "distinct": "count(DISTINCT {user})", "distinct_approximate": "approx_count_distinct({user})",
}
_FLAT = {
    "time": "time", "severity": "severity", "service": "service", "body": "body", "trace": "trace_id",
    "path": "url_path", "status": "http_status", "user": "user_id", "latency": "latency_ms",
}
_MAP = {
    "time": "Timestamp", "severity": "SeverityText", "service": "ServiceName", "body": "Body", "trace": "TraceId",
    "path": "LogAttributes['url.path']", "status": "toInt32OrZero(LogAttributes['http.response.status_code'])",
    "user": "LogAttributes['user.id']", "latency": "toFloat64OrZero(LogAttributes['latency_ms'])",
}


def _spelled(columns, functions):
    return {**columns, **{name: text.format(**columns) for name, text in functions.items()}}


DIALECTS = {
    "lincei": LINCEI,
    "ch_map": _spelled(_MAP, _CLICKHOUSE),
    "ch_wide": _spelled(_FLAT, _CLICKHOUSE),
    "duckdb": _spelled(_FLAT, _DUCKDB),
    "vlogs": {"time": "_time", "body": "_msg"},
}


def statement(engine, query, trace_id):
    """The query as a user of the engine would write it: without `AS` where the name stays. None where
    the engine has nothing of the kind."""
    if engine == "vlogs":
        return LOGSQL[query.name].replace("{trace_id}", trace_id) if query.name in LOGSQL else None
    return re.sub(r"(?<![\w.])(\w+) AS \1\b", r"\1", query.sql.format(**DIALECTS[engine], trace_id=trace_id))
