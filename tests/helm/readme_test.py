#!/usr/bin/env python3
"""What the chart tells an operator is so: its README and the notes printed after an install."""

import re
import subprocess
import unittest

import yaml

from chart import CASES, CHART, LOADER, NAMESPACE, REPO, TOOLS, notes, render, render_text, the

def commands_in(text):
    """The lines that are indented, which is how the notes show commands."""
    return "\n".join(line for line in text.splitlines() if line.startswith("  "))


def leaves(tree, path=""):
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


class Readme(unittest.TestCase):
    def test_the_table_of_values_is_what_values_yaml_says(self):
        result = subprocess.run([REPO / "scripts" / "helm-readme", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_value_has_a_row(self):
        values = yaml.load((CHART / "values.yaml").read_text(), Loader=LOADER)
        # A row with a default speaks for all that is below its key.
        rows = re.findall(r"^\| `([\w.]+)` \| \S", (CHART / "README.md").read_text(), re.MULTILINE)
        covered = [leaf for leaf in leaves(values) for row in rows if f"{leaf}.".startswith(f"{row}.")]
        self.assertEqual(set(leaves(values)) - set(covered), set())

    def test_the_install_command_renders(self):
        (block,) = re.findall(r"```sh\nhelm upgrade --install (.*?)```", (CHART / "README.md").read_text(), re.DOTALL)
        command = block.replace("--create-namespace", "")
        result = subprocess.run(["bash", "-c", f"'{TOOLS}/helm' template --kube-version 1.29.0 {command}"], cwd=REPO,
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        objects = list(yaml.load_all(result.stdout, Loader=LOADER))
        service = the(objects, "Service", "-token-service")["metadata"]["name"]
        text = (CHART / "README.md").read_text()
        self.assertIn(f"`{service}.tokens.svc:50051`", text)
        self.assertIn('`tokens-widget-tokens-client: "true"`', text)

    def test_the_commands_of_a_restoration_name_what_is_there(self):
        (block,) = re.findall(r"```sh\n(kubectl \S+ \S+ scale .*?)```", (CHART / "README.md").read_text(), re.DOTALL)
        self.assertEqual(subprocess.run(["bash", "-n"], input=block, text=True, check=False).returncode, 0)
        self.assertIn("--set backup.restore.enabled=true", block)
        manifests = render("minimal", "--set", "backup.enabled=true", "--set", "backup.restore.enabled=true")
        made = {(item["kind"].lower(), item["metadata"]["name"].replace("release-", "tokens-", 1)) for item in manifests}
        for kind, name in re.findall(r"(statefulset|job)[ /](tokens-\S+)", block):
            self.assertIn((kind, name), made)

    def test_the_notes_are_commands_that_a_shell_can_read(self):
        for case in CASES:
            with self.subTest(case):
                text = notes(case)
                self.assertIn("helm test release --namespace tokens", text)
                script = commands_in(text)
                result = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
                self.assertEqual(result.returncode, 0, f"{script}\n{result.stderr}")
                self.assertIn("grpcurl", script)

    def test_the_notes_name_objects_that_are_made(self):
        for case in CASES:
            with self.subTest(case):
                text = notes(case)
                manifests = render_text(case)
                for name in re.findall(r"service/(\S+)|get secret (\S+)|-authority (\S+)", text):
                    (name,) = filter(None, name)
                    self.assertIn(name.removesuffix(f".{NAMESPACE}.svc"), manifests)


if __name__ == "__main__":
    unittest.main()
