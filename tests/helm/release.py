"""One case of the chart, running on this machine: its manifests' commands, over volumes as kubelet would lay them out."""

import os
import pathlib
import re
import shutil
import subprocess

from chart import TOOLS, render, the
from cluster import PROGRAMS, Authority, Container, lay_out_config_map

POLICY = """profiles {
  name: "widget" prefix: "dpwt_" lifetime { seconds: 3600 } max_live_tokens_per_did: 2
  allowed_methods: "app.didpic.feed.getTimeline"
}
callers { san: "admin.example.com" roles: ADMIN }
callers { san: "xrpc-shim.example.com" roles: MINTER roles: REVOKER }
"""


def lexicon(nsid):
    return f'{{"lexicon": 1, "id": "{nsid}", "defs": {{"main": {{"type": "query"}}}}}}'


def grpcurl(*arguments):
    return subprocess.run([TOOLS / "grpcurl", *arguments], capture_output=True, text=True, check=False)


class Release:
    """Starts the programs of the build or, with `image_root`, those in an unpacked image, as the user that the pods name."""

    def __init__(self, case, folder, image_root=None):
        self.objects = render(case)
        self.folder = folder
        self.image_root = image_root
        self.authority = Authority(folder / "ca")
        self.running = []
        self.shim = None
        certificates = {item["metadata"]["name"]: item for item in self.objects if item["kind"] == "Certificate"}
        for component in ("token-service", "xrpc-shim", "xrpc-shim-https", "admin"):
            mine = [item["spec"]["dnsNames"] for name, item in certificates.items() if name.endswith(component)]
            self.authority.issue(folder / f"{component}-tls", mine[0] if mine else [f"{component}.example.com"])
        try:
            self.service = self._start_token_service()
            self.grpc = self.service.listener("grpc")
            if any(item["kind"] == "Deployment" for item in self.objects):
                self.shim = self._start_shim()
        except BaseException:
            self.kill()
            raise

    def _start_token_service(self):
        self.service_pod = the(self.objects, "StatefulSet")["spec"]["template"]["spec"]
        volumes = {volume["name"]: volume for volume in self.service_pod["volumes"]}
        maps = {item["metadata"]["name"]: item["data"] for item in self.objects if item["kind"] == "ConfigMap"}
        for name in ("policy", "lexicons"):
            volume = volumes[name]["configMap"]
            existing = {item["key"]: lexicon(item["key"].removesuffix(".json")) for item in volume.get("items", [])}
            lay_out_config_map(volume, maps.get(volume["name"], existing or {"policy.textproto": POLICY}),
                               self._made(name))
        sessions, audit = self._made("sessions"), self._made("audit")
        for argument in self.service_pod["containers"][0]["args"]:
            if argument.startswith("--session_key="):
                self.authority.make_key(sessions / pathlib.PurePath(argument).name)
            if argument.startswith("--audit_key="):
                self.authority.make_audit_key(audit / pathlib.PurePath(argument).name)
        self.service_volumes = {
            "/etc/token_service/sessions": str(sessions),
            "/etc/token_service/audit": str(audit),
            "/etc/token_service/policy": str(self.folder / "policy"),
            "/etc/token_service/lexicons": str(self.folder / "lexicons"),
            "/etc/token_service/tls": str(self.folder / "token-service-tls"),
            "/var/lib/token_service": str(self._made("data")),
            "/var/backups/token_service": str(self._made("backups")),
        }
        return self._start(self.service_pod, self.service_volumes)

    def start_again(self):
        """Starts the token service over the same volumes, at another address. The shim does not find it there."""
        self.service = self._start(self.service_pod, self.service_volumes)
        self.grpc = self.service.listener("grpc")

    def _start_shim(self):
        self.shim_pod = the(self.objects, "Deployment")["spec"]["template"]["spec"]
        (self._made("dpop") / "secret").write_bytes(b"s" * 32)
        host = the(self.objects, "Service", "-token-service")["metadata"]
        return self._start(self.shim_pod, {
            f"dns:///{host['name']}.{host['namespace']}.svc:50051": self.grpc,
            "/etc/xrpc_shim/policy": str(self.folder / "policy"),
            "/etc/xrpc_shim/tls": str(self.folder / "xrpc-shim-tls"),
            "/etc/xrpc_shim/https": str(self.folder / "xrpc-shim-https-tls"),
            "/etc/xrpc_shim/dpop": str(self.folder / "dpop"),
        })

    def _start(self, pod, replace):
        container = dict(pod["containers"][0])
        ports = {f"=0.0.0.0:{port['containerPort']}": "=127.0.0.1:0" for port in container["ports"]}
        if self.image_root:
            self._give_to_group(pod["securityContext"]["fsGroup"])
        self.running.append(Container(container, {**replace, **ports}, self.folder, self.image_root))
        return self.running[-1]

    def _give_to_group(self, group):
        """What kubelet does for fsGroup: the group may read every volume, and write where the pod may."""
        self.folder.chmod(0o755)
        for path in self.folder.rglob("*"):
            if not path.is_symlink():
                shutil.chown(path, group=group)
                path.chmod(0o2775 if path.is_dir() else 0o440)

    def _made(self, name):
        (self.folder / name).mkdir()
        return self.folder / name

    def grpc_probe(self, probe):
        # The kubelet asks for the empty service where the probe names none.
        return grpcurl("-plaintext", "-d", f'{{"service": "{probe.get("service", "")}"}}', self.service.listener("health"),
                       "grpc.health.v1.Health/Check")

    def shim_url(self, scheme):
        return f"{scheme}://{self.shim.listener(scheme)}"

    def call_as_admin(self, container):
        """Runs a container of the chart's own jobs that is grpcurl, with the address of this release."""
        assert container["command"] == ["grpcurl"], container["command"]
        arguments = [re.sub(r"^\S+\.svc:50051$", self.grpc, argument).replace("/tls/", f"{self.folder}/admin-tls/")
                     for argument in container["args"]]
        return grpcurl(*arguments)

    def run_program(self, container):
        """Runs a container that is one of the programs and ends by itself, over the volumes of this release."""
        arguments = [argument.replace("/var/lib/token_service", f"{self.folder}/data")
                     .replace("/var/backups/token_service", f"{self.folder}/backups") for argument in container["args"]]
        program = PROGRAMS[pathlib.PurePath(container["command"][0]).name]
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)

    def prove(self, with_shim=True):
        """Runs the container of `helm test`, with the addresses of this release."""
        (container,) = the(self.objects, "Pod")["spec"]["containers"]
        environment = {item["name"]: item["value"] for item in container["env"]}
        environment["TOKEN_SERVICE"] = self.grpc
        if environment["TLS"]:
            environment["TLS"] = str(self.folder / "admin-tls")
        if not with_shim:
            environment["XRPC_SHIM"] = ""
        if environment["XRPC_SHIM"]:
            environment["XRPC_SHIM"] = self.shim_url(environment["XRPC_SHIM"].split(":")[0])
        environment["PATH"] = f"{TOOLS}:{os.environ['PATH']}"
        script = self.folder / "prove.sh"
        script.write_text(the(self.objects, "ConfigMap", "-test")["data"]["prove.sh"])
        shell = container["command"][:-1]
        return subprocess.run([*shell, script], env=environment, capture_output=True, text=True, check=False)

    def kill(self):
        for program in self.running:
            program.kill()
