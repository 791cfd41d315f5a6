"""The command line: what it prints and with which code it leaves."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest

from EndToEnd.gateway import ROOT, binary, free_port

GOOD = """\
receivers:
  otlp:
    protocols:
      http:
        endpoint: ${env:LISTEN:-127.0.0.1:0}
exporters:
  elasticsearch:
    endpoints: [http://127.0.0.1:9]
    user: elastic
    password: ${env:PASSWORD}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: PORT}}}}]}}
  pipelines:
    logs: {receivers: [otlp], exporters: [elasticsearch]}
"""
SECRET = "s3cr3t-of-the-test"


@pytest.fixture
def sluice(tmp_path):
    """Runs the command with a configuration and returns what it did."""

    def run(*arguments: str, config: str = GOOD, **environment: str):
        path = tmp_path / "pipeline.yaml"
        path.write_text(config.replace("PORT", str(free_port())))
        given = {**os.environ, "PASSWORD": SECRET, **environment}
        command = [str(binary()), *arguments, "--config", str(path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, env=given, cwd=tmp_path)

    return run


def test_validate_accepts_a_good_configuration(sluice):
    result = sluice("validate")
    assert result.returncode == 0, result.stderr


def test_every_mistake_is_reported_at_once_with_its_place_and_the_nearest_name(sluice):
    config = GOOD.replace("endpoint: $", "endpiont: $").replace("user: elastic", "usr: elastic")
    result = sluice("validate", config=config)
    assert result.returncode == 78
    assert "pipeline.yaml:5:9: " in result.stderr and '"endpoint"' in result.stderr
    assert "pipeline.yaml:9:5: " in result.stderr and '"user"' in result.stderr


@pytest.mark.parametrize(
    "old, new",
    [
        ("logs: {", "traces: {"),
        ("exporters: [elasticsearch]", "exporters: [elasticsearhc]"),
        ("http://127.0.0.1:9]", "ftp://127.0.0.1]"),
        ("receivers:", "\treceivers:"),
        ("service:", "service: {}\nservice:"),
    ],
)
def test_a_wrong_configuration_ends_with_78_and_names_its_place(sluice, old, new):
    result = sluice("run", config=GOOD.replace(old, new, 1))
    assert result.returncode == 78
    assert "pipeline.yaml:" in result.stderr


@pytest.mark.parametrize("arguments, code", [([], 0), (["--strict"], 78)])
def test_a_missing_variable_is_a_warning(sluice, arguments, code):
    result = sluice("validate", *arguments, config=GOOD.replace("env:PASSWORD", "env:NOT_SET_ANYWHERE"))
    assert result.returncode == code
    assert "warning: exporters.elasticsearch.password: " in result.stderr and "NOT_SET_ANYWHERE" in result.stderr


def test_a_variable_may_be_asked_for(sluice):
    result = sluice("validate", config=GOOD.replace("env:PASSWORD", "env:NOT_SET_ANYWHERE:?the cluster's password"))
    assert result.returncode == 78
    assert "NOT_SET_ANYWHERE is not set: the cluster's password" in result.stderr


def test_print_config_shows_defaults_and_hides_secrets(sluice):
    result = sluice("print-config")
    assert result.returncode == 0, result.stderr
    assert "max_request_body_size" in result.stdout
    assert SECRET not in result.stdout + result.stderr


def test_components_lists_what_can_be_configured(sluice):
    result = subprocess.run([str(binary()), "components"], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0
    for name in ("otlp", "elasticsearch", "victorialogs", "otlphttp", "file", "debug", "nop"):
        assert name in result.stdout


def test_an_unknown_command_is_a_usage_error(sluice):
    assert sluice("--no-such-option").returncode == 64


def test_a_port_that_is_taken_ends_the_start_with_its_name(sluice):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = sluice("run", LISTEN=f"127.0.0.1:{port}")
    assert result.returncode == 1
    assert str(port) in result.stderr
    assert SECRET not in result.stderr


def lines(text: str) -> list:
    return [json.loads(line) for line in text.splitlines()]


def test_a_start_that_fails_is_told_in_the_encoding_of_the_log(sluice):
    config = GOOD.replace("telemetry: {", "telemetry: {logs: {encoding: json}, ")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = sluice("run", config=config, LISTEN=f"127.0.0.1:{port}")
    assert result.returncode == 1
    last = lines(result.stderr)[-1]
    assert last["level"] == "error" and str(port) in last["message"] and last["time"].endswith("Z")
    result = sluice("run", config=config.replace("user: elastic", "usr: elastic"))
    assert result.returncode == 78
    assert any(line["level"] == "error" and "pipeline.yaml:9:5: " in line["message"] for line in lines(result.stderr))
    # People read what validate says.
    result = sluice("validate", config=config.replace("user: elastic", "usr: elastic"))
    assert "pipeline.yaml:9:5: " in result.stderr and not result.stderr.startswith("{")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["valdiate"], "Unknown command 'valdiate' of sluice: did you mean validate?"),
        (["gw.yaml"], "a configuration file is given with --config, as in sluice --config gw.yaml"),
        (["queue", "drian"], "did you mean drain?"),
    ],
)
def test_a_command_that_is_none_is_told_what_was_meant(arguments, words):
    done = run(*arguments)
    assert done.returncode == 64 and words in done.stderr


def test_a_configuration_may_come_from_a_pipe_but_not_without_end(tmp_path):
    config = (ROOT / "config/redaction.yaml").read_text()
    done = run("validate", "--config", "/dev/stdin", text=config)
    assert done.returncode == 0, done.stderr
    command = f"'{binary()}' validate --config <(sleep 0.3; cat '{ROOT / 'config/redaction.yaml'}')"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    done = run("validate", "--config", "/dev/zero")
    assert done.returncode == 78 and "a device of at least" in done.stderr and "the limit is 4194304" in done.stderr
    large = tmp_path / "large.yaml"
    with open(large, "w") as file:
        file.truncate(1 << 30)
    done = run("validate", "--config", large)
    assert done.returncode == 78 and "it has 1073741824 bytes, the limit is 4194304 bytes" in done.stderr


def test_a_file_of_another_tool_is_said_to_be_one(tmp_path):
    path = tmp_path / "vector.toml"
    path.write_text('[sources.app]\ntype = "file"\n')
    done = run("validate", "--config", path)
    assert done.returncode == 78 and done.stderr.count("\n") == 1
    assert "this looks like a configuration of Vector, not of this gateway" in done.stderr


def run(*arguments, text: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([str(binary()), *map(str, arguments)], input=text, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("example", sorted({path.name for path in ROOT.glob("config/*.yaml")} - {"reference.yaml"}))
def test_every_example_is_valid_without_a_warning(example, tmp_path):
    path = ROOT / "config" / example
    done = subprocess.run(
        [binary(), "validate", "--config", path], capture_output=True, text=True, timeout=20, cwd=tmp_path, env={})
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert example in (ROOT / "README.md").read_text()


def test_redact_shows_what_is_left_and_counts_by_rule():
    done = run("redact", text='card 4111111111111111\n{"password": "hunter2"}\nplain\n')
    assert (done.returncode, done.stdout) == (0, 'card ****1111\n{"password": "****"}\nplain\n')
    assert done.stderr.splitlines() == ["1 credit_card mask", "1 key_name mask"]


def test_redact_takes_the_processor_of_a_configuration(tmp_path):
    config = ROOT / "config/redaction.yaml"
    assert run("redact", "--config", config, text="KD-123456").stdout == "KD-******\n"
    other = run("redact", "--config", config, "--processor", "redaction/x", text="x")
    assert other.returncode == 64 and "there is redaction" in other.stderr


def test_the_cases_of_the_examples_pass_and_a_wrong_one_fails_with_code_1(tmp_path):
    config, cases = ROOT / "config/redaction.yaml", ROOT / "config/cases/redaction.yaml"
    done = run("test", "--config", config, cases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "6 of 6 cases passed"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("cases: [{name: wrong, input: [{body: a}], expect: [{body: b}]}]")
    done = run("test", "--config", config, cases, wrong)
    assert done.returncode == 1
    assert 'record 1.body: expected "b", found "a"' in done.stdout
    wrong.write_text("cases: [{nam: wrong}]")
    done = run("test", "--config", config, wrong)
    assert done.returncode == 78 and 'did you mean "name"' in done.stderr


def test_a_process_without_arguments_does_not_start_on_its_defaults(tmp_path):
    result = subprocess.run(
        [""], executable=binary(), capture_output=True, text=True, timeout=20, cwd=tmp_path
    )
    assert result.returncode == 70
    assert result.stderr.startswith("error: the process was started without arguments, or cannot read them")


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGILL, signal.SIGTRAP, signal.SIGBUS])
def test_a_crash_ends_the_process_at_once(tmp_path, number):
    path = tmp_path / "pipeline.yaml"
    path.write_text(GOOD.replace("PORT", str(free_port())))
    environment = {**os.environ, "PASSWORD": SECRET}
    command = [str(binary()), "--config", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as process:
        for line in process.stderr:
            if "gateway is ready" in line:
                break
        process.send_signal(number)
        began = time.monotonic()
        rest = process.stderr.read()
        assert process.wait(timeout=60) == -number
        assert time.monotonic() - began < 2
    assert "Crash" not in rest and "Backtrace" not in rest


@pytest.mark.parametrize("argument", ["--version", "-v", "version"])
def test_the_version_names_commit_and_libraries(argument):
    done = run(argument)
    assert done.returncode == 0
    assert done.stdout.startswith("sluice ") and "commit" in done.stdout and "libnghttp2 1." in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell):
    done = run("--generate-completion-script", shell)
    assert done.returncode == 0 and "validate" in done.stdout


def test_the_first_line_of_the_log_says_what_starts(start, tmp_path):
    target = tmp_path / "out.ndjson"
    gateway = start({"file": {"path": str(target)}})
    line = gateway.log().splitlines()[0]
    assert "gateway starts" in line and f"configuration={gateway.folder}/gateway.yaml" in line
    assert "pipelines=logs" in line and f"writes={target}" in line and "version=" in line and "commit=" in line
    assert "sluice_build_info{" in gateway.admin("/metrics")[1]


def test_other_signals_are_refused_with_who_asked_or_discarded(start):
    import http.client

    for option, status in (("refuse", 404), ("discard", 200)):
        gateway = start(overlay={"receivers": {"otlp": {"other_signals": option}}})
        for path in ("/v1/traces", "/v1/metrics", "/v1/traces"):
            connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)
            fields = {"content-type": "application/json", "user-agent": "an-sdk/1.0"}
            connection.request("POST", path, b"{}", fields)
            answer = connection.getresponse()
            assert answer.status == status and answer.read().startswith(b"{")
            connection.close()
        lines = [line for line in gateway.log().splitlines() if "request refused" in line]
        if option == "refuse":
            assert len(lines) == 2, "one for each signal"
            assert "user_agent=an-sdk/1.0" in lines[0] and "peer=127.0.0.1:" in lines[0]
            assert "POST /v1/traces" in lines[0] and "OTEL_TRACES_EXPORTER=none" in lines[0]
        else:
            assert lines == []
            assert gateway.metric("sluice_receiver_discarded_requests", signal="traces") == 2
