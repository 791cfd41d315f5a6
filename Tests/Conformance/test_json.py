"""OTLP/JSON: rows J1 to J16. What was meant is read back as protobuf from the OTLP server behind the gateway."""

import base64
import json
import math

import pytest

from EndToEnd.http_clients import send, status_of
from EndToEnd.otlp_requests import JSON, SPAN_ID, TRACE_ID, as_json, body_of, record, records_of, request, unique

MAX_U64 = 2**64 - 1


def body_with(**members) -> bytes:
    """One record of which the members are given as JSON values."""
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [members]}]}]}).encode()


def stored(shared, text: str, body: bytes) -> dict:
    """Sends a JSON request that holds `text` and returns the record that arrived."""
    answer = send(shared.http_port, body, JSON)
    assert answer.status == 200, answer.body
    return shared.stored(text)[0].record


def stored_record(shared, **members) -> dict:
    text = unique()
    return stored(shared, text, body_with(body={"stringValue": text}, **members))


def stored_value(shared, value):
    """What arrives for an attribute of that JSON AnyValue."""
    entry = stored_record(shared, attributes=[{"key": "k", "value": value}])
    (attribute,) = entry["attributes"]
    return attribute.get("value")


def raw_value(shared, text: str):
    """As `stored_value`, with the AnyValue given as JSON text, which `json.dumps` could not write."""
    marker = unique()
    body = body_with(body={"stringValue": marker}, attributes=[{"key": "k", "value": "HERE"}])
    entry = stored(shared, marker, body.replace(b'"HERE"', text.encode()))
    return entry["attributes"][0].get("value")


def test_J1_snake_case_names_are_unknown_fields(shared):
    entry = stored_record(shared, severity_number=17, severity_text="ERROR", time_unix_nano="5")
    assert "severityNumber" not in entry and "severityText" not in entry
    assert entry.get("timeUnixNano", "0") != "5"


@pytest.mark.parametrize(
    "body, told",
    [
        (b'{"resource_logs":[{"scope_logs":7}]}', "`resource_logs`: OTLP/JSON says `resourceLogs`"),
        (b'{"streams":[]}', "expected `resourceLogs`"),
        (b'{"resourceLogs":[{"scope_logs":[]}]}', "`scope_logs`: OTLP/JSON says `scopeLogs`"),
        (b'{"resourceLogs":[{"scopeLogs":[{"logRecords":["text"]}]}]}', "expected an object"),
        (b"[]", "expected '{'"),
    ],
)
def test_J1_a_request_whose_logs_cannot_be_found_is_refused(shared, body, told):
    answer = send(shared.http_port, body, JSON)
    assert answer.status == 400
    assert told in json.loads(answer.body)["message"]
    assert send(shared.http_port, b'{"resourceLogs":[],"new":1}', JSON).status == 200


UNKNOWN = {
    "null": None,
    "number": -1.5e3,
    "text": '}]\\"',
    "flag": True,
    "list": [[], [{}], {"a": [1]}],
    "map": {"x": {}},
}


def test_J2_unknown_fields_are_ignored_at_every_level(shared):
    text = unique()
    entry = {
        "body": {"stringValue": text, "new": UNKNOWN},
        "new": UNKNOWN,
        "attributes": [{"key": "k", "value": {"stringValue": "v", "new": UNKNOWN}, "new": UNKNOWN}],
    }
    scope = {"scope": {"name": "s", "new": UNKNOWN}, "logRecords": [entry], "new": UNKNOWN}
    group = {"resource": {"attributes": [], "new": UNKNOWN}, "scopeLogs": [scope], "new": UNKNOWN}
    seen = stored(shared, text, json.dumps({"new": UNKNOWN, "resourceLogs": [group], "newer": UNKNOWN}).encode())
    assert seen["attributes"] == [{"key": "k", "value": {"stringValue": "v"}}]


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_J3_ids_are_hex_in_either_case(shared, change):
    entry = stored_record(shared, traceId=change(TRACE_ID.hex()), spanId=change(SPAN_ID.hex()))
    assert base64.b64decode(entry["traceId"]) == TRACE_ID
    assert base64.b64decode(entry["spanId"]) == SPAN_ID


@pytest.mark.parametrize(
    "trace, span",
    [
        ("", ""),
        ("0" * 32, "0" * 16),
        ("0102", "01"),
        ("zz" * 16, "zz" * 8),
        ("1" * 31, "1" * 15),
        ("11" * 17, "11" * 9),
        (None, None),
    ],
)
def test_J3_an_invalid_id_is_dropped_and_the_record_kept(shared, trace, span):
    entry = stored_record(shared, traceId=trace, spanId=span)
    assert "traceId" not in entry and "spanId" not in entry


