"""How many secrets redaction finds in what languages, formats and tools print.

QUALITY_PRINTED=5000 is the long run: so many of each form. Tables go to standard output (pytest -s).
"""

import os
import random
import re

from Quality.printed_secrets import FORMS, sample
from Quality.test_redaction import RECALL, redact, shown  # noqa: F401 (a fixture)

PRINTED = int(os.environ.get("QUALITY_PRINTED", "200"))


def is_left(secret, line):
    """Whether a part of a secret of four letters or digits is in a line."""
    return any(part in line for part in re.findall("[A-Za-z0-9]{4,}", secret))


def test_printed_secrets_are_masked_whole(redact):  # noqa: F811
    rows, poor = [], []
    for place, form in enumerate(FORMS):
        chance = random.Random(20270 + place)
        samples = [sample(form, chance) for _ in range(PRINTED)]
        missed = [(line, rest) for (secret, line), rest in zip(samples, redact([line for _, line in samples]))
                  if is_left(secret, rest)]
        share = 1 - len(missed) / PRINTED
        rows.append(f"{form:<26}{share:9.3%} of {PRINTED}  {missed[0] if missed else ''}")
        if share < RECALL:
            poor.append(form)
    shown(f"recall over {len(FORMS)} printed forms", rows)
    assert not poor
