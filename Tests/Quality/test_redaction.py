"""Redaction measured: how many generated sensitive values it finds and how many look-alikes it takes for some.

QUALITY_LOOK_ALIKES=1000000 is the long run. Tables go to standard output (pytest -s).
"""

import collections
import itertools
import json
import os
import re
import subprocess

import pytest

from EndToEnd.gateway import binary
from Quality.look_alikes import LookAlikes
from Quality.sensitive_values import OTHERS, TOKEN_RULES, VALIDATED, Texts

LOOK_ALIKES = int(os.environ.get("QUALITY_LOOK_ALIKES", "100000"))
VALUES = int(os.environ.get("QUALITY_VALUES", "30000"))
RECALL = 0.995
FALSE_POSITIVES = 0.0001
MARK = re.compile(r"‹(\w+)›")
RULES = ["credit_card", "cn_resident_id", "cn_mobile", "iban", "us_ssn", "email", "key_name", "secret_kv", "jwt",
         "bearer_basic", "aws_secret_key", "azure_sas", "private_key_pem", "url_credentials", *TOKEN_RULES]
CHECKED = {"credit_card", "cn_resident_id", "iban", "us_ssn", "jwt", "bearer_basic"}


@pytest.fixture(scope="module")
def redact(tmp_path_factory):
    """Redacts lines in one process with the default detectors and e-mail; a match becomes the name of its rule."""
    rules = [{"id": rule, "mask": f"‹{rule}›", "keep_last": 0} for rule in RULES]
    config = {
        "receivers": {"otlp": {"protocols": {"http": {}}}},
        "processors": {"redaction": {"detectors": ["default"], "rules": rules}},
        "exporters": {"nop": {}},
        "service": {"pipelines": {"logs": {"receivers": ["otlp"], "processors": ["redaction"], "exporters": ["nop"]}}},
    }
    path = tmp_path_factory.mktemp("quality") / "redact.yaml"
    path.write_text(json.dumps(config))

    def run(lines):
        text = "\n".join(lines) + "\n"
        done = subprocess.run([binary(), "redact", "--config", path], input=text.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        left = done.stdout.decode().split("\n")[:-1]
        assert len(left) == len(lines)
        return left

    return run


def shown(title, rows):
    print(f"\n{title}")
    for row in rows:
        print("  " + row)


def written(value, line):
    """Whether a value stands in a line, plain or with its quotes escaped, as in JSON held in a string."""
    once = json.dumps(value, ensure_ascii=False)[1:-1]
    return any(form in line for form in (value, once, json.dumps(once, ensure_ascii=False)[1:-1]))


def test_sensitive_values_are_found(redact):
    """At least 99.5 % of what has a check; the other rules are held to the same, but for what is told by a word only."""
    texts = Texts(20261)
    kinds = [*VALIDATED, *OTHERS]
    samples = [(kind, *texts.sample(kind)) for _ in range(VALUES // len(kinds) + 1) for kind in kinds]
    for kind, value, line in samples:
        assert written(value, line), f"the generator of {kind} lost its value: {line}"
    left = redact([line for _, _, line in samples])
    missed, totals = collections.defaultdict(list), collections.Counter()
    for (kind, value, line), rest in zip(samples, left):
        totals[kind] += 1
        if written(value, rest):
            missed[kind].append(line)
    shown(f"recall over {len(samples)} values", [
        f"{kind:<45}{1 - len(missed[kind]) / totals[kind]:8.4%} of {totals[kind]}  {missed[kind][0] if missed[kind] else ''}"
        for kind in kinds])
    poor = [kind for kind in kinds if len(missed[kind]) > (1 - RECALL) * totals[kind]]
    assert set(poor) <= {"credit_card alone, rare lengths"}


def test_look_alikes_are_left_alone(redact):
    """Fewer than one in ten thousand lines is changed, by any rule."""
    changed, by_class, totals = collections.Counter(), collections.Counter(), collections.Counter()
    examples = {}
    source = LookAlikes(20262).lines(LOOK_ALIKES)
    for _ in range(0, LOOK_ALIKES, 100_000):
        pairs = list(itertools.islice(source, 100_000))
        for (name, line), rest in zip(pairs, redact([line for _, line in pairs])):
            totals[name] += 1
            if line == rest:
                continue
            by_class[name] += 1
            for rule in set(MARK.findall(rest)):
                changed[rule] += 1
                examples.setdefault(rule, []).append(line)
    shown(f"false positives over {LOOK_ALIKES} look-alikes, by rule", [
        f"{rule:<20}{count:>7} = {count / LOOK_ALIKES:.5%}  {examples[rule][:3]}" for rule, count in changed.most_common()])
    shown("by class", [f"{name:<25}{count:>7} of {totals[name]}" for name, count in by_class.most_common()])
    checked = sum(changed[rule] for rule in CHECKED)
    print(f"  all {sum(by_class.values()) / LOOK_ALIKES:.5%}, rules with a check {checked / LOOK_ALIKES:.5%}")
    assert checked < FALSE_POSITIVES * LOOK_ALIKES
    assert sum(by_class.values()) < FALSE_POSITIVES * LOOK_ALIKES


def test_random_digits_pass_a_check_by_chance_as_often_as_reckoned(redact):
    """What no detector can tell: 16 random digits have an issuer's prefix and pass Luhn in 2 to 3 of 100 lines. Real
    numbers of orders and the like are not random, which is what the test above measures."""
    digits = LookAlikes(20263)
    lines = [f"n {digits.digits(16)}" for _ in range(20_000)]
    share = sum(line != rest for line, rest in zip(lines, redact(lines))) / len(lines)
    print(f"\n  16 random digits taken for a card: {share:.3%}")
    assert 0.02 < share < 0.03


def test_redacting_again_changes_nothing(redact):
    texts = Texts(20264)
    once = redact([texts.sample(kind)[1] for _ in range(100) for kind in (*VALIDATED, *OTHERS)])
    assert redact(once) == once
