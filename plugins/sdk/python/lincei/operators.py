"""Operators: what a plugin says of itself, and how a call of the host reaches the author's function."""

from wit_world.imports import columns
from wit_world.imports import operators as wit

from .expressions import Rows
from .records import Declared, Table, column_uses, run

_SIGNALS = {"logs": columns.Signal.LOGS, "spans": columns.Signal.SPANS, "metrics": columns.Signal.METRICS}


def work(declared, batch, frame, position, process=None, process_batch=None):
    """One call: by record, or with all rows at once. Gives the delta."""
    if process is not None:
        table = Table(declared, batch, frame)
        run(process, table, position)
        return table.delta()
    if declared.rows is None:
        declared.rows = Rows(declared)
    rows = declared.rows
    rows._begin(batch, frame)
    try:
        process_batch(rows)
        rows._finish()
    finally:
        rows._end()
    return wit.Delta(None, [], [], None)


def operator(
    name, description="", version="0.1.0", signals=("logs",), reads=(), writes=(), changes=(),
    process=None, process_batch=None, transform=None, init=None, routes=(), batch_hint=0,
    snapshot=None, restore=None,
):
    """An operator. Give one of `process`, `process_batch` and `transform`.

    `reads`, `writes` and `changes` (both) are dicts of a column's path to `str`, `int`, `float`, `bool` or
    `dict`. `init()` is called after `lincei.config` is set. `snapshot()` gives, and `restore(memory)` takes,
    the bytes that a next instance starts with; without them there may be several instances.
    """
    import lincei

    functions = [function for function in (process, process_batch, transform) if function is not None]
    if len(functions) != 1:
        raise TypeError("an operator has one of process, process_batch and transform")
    uses = column_uses(dict(reads), dict(writes), dict(changes))
    memory = wit.Memory.NONE if snapshot is None else wit.Memory.INSTANCE
    info = wit.Info(
        name, version, description, [_SIGNALS[signal] for signal in signals], uses, batch_hint, memory, list(routes),
    )
    declared = Declared(uses, list(signals), routes)

    class WitWorld:
        """What the host calls."""

        def describe(self):
            return info

        def init(self, config):
            def start():
                lincei.configure(config)
                if init is not None:
                    init()

            lincei.guarded(start)

        def process(self, batch, rows):
            position = lincei.Position()
            return lincei.guarded(
                work, declared, batch, rows, position, process, process_batch or transform, position=position)

        def snapshot(self):
            return b"" if snapshot is None else bytes(lincei.guarded(snapshot))

        def restore(self, memory):
            if restore is not None:
                lincei.guarded(restore, memory)

    return WitWorld
