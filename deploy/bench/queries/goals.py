"""The goals, and how far they are met."""
import pathlib
import tomllib

import report

GOALS = pathlib.Path(__file__).with_name("goals.toml")


class Figures:
    """Everything that the benchmarks have found; parts may be missing."""

    def __init__(self, queries, ingest, metrics):
        self.queries, self.ingest, self.metrics = queries, ingest, metrics
        self.engines = queries.get("engines", {})

    def of(self, measure):
        """The worst value of a measure and the query that has it, or None where it is missing."""
        if "ratio" in measure:
            what, peer = measure["ratio"].split(" / ")
            found = [(self.ratio(name, peer), name) for name in what.split()]
            if any(value is None for value, _ in found):
                return None
            return max(found) if "most" in measure else min(found)
        if "stage" in measure:
            value = self.ingest.get(measure["stage"])
        elif "rate" in measure:
            value = self.ingest.get(measure["rate"]) and 1e6 / self.ingest[measure["rate"]]
        else:
            value = self.value(measure["value"])
        return None if value is None else (value, "")

    def ratio(self, name, peer):
        if name == "sample":
            ours, theirs = (self.metrics.get(engine, {}).get("bytes_per_sample") for engine in ("lincei", peer))
            return ours / theirs if ours and theirs else None
        if "lincei" not in self.engines or peer not in self.engines:
            return None
        figure = {"bytes": self.bytes, "load": self.load, "memory": lambda engine: engine["peak_rss"]}.get(name)
        if figure:
            return figure(self.engines["lincei"]) / figure(self.engines[peer])
        return report.ratio(self.queries, peer, name)

    def value(self, name):
        if name == "decode":
            ours, theirs = (self.ingest.get(f"decode: {how}") for how in ("wire to Arrow", "prost, then Arrow"))
            return ours / theirs if ours and theirs else None
        return self.engines.get("lincei", {}).get("load", {}).get(name)

    @staticmethod
    def bytes(engine):
        return engine["load"]["bytes"]

    @staticmethod
    def load(engine):
        """Rows per CPU second; the number of rows is the same for all."""
        return 1 / report.load_cpu(engine["load"])


def is_met(measure, found):
    return found[0] <= measure["most"] if "most" in measure else found[0] >= measure["least"]


def name_of(measure):
    """What follows the number; the row says what it is about."""
    if "ratio" in measure:
        return "× " + measure["ratio"].split(" / ")[1]
    if "rate" in measure:
        return measure["rate"].split(", ")[1]
    return {"stage": "ns"}.get(next(iter(measure)), "×")


def shown(value):
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def rows(figures):
    """For each goal: text, the goal, what was measured, whether it is met, and why not."""
    goals = tomllib.loads(GOALS.read_text())["goal"]
    return [row(goal, figures) for goal in goals]


def row(goal, figures):
    wanted, measured, met = [], [], []
    for measure in goal["measures"]:
        sign, limit = ("≤", measure["most"]) if "most" in measure else ("≥", measure["least"])
        wanted.append(f"{sign} {limit:g} {name_of(measure)}".strip())
        found = figures.of(measure)
        if found is None:
            measured.append("not measured")
            continue
        met.append(is_met(measure, found))
        worst = f" ({found[1]})" if " " in measure.get("ratio", "").split(" / ")[0] else ""
        measured.append(shown(found[0]) + worst)
    if goal.get("stretch"):
        wanted.append(f"(stretch {goal['stretch']})")
    missing = len(met) < len(goal["measures"])
    verdict = "no" if not all(met) else "not measured" if not met else "in part" if missing else "yes"
    return [goal["about"], "; ".join(wanted).replace("; (", " ("), "; ".join(measured), verdict, goal["reason"]]
