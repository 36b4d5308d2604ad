#!/usr/bin/env python3
"""Writes results.md and results.svg out of results.json. Usage: report.py FOLDER"""

import json
import statistics
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "benchmarks"  # The same results give the same file.
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.pyplot as plt

import comparison

NAMES = {
    "floor": "empty handler",
    "validate": "Validate",
    "batch": "BatchValidate of 100",
    "bare_insert": "bare synced insert",
    "mint": "Mint",
    "single_use_mint": "Mint with a single-use id",
    "xrpc_mint": "XRPC mint",
    "robots": "GET /robots.txt",
    "verify_jwt": "check of a JWT (ES256)",
    "validate_alone": "Validate, nobody writes",
    "validate_beside": "Validate, 64 writers mint",
}


def spread(ratio):
    return f"{min(ratio.values):.2f} | **{ratio.median:.2f}** | {max(ratio.values):.2f}"


def ratio_table(ratios):
    lines = ["| comparison of rates | aim | min | median | max | |", "|---|---|---|---|---|---|"]
    for ratio in ratios:
        lines.append(f"| {ratio.name} | ≥ {ratio.aim:g} | {spread(ratio)} | {'met' if ratio.met else 'not met'} |")
    return lines


def plain_table(title, ratios):
    lines = [f"| {title} | min | median | max |", "|---|---|---|---|"]
    return lines + [f"| {ratio.name} | {spread(ratio)} |" for ratio in ratios]


def load_table(results):
    lines = [
        "| load | in flight | calls/s | server CPU µs/call | load's own CPU µs/call | p50 µs | p99 µs |",
        "|---|---|---|---|---|---|---|",
    ]
    for key in sorted(results.keys(), key=lambda key: (list(NAMES).index(key[0]), key[1])):
        name, in_flight = key
        middle = [
            statistics.median(values)
            for values in (
                results.rates(*key),
                results.cpu_us(*key),
                results.client_cpu_us(*key),
                results.values("p50_us", *key),
                results.values("p99_us", *key),
            )
        ]
        # These two are server and load in one process.
        own = "–" if name in ("bare_insert", "verify_jwt") else f"{middle[2]:.1f}"
        lines.append(
            f"| {NAMES[name]} | {in_flight} | {middle[0]:,.0f} | {middle[1]:.1f} | {own} | {middle[3]:,.0f} | {middle[4]:,.0f} |"
        )
    return lines


def write_text(document, results, folder):
    ratios = comparison.ratios(results)
    met = sum(ratio.met for ratio in ratios)
    lines = [
        "# Results",
        "",
        f"Made by `{document['command']}`; what is compared and how is in [README.md](README.md). Do not edit: the next run",
        "writes it again.",
        "",
        f"**{met} of {len(ratios)} aims met**, by the median over the rounds.",
        "",
        *ratio_table(ratios),
        "",
        *plain_table("the same by server CPU per call", comparison.cpu_ratios(results)),
        "",
        *plain_table("writes holding up reads", comparison.beside_writers(results)),
        "",
        "![measured against aims, and processor time](results.svg)",
        "",
        "## Each load by itself",
        "",
        "Medians over the rounds.",
        "",
        *load_table(results),
        "",
        "## Machine",
        "",
        "| | |",
        "|---|---|",
        *(f"| {what} | {value} |" for what, value in document["about"].items()),
        "",
    ]
    with open(f"{folder}/results.md", "w") as out:
        out.write("\n".join(lines))


def plot_ratios(axes, ratios):
    for row, ratio in enumerate(reversed(ratios)):
        parts = [value / ratio.aim for value in ratio.values]
        colour = "tab:green" if ratio.met else "tab:red"
        axes.plot([min(parts), max(parts)], [row, row], color=colour, linewidth=2)
        axes.plot([ratio.median / ratio.aim], [row], marker="o", color=colour)
    axes.set_yticks(range(len(ratios)), [ratio.name for ratio in reversed(ratios)])
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(left=0)
    axes.set_xlabel("measured ÷ aim: median and range over the rounds; right of the line the aim is met")


def plot_cpu(axes, results):
    keys = [
        *(("floor", n) for n in results.in_flight("floor")),
        *(("validate", n) for n in results.in_flight("validate")),
        *(("bare_insert", n) for n in results.in_flight("bare_insert")),
        *(("mint", n) for n in results.in_flight("mint")),
        *(("robots", n) for n in results.in_flight("robots")),
        ("verify_jwt", 1),
        *(("xrpc_mint", n) for n in results.in_flight("xrpc_mint")),
    ]
    keys.reverse()
    axes.barh(range(len(keys)), [statistics.median(results.cpu_us(*key)) for key in keys], color="tab:blue")
    axes.set_yticks(range(len(keys)), [f"{NAMES[name]}, {n} in flight" for name, n in keys])
    axes.set_xlabel("server CPU per call, µs (median over the rounds)")


def write_plot(results, folder):
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 9), layout="constrained")
    plot_ratios(above, comparison.ratios(results))
    plot_cpu(below, results)
    figure.savefig(f"{folder}/results.svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def write(document, folder):
    results = comparison.Results(document["results"], document["batch"])
    write_text(document, results, folder)
    write_plot(results, folder)


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/results.json") as source:
        write(json.load(source), sys.argv[1])
