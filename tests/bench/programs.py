"""The programs that a benchmark runs: servers that stay, and loads that come and go."""

import json
import os
import subprocess

PROGRAMS = "build/release"
LOADS = f"{PROGRAMS}/tests/bench"
POLICY = "scripts/development/policy.textproto"
SHIM_POLICY = "tests/bench/policy.textproto"
LEXICONS = "scripts/development/lexicons"
AUDIENCE = "did:web:api.didpic.example"

# Servers on one processor and loads on another, where there are two: the scheduler would move them about, and often puts
# both on one.
_processors = sorted(os.sched_getaffinity(0))
PINNED = len(_processors) >= 2
SERVER_CPU = {_processors[0]}
CLIENT_CPU = {_processors[1 if PINNED else 0]}


def _on(cpu):
    return (lambda: os.sched_setaffinity(0, cpu)) if PINNED else None


class Server:
    """A running server; its log is written, to /dev/null."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=_on(SERVER_CPU)
        )
        line = self.process.stdout.readline().split()  # "listening grpc ADDRESS"
        if line[:1] != ["listening"]:
            raise RuntimeError(f"{command[0]} did not start")
        self.address = line[2]

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def floor_server():
    return Server([f"{LOADS}/bench_floor_server"])


def token_service(store):
    return Server(
        [
            f"{PROGRAMS}/token_service/token_service",
            "--grpc_listen=127.0.0.1:0",
            f"--store=rocksdb:{store}",
            f"--policy={POLICY}",
            f"--lexicons={LEXICONS}",
        ]
    )


def xrpc_shim(token_service_address, documents):
    return Server(
        [
            f"{PROGRAMS}/xrpc_shim/xrpc_shim",
            "--http_listen=127.0.0.1:0",
            f"--token_service={token_service_address}",
            f"--service_did={AUDIENCE}",
            f"--did_documents={documents}",
            f"--policy={SHIM_POLICY}",
        ]
    )


def start_load(program, *, cpu=CLIENT_CPU, servers=(), **flags):
    """Starts a load program; finish_load waits for it."""
    command = [f"{LOADS}/{program}", *(f"--{name}={value}" for name, value in flags.items())]
    if servers:
        command.append("--servers=" + ",".join(str(server.pid) for server in servers))
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=_on(cpu))


def finish_load(process):
    """What it printed, read as JSON; None if it prints none."""
    output = process.communicate()[0]
    if process.returncode != 0:
        raise RuntimeError(f"{process.args} failed")
    return json.loads(output) if output else None


def run_load(program, **flags):
    return finish_load(start_load(program, **flags))


def fill_store(store, texts, tokens):
    subprocess.run(
        [f"{LOADS}/bench_fill_store", f"--store={store}", f"--texts={texts}", f"--tokens={tokens}"], check=True
    )
