"""The tables, the tracked numbers, and the places in the documents where they stand."""
import os
import pathlib
import platform
import re
import statistics
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KPIS = ROOT / "bench" / "kpis.toml"
BASE = "nginx"


def machine(note):
    """The machine in a sentence, without its name."""
    cpu = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    name = pathlib.Path("/etc/os-release").read_text().split('PRETTY_NAME="', 1)[-1].split('"', 1)[0]
    return {"text": f"{os.cpu_count()} cores of {cpu}, {name}, Linux {platform.release().split('-')[0]}", "note": note}


def median(rounds, name, key):
    values = rounds.get(name, {}).get(key)
    return statistics.median(values) if values else None


def ratio(rounds, name, key, base):
    """Median of the ratios within one round: both met the same machine. None if either was not measured."""
    mine, others = rounds.get(name, {}).get(key), rounds.get(base, {}).get(key)
    if not mine or not others:
        return None
    return statistics.median(a / b for a, b in zip(mine, others))


def spread(values):
    """Half the range, in percent of the median."""
    return 50 * (max(values) - min(values)) / statistics.median(values)


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cost_cell(out, name, load):
    key = f"cpu_us/{load}"
    values = out["rounds"].get(name, {}).get(key)
    if not values:
        return "wrong" if load in out["wrong"].get(name, {}) else ""
    times = ratio(out["rounds"], name, key, BASE)
    text = f"{number(statistics.median(values))}"
    return text if times is None or name == BASE else f"{text} ({times:.2f})"


def cost_table(out):
    names = [name for name in out["titles"] if name in out["rounds"]]
    lines = ["| µs of processor for a request (ratio to nginx) | " + " | ".join(out["workloads"].values()) + " |",
             "|---" + "|---:" * len(out["workloads"]) + "|"]
    for name in names:
        lines.append(f"| {out['titles'][name][0]} | " + " | ".join(cost_cell(out, name, load) for load in out["workloads"]) + " |")
    spreads = [spread(values) for name in names for key, values in out["rounds"][name].items() if key.startswith("cpu_us/") and len(values) > 1]
    if spreads:
        lines.append(f"\nSpread of the rounds (half the range): {statistics.median(spreads):.0f} % in the middle, {max(spreads):.0f} % at worst.")
    return "\n".join(lines)


OTHER_COLUMNS = [("p50_us", "p50, µs"), ("p99_us", "p99, µs"), ("first_byte_us", "first byte, µs"), ("syscalls/search_16k", "system calls, 16 kB"),
                 ("syscalls/terms_262k", "262 kB"), ("mib/search_16k", "MiB after 16 kB"), ("own_mib/search_16k", "without files"),
                 ("mib/mixed_2m", "after 4 x 2 MB"), ("own_mib/mixed_2m", "without files"), ("mib/idle_1000", "1,000 idle add"), ("rps/search_16k", "requests/s, 16 kB")]


def other_table(out):
    columns = [(key, title) for key, title in OTHER_COLUMNS if any(key in rows for rows in out["rounds"].values())]
    lines = ["| | " + " | ".join(title for _, title in columns) + " |", "|---" + "|---:" * len(columns) + "|"]
    for name, (title, _) in out["titles"].items():
        if name in out["rounds"]:
            lines.append(f"| {title} | " + " | ".join(number(median(out["rounds"], name, key)) for key, _ in columns) + " |")
    return "\n".join(lines)


def notes(out):
    lines = [f"Not measured, {name}: {' '.join(why.split())[:300]}" for name, why in out["missing"].items()]
    lines += [f"Not measured, {name} with {load}: {' '.join(why.split())[:300]}" for name, rows in out["wrong"].items() for load, why in rows.items()]
    for name, rows in out["calls"].items():
        if name == "weir":
            lines += [f"System calls of Weir, {load}: " + ", ".join(f"{call} {count:.1f}" for call, count in sorted(calls.items(), key=lambda row: -row[1])
                                                                    if count >= 0.05) for load, calls in rows.items()]
    return "\n".join(f"- {line}" for line in lines)


def tables(out):
    return "\n".join(("", cost_table(out), "", other_table(out), "", notes(out), ""))


def tracked():
    return [kpi for kpi in tomllib.loads(KPIS.read_text())["kpi"] if "e2e" in kpi]


def value_of(out, kpi):
    """The number a row of kpis.toml names; with `*` the worst of all it fits. None if it was not measured."""
    rounds = out["rounds"]
    pattern = re.compile(re.escape(kpi["e2e"]).replace(r"\*", ".*"))
    keys = [key for key in rounds.get("weir", {}) if pattern.fullmatch(key)]
    if "beside" in kpi:
        values = [ratio(rounds, "weir", key, kpi["beside"]) for key in keys]
    else:
        values = [median(rounds, "weir", key) for key in keys]
    values = [value for value in values if value is not None]
    return (min if kpi.get("at_least") else max)(values) if values else None


def judge(kpi, value):
    """"ok" (as good as aimed at), "limit kept", "missed"."""
    def within(limit):
        return value >= limit if kpi.get("at_least") else value <= limit
    if "aim" in kpi and within(kpi["aim"]):
        return "ok, as aimed"
    return "ok" if within(kpi["limit"]) else "missed"


def comparison(out):
    """Rows of (name, value, must, aim, verdict) of what was measured."""
    rows = []
    for kpi in tracked():
        value = value_of(out, kpi)
        sign = "≥" if kpi.get("at_least") else "≤"
        aim = f"{sign} {kpi['aim']:g}" if "aim" in kpi else ""
        if value is not None:
            rows.append((kpi["name"], f"{value:.2f}", f"{sign} {kpi['limit']:g}", aim, judge(kpi, value)))
        elif not out["quick"]:
            rows.append((kpi["name"], "not measured", f"{sign} {kpi['limit']:g}", aim, ""))
    return rows


def compare(out):
    """The tracked numbers as a table, and how many are missed."""
    rows = comparison(out)
    if not rows:
        return "", 0
    lines = ["| tracked number | measured | must | aim | |", "|---|---:|---:|---:|---|"] + ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n", sum(row[-1] == "missed" for row in rows)


def replace_between(path, mark, text):
    whole = path.read_text()
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    if begin not in whole or end not in whole:
        raise SystemExit(f"error: {path.name} has no {begin} … {end}")
    path.write_text(whole.split(begin)[0] + begin + "\n" + text.strip() + "\n" + end + whole.split(end, 1)[1])


def write_readmes(out):
    where = f"Measured on {out['date']}: {out['machine']['text']}. {out['machine']['note']}".strip()
    replace_between(ROOT / "README.md", "e2e", f"{where}\n\n{cost_table(out)}")
    text, _ = compare(out)
    replace_between(ROOT / "bench" / "README.md", "e2e", "\n\n".join((where, cost_table(out), other_table(out), text, notes(out))))
