#!/usr/bin/env python3
"""Every values file in helm/ci/ makes manifests that helm, the Kubernetes schemas and the committed snapshots accept.

`manifests_test.py --update` writes the snapshots anew; read their diff before you commit it.
"""

import difflib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate

from chart import CASES, CHART, KUBE_VERSION, helm, name_of, render, render_text

FOLDER = pathlib.Path(__file__).resolve().parent
SNAPSHOTS = FOLDER / "snapshots"
# The least and the most that the chart makes; the other cases differ from these in places that other tests look at.
SNAPSHOT_CASES = ["minimal", "everything"]
NEWEST_KUBE_VERSION = kubernetes_validate.latest_version()
CUSTOM_GROUPS = {"cert-manager.io", "gateway.networking.k8s.io", "monitoring.coreos.com"}


def is_custom(item):
    return item["apiVersion"].split("/")[0] in CUSTOM_GROUPS


def schema_faults(item, version):
    try:
        kubernetes_validate.validate(item, version, strict=True)
        return []
    except kubernetes_validate.ValidationError as error:
        return [f"{name_of(item)} in Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"]


def custom_faults(objects):
    result = subprocess.run(["node", FOLDER / "custom_resources.mjs"], input=json.dumps(objects), text=True,
                            capture_output=True, check=False)
    if result.returncode not in (0, 1) or result.stderr:
        raise AssertionError(result.stderr)
    return result.stdout.splitlines()


class Manifests(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for case in CASES:
            with self.subTest(case):
                result = helm("lint", "--strict", str(CHART), "--values", str(CHART / "ci" / f"{case}-values.yaml"))
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_the_chart_can_be_packaged(self):
        with tempfile.TemporaryDirectory() as folder:
            result = helm("package", str(CHART), "--destination", folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            (package,) = pathlib.Path(folder).iterdir()
            files = helm("show", "all", str(package))
            self.assertEqual(files.returncode, 0, files.stderr)

    def test_kubernetes_accepts_every_object(self):
        for case in CASES:
            for version in (KUBE_VERSION, NEWEST_KUBE_VERSION):
                with self.subTest(case=case, kubernetes=version):
                    plain = [item for item in render(case) if not is_custom(item)]
                    self.assertGreater(len(plain), 5)
                    self.assertEqual([fault for item in plain for fault in schema_faults(item, version)], [])

    def test_custom_resources_fit_their_definitions(self):
        for case in CASES:
            with self.subTest(case):
                self.assertEqual(custom_faults([item for item in render(case) if is_custom(item)]), [])

    def test_the_validators_do_refuse(self):
        wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}
        self.assertTrue(schema_faults(wrong, KUBE_VERSION))
        wrong = {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "x"}, "spec": {}}
        self.assertTrue(custom_faults([wrong]))

    def test_names_are_unique_and_fit(self):
        for case in CASES:
            objects = render(case, "--set", "fullnameOverride=" + "n" * 80)
            names = [name_of(item) for item in objects]
            self.assertEqual(len(names), len(set(names)), case)
            for item in objects:
                # The controller adds a hash of 11 characters to a StatefulSet's name in a label.
                limit = 52 if item["kind"] in ("StatefulSet", "CronJob") else 63
                self.assertLessEqual(len(item["metadata"]["name"]), limit, name_of(item))

    def test_the_snapshots_are_what_is_rendered(self):
        for case in SNAPSHOT_CASES:
            with self.subTest(case):
                old = (SNAPSHOTS / f"{case}.yaml").read_text().splitlines(keepends=True)
                new = render_text(case).splitlines(keepends=True)
                diff = "".join(difflib.unified_diff(old, new, f"snapshots/{case}.yaml", "rendered"))
                self.assertFalse(diff, f"{diff}\nIf this is meant: tests/helm/manifests_test.py --update")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        SNAPSHOTS.mkdir(exist_ok=True)
        for each in SNAPSHOT_CASES:
            (SNAPSHOTS / f"{each}.yaml").write_text(render_text(each))
    else:
        unittest.main()
