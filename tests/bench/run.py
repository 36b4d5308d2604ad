#!/usr/bin/env python3
"""Measures both programs against what they stand on. Run by scripts/bench, from the root of the repository.

Each comparison is of two loads that follow each other at once; all comparisons make a round; rounds are repeated, every
other one in the opposite order, so that a machine that grows slower or faster wrongs neither side.
"""

import argparse
import contextlib
import itertools
import json
import os
import secrets
import shutil
import time

import machine
import programs
import report
from comparison import UNARY_BESIDE_BATCH

IN_FLIGHT = (1, 16, 128)
WRITERS = (1, 16, 64)
XRPC_IN_FLIGHT = (1, 16)
BATCH = 100
BATCHES_IN_FLIGHT = 4
SHIM_ACCOUNTS = 0x10_0000_0000  # Numbers of accounts that have DID documents,
PAIR_ACCOUNTS = 0x20_0000_0000  # that are minted for beside them,
MINT_ACCOUNTS = 0x30_0000_0000  # and of all others.
JWTS_PER_SECOND = {1: 2000, 16: 7000}  # More than will be used, for none can be used twice.
QUICK = {"rounds": 2, "seconds": 0.5, "tokens": 50_000, "out": "build/bench/quick"}


def say(text):
    print(f"bench: {text}", flush=True)


def filled_store(data, tokens):
    """The folder with a store of so many tokens and their texts; made once."""
    folder = f"{data}/filled-{tokens}"
    if not os.path.isdir(folder):
        say(f"making a store of {tokens} tokens")
        unfinished = f"{folder}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        programs.fill_store(f"{unfinished}/store", f"{unfinished}/texts", tokens)
        os.rename(unfinished, folder)
    return folder


