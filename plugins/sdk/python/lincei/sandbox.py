"""Makes CPython live without an operating system.

A plugin has no WASI: what CPython would ask of it traps, and a trap throws the instance away. So whatever
would ask is turned away in Python before it does, with an exception that a script can see; time comes from
the host's clock, `print` goes to the plugin's log.

- Files, processes and sockets raise `PermissionError`. This is done by an audit hook, which CPython calls
  before it opens anything: among others before its parser opens the file of a syntax error to quote the line.
- `random` is seeded from the host's clock, in worlds without a clock from a constant: good for sampling and
  jitter, not for secrets. `os.urandom` and `secrets` raise `NotImplementedError`.
- The time zone is UTC.
- JSON within more than 200 arrays and objects raises `RecursionError`: the parser in C would overflow the stack,
  and texts of strangers may not end an instance. For the same reason Python calls nest at most 250 deep, which
  calls through C (`repr`, `sorted(key=…)`) survive on a stack of 512 KiB.
"""

import datetime
import gc
import hashlib
import importlib.machinery
import io
import json
import os
import posix
import random
import re
import sys
import time
import types

_DENIED_EVENTS = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "tempfile.", "ctypes.", "fcntl.", "mmap.", "pty.",
    "resource.", "signal.", "syslog.", "time.sleep",
)

# what of the operating system's module needs no operating system
_HARMLESS = {"fspath", "strerror", "_path_normpath", "_path_splitroot", "_path_splitroot_ex"}

_LINE_BYTES_MAX = 4096
_JSON_DEPTH_MAX = 200
_CALL_DEPTH_MAX = 250
_JSON_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)

_real_datetime = datetime.datetime
_EPOCH = _real_datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_builtin_gmtime, _builtin_strftime, _builtin_asctime = time.gmtime, time.strftime, time.asctime

_builtin_set_recursion_limit = sys.setrecursionlimit

_host = None


class _Host:
    """What the host offers: a clock or None, a log; and how often randomness was asked for."""

    def __init__(self, now, log):
        self.now = now
        self.log = log
        self.seeds = 0


def _now_ns():
    if _host.now is None:
        raise NotImplementedError("plugins of this kind have no clock: the time is in their arguments")
    return _host.now()


def _now_seconds():
    return _now_ns() / 1e9


