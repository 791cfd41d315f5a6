"""Hash functions that the system's libcrypto is configured without: said by `validate`, not found out by a record."""

import json
import os
import subprocess

from EndToEnd.gateway import binary

# The provider that has no hash function at all.
ONLY_BASE = "openssl_conf = top\n[top]\nproviders = list\n[list]\nbase = one\n[one]\nactivate = 1\n"


def validate(at, hash_function: str, only_base: bool) -> subprocess.CompletedProcess:
    configuration = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:0"}}}},
        "processors": {"attributes": {"hash_function": hash_function, "actions": [{"key": "a", "action": "hash"}]}},
        "exporters": {"debug": {}},
        "service": {"pipelines": {"logs": {"receivers": ["otlp"], "processors": ["attributes"], "exporters": ["debug"]}}},
    }
    (at / "gateway.yaml").write_text(json.dumps(configuration))
    (at / "openssl.cnf").write_text(ONLY_BASE)
    settings = {"OPENSSL_CONF": str(at / "openssl.cnf")} if only_base else {}
    return subprocess.run(
        [binary(), "validate", "--config", at / "gateway.yaml"], env=os.environ | settings, capture_output=True,
        text=True, timeout=30,
    )


def test_a_hash_function_that_the_system_rules_out_is_a_problem_of_the_configuration(tmp_path):
    assert validate(tmp_path, "sha1", only_base=False).returncode == 0
    refused = validate(tmp_path, "sha1", only_base=True)
    assert refused.returncode == 78
    assert "attributes.hash_function: sha1 is ruled out by the configuration of this system's libcrypto" in refused.stderr
    assert validate(tmp_path, "sha256", only_base=True).returncode == 0
