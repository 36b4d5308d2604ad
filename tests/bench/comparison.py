"""From what the loads measured to the ratios that the aims speak of."""

import dataclasses
import statistics

UNARY_BESIDE_BATCH = 16  # Calls in flight of the Validate that batches are compared with.


@dataclasses.dataclass
class Ratio:
    """One number per round; `aim` is None where there is none."""

    name: str
    aim: float | None
    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def met(self):
        return self.median >= self.aim


class Results:
    """What was measured, by name and number in flight, one entry per round."""

    def __init__(self, results, batch):
        self.batch_size = batch
        self._runs = {}
        for result in results:
            self._runs.setdefault((result["name"], result["in_flight"]), []).append(result)
        for runs in self._runs.values():
            runs.sort(key=lambda run: run["round"])

    def keys(self):
        return list(self._runs)

    def rates(self, *key):
        return [run["calls"] / run["seconds"] for run in self._runs[key]]

    def cpu_us(self, *key):
        return [sum(run["server_cpu_seconds"]) / run["calls"] * 1e6 for run in self._runs[key]]

    def client_cpu_us(self, *key):
        return [run["own_cpu_seconds"] / run["calls"] * 1e6 for run in self._runs[key]]

    def values(self, field, *key):
        return [run[field] for run in self._runs[key]]

    def in_flight(self, name):
        return sorted(number for each, number in self._runs if each == name)


def _divide(above, below):
    return [a / b for a, b in zip(above, below)]


def _writers(n):
    return f"{n} writer" if n == 1 else f"{n} writers"


def _parts_us(results, n, of):
    """Per round, what one XRPC mint should cost by its parts: `of` gives the µs of one call of a load."""
    parts = zip(of("single_use_mint", n), of("robots", n), of("verify_jwt", 1))
    return [sum(each) for each in parts]


def ratios(results):
    """The ratios that have an aim."""
    found = []
    for n in results.in_flight("validate"):
        found.append(
            Ratio(f"Validate ÷ empty handler, {n} in flight", 0.95, _divide(results.rates("validate", n), results.rates("floor", n)))
        )
    unary = results.cpu_us("validate", UNARY_BESIDE_BATCH)
    batch = [cost / results.batch_size for cost in results.cpu_us("batch", results.in_flight("batch")[0])]
    found.append(Ratio(f"tokens per CPU-second, BatchValidate of {results.batch_size} ÷ Validate", 30, _divide(unary, batch)))
    for n in results.in_flight("mint"):
        found.append(
            Ratio(f"Mint ÷ bare synced insert, {_writers(n)}", 0.9, _divide(results.rates("mint", n), results.rates("bare_insert", n)))
        )
    for n in results.in_flight("xrpc_mint"):
        parts = _parts_us(results, n, lambda *key: [1e6 / rate for rate in results.rates(*key)])
        whole = [1e6 / rate for rate in results.rates("xrpc_mint", n)]
        found.append(Ratio(f"XRPC mint ÷ sum of its parts, {n} in flight", 0.8, _divide(parts, whole)))
    return found


def cpu_ratios(results):
    """The same by the processor time of the servers, which a load that is slower than the server cannot flatter."""
    found = []
    for n in results.in_flight("validate"):
        found.append(
            Ratio(f"empty handler ÷ Validate, {n} in flight", None, _divide(results.cpu_us("floor", n), results.cpu_us("validate", n)))
        )
    for n in results.in_flight("mint"):
        found.append(
            Ratio(f"bare synced insert ÷ Mint, {_writers(n)}", None, _divide(results.cpu_us("bare_insert", n), results.cpu_us("mint", n)))
        )
    for n in results.in_flight("xrpc_mint"):
        parts = _parts_us(results, n, results.cpu_us)
        client = results.client_cpu_us("single_use_mint", n)  # In the shim it is part of the server.
        whole = results.cpu_us("xrpc_mint", n)
        found.append(
            Ratio(f"sum of its parts ÷ XRPC mint, {n} in flight", None, _divide([a + b for a, b in zip(parts, client)], whole))
        )
    return found


def beside_writers(results):
    """Latency of one validating caller beside writers, as a multiple of what it is without them."""
    return [
        Ratio(
            f"{field[:3]} of Validate beside 64 writers ÷ without",
            None,
            _divide(results.values(field, "validate_beside", 1), results.values(field, "validate_alone", 1)),
        )
        for field in ("p50_us", "p99_us")
    ]
