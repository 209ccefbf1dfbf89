"""The Python script operator: one component, whose `init` gets the user's script as text.

The configuration is `{"source": "…", "config": {…}}`. The script defines one of `process(record)`,
`process_batch(rows)` and `transform(rows)`, and may define `init()`. Names of `lincei` are there without an
import; the standard library as far as `stdlib.py` lists it.

A failure is a JSON object: `type` and `message`; `line` and `column` in the script, from 1; `row`, the place of
the record in the batch, from 0; and `traceback`, outermost call first, with `line`, `function` and `text`.
"""

import json
import traceback

import lincei
import stdlib
from componentize_py_types import Err
from lincei import sandbox
from lincei.operators import work
from lincei.records import Declared
from wit_world.imports import columns, operators

_FILE = "<script>"
_FRAMES_MAX = 20
_MESSAGE_CHARACTERS_MAX = 2000
_TEXT_CHARACTERS_MAX = 200
_ENTRIES = ("process", "process_batch", "transform")
_SIGNALS = ["logs", "spans", "metrics"]

_USES = [columns.ColumnUse("*", columns.ColumnType.TEXT, columns.Access.READ_WRITE)]
_INFO = operators.Info(
    "python", "1.0.0", "Runs a script in Python.",
    [columns.Signal.LOGS, columns.Signal.SPANS, columns.Signal.METRICS],
    _USES, 0, operators.Memory.NONE, [],
)


def _frames(problem, lines):
    """The script's own calls, of which the middle is left out where there are many."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == _FILE]
    if len(frames) > _FRAMES_MAX:
        frames = frames[:_FRAMES_MAX // 2] + frames[-_FRAMES_MAX // 2:]
    return [
        {
            "line": frame.lineno,
            "function": frame.name,
            "text": lines[frame.lineno - 1].strip()[:_TEXT_CHARACTERS_MAX] if 0 < frame.lineno <= len(lines) else "",
        }
        for frame in frames
    ], frames[-1] if frames else None


def _failure(problem, source, row=None):
    """What is told of an exception."""
    lines = source.splitlines()
    calls, last = _frames(problem, lines)
    name, message, line, column = type(problem).__name__, str(problem), 1, None
    if isinstance(problem, Err):  # a kernel or the state said no
        name, message = "HostError", str(getattr(problem.value, "value", problem.value))
    if last is not None:
        line, column = last.lineno, None if last.colno is None else last.colno + 1
    if isinstance(problem, SyntaxError) and problem.filename == _FILE:
        line, column, message = problem.lineno or 1, problem.offset, problem.msg
    told = {"line": line, "type": name, "message": message[:_MESSAGE_CHARACTERS_MAX], "traceback": calls}
    if column:
        told["column"] = column
    if row is not None:
        told["row"] = row
    return json.dumps(told, ensure_ascii=False)


class Script:
    """The script of this instance."""

    def __init__(self):
        self.source = ""
        self.entries = {}
        self.declared = Declared(_USES, _SIGNALS, [])

    def load(self, text):
        """Compiles and runs the script, and finds its function."""
        settings = json.loads(text)
        self.source = settings["source"]
        lincei.configure(json.dumps(settings.get("config") or {}))
        names = {name: value for name, value in vars(lincei).items() if not name.startswith("_")}
        names.update(__name__=_FILE, lincei=lincei, config=lincei.config)
        given = {name: names.get(name) for name in _ENTRIES}
        exec(compile(self.source, _FILE, "exec", dont_inherit=True), names)
        found = [name for name in _ENTRIES if callable(names.get(name)) and names[name] is not given[name]]
        if len(found) != 1:
            defined = " and ".join(found) if found else "none"
            wanted = "process(record), process_batch(rows) and transform(rows)"
            raise LookupError(f"define one of {wanted}; found {defined}")
        process = names.get("process") if "process" in found else None
        self.entries = {"process": process, "process_batch": None if process else names[found[0]]}
        if callable(names.get("init")):
            names["init"]()

    def guarded(self, function, *arguments, position=None):
        """Calls into the script: what it raises becomes the error of the call."""
        try:
            return function(*arguments)
        except BaseException as problem:
            failure = _failure(problem, self.source, position and position.row)
            problem.with_traceback(None)  # its frames hold handles of the host
        finally:
            sandbox.flush()
        raise Err(failure)


_script = Script()


class WitWorld:
    """What the host calls."""

    def describe(self):
        return _INFO

    def init(self, config):
        lincei.enter_sandbox()
        _script.guarded(_script.load, config)

    def process(self, batch, rows):
        position = lincei.Position()

        def call():
            return work(_script.declared, batch, rows, position, **_script.entries)

        return _script.guarded(call, position=position)

    def snapshot(self):
        return b""

    def restore(self, memory):
        pass
