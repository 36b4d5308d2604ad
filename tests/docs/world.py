"""Programs, certificates and a folder like a clone of the repository, for the commands of one page."""

import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import time

import documented

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"token_service": os.environ.get("TOKEN_SERVICE", ""), "xrpc_shim": os.environ.get("XRPC_SHIM", "")}
START_LIMIT_SECONDS = 30
COMMAND_LIMIT_SECONDS = 60
AUDIENCE = "did:web:api.didpic.example"


class World:
    def __init__(self, folder, page):
        self.folder = pathlib.Path(folder)
        self._running = []
        self._stopped_store = None
        self._services = []  # (address, grpcurl's arguments for its TLS) of each token_service that was started
        self._service = self._http = self._health = self._last_token = None
        self._lay_out_clone()
        if page in documented.PAGES_WITH_THEIR_OWN_PROGRAMS:
            self._lay_out_certificates()
        else:
            self._start_like_scripts_server()

    # What the placeholders of documented.py stand for.

    def store(self):
        return str(self.folder / "var")

    def backups(self):
        return str(self.folder / "backups")

    def etc(self):
        return str(self.folder / "etc")

    def grpc(self):
        return self._service[0].replace("127.0.0.1", "localhost")

    def http(self):
        return self._http

    def health(self):
        return self._health

    def bin(self):
        return str(self.folder / "installed")

    def new_token(self):
        return self._mint()[0]

    def quoted_last_token(self):
        """The token that a command of this page printed last, as a reader would take it; a new one if there is none."""
        return json.dumps(self._last_token or self.new_token())

    def quoted_token_id(self):
        return json.dumps(self._mint()[1])

    def did_with_token(self):
        return self._mint()[2]

    def address(self, command):
        """Chooses the service that the placeholders of a command are about: the one deployed first, or the one started last."""
        if not self._services:
            raise AssertionError("no token_service is running: its command is above")
        self._service = self._services[0 if "HOST:" in command else -1]

    # Running.

    def run(self, command):
        """Runs a command as it stands: (exit code, output)."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, text=True, check=False,
                                env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=COMMAND_LIMIT_SECONDS)
        printed = re.search(r'"token":\s*"(dpwt_\w+)"', result.stdout)
        if printed:
            self._last_token = printed[1]
        return result.returncode, result.stdout

    def serve(self, arguments):
        """Starts a program that serves, on free ports, and waits for its listeners. An error is what it printed."""
        program, *flags = arguments
        flags = [re.sub(r"^(--\w+_listen)=.*", r"\1=127.0.0.1:0", flag) for flag in flags] + documented.MORE_FLAGS[program]
        listener = {"token_service": "--grpc_listen", "xrpc_shim": "--http_listen"}[program]
        if not any(flag.startswith(listener) for flag in flags):
            flags.append(f"{listener}=127.0.0.1:0")
        log = self.folder / f"{program}.{len(self._running)}.log"
        with log.open("w") as output:
            # setpriv: a test that is killed takes its programs with it.
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", PROGRAMS[program], *flags], cwd=self.folder,
                                       stdout=output, stderr=subprocess.STDOUT)
        self._running.append(process)
        wanted = sum(1 for flag in flags if re.match(r"--\w+_listen=", flag))
        end = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < end and process.poll() is None:
            found = dict(re.findall(r"^listening (\w+) (\S+)$", log.read_text(), re.MULTILINE))
            if len(found) == wanted:
                self._note_listeners(program, found, flags)
                return
            time.sleep(0.02)
        raise AssertionError(log.read_text())

    def copy_of_store(self):
        if not pathlib.Path(self.store()).exists():
            raise AssertionError("there is no store: the command that makes it is above")
        end = time.monotonic() + START_LIMIT_SECONDS
        while True:
            copy = shutil.copytree(self.store(), self.folder / f"copy-{secrets.token_hex(4)}")
            if self._is_signed(copy) or time.monotonic() > end:
                return str(copy)
            time.sleep(0.1)

    def _is_signed(self, store):
        """Whether the audit is, by the key whose public half the page has made: the program signs it once a second."""
        key = self.folder / "audit.pub.pem"
        return not key.exists() or subprocess.run(
            [PROGRAMS["token_service"], "verify-audit", f"--store=rocksdb:{store}", f"--audit_public_key={key}"],
            capture_output=True, check=False).returncode == 0

    def stopped_store(self):
        """The directory as a program that was stopped left it: one and the same for all commands of the page."""
        if not self._stopped_store:
            self._stopped_store = self.copy_of_store()
        return self._stopped_store

    def close(self):
        for process in self._running:
            process.kill()
            process.wait()

    def _note_listeners(self, program, found, flags):
        if program == "xrpc_shim":
            self._http = found.get("http") or found["https"]
            return
        self._health = found.get("health", self._health)
        tls = ["-plaintext"]
        for flag in flags:
            if flag.startswith("--tls_cert="):
                made = (self.folder / flag.removeprefix("--tls_cert=")).parent
                tls = ["-cacert", made / "ca.pem", "-cert", made / "admin.pem", "-key", made / "admin.key"]
        self._services.append((found["grpc"], tls))
        self._service = self._services[-1]
        self._mint()  # so that there is something to be seen in lists and in the audit

    def _mint(self):
        """A token of a new account: (token, public id, DID)."""
        did = "did:plc:" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(24))
        result = subprocess.run([ROOT / "build/tools/grpcurl", *self._service[1], "-d", json.dumps({"did": did}), self.grpc(),
                                 "didpic.token.v1.TokenService/Mint"], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise AssertionError(f"no token could be minted: {result.stderr}")
        reply = json.loads(result.stdout)
        return reply["token"], reply["token_id"], did

    # Setting up.

    def _lay_out_clone(self):
        """What a clone has, and what its commands write elsewhere than into the repository."""
        for name in ("scripts", "proto", "helm", "docs"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / "build").mkdir()
        (self.folder / "build" / "tools").symlink_to(ROOT / "build" / "tools")
        (self.folder / "bin").mkdir()
        for name, path in PROGRAMS.items():
            built = self.folder / "build" / "release" / name
            built.mkdir(parents=True)
            for link in (built / name, self.folder / "bin" / name):
                link.symlink_to(path)
        self._quietly("scripts/development/identity", "create", "build/server/identity")

    def _lay_out_certificates(self):
        """The files that the commands of operations.md name, and grpcurl as its "Callers and roles" wants it understood."""
        self._quietly("scripts/dev-certs", "certificates")
        made = self.folder / "certificates"
        for name, source in {"server.pem": "server.pem", "server.key": "server.key", "clients.pem": "ca.pem",
                             "ca.pem": "ca.pem", "shim.pem": "xrpc_shim.pem", "shim.key": "xrpc_shim.key", "admin.pem": "admin.pem",
                             "admin.key": "admin.key"}.items():
            shutil.copy(made / source, self.folder / name)
        etc = self.folder / "etc"
        shutil.copytree(ROOT / "scripts/development/lexicons", etc / "lexicons")
        self._quietly("openssl", "genpkey", "-algorithm", "ED25519", "-out", str(etc / "audit.pem"))
        policy = (ROOT / "scripts/development/policy.textproto").read_text()
        (etc / "policy.textproto").write_text(policy + (made / "callers.textproto").read_text())
        admin = f"-cacert {made}/ca.pem -cert {made}/admin.pem -key {made}/admin.key"
        wrapper = self.folder / "bin" / "grpcurl"
        wrapper.write_text(f'#!/bin/sh\ncase "$*" in *-plaintext*|*-cacert*) ;; *) set -- {admin} "$@" ;; esac\n'
                           f'exec "{ROOT}/build/tools/grpcurl" "$@"\n')
        wrapper.chmod(0o755)

    def _start_like_scripts_server(self):
        self.serve(["token_service", f"--store=rocksdb:{self.store()}", "--policy=scripts/development/policy.textproto",
                    "--lexicons=scripts/development/lexicons"])
        self.serve(["xrpc_shim", f"--token_service={self._services[0][0]}", f"--service_did={AUDIENCE}",
                    f"--service_did={AUDIENCE}#didpic_appview", "--policy=scripts/development/policy.textproto",
                    "--did_documents=build/server/identity/did_documents"])

    def _quietly(self, *command):
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
