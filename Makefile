# The commands of the project; README.md says when to use which.
SHELL := /bin/bash
.DELETE_ON_ERROR:

SYSTEM_PACKAGES := libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler libdeflate-dev libzstd-dev libyaml-dev \
	libre2-dev libssl-dev libcrypt-dev zlib1g-dev
IMAGE_PACKAGES := python3 binutils ca-certificates tzdata
TEST_PACKAGES := python3-venv curl openssl nghttp2-client valgrind binutils iproute2 nftables dpkg-dev man-db mandoc systemd chromium
SWIFT_FILES := Package.swift Sources Tests Fuzz Benchmarks

.PHONY: run build builds image-root image deb test unit-build unit end-to-end costs faults scale soak check format lint bench bench-ack bench-attacks bench-auth bench-memory bench-report fuzz generate packages test-packages clean

## Builds the gateway and runs it on the embedded default: OTLP in on :4317 and :4318, records to a folder and stderr.
run: build
	.build/release/sluice $(ARGS)

build: packages
	SLUICE_COMMIT=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown) \
		bash .ci/release sluice

## The container image: its root file system in .build/image-root, and all of it in .build/sluice-image.tar, which
## `docker load` takes. The Dockerfile copies the same root.
image: image-root
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 0)} \
		python3 deploy/image/archive.py .build/image-root .build/sluice-image.tar

image-root: build
	@bash .ci/packages $(IMAGE_PACKAGES)
	python3 deploy/image/root.py .build/release/sluice .build/image-root

## The Debian package of that build: .build/sluice_VERSION_ARCHITECTURE.deb.
deb: build
	@bash .ci/packages dpkg-dev binutils
	python3 deploy/debian/package.py $(ARGS)

## Everything that must hold: unit tests, style, then the real binary driven by real clients.
test: builds unit end-to-end costs

# The build that is shipped and that of the unit tests beside each other, each in a folder of its own: both have long
# steps that keep one core busy.
builds: packages
	swift package resolve
	@$(MAKE) --no-print-directory -j2 build unit-build

unit-build: packages
	swift build --build-tests --scratch-path .build/tests

# One test at a time: those that wait for sockets share two cores badly with those that compute for seconds.
unit: unit-build
	timeout 25m swift test --skip-build --no-parallel --scratch-path .build/tests

# Tests that mostly wait go two at a time, file by file; those that measure or need the machine for themselves follow.
end-to-end: image test-packages .venv/ready
	PYTHONHASHSEED=0 .venv/bin/pytest -q -n 2 --dist loadfile Tests/StandIns Tests/EndToEnd Tests/Conformance
	.venv/bin/pytest -q Tests/Quality Tests/Deploy Tests/Scale Tests/Faults

## What a record costs in instructions and a request in allocations, held against Benchmarks/costs.json; and that no
## input costs more a byte the larger it is.
costs: packages test-packages .venv/ready
	.venv/bin/python Benchmarks/costs.py $(ARGS)
	.venv/bin/python Benchmarks/worst_cases.py

## The fault campaign at length: SIGKILL under load 500 times in each scenario, an outage of an hour, volumes away
## for three minutes, 50 reloads and as many that are refused, and the queue's model with power cuts 100,000 times.
faults: build test-packages .venv/ready
	FAULT_KILLS=500 OUTAGE_SECONDS=3600 FAULT_AWAY_SECONDS=180 .venv/bin/pytest -q -s -o faulthandler_timeout=0 Tests/Faults
	RELOAD_ROUNDS=50 .venv/bin/pytest -q -s -o faulthandler_timeout=0 Tests/EndToEnd/test_reload.py -k under_load
	SLUICE_MODEL_RUNS=100000 swift test --filter DiskQueueModelTests

## Three replicas behind a Service in network namespaces, under load: added, removed, killed and rolled. Needs root.
scale: build test-packages .venv/ready
	.venv/bin/python Tests/Scale/run.py $(ARGS)

## Half an hour at half of capacity: whether memory, descriptors, threads and latency stay where they were.
SOAK_SECONDS ?= 1800
soak: build test-packages .venv/ready
	.venv/bin/python Benchmarks/soak.py --seconds $(SOAK_SECONDS) $(ARGS)

## What a change must pass besides `make test`: formatting, and generated code that matches its schema.
check: lint
	bash proto/generate.sh --check

format:
	swift format --in-place --recursive --parallel $(SWIFT_FILES)

lint:
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)

generate: packages
	bash proto/generate.sh

## Records per second on one pinned core, beside the gateways found on PATH.
bench: build test-packages .venv/ready
	.venv/bin/python Benchmarks/bench.py $(ARGS)

## What ack: disk costs in records per second and latency, and a start with 10 GB queued.
bench-ack: build test-packages .venv/ready
	.venv/bin/python Benchmarks/ack.py $(ARGS)

## Resident memory idle, at full load, after large requests and with many connections.
bench-memory: build test-packages .venv/ready
	.venv/bin/python Benchmarks/memory.py $(ARGS)

## What a good sender notices of a bad one, attack by attack.
bench-attacks: build
	python3 Benchmarks/attacks.py $(ARGS)

## What credentials of each kind cost, and what good senders notice of 10,000 wrong ones a second.
bench-auth: build test-packages .venv/ready
	.venv/bin/python -W ignore Benchmarks/auth.py $(ARGS)

## Everything docs/PERFORMANCE.md shows, measured anew: half an hour on a machine that does nothing else.
bench-report: build test-packages .venv/ready
	.venv/bin/pip install --quiet --disable-pip-version-check matplotlib
	.venv/bin/python Benchmarks/bench.py --out .build/bench.json
	.venv/bin/python Benchmarks/memory.py --out .build/memory.json
	.venv/bin/python Benchmarks/ack.py --queued-gb 0 --out .build/ack.md
	.venv/bin/python Benchmarks/report.py .build/bench.json --memory .build/memory.json --ack .build/ack.md

fuzz: packages
	SLUICE_FUZZ=1 bash .ci/release sluice-fuzz
	.build/release/sluice-fuzz $(ARGS)

packages:
	@bash .ci/packages $(SYSTEM_PACKAGES)

test-packages:
	@bash .ci/packages $(TEST_PACKAGES)

.venv/ready: Tests/requirements.txt Tests/requirements-tools.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/requirements-tools.txt
	touch .venv/ready

clean:
	rm -rf .build .venv
