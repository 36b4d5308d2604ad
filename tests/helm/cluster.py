"""Stands in for the cluster: lays out volumes as kubelet does, makes the certificates, starts containers as programs."""

import os
import pathlib
import re
import subprocess
import time

PROGRAMS = {"token_service": os.environ.get("TOKEN_SERVICE"), "xrpc_shim": os.environ.get("XRPC_SHIM")}
IN_IMAGE = pathlib.Path(__file__).resolve().parent / "in_image.sh"
START_LIMIT_SECONDS = 30


def lay_out_config_map(volume, data, folder):
    """Writes a ConfigMap volume into `folder` as kubelet does: files below a dated folder, reached by symbolic links."""
    dated = folder / "..2024_01_01"
    for item in volume.get("items") or [{"key": key, "path": key} for key in data]:
        path = dated / item["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data[item["key"]])
    (folder / "..data").symlink_to(dated.name)
    for entry in dated.iterdir():
        (folder / entry.name).symlink_to(pathlib.Path("..data") / entry.name)


class Authority:
    """A CA, and certificates by it, in files named as in a Secret of cert-manager."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                      "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt")

    def issue(self, folder, dns_names):
        """Writes ca.crt, tls.crt and tls.key into `folder`. The programs are reached by loopback here, so that is a name too."""
        folder.mkdir(parents=True)
        names = ",".join([f"DNS:{name}" for name in dns_names] + ["IP:127.0.0.1"])
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                      "-keyout", str(folder / "tls.key"), "-out", "request.csr")
        (self.folder / "extensions").write_text(f"subjectAltName={names}\n")
        self._openssl("x509", "-req", "-in", "request.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "1", "-extfile", "extensions", "-out", str(folder / "tls.crt"))
        (folder / "ca.crt").write_bytes((self.folder / "ca.crt").read_bytes())

    def make_key(self, path):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path))

    def make_audit_key(self, path):
        self._openssl("genpkey", "-algorithm", "ED25519", "-out", str(path))

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


class Container:
    """A container's program, run with its own arguments after `replace` (old text → new) has been applied to them.

    With `image_root` it is the one at the container's own path in that image, over a root that cannot be written.
    """

    def __init__(self, container, replace, folder, image_root=None):
        self.name = pathlib.PurePath(container["command"][0]).name
        self.arguments = list(container["args"])
        for old, new in replace.items():
            self.arguments = [argument.replace(old, new) for argument in self.arguments]
        self._log = folder / f"{self.name}.log"
        # setpriv: a test that is killed takes its programs with it.
        command = ["setpriv", "--pdeathsig", "KILL", PROGRAMS[self.name]]
        if image_root:
            command = [IN_IMAGE, image_root, folder, container["command"][0]]
        with self._log.open("w") as log:
            self._process = subprocess.Popen([*command, *self.arguments], stdout=log, stderr=subprocess.STDOUT)

    def listener(self, kind):
        """HOST:PORT of a listener, from the line `listening KIND HOST:PORT`."""
        end = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < end:
            found = re.search(rf"^listening {kind} (\S+)$", self.log(), re.MULTILINE)
            if found:
                return found[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"{self.name} does not listen ({kind}): {self.log()}")

    def log(self):
        return self._log.read_text()

    def stop(self):
        """SIGTERM; the exit code."""
        self._process.terminate()
        return self._process.wait(timeout=START_LIMIT_SECONDS)

    def kill(self):
        self._process.kill()
        self._process.wait()