def test_J4_enums_are_numbers(shared):
    assert stored_record(shared, severityNumber=9)["severityNumber"] in (9, "SEVERITY_NUMBER_INFO")


def test_J4_an_enum_name_does_not_cost_the_record(shared):
    assert stored_record(shared, severityNumber="SEVERITY_NUMBER_INFO").get("severityNumber", 9) == 9


@pytest.mark.parametrize("given", ["1705314600000000123", 1705314600000000123])
def test_J5_64_bit_integers_are_text_or_number_without_loss(shared, given):
    entry = stored_record(shared, timeUnixNano=given, observedTimeUnixNano=given)
    assert entry["timeUnixNano"] == entry["observedTimeUnixNano"] == "1705314600000000123"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("9007199254740993", 2**53 + 1),
        ('"9007199254740993"', 2**53 + 1),
        ("-9223372036854775808", -(2**63)),
        ('"9223372036854775807"', 2**63 - 1),
        ("1.7e18", 17 * 10**17),
        ('"1.7e18"', 17 * 10**17),
        ("-0", 0),
        ("12.0", 12),
    ],
)
def test_J5_int_values(shared, text, expected):
    assert raw_value(shared, f'{{"intValue":{text}}}') == {"intValue": str(expected)}


def test_J6_32_bit_fields_are_numbers_or_text(shared):
    assert stored_record(shared, droppedAttributesCount=3, flags=1)["droppedAttributesCount"] == 3
    entry = stored_record(shared, droppedAttributesCount="4", flags="1")
    assert (entry["droppedAttributesCount"], entry["flags"]) == (4, 1)


@pytest.mark.parametrize("text", ["-_8=", "+/8=", "-_8", "+/8"])
def test_J7_bytes_are_base64_of_either_alphabet_padded_or_not(shared, text):
    assert base64.b64decode(stored_value(shared, {"bytesValue": text})["bytesValue"]) == b"\xfb\xff"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("0.1", 0.1),
        ("1", 1),
        ("-1e-7", -1e-7),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ('"0.5"', 0.5),
        ("5e-324", 5e-324),
        ("123456789.123456789", 123456789.123456789),
    ],
)
def test_J8_doubles(shared, text, expected):
    assert float(raw_value(shared, f'{{"doubleValue":{text}}}')["doubleValue"]) == expected


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_J8_doubles_that_json_cannot_write(shared, text):
    value = float(stored_value(shared, {"doubleValue": text})["doubleValue"])
    assert math.isnan(value) if text == "NaN" else value == float(text)


@pytest.mark.parametrize(
    "value",
    [
        {"stringValue": "x"},
        {"boolValue": False},
        {"intValue": "0"},
        {"doubleValue": 0.0},
        {
            "arrayValue": {
                "values": [{"stringValue": "a"}, {"intValue": "1"}, {"arrayValue": {"values": [{"boolValue": True}]}}]
            }
        },
        {
            "kvlistValue": {
                "values": [
                    {"key": "a", "value": {"kvlistValue": {"values": [{"key": "b", "value": {"intValue": "1"}}]}}}
                ]
            }
        },
        {"bytesValue": "AAEC"},
        {"arrayValue": {}},
        {"kvlistValue": {}},
        {},
    ],
)
def test_J9_every_kind_of_value(shared, value):
    assert stored_value(shared, value) in (value, None if value == {} else value)


def test_J9_the_last_member_of_the_oneof_wins(shared):
    assert raw_value(shared, '{"stringValue":"a","intValue":1}') == {"intValue": "1"}


def test_J10_null_is_the_default(shared):
    entry = stored_record(
        shared,
        attributes=None,
        severityText=None,
        severityNumber=None,
        timeUnixNano=None,
        flags=None,
        droppedAttributesCount=None,
        eventName=None,
    )
    assert not set(entry) & {"attributes", "severityText", "severityNumber", "flags", "eventName"}


@pytest.mark.parametrize("attribute", [{"key": "k"}, {"key": "k", "value": None}, {"key": "k", "value": {}}])
def test_J10_an_attribute_without_a_value_does_not_cost_the_record(shared, attribute):
    entry = stored_record(shared, attributes=[attribute, {"key": "l", "value": {"stringValue": "v"}}])
    assert {"key": "l", "value": {"stringValue": "v"}} in entry["attributes"]


def test_J11_string_table_references_are_taken_as_empty(shared):
    entry = stored_record(
        shared,
        attributes=[
            {"keyStrindex": 1, "value": {"stringValueStrindex": 2}},
            {"key": "k", "value": {"stringValue": "v"}},
        ],
    )
    assert {"key": "k", "value": {"stringValue": "v"}} in entry["attributes"]


