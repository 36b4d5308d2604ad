"""Renders the chart with the real helm, for the tests beside this file."""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import yaml

REPO = pathlib.Path(__file__).resolve().parents[2]
CHART = REPO / "helm"
TOOLS = pathlib.Path(os.environ.get("TOOLS", REPO / "build" / "tools"))
CASES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
# The parser in C where there is one: it is ten times faster.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The oldest cluster that Chart.yaml admits.
KUBE_VERSION = "1.29.0"
NAMESPACE = "tokens"


def helm(*arguments):
    """Runs helm; the completed process, whatever its exit code."""
    return subprocess.run([TOOLS / "helm", *arguments], capture_output=True, text=True, check=False)


def try_render(case, *arguments, chart=CHART):
    """`helm template` with the values of a case and further arguments; the completed process."""
    return helm("template", "release", str(chart), "--namespace", NAMESPACE, "--kube-version", KUBE_VERSION,
                "--values", str(CHART / "ci" / f"{case}-values.yaml"), *arguments)


def render_text(case, *arguments, chart=CHART):
    result = try_render(case, *arguments, chart=chart)
    if result.returncode != 0:
        raise AssertionError(f"{case}: {result.stderr}")
    return result.stdout


@functools.lru_cache(maxsize=None)
def render(case, *arguments, chart=CHART):
    """The objects of a case, a list of dicts. Rendered once; not to be changed."""
    documents = yaml.load_all(render_text(case, *arguments, chart=chart), Loader=LOADER)
    return [item for item in documents if item]


# helm prints the notes only against a cluster; as an object of the chart they can be seen without one.
NOTES_AS_OBJECT = """apiVersion: v1
kind: ConfigMap
metadata: {name: notes}
data:
  notes: {{ tpl (.Files.Get "files/NOTES.txt") . | toYaml | nindent 4 }}
"""


def notes(case):
    """What an install of the case prints."""
    with tempfile.TemporaryDirectory() as folder:
        chart = shutil.copytree(CHART, pathlib.Path(folder) / "chart")
        shutil.copy(CHART / "templates" / "NOTES.txt", chart / "files" / "NOTES.txt")
        (chart / "templates" / "notes.yaml").write_text(NOTES_AS_OBJECT)
        (shown,) = render(case, "--show-only", "templates/notes.yaml", chart=chart)
    return shown["data"]["notes"]


def name_of(item):
    return f"{item['kind']}/{item['metadata']['name']}"


def the(objects, kind, suffix=""):
    """The one object of this kind whose name ends so."""
    found = [item for item in objects if item["kind"] == kind and item["metadata"]["name"].endswith(suffix)]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} of {kind}/…{suffix}: {[name_of(item) for item in found]}")
    return found[0]


def pod_specs(objects):
    """(name, labels, pod spec) of everything that makes pods."""
    for item in objects:
        if item["kind"] == "Pod":
            yield name_of(item), item["metadata"]["labels"], item["spec"]
        elif item["kind"] == "CronJob":
            template = item["spec"]["jobTemplate"]["spec"]["template"]
            yield name_of(item), template["metadata"]["labels"], template["spec"]
        elif item["kind"] in ("Deployment", "StatefulSet", "Job"):
            template = item["spec"]["template"]
            yield name_of(item), template["metadata"]["labels"], template["spec"]
