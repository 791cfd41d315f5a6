"""JSON as the strictest reader takes it: no duplicate keys, no NaN, no Infinity, UTF-8 only."""

import json


class StrictJSONError(ValueError):
    pass


def _object(pairs):
    members = {}
    for key, value in pairs:
        if key in members:
            raise StrictJSONError(f"duplicate key {key!r}")
        members[key] = value
    return members


def _constant(name):
    raise StrictJSONError(f"{name} is not JSON")


def parse(text: bytes):
    """The value of one JSON text; `StrictJSONError` says what no reader should have to guess at."""
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except StrictJSONError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrictJSONError(str(error)) from None
