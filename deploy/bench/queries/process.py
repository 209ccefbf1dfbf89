"""What a process has used: CPU time, memory, bytes on disk."""
import contextlib
import os
import pathlib
import platform
import sys
import time


def say(*parts):
    print(*parts, file=sys.stderr, flush=True)


def cpu_seconds(pid):
    """User and system time of all threads of another process, those that have ended included."""
    # the clock's number as clock_getcpuclockid(3) makes it
    return time.clock_gettime((~pid << 3) | 2)


def peak_rss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def files_below(folder, leave_out=()):
    return [path for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and not set(path.relative_to(folder).parts[:1]) & set(leave_out)]


def bytes_of(files):
    return sum(path.stat().st_size for path in files)


def forget(files):
    """Takes the files out of the page cache; what is not yet on disk would stay."""
    for path in files:
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def machine():
    cpu = platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": round(memory),
            "system": f"{platform.system()} {platform.release().split('-')[0]}", "python": platform.python_version()}
