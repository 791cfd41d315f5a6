"""A small model of dynamic mapping: the first type of a field in an index wins, a conflict refuses the document."""

SCALARS_TAKEN = {
    "keyword": lambda value: True,
    "boolean": lambda value: isinstance(value, bool) or value in ("true", "false", ""),
    "long": lambda value: _is_number(value),
    "double": lambda value: _is_number(value),
}
FLATTENED_DEPTH = 20


class MappingConflict(ValueError):
    pass


def _is_number(value) -> bool:
    if isinstance(value, bool):
        return False
    try:
        float(value)
        return True
    except (TypeError, ValueError):
        return False


def _type_of(value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    return "double" if isinstance(value, float) else "keyword"


class FieldTypes:
    """The fields of one index. In an index of the OTel template, attributes keep their dots (passthrough)
    and `body.structured` is one field of type flattened."""

    PASSTHROUGH = ("attributes", "resource.attributes", "scope.attributes")
    FLATTENED = ("body.structured", "body.flattened")

    def __init__(self, is_otel: bool):
        self.is_otel = is_otel
        self.types: dict[str, str] = {}

    def learn(self, document: dict):
        """Takes the document's fields, or raises `MappingConflict` and learns nothing."""
        found = dict(self.types)
        self._object("", document, found)
        self.types = found

    def _object(self, path: str, value: dict, found: dict):
        for key, member in value.items():
            if self.is_otel and path in self.PASSTHROUGH:
                self._leaf_of_passthrough(f"{path}.{key}", member, found)
                continue
            parts = key.split(".")
            if any(not part.strip() for part in parts):
                raise MappingConflict(f"field name [{key}] has an empty part")
            here = path
            for part in parts[:-1]:
                here = f"{here}.{part}" if here else part
                self._claim(here, "object", {}, found)
            self._value(f"{here}.{parts[-1]}" if here else parts[-1], member, found)

    def _value(self, path: str, value, found: dict):
        if self.is_otel and path in self.FLATTENED:
            if _depth(value) > FLATTENED_DEPTH:
                raise MappingConflict(f"[{path}] is deeper than the flattened field's {FLATTENED_DEPTH}")
            return
        if value is None:
            return
        if isinstance(value, dict):
            self._claim(path, "object", value, found)
            self._object(path, value, found)
        elif isinstance(value, list):
            for element in value:
                self._value(path, element, found)
        else:
            self._claim(path, _type_of(value), value, found)

    def _leaf_of_passthrough(self, path: str, value, found: dict):
        if isinstance(value, dict):
            for key, member in value.items():
                self._leaf_of_passthrough(f"{path}.{key}", member, found)
        elif isinstance(value, list):
            for element in value:
                self._leaf_of_passthrough(path, element, found)
        elif value is not None:
            self._claim(path, _type_of(value), value, found)

    def _claim(self, path: str, type_name: str, value, found: dict):
        first = found.setdefault(path, type_name)
        if first == type_name:
            return
        if first == "object" or type_name == "object" or not SCALARS_TAKEN[first](value):
            raise MappingConflict(f"field [{path}] is of type [{first}], not [{type_name}]")


def _depth(value) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return max(map(_depth, value), default=0)
    return 0
