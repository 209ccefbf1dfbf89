"""Functions for SQL, rules, notifiers and escalations: what the worlds other than operators have in common."""

import json as _json

import lincei as _lincei
from componentize_py_types import Err as _Err


def _guarded_start(init):
    def start(config):
        _lincei.configure(config)
        if init is not None:
            init()

    return lambda config: _lincei.guarded(start, config)


def label(subject, key, default=None):
    """The value of a label of an event, alert or incident."""
    return next((item.value for item in subject.labels if item.key == key), default)


try:
    from wit_world.imports import functions as _functions
except ImportError:
    _functions = None
try:
    from wit_world.imports import rules as _rules
except ImportError:
    _rules = None
try:
    from wit_world.imports import escalations as _escalations
except ImportError:
    _escalations = None
try:
    from wit_world.imports import http as _http, notifiers as _notifiers, secrets as _secrets
except ImportError:
    _notifiers = None

if _functions is not None:
    from .columns import TYPES as _TYPES, convert as _convert, decode as _decode, encode as _encode

    def function(call, name, arguments, returns, description="", version="0.1.0", volatility="immutable"):
        """A scalar function for SQL. `call` gets the arguments of one row, None for null, and gives its result."""
        returned = _TYPES[returns]
        info = _functions.Info(
            name, version, description, [_TYPES[kind] for kind in arguments], returned,
            _functions.Volatility[volatility.upper()],
        )

        def run(frame, position):
            columns = [_decode(column, frame.rows) for column in frame.columns]
            results = []
            for row in range(frame.rows):
                position.row = row
                results.append(call(*[column[row] for column in columns]))
            return _encode(0, returned, _convert(returned, results, name))

        class WitWorld:
            """What the host calls."""

            def describe(self):
                return info

            def call(self, arguments):
                position = _lincei.Position()
                return _lincei.guarded(run, arguments, position, position=position)

        return WitWorld


if _rules is not None:
    from wit_world.imports import oncall as _oncall

    def rule(decide, name, description="", version="0.1.0", init=None):
        """A rule. `decide(event, context)` gives an action, a list of them, or None."""
        info = _rules.Info(name, version, description)
        start = _guarded_start(init)

        def run(event, context):
            actions = decide(event, context)
            return actions if isinstance(actions, list) else [] if actions is None else [actions]

        class WitWorld:
            """What the host calls."""

            def describe(self):
                return info

            init = staticmethod(start)

            def decide(self, event, context):
                return _lincei.guarded(run, event, context)

        return WitWorld

    def set_summary(text):
        """Another summary."""
        return _rules.Action_SetSummary(text)

    def set_severity(severity):
        """Another severity: `critical`, `error`, `warning` or `info`."""
        return _rules.Action_SetSeverity(_oncall.Severity[severity.upper()])

    def set_service(service):
        """Another service."""
        return _rules.Action_SetService(service)

    def set_key(key):
        """The key that events are counted under."""
        return _rules.Action_SetKey(key)

    def set_label(key, value):
        """Sets a label."""
        return _rules.Action_SetLabel(_oncall.Label(key, value))

    def route(rules):
        """Another set of rules decides, by its name."""
        return _rules.Action_Route(rules)

    def suppress(reason):
        """Count the event, but tell nobody."""
        return _rules.Action_Suppress(reason)

    def suspend(seconds):
        """Tell nobody for so many seconds; a recovery before that ends it."""
        return _rules.Action_Suspend(seconds)

    def trigger():
        """Open an incident, or add to the open one."""
        return _rules.Action_Trigger()

    def recover():
        """The alert is over."""
        return _rules.Action_Recover()

    def forget(reason):
        """Forget the event."""
        return _rules.Action_Drop(reason)

    def remember(memory):
        """Keep bytes or a text for the next event of the same key."""
        return _rules.Action_Remember(memory.encode() if isinstance(memory, str) else memory)

    def stop_rules():
        """Ask no further rules."""
        return _rules.Action_Stop()


