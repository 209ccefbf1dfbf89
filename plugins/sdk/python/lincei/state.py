"""Keys and values that outlive the instance, for operators and notifiers."""

from wit_world.imports import state as _state


class State:
    """`state["k"] = b"…"`; texts are kept as UTF-8, and read as bytes."""

    def get(self, key, default=None):
        """The bytes under a key."""
        value = _state.get(key)
        return default if value is None else value

    def __getitem__(self, key):
        value = _state.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        _state.set(key, value.encode() if isinstance(value, str) else bytes(value))

    def __delitem__(self, key):
        if not _state.delete(key):
            raise KeyError(key)

    def __contains__(self, key):
        return _state.get(key) is not None

    def add(self, key, by=1):
        """Adds to the number under a key, and gives the sum."""
        return _state.add(key, by)


state = State()
