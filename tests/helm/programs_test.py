#!/usr/bin/env python3
"""The commands in the manifests are run: the programs of the build start with the very arguments that the chart passes, over
volumes laid out as kubelet does; the probes succeed, and the script of `helm test` passes. Only addresses and folders differ."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

from chart import CASES, TOOLS, notes, render
from cluster import PROGRAMS
from release import PENDING_FLAGS, Release, grpcurl

# RPCs that the chart can call, of parts that the programs do not have yet.
PENDING_RPCS = {"didpic.token.v1.AdminService/CreateBackup"}


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

    def test_the_audit_is_signed_by_the_key_of_the_secret(self):
        release = self.release("everything")
        self.assertEqual(release.prove().returncode, 0)
        self.assertEqual(release.service.stop(), 0)
        public = subprocess.run(["openssl", "pkey", "-pubout", "-in", release.folder / "audit" / "signer.pem"],
                                capture_output=True, text=True, check=True)
        (release.folder / "audit.pub.pem").write_text(public.stdout)
        result = subprocess.run(
            [PROGRAMS["token_service"], "verify-audit", f"--store=rocksdb:{release.folder}/data/store",
             f"--audit_public_key={release.folder}/audit.pub.pem"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"the audit holds: .* not signed: 0\n")

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