if _escalations is not None:

    def escalation(next, name, description="", version="0.1.0", init=None):
        """An escalation. `next(incident, history)` gives `page(…)`, `wait(…)`, `PASS` or `stop(…)`."""
        info = _escalations.Info(name, version, description)
        start = _guarded_start(init)
        choose = next

        class WitWorld:
            """What the host calls."""

            def describe(self):
                return info

            init = staticmethod(start)

            def next(self, incident, history):
                return _lincei.guarded(choose, incident, history)

        return WitWorld

    person = _escalations.Target_Person
    #: Whoever is on call.
    schedule = _escalations.Target_Schedule
    team = _escalations.Target_Team
    channel = _escalations.Target_Channel

    def page(targets, note="", next_after=300):
        """Pages people; the next step is asked for after so many seconds, at least 10."""
        targets = list(targets) if isinstance(targets, (list, tuple)) else [targets]
        return _escalations.Step_Page(_escalations.Page(targets, note, next_after))

    def wait(seconds):
        """Ask again in so many seconds; at least 10."""
        return _escalations.Step_Wait(seconds)

    #: Go on with the policy's own next step.
    PASS = _escalations.Step_Pass()

    def stop(reason):
        """Nobody else is to be paged."""
        return _escalations.Step_Stop(reason)


if _notifiers is not None:
    from .state import state

    class Failure(Exception):
        """Why a message was not delivered. Raised by `send`."""

        def __init__(self, detail, retry=False, retry_after=0):
            super().__init__(detail)
            self.detail, self.retry, self.retry_after = detail, retry, retry_after

    class Response:
        """What a server answered."""

        def __init__(self, answer):
            self.status, self.headers, self.body = answer.status, answer.headers, answer.body

        @property
        def ok(self):
            """Whether the status is 2xx."""
            return 200 <= self.status < 300

        def header(self, name, default=None):
            """The value of a header by its name in any case."""
            return next((item.value for item in self.headers if item.name.lower() == name.lower()), default)

        @property
        def retry_after(self):
            """Seconds of a `Retry-After` header that gives seconds, else 0."""
            value = self.header("retry-after", "").strip()
            return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

        def text(self):
            """The body as text."""
            return self.body.decode("utf-8", "replace")

        def json(self):
            """The body, parsed."""
            return _json.loads(self.text())

        def raise_for_status(self):
            """Raises the `Failure` of an answer that is not 2xx: 429 and 5xx can be tried again."""
            if not self.ok:
                retry = self.status == 429 or self.status >= 500
                raise Failure(f"the receiver answered {self.status}", retry, self.retry_after if retry else 0)

    def http(method, url, headers=None, body=b"", timeout_ms=0):
        """Sends a request. `body` is bytes or a text. Raises a `Failure` if there is no answer."""
        pairs = [_http.Header(name, value) for name, value in (headers or {}).items()]
        request = _http.Request(method, url, pairs, body.encode() if isinstance(body, str) else body, timeout_ms)
        try:
            return Response(_http.send(request))
        except _Err as problem:
            what = type(problem.value).__name__.removeprefix("Error_").lower()
            detail = getattr(problem.value, "value", "")
            text = f"http {what}: {detail}" if detail else f"http {what}"
            raise Failure(text, retry=what in ("failed", "timeout")) from None

    def post_json(url, value, headers=None, timeout_ms=0):
        """Sends a value as JSON by POST."""
        body = _json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return http("POST", url, {"content-type": "application/json", **(headers or {})}, body, timeout_ms)

    def secret_exists(name):
        """Whether `${secret:NAME}` can be used in a URL, header or body."""
        return _secrets.exists(name)

    def notifier(send, name, description="", version="0.1.0", init=None):
        """A notifier. `send(message)` gives the provider's own id, or None, and raises `Failure` if it failed."""
        info = _notifiers.Info(name, version, description)
        start = _guarded_start(init)

        def deliver(message):
            _lincei.enter_sandbox()
            try:
                return _notifiers.Receipt(str(send(message) or ""))
            except Failure as problem:
                failure = _notifiers.Failure(problem.detail, problem.retry, problem.retry_after)
            except BaseException as problem:
                failure = _notifiers.Failure(_lincei.describe_failure(problem), False, 0)
            raise _Err(failure)

        class WitWorld:
            """What the host calls."""

            def describe(self):
                return info

            init = staticmethod(start)
            send = staticmethod(deliver)
            post = send  # the name that it is built under: see build.py

        return WitWorld
