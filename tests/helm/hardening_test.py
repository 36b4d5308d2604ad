#!/usr/bin/env python3
"""What no manifest of the chart may ask for, and what each must have: an audit of the cluster, in assertions."""

import re
import unittest

from chart import CASES, name_of, pod_specs, render, the

KINDS_WITH_POWER = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def every_pod():
    for case in CASES:
        for name, _, spec in pod_specs(render(case)):
            yield f"{case}: {name}", spec


def every_container():
    for name, spec in every_pod():
        for container in spec.get("initContainers", []) + spec["containers"]:
            yield f"{name}: {container['name']}", container


class Hardening(unittest.TestCase):
    def test_nothing_may_do_anything_in_the_cluster(self):
        for case in CASES:
            objects = render(case)
            self.assertFalse([name_of(item) for item in objects if item["kind"] in KINDS_WITH_POWER], case)
            for item in objects:
                self.assertEqual(item["metadata"].get("namespace", "tokens"), "tokens", name_of(item))

    def test_pods_are_restricted(self):
        for name, spec in every_pod():
            with self.subTest(name):
                self.assertIs(spec["automountServiceAccountToken"], False)
                for field in ("hostNetwork", "hostPID", "hostIPC"):
                    self.assertNotIn(field, spec)
                context = spec["securityContext"]
                self.assertIs(context["runAsNonRoot"], True)
                self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
                # OpenShift gives ids from a range of its own.
                on_openshift = name.startswith("existing-secrets")
                self.assertEqual(context.get("runAsUser"), None if on_openshift else 10001)
                self.assertFalse([volume for volume in spec.get("volumes", []) if "hostPath" in volume])

    def test_containers_are_restricted(self):
        for name, container in every_container():
            with self.subTest(name):
                self.assertEqual(container["securityContext"], {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                })

    def test_containers_have_resources(self):
        for name, container in every_container():
            with self.subTest(name):
                self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]))
                self.assertIn("memory", container["resources"]["limits"])

    def test_images_do_not_move(self):
        for name, container in every_container():
            with self.subTest(name):
                self.assertRegex(container["image"], r"^\S+(:[A-Za-z0-9][\w.-]*|@sha256:[0-9a-f]{64})$")
                self.assertNotRegex(container["image"], r":latest$")
                self.assertEqual(container["imagePullPolicy"], "IfNotPresent")

    def test_no_secret_is_in_the_manifests(self):
        for case in CASES:
            objects = render(case)
            self.assertFalse([name_of(item) for item in objects if item["kind"] == "Secret"], case)
            self.assertNotRegex(str(objects), "PRIVATE KEY", case)

    def test_one_writer_and_no_second_pod_beside_it(self):
        for case in CASES:
            spec = the(render(case), "StatefulSet")["spec"]
            self.assertEqual(spec["replicas"], 1)
            self.assertEqual(spec["updateStrategy"], {"type": "RollingUpdate"})
            self.assertEqual(spec["persistentVolumeClaimRetentionPolicy"]["whenScaled"], "Retain")
            self.assertIn(spec["volumeClaimTemplates"][0]["spec"]["accessModes"], (["ReadWriteOncePod"], ["ReadWriteOnce"]))

    def test_probes_ask_the_plaintext_port_for_the_right_service(self):
        for case in CASES:
            (container,) = the(render(case), "StatefulSet")["spec"]["template"]["spec"]["containers"]
            self.assertEqual(container["readinessProbe"]["grpc"],
                             {"port": 50052, "service": "didpic.token.v1.TokenService"})
            self.assertEqual(container["livenessProbe"]["grpc"], {"port": 50052})
            startup = container["startupProbe"]
            self.assertGreaterEqual(startup["periodSeconds"] * startup["failureThreshold"], 600)

    def test_a_pod_has_time_to_drain(self):
        for case in CASES:
            for kind in ("StatefulSet", "Deployment"):
                for item in (item for item in render(case) if item["kind"] == kind):
                    spec = item["spec"]["template"]["spec"]
                    (flag,) = [arg for arg in spec["containers"][0]["args"] if arg.startswith("--drain_grace=")]
                    minutes, seconds = re.fullmatch(r"--drain_grace=(?:(\d+)m)?(?:(\d+)s)?", flag).groups(default="0")
                    self.assertGreater(spec["terminationGracePeriodSeconds"], 60 * int(minutes) + int(seconds))

    def test_the_network_is_closed_but_for_the_ways_named(self):
        for case in ("minimal", "everything"):
            objects = render(case)
            policies = [item["spec"] for item in objects if item["kind"] == "NetworkPolicy"]
            for name, labels, _ in pod_specs(objects):
                mine = [spec for spec in policies if selects(spec["podSelector"]["matchLabels"], labels)]
                denials = [spec for spec in mine if "ingress" not in spec and "egress" not in spec]
                self.assertTrue(denials, name)
                self.assertGreater(len(mine), len(denials), name)
            for spec in policies:
                self.assertEqual(spec["policyTypes"], ["Ingress", "Egress"])
                for rule in spec.get("ingress", []) + spec.get("egress", []):
                    self.assertTrue(rule.get("from") or rule.get("to"), "a rule for everybody")
                    self.assertTrue(rule["ports"], "a rule for every port")

    def test_the_token_service_calls_nobody_unless_told_to(self):
        self.assertNotIn("egress", the(render("minimal"), "NetworkPolicy", "-token-service")["spec"])
        self.assertIn("egress", the(render("everything"), "NetworkPolicy", "-token-service")["spec"])

    def test_what_may_call_out_may_not_call_private_addresses(self):
        for name in ("-token-service", "-xrpc-shim"):
            rules = the(render("everything"), "NetworkPolicy", name)["spec"]["egress"]
            blocks = [peer["ipBlock"] for rule in rules for peer in rule["to"] if "ipBlock" in peer]
            self.assertEqual([block["cidr"] for block in blocks], ["0.0.0.0/0", "::/0"])
            self.assertLessEqual({"10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"}, set(blocks[0]["except"]))
            self.assertLessEqual({"fc00::/7", "fe80::/10"}, set(blocks[1]["except"]))

    def test_only_the_shim_is_public(self):
        objects = render("everything")
        backends = str([item["spec"] for item in objects if item["kind"] in ("Ingress", "HTTPRoute")])
        self.assertIn("tokens-xrpc-shim", backends)
        self.assertNotIn("token-service", backends)

    def test_certificates_name_what_callers_call(self):
        objects = render("minimal")
        names = the(objects, "Certificate", "-token-service")["spec"]["dnsNames"]
        shim = the(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
        (target,) = [arg for arg in shim if arg.startswith("--token_service=")]
        self.assertIn(target.removeprefix("--token_service=dns:///").removesuffix(":50051"), names)
        for kind in ("admin", "xrpc-shim"):
            self.assertNotIn("server auth", the(objects, "Certificate", kind)["spec"]["usages"])

    def test_a_new_policy_makes_a_new_pod(self):
        def checksum(*arguments):
            template = the(render("minimal", *arguments), "StatefulSet")["spec"]["template"]
            return template["metadata"]["annotations"]["checksum/policy"]

        self.assertEqual(checksum(), checksum("--set", "xrpcShim.workers=3"))
        self.assertNotEqual(checksum(), checksum("--set", "policy.text=other"))
        self.assertNotEqual(checksum(), checksum("--set", r"lexicons.documents.app\.didpic\.feed\.getTimeline=\{\}"))

    def test_backups_outlive_the_release_and_the_restore_job_takes_the_same_volumes(self):
        objects = render("everything", "--set", "backup.restore.enabled=true")
        claim = the(objects, "PersistentVolumeClaim")
        self.assertEqual(claim["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        service = the(objects, "StatefulSet")
        mounted = {volume["name"]: volume["persistentVolumeClaim"]["claimName"]
                   for volume in service["spec"]["template"]["spec"]["volumes"] if "persistentVolumeClaim" in volume}
        self.assertEqual(mounted, {"backups": claim["metadata"]["name"]})
        job = the(objects, "Job")["spec"]["template"]["spec"]
        self.assertEqual({volume["name"]: volume["persistentVolumeClaim"]["claimName"] for volume in job["volumes"]},
                         {**mounted, "data": f"data-{service['metadata']['name']}-0"})
        service_pod = service["spec"]["template"]["spec"]
        self.assertEqual(job["securityContext"], service_pod["securityContext"])
        for container in job["initContainers"] + job["containers"]:
            self.assertEqual(container["securityContext"], service_pod["containers"][0]["securityContext"])
            self.assertEqual(container["image"], service_pod["containers"][0]["image"])
        existing = render("everything", "--set", "backup.persistence.existingClaim=mine")
        self.assertFalse([item for item in existing if item["kind"] == "PersistentVolumeClaim"])
        self.assertIn("'claimName': 'mine'", str(the(existing, "StatefulSet")))

    def test_a_budget_never_stops_a_drain_for_good(self):
        for case in CASES:
            objects = render(case)
            for item in (item for item in objects if item["kind"] == "PodDisruptionBudget"):
                self.assertGreaterEqual(item["spec"]["maxUnavailable"], 1)
            with_shim_budget = [item for item in objects if item["kind"] == "PodDisruptionBudget"
                                and item["metadata"]["name"].endswith("xrpc-shim")]
            self.assertEqual(bool(with_shim_budget), case in ("minimal", "everything"), case)


if __name__ == "__main__":
    unittest.main()
