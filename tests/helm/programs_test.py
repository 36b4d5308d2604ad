#!/usr/bin/env python3
"""The commands in the manifests are run: the programs of the build start with the very arguments that the chart passes, over
volumes laid out as kubelet does; the probes succeed, and the script of `helm test` passes. Only addresses and folders differ."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

from chart import CASES, TOOLS, notes, render, the
from cluster import PROGRAMS, Authority, Container, lay_out_config_map

# Flags that the chart can pass, and RPCs that it can call, of parts that the programs do not have yet. A test sees that this list
# is not longer than it must be.
PENDING_FLAGS = {"metrics_listen"}
PENDING_RPCS = {"didpic.token.v1.AdminService/CreateBackup"}

POLICY = """profiles {
  name: "widget" prefix: "dpwt_" lifetime { seconds: 3600 } max_live_tokens_per_did: 2
  allowed_methods: "app.didpic.feed.getTimeline"
}"""


def lexicon(nsid):
    return f'{{"lexicon": 1, "id": "{nsid}", "defs": {{"main": {{"type": "query"}}}}}}'


def grpcurl(*arguments):
    return subprocess.run([TOOLS / "grpcurl", *arguments], capture_output=True, text=True, check=False)


class Release:
    """One case of the chart, running on this machine."""

    def __init__(self, case, folder):
        self.objects = render(case)
        self.folder = folder
        self.authority = Authority(folder / "ca")
        self.running = []
        self.shim = None
        certificates = {item["metadata"]["name"]: item for item in self.objects if item["kind"] == "Certificate"}
        for component in ("token-service", "xrpc-shim", "admin"):
            mine = [item["spec"]["dnsNames"] for name, item in certificates.items() if name.endswith(component)]
            self.authority.issue(folder / f"{component}-tls", mine[0] if mine else [f"{component}.example.com"])
        try:
            self.service = self._start_token_service()
            self.grpc = self.service.listener("grpc")
            if any(item["kind"] == "Deployment" for item in self.objects):
                self.shim = self._start_shim()
        except BaseException:
            self.kill()
            raise

    def _start_token_service(self):
        self.service_pod = the(self.objects, "StatefulSet")["spec"]["template"]["spec"]
        volumes = {volume["name"]: volume for volume in self.service_pod["volumes"]}
        maps = {item["metadata"]["name"]: item["data"] for item in self.objects if item["kind"] == "ConfigMap"}
        for name in ("policy", "lexicons"):
            volume = volumes[name]["configMap"]
            existing = {item["key"]: lexicon(item["key"].removesuffix(".json")) for item in volume.get("items", [])}
            lay_out_config_map(volume, maps.get(volume["name"], existing or {"policy.textproto": POLICY}),
                               self._made(name))
        sessions = self._made("sessions")
        for argument in self.service_pod["containers"][0]["args"]:
            if argument.startswith("--session_key="):
                self.authority.make_key(sessions / pathlib.PurePath(argument).name)
        return self._start(self.service_pod, {
            "/etc/token_service/sessions": str(sessions),
            "/etc/token_service/policy": str(self.folder / "policy"),
            "/etc/token_service/lexicons": str(self.folder / "lexicons"),
            "/etc/token_service/tls": str(self.folder / "token-service-tls"),
            "/var/lib/token_service": str(self._made("data")),
        })

    def _start_shim(self):
        self.shim_pod = the(self.objects, "Deployment")["spec"]["template"]["spec"]
        (self._made("dpop") / "secret").write_bytes(b"s" * 32)
        host = the(self.objects, "Service", "-token-service")["metadata"]
        return self._start(self.shim_pod, {
            f"dns:///{host['name']}.{host['namespace']}.svc:50051": self.grpc,
            "/etc/xrpc_shim/tls": str(self.folder / "xrpc-shim-tls"),
            "/etc/xrpc_shim/dpop": str(self.folder / "dpop"),
        })

    def _start(self, pod, replace):
        container = dict(pod["containers"][0])
        # A flag that is still to come cannot be run.
        container["args"] = [arg for arg in container["args"] if arg.split("=")[0].removeprefix("--") not in PENDING_FLAGS]
        ports = {f"=0.0.0.0:{port['containerPort']}": "=127.0.0.1:0" for port in container["ports"]}
        self.running.append(Container(container, {**replace, **ports}, self.folder))
        return self.running[-1]

    def _made(self, name):
        (self.folder / name).mkdir()
        return self.folder / name

    def grpc_probe(self, probe):
        # The kubelet asks for the empty service where the probe names none.
        return grpcurl("-plaintext", "-d", f'{{"service": "{probe.get("service", "")}"}}', self.service.listener("health"),
                       "grpc.health.v1.Health/Check")

    def prove(self):
        """Runs the container of `helm test`, with the addresses of this release."""
        (container,) = the(self.objects, "Pod")["spec"]["containers"]
        environment = {item["name"]: item["value"] for item in container["env"]}
        environment["TOKEN_SERVICE"] = self.grpc
        if environment["TLS"]:
            environment["TLS"] = str(self.folder / "admin-tls")
        if environment["XRPC_SHIM"]:
            environment["XRPC_SHIM"] = f"http://{self.shim.listener('http')}"
        environment["PATH"] = f"{TOOLS}:{os.environ['PATH']}"
        script = self.folder / "prove.sh"
        script.write_text(the(self.objects, "ConfigMap", "-test")["data"]["prove.sh"])
        shell = container["command"][:-1]
        return subprocess.run([*shell, script], env=environment, capture_output=True, text=True, check=False)

    def kill(self):
        for program in self.running:
            program.kill()


class Programs(unittest.TestCase):
    def release(self, case):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        release = Release(case, pathlib.Path(folder.name))
        self.addCleanup(release.kill)
        return release

    def test_every_case_runs_and_proves_itself(self):
        for case in CASES:
            with self.subTest(case):
                release = self.release(case)
                result = release.prove()
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertIn("revoked, and refused from then on", result.stdout)
                self.assertNotIn("dpwt_", result.stdout + result.stderr)
                for program in reversed(release.running):
                    self.assertEqual(program.stop(), 0, program.log())

    def test_the_probes_succeed(self):
        release = self.release("minimal")
        container = release.service_pod["containers"][0]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertIn("SERVING", release.grpc_probe(container[probe]["grpc"]).stdout, probe)
        self.assertIn("NotFound", release.grpc_probe({"service": "misspelt"}).stderr)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            path = release.shim_pod["containers"][0][probe]["httpGet"]["path"]
            with urllib.request.urlopen(f"http://{release.shim.listener('http')}{path}") as reply:
                self.assertEqual(reply.status, 200, probe)

    def test_the_line_in_the_notes_works(self):
        for case in ("minimal", "plaintext"):
            with self.subTest(case):
                release = self.release(case)
                text = notes(case)
                line = text[text.index("  grpcurl"):].split("\n\n")[0]
                line = line.replace("localhost:50051", release.grpc).replace("DID", "did:web:somebody.example")
                result = subprocess.run(["bash", "-c", line], cwd=release.folder / "admin-tls", text=True, check=False,
                                        env={"PATH": f"{TOOLS}:{os.environ['PATH']}"}, capture_output=True)
                self.assertEqual(result.returncode, 0, f"{line}\n{result.stderr}")

    def test_without_a_certificate_nobody_is_served(self):
        release = self.release("minimal")
        result = grpcurl("-insecure", "-max-time", "3", release.grpc, "list")
        self.assertNotEqual(result.returncode, 0, result.stdout)

    def test_helm_test_fails_where_the_service_does_not_answer(self):
        release = self.release("minimal")
        release.service.kill()
        result = release.prove()
        self.assertNotEqual(result.returncode, 0)

    def test_only_what_is_missing_is_pending(self):
        for flag in PENDING_FLAGS:
            for program in PROGRAMS.values():
                result = subprocess.run([program, f"--{flag}="], capture_output=True, text=True, check=False)
                self.assertIn(f"--{flag}: unknown flag", result.stderr, "it is there now: take it out of PENDING_FLAGS")
        release = self.release("plaintext")
        (job,) = [item for item in render("everything") if item["kind"] == "CronJob"]
        called = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"][-1]
        known = grpcurl("-plaintext", release.grpc, "describe", called.replace("/", "."))
        self.assertEqual(known.returncode != 0, called in PENDING_RPCS, known.stdout + known.stderr)


if __name__ == "__main__":
    unittest.main()