def test_J12_event_name_flags_and_entities_round_trip(shared):
    text = unique()
    message = request(record(text, event_name="login", flags=0x1FF, dropped_attributes_count=2))
    group = message.resource_logs[0]
    group.schema_url, group.scope_logs[0].schema_url = "https://r", "https://s"
    group.resource.dropped_attributes_count = 3
    group.scope_logs[0].scope.dropped_attributes_count = 4
    group.resource.entity_refs.add(type="service", id_keys=["service.name"], schema_url="https://e")
    assert send(shared.http_port, as_json(message), JSON).status == 200
    assert send(shared.http_port, message.SerializeToString()).status == 200
    seen = shared.stored(text, 2)
    (expected,) = records_of(message)
    for one in seen:
        one.record["flags"] &= 0xFF  # the reserved bits may be kept or dropped
        assert one.record == {**expected.record, "flags": 0xFF}
        assert (one.resource_schema_url, one.scope_schema_url) == ("https://r", "https://s")
        assert one.scope == expected.scope
        assert one.resource == expected.resource


def test_J13_of_duplicate_keys_the_last_wins(shared):
    entry = stored_record(
        shared, attributes=[{"key": "k", "value": {"intValue": 1}}, {"key": "k", "value": {"intValue": 2}}]
    )
    values = [attribute["value"]["intValue"] for attribute in entry["attributes"]]
    assert values[-1] == "2"


def test_J13_of_duplicate_members_in_the_json_the_last_wins(shared):
    text = unique()
    body = body_with(body={"stringValue": text}).replace(b'"body"', b'"severityNumber":1,"severityNumber":9,"body"')
    assert stored(shared, text, body)["severityNumber"] in (9, "SEVERITY_NUMBER_INFO")


def test_J15_severity_0_and_out_of_range_are_kept(shared):
    assert "severityNumber" not in stored_record(shared, severityNumber=0)
    assert stored_record(shared, severityNumber=99)["severityNumber"] == 99


def nested(depth: int, text: str) -> bytes:
    """A body of arrays in arrays, that deep."""
    value = '{"arrayValue":{"values":[' * depth + "{}" + "]}}" * depth
    return body_with(body="HERE", attributes=[{"key": text, "value": {"intValue": 1}}]).replace(
        b'"HERE"', value.encode()
    )


def test_J16_modest_nesting_is_kept(shared):
    text = unique()
    assert send(shared.http_port, nested(20, text), JSON).status == 200
    entry = shared.stored(text)[0].record
    assert json.dumps(entry["body"]).count("arrayValue") == 20


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_J16_deep_nesting_is_400(shared, depth):
    answer = send(shared.http_port, nested(depth, unique()), JSON)
    assert answer.status == 400
    assert "deep" in status_of(answer).message.lower() or "depth" in status_of(answer).message.lower()


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
def test_J16_deep_nesting_in_an_unknown_field_is_400(shared, opening, closing):
    value = opening * 100_000 + "1" + closing * 100_000
    assert send(shared.http_port, b'{"unknown":' + value.encode() + b"}", JSON).status == 400


def test_text_escapes_and_surrogates_are_decoded(shared):
    text = unique()
    body = body_with(body="HERE").replace(
        b'"HERE"', b'{"stringValue":"' + text.encode() + rb' \u00e9\ud83e\udeb5\n\/\"\\"}'
    )
    assert stored(shared, text, body)["body"]["stringValue"] == text + ' é🪵\n/"\\'


def test_a_lone_surrogate_does_not_cost_the_record(shared):
    text = unique()
    body = body_with(body="HERE").replace(b'"HERE"', b'{"stringValue":"' + text.encode() + rb' \ud800 end"}')
    assert stored(shared, text, body)["body"]["stringValue"] == text + " � end"


def test_a_missing_comma_is_400_that_names_the_byte_offset_and_with_the_comma_it_is_stored(shared):
    text = unique()
    good = body_with(severityText="Info", body={"stringValue": text}).replace(b'"Info", ', b'"Info",')
    bad = good.replace(b'"severityText": "Info",', b'"severityText": "Info"')
    assert len(bad) == len(good) - 1
    answer = send(shared.http_port, bad, JSON)
    offset = bad.index(b'"Info"') + len(b'"Info"')
    assert answer.status == 400
    assert str(offset) in status_of(answer).message
    assert send(shared.http_port, good, JSON).status == 200
    assert body_of(shared.stored(text)[0]) == text
