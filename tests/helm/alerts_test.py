#!/usr/bin/env python3
"""The alerts and the dashboard: judged by promtool, tested against series, documented, and built on documented metrics only."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from chart import CHART, LOADER, REPO, TOOLS, render, the

ALERTS = CHART / "files" / "alerts.yaml"
SERIES = REPO / "tests" / "helm" / "alerts_series.yaml"
METRIC = re.compile(r"\bdidpic_[a-z0-9_]+")


def promtool(*arguments):
    return subprocess.run([TOOLS / "promtool", *map(str, arguments)], capture_output=True, text=True, check=False)


def load(path):
    return yaml.load(path.read_text(), Loader=LOADER)


def alert_names():
    return [rule["alert"] for group in load(ALERTS)["groups"] for rule in group["rules"] if "alert" in rule]


def dashboard_queries():
    panels = json.loads((CHART / "files" / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def base_name(metric):
    """What is documented of a histogram is its name without the suffix of a series."""
    return re.sub(r"_(bucket|sum|count)$", "", metric)


class Alerts(unittest.TestCase):
    def test_promtool_accepts_the_rules(self):
        result = promtool("check", "rules", ALERTS)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_they_fire_when_they_should_and_not_otherwise(self):
        result = promtool("test", "rules", SERIES)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_each_is_seen_firing_and_quiet(self):
        seen = [case for test in load(SERIES)["tests"] for case in test["alert_rule_test"]]
        self.assertEqual({case["alertname"] for case in seen if case["exp_alerts"]}, set(alert_names()))
        self.assertEqual({case["alertname"] for case in seen if not case["exp_alerts"]}, set(alert_names()))

    def test_each_is_in_the_operator_s_manual(self):
        manual = (REPO / "docs" / "operations.md").read_text()
        documented = re.findall(r"^\| `(WidgetTokens\w+)` \|", manual, re.MULTILINE)
        self.assertEqual(sorted(documented), sorted(alert_names()))

    def test_the_chart_ships_them_unchanged(self):
        self.assertEqual(the(render("everything"), "PrometheusRule")["spec"], load(ALERTS))


class Metrics(unittest.TestCase):
    def test_alerts_and_dashboard_use_documented_metrics_only(self):
        documented = set(METRIC.findall((REPO / "docs" / "metrics.md").read_text()))
        used = set(METRIC.findall("\n".join([ALERTS.read_text(), *dashboard_queries()])))
        # "didpic:…" are recorded by the rules themselves.
        self.assertEqual({base_name(metric) for metric in used} - documented, set())

    def test_the_dashboard_has_queries_that_prometheus_can_read(self):
        queries = dashboard_queries()
        self.assertGreater(len(queries), 20)
        rules = [{"record": f"panel:{number}", "expr": query.replace("$__rate_interval", "5m")}
                 for number, query in enumerate(queries)]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rules.yaml"
            path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
            result = promtool("check", "rules", path)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_recorded_series_in_the_dashboard_are_recorded(self):
        recorded = {rule.get("record") for group in load(ALERTS)["groups"] for rule in group["rules"]}
        used = set(re.findall(r"\bdidpic:[\w:]+", "\n".join(dashboard_queries())))
        self.assertEqual(used - recorded, set())
        self.assertTrue(used)

    def test_grafana_can_place_the_panels(self):
        panels = json.loads((CHART / "files" / "dashboard.json").read_text())["panels"]
        ids = [panel["id"] for panel in panels]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in panels:
            self.assertLessEqual(panel["gridPos"]["x"] + panel["gridPos"]["w"], 24, panel["title"])


if __name__ == "__main__":
    unittest.main()