class Bench:
    """The servers, and one method for each load. A load's result is noted under its name."""

    def __init__(self, options, stack):
        self.seconds = options.seconds
        self.results = []
        self.round = 0
        filled = filled_store(options.data, options.tokens)
        self.texts = f"{filled}/texts"
        run = f"{options.data}/run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(f"{filled}/store", f"{run}/store")
        stack.callback(shutil.rmtree, run, ignore_errors=True)
        self.bare_directory = f"{run}/bare"
        self.viewers = {
            "documents": f"{run}/did_documents",
            "key": "00" + secrets.token_hex(31),  # Below the order of the curve.
            "audience": programs.AUDIENCE,
            "first_account": SHIM_ACCOUNTS,
        }
        programs.run_load("bench_xrpc_load", call="documents", **self.viewers)
        self.floor_server = self._serve(stack, programs.floor_server())
        self.tokens = self._serve(stack, programs.token_service(f"{run}/store"))
        self.shim = self._serve(stack, programs.xrpc_shim(self.tokens.address, self.viewers["documents"]))
        self.port = self.shim.address.rsplit(":", 1)[1]
        self.mint_accounts = itertools.count(MINT_ACCOUNTS, 1 << 20)
        self._warm()

    @staticmethod
    def _serve(stack, server):
        stack.callback(server.stop)
        return server

    def _warm(self):
        say("reading all tokens, and one mint for each account of the shim")
        self._grpc(self.tokens, "batch", 8, batch=1000, seconds=max(1, 3 * self.seconds))
        programs.run_load("bench_xrpc_load", call="warm", port=self.port, seconds=120, warm_up=0, **self.viewers)

    def _note(self, name, in_flight, result):
        self.results.append({"round": self.round, "name": name, "in_flight": in_flight, **result})
        cpu = sum(result["server_cpu_seconds"]) / result["calls"] * 1e6
        say(
            f"round {self.round + 1}: {name:<20}{in_flight:>4} in flight {result['calls'] / result['seconds']:>9.0f}/s"
            f"   p50 {result['p50_us']:>8.0f} µs   p99 {result['p99_us']:>8.0f} µs   server {cpu:>7.1f} µs CPU"
        )

    def _start_grpc(self, server, call, in_flight, **flags):
        flags = {"seconds": self.seconds, "texts": self.texts, **flags}
        return programs.start_load(
            "bench_grpc_load", target=server.address, call=call, in_flight=in_flight, servers=[server], **flags
        )

    def _grpc(self, server, call, in_flight, **flags):
        return programs.finish_load(self._start_grpc(server, call, in_flight, **flags))

    def _xrpc(self, call, in_flight, servers, **flags):
        flags = {**self.viewers, "seconds": self.seconds, "port": self.port, **flags}
        return programs.run_load("bench_xrpc_load", call=call, in_flight=in_flight, servers=servers, **flags)

    def floor(self, in_flight):
        self._note("floor", in_flight, self._grpc(self.floor_server, "floor", in_flight))

    def validate(self, in_flight):
        self._note("validate", in_flight, self._grpc(self.tokens, "validate", in_flight))

    def batch(self, in_flight):
        self._note("batch", in_flight, self._grpc(self.tokens, "batch", in_flight, batch=BATCH))

    def bare_insert(self, threads):
        result = programs.run_load(
            "bench_bare_insert",
            cpu=programs.SERVER_CPU,
            directory=self.bare_directory,
            threads=threads,
            seconds=self.seconds,
        )
        self._note("bare_insert", threads, {**result, "server_cpu_seconds": [result["own_cpu_seconds"]]})

    def mint(self, in_flight):
        result = self._grpc(self.tokens, "mint", in_flight, first_account=next(self.mint_accounts))
        self._note("mint", in_flight, result)

    def single_use_mint(self, in_flight):
        result = self._grpc(self.tokens, "single_use_mint", in_flight, first_account=PAIR_ACCOUNTS)
        self._note("single_use_mint", in_flight, result)

    def xrpc_mint(self, in_flight):
        jwts = int(JWTS_PER_SECOND[in_flight] * (self.seconds + 0.5))
        self._note("xrpc_mint", in_flight, self._xrpc("mint", in_flight, [self.shim, self.tokens], jwts=jwts))

    def robots(self, in_flight):
        self._note("robots", in_flight, self._xrpc("robots", in_flight, [self.shim]))

    def verify_jwt(self):
        result = self._xrpc("verify_jwt", 1, [], jwts=2000, cpu=programs.SERVER_CPU)
        self._note("verify_jwt", 1, {**result, "server_cpu_seconds": [result["own_cpu_seconds"]]})

    def validate_beside_writers(self, writers):
        """One caller that validates, while so many mint; and the same alone."""

        def alone():
            self._note("validate_alone", 1, self._grpc(self.tokens, "validate", 1))

        def beside():
            minting = self._start_grpc(
                self.tokens, "mint", writers, first_account=next(self.mint_accounts), seconds=self.seconds + 0.6
            )
            time.sleep(0.3)  # Its own warm-up.
            self._note("validate_beside", 1, self._grpc(self.tokens, "validate", 1))
            programs.finish_load(minting)

        return alone, beside

    def comparisons(self):
        """Groups of loads that are compared with each other."""
        for n in IN_FLIGHT:
            yield [lambda n=n: self.floor(n), lambda n=n: self.validate(n)] + (
                [lambda: self.batch(BATCHES_IN_FLIGHT)] if n == UNARY_BESIDE_BATCH else []
            )
        for n in WRITERS:
            yield [lambda n=n: self.bare_insert(n), lambda n=n: self.mint(n)]
        for n in XRPC_IN_FLIGHT:
            yield [
                lambda n=n: self.single_use_mint(n),
                lambda n=n: self.xrpc_mint(n),
                lambda n=n: self.robots(n),
            ] + ([self.verify_jwt] if n == XRPC_IN_FLIGHT[-1] else [])
        yield list(self.validate_beside_writers(WRITERS[-1]))

    def run_round(self, number):
        self.round = number
        for loads in self.comparisons():
            for load in loads if number % 2 == 0 else reversed(loads):
                load()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--tokens", type=int)
    parser.add_argument("--data", default="build/bench")
    parser.add_argument("--out")
    parser.add_argument("--command", default="scripts/bench", help="what the user typed, for the report")
    options = parser.parse_args()
    defaults = QUICK if options.quick else {"rounds": 5, "seconds": 2, "tokens": 1_000_000, "out": "docs/benchmarks"}
    for name, value in defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def main():
    options = parse_options()
    os.makedirs(options.data, exist_ok=True)
    os.makedirs(options.out, exist_ok=True)
    about = dict(machine.describe(options.data))
    about["placing"] = (
        "servers on one logical processor, loads on another" if programs.PINNED else "one logical processor for all"
    )
    about["run"] = f"{options.rounds} rounds of {options.seconds:g} s a load, {options.tokens:,} tokens in the store"
    with contextlib.ExitStack() as stack:
        bench = Bench(options, stack)
        for number in range(options.rounds):
            bench.run_round(number)
    results = {"command": options.command, "about": about, "batch": BATCH, "results": bench.results}
    with open(f"{options.out}/results.json", "w") as out:
        json.dump(results, out, indent=1, ensure_ascii=False)
        out.write("\n")
    report.write(results, options.out)
    say(f"written: {options.out}/results.md, results.json, results.svg")


if __name__ == "__main__":
    main()
