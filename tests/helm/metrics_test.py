#!/usr/bin/env python3
"""What Prometheus reads from the running programs: promtool accepts it, and docs/metrics.md, alerts and dashboard agree with it.

The programs run as the chart starts them with everything turned on, and have minted, validated, revoked and backed up before they are asked.
"""

import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from alerts_test import ALERTS, METRIC, base_name, dashboard_queries
from chart import REPO, TOOLS, the
from release import Release

# Where a metric of the page belongs, by its heading.
PROGRAMS = {"Both programs": ("token_service", "xrpc_shim"), "token_service": ("token_service",), "xrpc_shim": ("xrpc_shim",)}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \|")
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")


def documented():
    """program → metric → (type, label names), as docs/metrics.md has it."""
    page = {"token_service": {}, "xrpc_shim": {}}
    heading = None
    for line in (REPO / "docs" / "metrics.md").read_text().splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif row := ROW.match(line):
            for program in PROGRAMS[heading]:
                page[program][row[1]] = (row[2], frozenset(re.findall(r"`(\w+)`", row[3])))
    return page


def served(text):
    """metric → (type, label names), of a scrape; without what the listener says of itself, and without `le`."""
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    found = {}
    for line in text.splitlines():
        sample = SAMPLE.match(line)
        if not sample or sample[1].startswith("exposer_"):
            continue
        name = sample[1] if sample[1] in types else base_name(sample[1])
        labels = frozenset(re.findall(r'(\w+)="', sample[2] or "")) - {"le"}
        kind, before = found.setdefault(name, (types[name], labels))
        if before != labels:
            raise AssertionError(f"{name} has the labels {before} and {labels}")
        found[name] = (kind, labels)
    return found


class Scrapes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        release = Release("everything", pathlib.Path(folder.name))
        cls.addClassCleanup(release.kill)
        proof = release.prove()
        if proof.returncode != 0:
            raise AssertionError(proof.stdout + proof.stderr)
        job = the(release.objects, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        backup = release.call_as_admin(job)
        if backup.returncode != 0:
            raise AssertionError(backup.stdout + backup.stderr)
        cls.addresses = {"token_service": release.service.listener("metrics"), "xrpc_shim": release.shim.listener("metrics")}
        # The second has what the listener says of the first.
        cls.texts = {program: [cls.get(program) for _ in range(2)][-1] for program in cls.addresses}

    @classmethod
    def get(cls, program, path="/metrics", method="GET"):
        request = urllib.request.Request(f"http://{cls.addresses[program]}{path}", method=method)
        with urllib.request.urlopen(request) as reply:
            return reply.read().decode()

    def test_promtool_accepts_them(self):
        for program, text in self.texts.items():
            with self.subTest(program):
                result = subprocess.run([TOOLS / "promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                        check=False)
                self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_they_are_what_the_page_says_and_the_page_says_all_of_them(self):
        for program, page in documented().items():
            with self.subTest(program):
                self.assertGreater(len(page), 8)
                self.assertEqual(served(self.texts[program]), page)

    def test_whatever_alerts_and_dashboard_use_is_served(self):
        used = {base_name(metric) for metric in METRIC.findall("\n".join([ALERTS.read_text(), *dashboard_queries()]))}
        there = {name for text in self.texts.values() for name in served(text)}
        self.assertGreater(len(used), 20)
        self.assertEqual(used - there, set())

    def test_what_they_count_has_happened(self):
        service, shim = self.texts["token_service"], self.texts["xrpc_shim"]
        for line in ('didpic_tokens_minted_total{profile="widget"} 1', "didpic_tokens_revoked_total 1",
                     'didpic_validate_verdicts_total{verdict="revoked"} 1', "didpic_live_tokens 0",
                     'didpic_store_errors_total{code="DATA_LOSS"} 0', 'didpic_certificate_expiry_timestamp_seconds{certificate="server"} '):
            self.assertRegex(service, f"(?m)^{re.escape(line)}")
        self.assertRegex(service, r"(?m)^didpic_store_wal_sync_seconds_count [1-9]")
        self.assertRegex(shim, r'(?m)^didpic_certificate_expiry_timestamp_seconds\{certificate="client"\} ')

    def test_nothing_else_is_served_there(self):
        for program in self.addresses:
            for path, method, status in [("/", "GET", 404), ("/metrics/x", "GET", 404), ("/..%2fetc/passwd", "GET", 404),
                                         ("/metrics", "POST", 405), ("/metrics", "DELETE", 405), ("/metrics", "PROPFIND", 405)]:
                with self.subTest(f"{program} {method} {path}"):
                    with self.assertRaises(urllib.error.HTTPError) as caught:
                        self.get(program, path, method)
                    self.assertEqual(caught.exception.code, status)
                    caught.exception.close()


if __name__ == "__main__":
    unittest.main()
