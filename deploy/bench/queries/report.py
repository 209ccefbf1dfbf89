"""The figures as tables."""
from catalog import QUERIES
from page_questions import QUESTIONS

MS, MIB = 1e3, 2**20


def table(head, rows):
    """Markdown that also reads well on a terminal."""
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def milliseconds(seconds):
    return f"{seconds * MS:.1f}" if seconds < 0.1 else f"{seconds * MS:,.0f}"


def time_of(measured, what="cpu"):
    if measured is None:
        return "–"
    return "failed" if "error" in measured else milliseconds(measured[what])


def differs(result, name):
    return {engine for engine, query, _ in result["findings"] if query == name}


def ratio(result, engine, name, kind="hot", what="cpu"):
    """Lincei's time by a peer's; None where the answers are not equal or one of them is missing."""
    engines = result["engines"]
    if {"lincei", engine} & differs(result, name) or "lincei" not in engines or engine not in engines:
        return None
    ours, theirs = engines["lincei"][kind].get(name), engines[engine][kind].get(name)
    if not ours or not theirs or "error" in ours or "error" in theirs:
        return None
    return ours[what] / theirs[what]


def figure(value):
    return "–" if value is None else f"{value:.2f}"


def queries(result, kind, what):
    """A row a query: each engine's time in ms, then Lincei's by each peer's."""
    engines = result["engines"]
    peers = [name for name in engines if name != "lincei"]
    head = ["query", *engines, *(f"lincei / {peer}" for peer in peers)]
    rows = []
    for name in dict.fromkeys(name for engine in engines.values() for name in engine["hot"]):
        times = [time_of(engine[kind].get(name), what) for engine in engines.values()]
        wrong = differs(result, name)
        times = [f"{time} (differs)" if engine in wrong and time != "failed" else time
                 for time, engine in zip(times, engines)]
        rows.append([name, *times, *(figure(ratio(result, peer, name, kind, what)) for peer in peers)])
    return table(head, rows)


def page(measured):
    """A row a question of the log page."""
    rows = [[name, about, time_of(measured.get(name)), time_of(measured.get(name), "wall")]
            for name, (about, *_) in QUESTIONS.items()]
    return table(["question", "asks for", "hot CPU, ms", "hot wall, ms"], rows)


def sizes(result):
    """A row a figure: each engine's, then Lincei's by each peer's."""
    count, engines = result["rows"], result["engines"]
    peers = [name for name in engines if name != "lincei"]
    figures = {
        "bytes per row": lambda engine: engine["load"]["bytes"] / count,
        "k rows per CPU second, written": lambda engine: count / engine["load"]["insert_cpu"] / 1e3,
        "k rows per CPU second, merged": lambda engine: count / load_cpu(engine["load"]) / 1e3,
        "peak RSS of the queries, MiB": lambda engine: engine["peak_rss"] / MIB,
    }
    rows = []
    for name, figure_of in figures.items():
        found = {engine: figure_of(engines[engine]) for engine in engines}
        ratios = [figure(found["lincei"] / found[peer] if "lincei" in found else None) for peer in peers]
        shown = (f"{value:,.1f}" if value < 1000 else f"{value:,.0f}" for value in found.values())
        rows.append([name, *shown, *ratios])
    return table(["", *engines, *(f"lincei / {peer}" for peer in peers)], rows)


def load_cpu(load):
    return load["insert_cpu"] + load["merge_cpu"]


def text(result):
    parts = [f"{result['rows']:,} rows; hot CPU, ms", queries(result, "hot", "cpu"),
             "hot wall, ms", queries(result, "hot", "wall")]
    if all(engine["cold"] for engine in result["engines"].values()):
        parts += ["cold wall, ms", queries(result, "cold", "wall"), "cold CPU, ms", queries(result, "cold", "cpu")]
    parts += [page(engine["page"]) for engine in result["engines"].values() if "page" in engine]
    parts += ["load", sizes(result)]
    parts += [f"DIFFERS {name} of {engine}: {wrong}" for engine, name, wrong in result["findings"]]
    return "\n\n".join(parts)


def growth_text(growth):
    sizes_by_rows = growth["sizes"]
    head = ["hot CPU, ms", *(f"{int(rows) / 1e6:g} M rows" for rows in sizes_by_rows)]
    names = [name for name in QUERIES if all(name in size["hot"] for size in sizes_by_rows.values())]
    rows = [[name, *(time_of(size["hot"][name]) for size in sizes_by_rows.values())] for name in names]
    rows += [[name, *(time_of(size["page"].get(name)) for size in sizes_by_rows.values())] for name in QUESTIONS
             if all("page" in size for size in sizes_by_rows.values())]
    loads = [(int(rows), size["load"], size["peak_rss"]) for rows, size in sizes_by_rows.items()]
    rows.append(["bytes per row", *(f"{load['bytes'] / count:.1f}" for count, load, _ in loads)])
    rows.append(["k rows per CPU-s, merged",
                 *(f"{count / load_cpu(load) / 1e3:.0f}" for count, load, _ in loads)])
    rows.append(["peak RSS of the queries, MiB", *(f"{rss / MIB:.0f}" for _, _, rss in loads)])
    return table(head, rows)


def metrics(found):
    """Head and rows."""
    head = ["engine", "bytes per sample"]
    return head, [[name, f"{engine['bytes_per_sample']:.2f}"] for name, engine in found.items()]
