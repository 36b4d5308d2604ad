#!/usr/bin/env python3
"""Every test file under tests/ is known to ctest, so that none is written and never run.

Usage: registration_test.py REPO BUILD
A C++ test is known by the program that it is built into, the others by the file name in their command.
"""

import json
import pathlib
import re
import subprocess
import sys

TEST_FILE = re.compile(r"_test\.(cc|py)$|\.test\.mjs$")


def words_known_to_ctest(build):
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, check=True, capture_output=True, text=True)
    tests = json.loads(listing.stdout)["tests"]
    words = {pathlib.PurePath(word).name for test in tests for word in test.get("command", [])}
    # A program that is not built yet stands in the list as one test of this name.
    return words | {test["name"].removesuffix("_NOT_BUILT") for test in tests}


def main(root, build):
    known = words_known_to_ctest(build)
    files = [path for path in sorted((root / "tests").rglob("*")) if TEST_FILE.search(path.name)]
    files = [path for path in files if "node_modules" not in path.parts]
    missing = [path for path in files if not {path.name, path.stem} & known]
    for path in missing:
        print(f"{path.relative_to(root)} is not registered: see the CMakeLists.txt beside it")
    print(f"{len(files)} test files, {len(missing)} not registered")
    return 1 if missing or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