def _datetime_now(cls, tz=None):
    moment = _EPOCH + datetime.timedelta(microseconds=_now_ns() // 1000)
    moment = moment.replace(tzinfo=None) if tz is None else moment.astimezone(tz)
    return cls.combine(moment.date(), moment.timetz())


def _datetime_utcnow(cls):
    return _datetime_now(cls)


def _date_today(cls):
    today = _datetime_now(_real_datetime)
    return cls(today.year, today.month, today.day)


def _gmtime(seconds=None):
    return _builtin_gmtime(_now_seconds() if seconds is None else seconds)


def _strftime(form, moment=None):
    return _builtin_strftime(form, _gmtime() if moment is None else moment)


def _asctime(moment=None):
    return _builtin_asctime(_gmtime() if moment is None else moment)


def _ctime(seconds=None):
    return _builtin_asctime(_gmtime(seconds))


def _sleep(_seconds):
    raise NotImplementedError("plugins cannot sleep")


def _patch_time():
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        if hasattr(time, name):
            setattr(time, name, _now_seconds)
            setattr(time, name + "_ns", _now_ns)
    time.clock_gettime = lambda _clock: _now_seconds()
    time.clock_gettime_ns = lambda _clock: _now_ns()
    time.get_clock_info = lambda name: types.SimpleNamespace(
        implementation=name, monotonic=name != "time", adjustable=True, resolution=1e-9)
    time.gmtime = time.localtime = _gmtime
    time.strftime, time.asctime, time.ctime, time.sleep = _strftime, _asctime, _ctime, _sleep
    # the types are C's and closed; a subclass in their place would not reach modules that have imported them
    (methods,) = (item for item in gc.get_referents(datetime.datetime.__dict__) if isinstance(item, dict))
    methods["now"], methods["utcnow"] = classmethod(_datetime_now), classmethod(_datetime_utcnow)
    (methods,) = (item for item in gc.get_referents(datetime.date.__dict__) if isinstance(item, dict))
    methods["today"] = classmethod(_date_today)


def _seed():
    """A number that differs from call to call, and from instance to instance as far as their clocks do."""
    _host.seeds += 1
    now = 0 if _host.now is None else _host.now()
    return int.from_bytes(hashlib.sha256(f"{now} {_host.seeds}".encode()).digest(), "little")


def _no_entropy(*_arguments):
    raise NotImplementedError("plugins have no source of secure random numbers")


def _patch_random():
    builtin = random.Random.__mro__[1]
    seed_with = random.Random.seed

    def new(cls, *_arguments, **_named):
        return builtin.__new__(cls, 0)  # without a seed it would ask for entropy

    def seed(self, a=None, version=2):
        seed_with(self, _seed() if a is None else a, version)

    random.Random.__new__ = new
    random.Random.seed = seed
    random.seed = random._inst.seed
    random._urandom = _no_entropy
    random.seed()
    uuid = sys.modules.get("uuid")
    if uuid:
        uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
        uuid.uuid1 = uuid.uuid6 = uuid.uuid7 = _no_entropy


def _json_depth(text):
    depth = deepest = 0
    for match in _JSON_NESTING.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _set_recursion_limit(limit):
    if limit > _CALL_DEPTH_MAX:
        raise ValueError(f"calls nest at most {_CALL_DEPTH_MAX} deep in a plugin")
    _builtin_set_recursion_limit(limit)


def _patch_json():
    raw_decode = json.JSONDecoder.raw_decode

    def guarded(self, s, idx=0):
        if s.count("[") + s.count("{") > _JSON_DEPTH_MAX and _json_depth(s) > _JSON_DEPTH_MAX:
            raise RecursionError(f"JSON within more than {_JSON_DEPTH_MAX} arrays and objects")
        return raw_decode(self, s, idx)

    json.JSONDecoder.raw_decode = guarded
    loads, scan, whole = json.loads, json.JSONDecoder().scan_once, json.JSONDecoder().decode

    def quick(s, **named):
        # a text without spaces around it and without wishes: straight to the parser in C
        if not named and type(s) is str and s.count("[") + s.count("{") <= _JSON_DEPTH_MAX:
            try:
                value, end = scan(s, 0)
            except StopIteration:
                return whole(s)
            return value if end == len(s) else whole(s)
        return loads(s, **named)

    json.loads = quick


def _audit(event, _arguments):
    if event.startswith(_DENIED_EVENTS):
        raise PermissionError(f"plugins have no files, processes or network ({event})")


def _denied(name):
    def denied(*_arguments, **_named):
        raise PermissionError(f"plugins have no operating system (os.{name})")

    denied.__name__ = name
    return denied


def _patch_os():
    os.environ.clear()
    for name, function in list(vars(posix).items()):
        if type(function).__name__ == "builtin_function_or_method" and name not in _HARMLESS:
            for module in (posix, os):
                if getattr(module, name, None) is function:
                    setattr(module, name, _denied(name))
    for module in (posix, os):
        module.urandom = _no_entropy
        module.getpid = lambda: 1
        module.cpu_count = lambda: 1
        module.getcwd = lambda: "/"


class _Missing:
    """The last finder: it says why a module cannot be there."""

    @staticmethod
    def find_spec(name, _path=None, _target=None):
        message = f"module {name!r} is not in this plugin: it has what was there when it was built"
        raise ModuleNotFoundError(message, name=name)


def _patch_import():
    sys.path.clear()
    sys.path_hooks.clear()
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, _Missing]


class _LogStream(io.TextIOBase):
    """Standard output and error: each line becomes a line of the plugin's log."""

    def __init__(self, level):
        self._level = level
        self._line = ""

    def writable(self):
        return True

    def write(self, text):
        lines = (self._line + text).split("\n")
        self._line = lines.pop()
        for line in lines:
            _host.log(self._level, line)
        if len(self._line) > _LINE_BYTES_MAX:
            self.flush()
        return len(text)

    def flush(self):
        if self._line:
            line, self._line = self._line, ""
            _host.log(self._level, line)


def enter(now, log):
    """Leaves the operating system for good; called once, when everything is imported.

    `now()` gives ns since the Unix epoch, or is None in worlds without a clock; `log(level, text)` takes
    a line with one of the levels `info` and `warn`.
    """
    global _host
    if _host is not None:
        return
    _host = _Host(now, log)
    sys.stdin = sys.__stdin__ = io.StringIO()
    sys.stdout = sys.__stdout__ = _LogStream("info")
    sys.stderr = sys.__stderr__ = _LogStream("warn")
    _patch_time()
    _patch_random()
    _patch_json()
    _patch_os()
    _patch_import()
    sys.setrecursionlimit(_CALL_DEPTH_MAX)
    sys.setrecursionlimit = _set_recursion_limit
    sys.addaudithook(_audit)


def flush():
    """Writes what is left of the last line; at the end of a call."""
    if _host is not None:
        sys.stdout.flush()
        sys.stderr.flush()
