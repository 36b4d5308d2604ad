#!/usr/bin/env python3
"""Every command in the documentation works: each fenced `sh` block of README.md, docs/ and helm/README.md is run against the programs
of the build, as a reader would. What the commands need is declared in documented.py."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import documented
from world import ROOT, World

SERVES = re.compile(r"(token_service|xrpc_shim) --")


class Command:
    def __init__(self, page, line, text):
        self.page, self.line, self.text = page, line, text

    def __str__(self):
        return f"{self.page}:{self.line}: {self.text}"


def is_whole(text):
    return subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False).returncode == 0


def commands_in(page, text):
    """The commands of every fenced `sh` block. A command ends where a shell would take it for whole."""
    found, pending, begun = [], "", 0
    in_block = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("```"):
            in_block = not in_block and line.strip() == "```sh"
            if pending:
                raise AssertionError(f"{page}:{begun}: this is no whole command: {pending}")
        elif in_block and (pending or line.strip() and not line.strip().startswith("#")):
            begun = begun if pending else number
            pending += line + "\n"
            if not line.endswith("\\") and is_whole(pending):
                found.append(Command(page, begun, pending.strip()))
                pending = ""
    return found


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "helm" / "README.md"]


def all_commands():
    for path in pages():
        name = str(path.relative_to(ROOT))
        yield name, commands_in(name, path.read_text())


def reason_not_to_run(command):
    return next((reason for part, reason in documented.NOT_RUN if part in command.text), None)


def with_real_names(world, command):
    text = command.text
    for part, method in documented.OFFLINE:
        if part in text:
            text = text.replace("/var/lib/token_service", getattr(world, method)())
    if any(name in text for name, method in documented.PLACEHOLDERS if method in documented.OF_A_SERVICE):
        world.address(text)
    for name, method in documented.PLACEHOLDERS:
        if name in text:
            text = text.replace(name, getattr(world, method)())
    return text


def run(world, command):
    """Fails with the page and the line of the command."""
    try:
        text = with_real_names(world, command)
        if SERVES.match(text):
            world.serve(shlex.split(text.replace("\\\n", " ")))
            return
        code, output = world.run(text)
    except (AssertionError, subprocess.SubprocessError) as error:
        raise AssertionError(f"{command}\n{error}") from error
    if code != 0:
        raise AssertionError(f"{command}\nexited with {code}:\n{output}")
    for part, pattern in documented.EXPECTED:
        if part in command.text and not re.search(pattern, output):
            raise AssertionError(f"{command}\nprinted nothing like {pattern}:\n{output}")


def run_page(page, commands):
    """The faults of a page, one text each."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, page)
        try:
            for command in commands:
                try:
                    run(world, command)
                except AssertionError as error:
                    faults.append(str(error))
        finally:
            world.close()
    return faults


class Commands(unittest.TestCase):
    def test_every_command_works(self):
        for page, commands in all_commands():
            wanted = [command for command in commands if not reason_not_to_run(command)]
            if wanted:
                with self.subTest(page):
                    faults = run_page(page, wanted)
                    if faults:
                        self.fail("\n\n" + "\n\n".join(faults))

    def test_the_tables_name_nothing_that_is_gone(self):
        text = "\n".join(command.text for _, commands in all_commands() for command in commands)
        for part, _ in documented.NOT_RUN + documented.EXPECTED + documented.PLACEHOLDERS + documented.OFFLINE:
            self.assertIn(part, text, "no page has such a command any more: take it out of documented.py")

    def test_a_command_that_breaks_is_found_by_page_and_line(self):
        for what, text, line, part in [
            ("a renamed flag", "```sh\ntoken_service --stores=memory: --policy=/etc/token_service/policy.textproto \\\n"
                               "  --lexicons=/etc/token_service/lexicons\n```\n", 2, "--stores: unknown flag"),
            ("a file that is gone", "text\n\n```sh\n# first\nscripts/no-such-script\n```\n", 5, "exited with 127"),
            ("a renamed method", "```sh\ntoken_service --store=memory: --policy=/etc/token_service/policy.textproto "
                                 "--lexicons=/etc/token_service/lexicons\n"
                                 "grpcurl -plaintext -d '{}' HOST:50051 didpic.token.v1.TokenService/Check\n```\n", 3, "exited with"),
            ("another answer", "```sh\necho TokenService/Validate\n```\n", 2, "printed nothing like"),
        ]:
            with self.subTest(what):
                (fault,) = run_page("docs/operations.md", commands_in("docs/operations.md", text))
                self.assertTrue(fault.startswith(f"docs/operations.md:{line}: "), fault)
                self.assertIn(part, fault)

    def test_commands_are_taken_apart_as_a_shell_would(self):
        text = "```sh\na \\\n  b   # c\n# d\nfor x in 1; do\n  e\ndone\n```\n```\nnot this\n```\n    ```sh\n    f '\n    g'\n    ```\n"
        self.assertEqual([(command.line, command.text) for command in commands_in("p", text)],
                         [(2, "a \\\n  b   # c"), (5, "for x in 1; do\n  e\ndone"), (13, "f '\n    g'")])


if __name__ == "__main__":
    unittest.main()
