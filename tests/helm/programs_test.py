#!/usr/bin/env python3
"""The commands in the manifests are run: the programs of the build start with the very arguments that the chart passes, over
volumes laid out as kubelet does; the probes succeed, and the script of `helm test` passes. Only addresses and folders differ."""

import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from chart import CASES, TOOLS, notes, render, the
from cluster import PROGRAMS
from release import Release, grpcurl


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
        self.probe_shim(release)

    def probe_shim(self, release):
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            get = release.shim_pod["containers"][0][probe]["httpGet"]
            # The kubelet verifies no certificate.
            unverified = ssl._create_unverified_context()
            url = f"{release.shim_url(get['scheme'].lower())}{get['path']}"
            with urllib.request.urlopen(url, context=unverified) as reply:
                self.assertEqual(reply.status, 200, probe)

    def test_the_shim_s_own_https_is_for_those_who_trust_its_issuer(self):
        for case, host in (("everything", "api.example.com"), ("existing-secrets", "xrpc-shim-https.example.com")):
            with self.subTest(case):
                release = self.release(case)
                self.assertNotIn("--allow_plaintext", release.shim_pod["containers"][0]["args"])
                self.probe_shim(release)
                port = release.shim.listener("https").split(":")[1]
                curl = ["curl", "-sSf", "--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/robots.txt"]
                trusting = subprocess.run([*curl, "--cacert", release.authority.folder / "ca.crt"], capture_output=True, check=False)
                self.assertEqual(trusting.returncode, 0, trusting.stderr)
                self.assertNotEqual(subprocess.run(curl, capture_output=True, check=False).returncode, 0)

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

    def test_what_the_backup_job_makes_the_restore_job_brings_back(self):
        release = self.release("everything")
        self.assertEqual(release.prove().returncode, 0)
        job = the(release.objects, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        made = release.call_as_admin(job)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        backup = json.loads(made.stdout)["backup"]
        self.assertEqual(backup["backup_id"], 1)
        verified = release.run_program({"command": ["token_service"],
                                        "args": ["verify", "--backup_dir=/var/backups/token_service"]})
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertIn(backup["audit_head"], verified.stdout)

        release.service.kill()
        pod = the(render("everything", "--set", "backup.restore.enabled=true"), "Job")["spec"]["template"]["spec"]
        (aside,), (restore,) = pod["initContainers"], pod["containers"]
        refused = release.run_program(restore)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("not empty", refused.stderr)
        script = aside["args"][0].replace("/var/lib/token_service", f"{release.folder}/data")
        for _ in range(2):  # With nothing there, too.
            subprocess.run([*aside["command"], script], check=True)
        self.assertEqual(len(list((release.folder / "data").glob("store.replaced-*"))), 1)
        restored = release.run_program(restore)
        self.assertEqual(restored.returncode, 0, restored.stdout + restored.stderr)
        self.assertIn(backup["audit_head"], restored.stdout)
        release.start_again()
        self.assertEqual(release.prove(with_shim=False).returncode, 0)

    def test_a_store_begun_anew_does_not_start_over_the_backups_of_the_lost_one(self):
        release = self.release("everything")
        self.assertEqual(release.prove().returncode, 0)
        job = the(release.objects, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(release.call_as_admin(job).returncode, 0)
        release.service.kill()
        shutil.rmtree(release.folder / "data" / "store")
        with self.assertRaises(AssertionError) as refusal:
            release.start_again()
        self.assertIn("--backup_dir: the directory holds backups of another store", str(refusal.exception))


if __name__ == "__main__":
    unittest.main()
