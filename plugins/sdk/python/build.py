"""Builds a plugin in Python:

    python build.py --world operator --wit wit --app app --output plugin.wasm

needs componentize-py 0.25.1 in the environment of this Python. The component imports the world and nothing
else: all of WASI is replaced by traps, which `lincei.sandbox` keeps scripts from running into.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# componentize-py links what a world exports with the C library, which has a function `send` of its own: the
# notifier is built with another name of the same length, which is then put right in the component
_EXPORTED, _STAND_IN = b"send", b"post"
_EXPORT_SECTION = 11


def _read_u32(data, at):
    """An unsigned LEB128 number and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def rename_export(component, name, new_name):
    """Renames an export of a component to a name of the same length.

    A component is a preamble of 8 bytes and sections of an id, a size and a content; an export starts with 0x00
    or 0x01 and its name, a length and bytes (component model, "Binary Format", "Export Definitions").
    """
    assert len(name) == len(new_name)
    old, new = bytes([0, len(name)]) + name, bytes([0, len(new_name)]) + new_name
    result, found, at = bytearray(component), 0, 8
    while at < len(component):
        section = component[at]
        size, start = _read_u32(component, at + 1)
        at = start + size
        if section == _EXPORT_SECTION and old in component[start:at]:
            found += component.count(old, start, at)
            result[start:at] = component[start:at].replace(old, new)
    if found != 1:
        raise ValueError(f"the component exports {name.decode()} {found} times")
    return bytes(result)


def build(world, wit, app, paths, output):
    """Builds one plugin."""
    with tempfile.TemporaryDirectory(prefix="lincei-") as folder:
        folder = pathlib.Path(folder)
        shutil.copytree(wit, folder / "wit")
        if world == "notifier":
            file = folder / "wit" / "notifier.wit"
            file.write_text(file.read_text().replace("export send:", "export post:"))
        built = folder / "plugin.wasm"
        tool = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
        arguments = ["-d", str(folder / "wit"), "-w", world, "componentize", "--stub-wasi"]
        for path in paths:
            arguments += ["-p", path]
        # componentize-py looks for packages, as tzdata, in the environment that this variable names
        environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([*tool, *arguments, app, "-o", str(built)], check=True, env=environment)
        component = built.read_bytes()
        if world == "notifier":
            component = rename_export(component, _STAND_IN, _EXPORTED)
        pathlib.Path(output).write_bytes(component)


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="builds a plugin in Python")
    parser.add_argument("--world", required=True, choices=("operator", "function", "rule", "notifier", "escalation"))
    parser.add_argument("--wit", default="wit", help="folder of the plugin interface")
    parser.add_argument("--app", default="app", help="name of the module that defines WitWorld")
    parser.add_argument("--path", action="append", default=[], help="folders of modules; the current one if none")
    parser.add_argument("--output", default="plugin.wasm")
    given = parser.parse_args()
    build(given.world, given.wit, given.app, given.path or ["."], given.output)


if __name__ == "__main__":
    main()
