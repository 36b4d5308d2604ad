#!/usr/bin/env python3
"""Includes point one way: each folder may include only the folders it stands on. Usage: layering_test.py REPO"""

import pathlib
import re
import sys

# Folder → prefixes that its files may include of what is ours. The longest folder that fits a file counts.
MAY_INCLUDE = {
    "storage": ["storage/", "didpic/token/v1/stored_token.pb.h"],
    "token_service": ["storage/", "token_service/", "didpic/", "google/rpc/"],
    "token_service/base": ["token_service/base/", "google/rpc/"],
    "token_service/jose": ["token_service/base/", "token_service/jose/"],
    "token_service/identity": ["token_service/base/", "token_service/jose/", "token_service/identity/"],
    "token_service/client": ["token_service/base/", "token_service/client/", "didpic/", "google/rpc/"],
    "xrpc_shim": ["xrpc_shim/", "token_service/base/", "token_service/jose/", "token_service/identity/",
                  "token_service/client/", "didpic/", "google/rpc/"],
}
# Only the codec knows the bytes on disk.
ONLY_IN = {"didpic/token/v1/stored_token.pb.h": re.compile(r"storage/.*codec")}

OURS = re.compile(r"(storage|token_service|xrpc_shim|tests|didpic|google/rpc)/")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def folder_of(path):
    return max((folder for folder in MAY_INCLUDE if path.startswith(folder + "/")), key=len)


def faults_of(path, text):
    allowed = MAY_INCLUDE[folder_of(path)]
    for included in INCLUDE.findall(text):
        if not OURS.match(included):
            continue
        if not any(included.startswith(prefix) for prefix in allowed):
            yield f"{path} includes {included}; {folder_of(path)}/ may include only {', '.join(allowed)}"
        elif included in ONLY_IN and not ONLY_IN[included].match(path):
            yield f"{path} includes {included}, which is for {ONLY_IN[included].pattern}"


def main(root):
    files = [
        path
        for folder in ("storage", "token_service", "xrpc_shim")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".h", ".cc")
    ]
    faults = [fault for path in files for fault in faults_of(str(path.relative_to(root)), path.read_text())]
    for fault in faults:
        print(fault)
    print(f"{len(files)} files, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
