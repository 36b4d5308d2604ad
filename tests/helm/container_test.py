#!/usr/bin/env python3
"""The image is built for real, by buildah, which needs no engine, and both programs in it run as a cluster would run them.

No registry is asked: the base is Debian 12 as mmdebstrap makes it, and the programs are those of this build (the target
`runtime-from-build`), so that nothing is compiled again. The target `runtime`, which compiles, differs in that one COPY.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from chart import REPO, TOOLS
from cluster import IN_IMAGE
from release import Release

BASE = TOOLS / "container-base.tar"
IMAGE = "localhost/widget-tokens:test"
PROGRAMS = ("/usr/local/bin/token_service", "/usr/local/bin/xrpc_shim")


def missing():
    if os.geteuid() != 0:
        return "root is needed to mount and change root"
    for tool in ("buildah", "unshare", "setpriv"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    if not BASE.exists():
        return f"{BASE} is not there"
    if not (REPO / "build" / "release" / "token_service" / "token_service").exists():
        return "the release build is not there"
    return None


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, folder)
        storage = pathlib.Path(folder) / "storage.conf"
        storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n')
        cls.environment = {**os.environ, "CONTAINERS_STORAGE_CONF": str(storage), "BUILDAH_ISOLATION": "chroot",
                           "CONTAINER_TOOL": "buildah"}
        base = cls.buildah("from", "scratch")
        cls.buildah("add", base, str(BASE), "/")
        cls.buildah("commit", base, "localhost/base")
        cls.run_tool(REPO / "scripts" / "container" / "build", IMAGE, "--target", "runtime-from-build",
                     "--build-arg", "BASE=localhost/base")
        cls.root = pathlib.Path(cls.buildah("mount", cls.buildah("from", "--pull-never", IMAGE)))

    @classmethod
    def run_tool(cls, *command):
        result = subprocess.run(command, env=cls.environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise AssertionError(f"{command}: {result.stdout}{result.stderr}")
        return result.stdout.strip()

    @classmethod
    def buildah(cls, *arguments):
        return cls.run_tool("buildah", *arguments)

    def in_image(self, *command):
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run([IN_IMAGE, self.root, folder, *command], capture_output=True, text=True, check=False)

    def test_both_programs_start(self):
        version = re.search(r"^project\(\w+ VERSION ([\d.]+)", (REPO / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
        for program in PROGRAMS:
            self.assertEqual(self.in_image(program, "--version").stdout.strip(), version)
            # Without what it needs it refuses by name, which a missing library would not let it do.
            result = self.in_image(program)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(": required", result.stderr)

    def test_a_token_is_minted_validated_and_revoked_by_what_is_in_the_image(self):
        with tempfile.TemporaryDirectory() as folder:
            release = Release("minimal", pathlib.Path(folder), self.root)
            self.addCleanup(release.kill)
            result = release.prove()
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr + release.service.log())
            for program in reversed(release.running):
                self.assertEqual(program.stop(), 0, program.log())

    def test_the_user_cannot_write_the_root_nor_become_another(self):
        result = self.in_image("/bin/sh", "-c", "id -u; touch /usr/local/bin/x; touch /etc/x; touch /tmp/x && echo tmp")
        self.assertEqual(result.stdout.split(), ["10001", "tmp"])
        self.assertEqual(result.stderr.count("Read-only file system"), 2, result.stderr)

    def test_the_image_says_what_it_is(self):
        config = json.loads(self.buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
        self.assertEqual(config["User"], "10001:10001")
        self.assertNotIn("Entrypoint", config)
        self.assertNotIn("Healthcheck", config)
        labels = config["Labels"]
        self.assertRegex(labels["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(labels["org.opencontainers.image.revision"], r"^([0-9a-f]{40}|unknown)$")

    def test_nothing_to_build_with_is_in_it(self):
        for tool in ("gcc", "cc", "ld", "cmake", "python3", "git", "curl"):
            self.assertFalse((self.root / "usr" / "bin" / tool).exists(), tool)
        self.assertFalse(list(self.root.glob("usr/include/*")))
        self.assertFalse((self.root / "src").exists())

    def test_the_bill_of_materials_names_every_package(self):
        bill = json.loads((self.root / "usr/share/sbom/widget-tokens.spdx.json").read_text())
        self.assertEqual(bill["spdxVersion"], "SPDX-2.3")
        listed = {(package["name"], package["versionInfo"]) for package in bill["packages"]}
        installed = subprocess.run(["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f=${Package} ${Version}\n"],
                                   capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertIn("librocksdb7.8", {name for name, _ in listed})
        self.assertLessEqual({tuple(line.split()) for line in installed}, listed)
        identifiers = [package["SPDXID"] for package in bill["packages"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        related = {relation["relatedSpdxElement"] for relation in bill["relationships"]}
        self.assertEqual(related, set(identifiers))


if __name__ == "__main__":
    if missing():
        print(f"SKIPPED: {missing()}; run scripts/setup test")
        sys.exit(77)
    unittest.main()
