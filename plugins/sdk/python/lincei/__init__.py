"""Plugins for Lincei in Python. One of `operator`, `function`, `rule`, `notifier` and `escalation` makes the
class that the build looks for:

    import lincei

    def process(record):
        if record.severity_number and record.severity_number < 9:
            return lincei.DROP
        record.attributes["body.length"] = len((record.body or "").encode())

    WitWorld = lincei.operator(
        name="drop-debug", description="Drops debug records.",
        reads={"severity_number": int, "body": str}, writes={"attributes.body.length": int},
        process=process,
    )

`lincei.config` is the configuration, parsed. `print` goes to the plugin's log, as `debug`, `info`, `warn` and
`error` do. What has no operating system here is said in `lincei.sandbox`.
"""

import json as _json
import traceback as _traceback

from componentize_py_types import Err
from wit_world.imports import log as _log

from . import sandbox as _sandbox

try:
    from wit_world.imports import clock as _clock
except ImportError:
    _clock = None
try:
    from wit_world.imports import metrics as _metrics
except ImportError:
    _metrics = None
try:
    from wit_world.imports import operators as _operators
except ImportError:
    _operators = None

#: The configuration that the host gave to `init`; the same object for as long as the instance lives.
config = {}


def debug(message):
    """A line in the plugin's log."""
    _log.write(_log.Level.DEBUG, str(message))


def info(message):
    """A line in the plugin's log."""
    _log.write(_log.Level.INFO, str(message))


def warn(message):
    """A line in the plugin's log, as a warning."""
    _log.write(_log.Level.WARN, str(message))


def error(message):
    """A line in the plugin's log, as an error."""
    _log.write(_log.Level.ERROR, str(message))


def now():
    """The host's time in nanoseconds since the Unix epoch; operators only."""
    if _clock is None:
        raise NotImplementedError("plugins of this kind have no clock: the time is in their arguments")
    return _clock.now()


def count(name, by=1):
    """Adds to a counter of the plugin: 1 to 64 of `a-z`, `0-9` and `_`."""
    _metrics.count(name, by)


def gauge(name, value):
    """Sets a gauge of the plugin."""
    _metrics.gauge(name, float(value))


def _write_log(level, text):
    (info if level == "info" else warn)(text)


def enter_sandbox():
    """Called before the first line of a plugin runs in the host."""
    _sandbox.enter(None if _clock is None else _clock.now, _write_log)


def configure(text):
    """Takes over the configuration, a JSON object or nothing."""
    parsed = _json.loads(text) if text.strip() else {}
    config.clear()
    config.update(parsed or {})


class Position:
    """Where `process` is, for the text of a failure."""

    row = None


def describe_failure(problem, row=None):
    """One line that says what went wrong and where in the author's code."""
    if isinstance(problem, Err):
        text = str(problem.value)
    else:
        text = "".join(_traceback.format_exception_only(problem)).strip()
    frames = _traceback.extract_tb(problem.__traceback__)
    library = ("/python/", "<frozen")
    own = [frame for frame in frames if "/lincei/" not in frame.filename and not frame.filename.startswith(library)]
    places = [f"{own[-1].filename.rpartition('/')[2]} line {own[-1].lineno}"] if own else []
    if row is not None:
        places.append(f"row {row}")
    return f"{text} ({', '.join(places)})" if places else text


def guarded(function, *arguments, position=None):
    """Calls the author's code in the sandbox: whatever it raises becomes the error of the call."""
    enter_sandbox()
    try:
        return function(*arguments)
    except BaseException as problem:
        failure = describe_failure(problem, position and position.row)
        problem.with_traceback(None)  # its frames hold handles of the host
    finally:
        _sandbox.flush()
    raise Err(failure)


if _operators is not None:
    from .expressions import Column, Mask, Rows
    from .operators import operator
    from .records import DROP, Record
    from .state import state
else:
    from .kinds import *
