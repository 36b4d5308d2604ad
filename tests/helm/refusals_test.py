#!/usr/bin/env python3
"""What the chart refuses, by its schema or by a template that fails, and that the reason names the value."""

import pathlib
import shutil
import tempfile
import unittest

from chart import CHART, try_render

# (what is wrong, case, arguments, a part of the message)
REFUSED = [
    ("an unknown key at the top", "minimal", ["--set", "tokenservice.replicas=1"], "tokenservice"),
    ("an unknown key deep inside", "minimal", ["--set", "tokenService.persistence.sizes=1Gi"], "sizes"),
    ("two replicas on RocksDB", "minimal", ["--set", "tokenService.replicas=2"], "tokenService.replicas"),
    ("no replica", "minimal", ["--set", "tokenService.replicas=0"], "tokenService.replicas"),
    ("a store that is not there", "minimal", ["--set", "tokenService.store.backend=memory"], "tokenService.store.backend"),
    ("a volume for many writers", "minimal", ["--set", "tokenService.persistence.accessMode=ReadWriteMany"], "accessMode"),
    ("no image", "minimal", ["--set", "image.repository="], "image.repository"),
    ("an image that moves", "minimal", ["--set", "image.tag=latest"], "image.tag"),
    ("a digest that is none", "minimal", ["--set", "image.digest=sha256:1234"], "image.digest"),
    ("an unknown TLS mode", "minimal", ["--set", "tls.mode=insecure"], "tls.mode"),
    ("cert-manager without an issuer", "minimal", ["--set", "tls.certManager.issuerRef.name="], "tls.certManager.issuerRef.name"),
    ("secrets without names", "minimal", ["--set", "tls.mode=secret"], "tls.secret."),
    ("no policy", "minimal", ["--set", "policy.text="], "policy.text"),
    ("no lexicon", "minimal", ["--set", "lexicons.documents=null"], "lexicons.documents"),
    ("a lexicon whose name is none", "minimal", ["--set", "lexicons.documents.timeline=x"], "timeline"),
    ("lexicons elsewhere without their names", "existing-secrets", ["--set", "lexicons.nsids=null"], "lexicons.nsids"),
    ("a duration without a unit", "minimal", ["--set-string", "tokenService.retention=720"], "tokenService.retention"),
    ("session keys without names", "minimal", ["--set", "tokenService.sessions.existingSecret=x"], "tokenService.sessions.keys"),
    ("an audit key with a path", "minimal", ["--set", "tokenService.audit.key=../key.pem"], "tokenService.audit.key"),
    ("no audience", "minimal", ["--set", "xrpcShim.serviceDids=null"], "xrpcShim.serviceDids"),
    ("an audience that is no DID", "minimal", ["--set", "xrpcShim.serviceDids[0]=api.example.com"], "serviceDids"),
    ("HTTPS without a certificate", "minimal", ["--set", "xrpcShim.tls.mode=secret"], "xrpcShim.tls.existingSecret"),
    ("HTTPS without an issuer", "minimal", ["--set", "xrpcShim.tls.mode=certManager"],
     "xrpcShim.tls.certManager.issuerRef.name"),
    ("HTTPS of another kind", "minimal", ["--set", "xrpcShim.tls.mode=auto"], "xrpcShim.tls.mode"),
    ("a public URL with a path", "minimal", ["--set", "xrpcShim.publicUrl=https://a.example/x"], "publicUrl"),
    ("an Ingress without a host", "minimal", ["--set", "xrpcShim.ingress.enabled=true"], "xrpcShim.ingress.hosts"),
    ("a route without a gateway", "minimal", ["--set", "xrpcShim.httpRoute.enabled=true"], "xrpcShim.httpRoute.parentRefs"),
    ("an autoscaler upside down", "minimal",
     ["--set", "xrpcShim.autoscaling.enabled=true,xrpcShim.autoscaling.minReplicas=20"], "minReplicas"),
    ("a container without limits", "minimal", ["--set", "xrpcShim.resources.limits=null"], "resources"),
    ("an argument that is no flag", "minimal", ["--set", "tokenService.extraArgs[0]=verbose"], "extraArgs"),
    ("a budget that stops every drain", "minimal",
     ["--set", "tokenService.podDisruptionBudget.maxUnavailable=0"], "maxUnavailable"),
    ("a network policy for everybody", "minimal", ["--set", "networkPolicy.tokenServiceClients[0]=all"], "tokenServiceClients"),
    ("no backup to keep", "everything", ["--set", "backup.keep=0"], "keep"),
    ("backups for many writers", "everything", ["--set", "backup.persistence.accessMode=ReadWriteMany"], "accessMode"),
    ("a restoration without backups", "minimal", ["--set", "backup.restore.enabled=true"], "backup.restore.enabled"),
    ("a cluster that is too old", "minimal", ["--kube-version", "1.28.9"], "kubeVersion"),
]


class Refusals(unittest.TestCase):
    def test_what_is_wrong_is_refused_by_its_name(self):
        for what, case, arguments, part in REFUSED:
            with self.subTest(what):
                result = try_render(case, *arguments)
                self.assertNotEqual(result.returncode, 0, "it was rendered")
                self.assertIn(part, result.stderr)

    def test_the_templates_refuse_a_second_writer_without_the_schema(self):
        with tempfile.TemporaryDirectory() as folder:
            chart = shutil.copytree(CHART, pathlib.Path(folder) / "chart")
            (chart / "values.schema.json").unlink()
            result = try_render("minimal", "--set", "tokenService.replicas=2", chart=chart)
            self.assertIn("tokenService.replicas: RocksDB has one writer", result.stderr)
            self.assertNotEqual(result.returncode, 0)


if __name__ == "__main__":
    unittest.main()
