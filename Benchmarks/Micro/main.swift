import FrameQueues
import Glibc
import LogPipeline

/// `sluice-micro FOLDER [ROW COUNT]`: nanoseconds a record for each step of the path, over the payloads in FOLDER.
/// With a ROW only that step runs, COUNT times, for tools that count instructions; with `list` their names are printed.
/// `worst-cases BYTES [INDEX …]` runs steps over inputs made to be expensive.
let arguments = CommandLine.arguments
guard arguments.count > 1 else {
  print("usage: sluice-micro FOLDER [list | ROW COUNT]")
  exit(64)
}
let folder = arguments[1]
let chosen = arguments.count > 2 ? arguments[2] : nil
let repeats = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1

func contents(_ name: String) -> [UInt8] {
  guard let file = fopen("\(folder)/\(name)", "rb") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count <= 0 { return bytes }
    bytes += chunk[..<count]
  }
}

func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Whether a step is to be timed; if not, it is one that was not chosen, or `once` ran as often as asked.
func isTimed(_ name: String, _ once: () -> Void) -> Bool {
  guard let chosen else { return true }
  if chosen == "list" { print(name) }
  if chosen == name { for _ in 0..<repeats { once() } }
  return false
}

/// Runs a step over and over and prints its best time of several rounds, by record.
func row(_ name: String, records: Int, _ step: () -> Void) {
  guard isTimed(name, step) else { return }
  var best = UInt64.max
  for _ in 0..<20 {
    let start = now()
    for _ in 0..<50 { step() }
    best = min(best, now() - start)
  }
  let padding = String(repeating: " ", count: max(32 - name.count, 1))
  print("\(name)\(padding)\(best / UInt64(50 * records)) ns a record")
}

/// Runs a step that changes the batch it gets: each time on a copy of `batch` that is made before, untimed. For
/// instruction counts the copies are counted too, so that `process-nothing` is to be taken off.
func row(_ name: String, on template: borrowing LogBatch, _ step: (inout LogBatch) -> Void) {
  func fresh() -> LogBatch {
    var copy = template.copied()
    copy.store.reserveCapacity(copy.store.count + 16384)
    for index in copy.records.indices { copy.records[index].flags = 0 }
    if !copy.attributes.isEmpty { copy.attributes.reserveCapacity(copy.attributes.count + 1024) }
    return copy
  }
  let isTimed = isTimed(name) {
    var copy = fresh()
    step(&copy)
  }
  guard isTimed else { return }
  var best = UInt64.max
  for _ in 0..<20 {
    var total: UInt64 = 0
    for _ in 0..<50 {
      var copy = fresh()
      let start = now()
      step(&copy)
      total += now() - start
    }
    best = min(best, total)
  }
  let padding = String(repeating: " ", count: max(32 - name.count, 1))
  print("\(name)\(padding)\(best / UInt64(50 * template.records.count)) ns a record")
}

/// `sluice-micro FOLDER worst-cases BYTES [INDEX …]`, or `list-worst-cases`.
if chosen == "list-worst-cases" || chosen == "worst-cases" {
  let cases = try worstCases()
  if chosen == "worst-cases" {
    run(cases, at: repeats, only: arguments.dropFirst(4).compactMap { Int($0) })
  } else {
    for each in cases { print(each.name) }
  }
  exit(0)
}

let protobuf = contents("100.pb")
let json = contents("100.json")
let limits = DecodeLimits()
var batch = LogBatch()

row("decode-protobuf", records: 100) {
  batch.reset()
  try? batch.decode(protobuf: protobuf, limits: limits)
}
row("decode-json", records: 100) {
  batch.reset()
  try? batch.decode(json: json, limits: limits)
}

batch.reset()
try? batch.decode(protobuf: protobuf, limits: limits)
batch.receivedUnixNano = batch.records.first?.timeUnixNano ?? 0
for (name, dialect) in try dialects() {
  var frames = FrameWriter()
  row("encode-\(name)", records: 100) {
    frames.removeAll()
    try? dialect.encode(batch, into: &frames)
  }
}

/// Has a processor edit a batch of a request that came now.
func run(_ processor: some Processor, on batch: inout LogBatch) {
  var request = RequestContext(clientAddress: "127.0.0.1", monotonicNano: now())
  request.addField("x-tenant", "acme")
  try? processor.process(&batch, of: &request)
}

row("process-nothing", on: batch) { _ in }
for (name, processor) in try processors() { row("process-\(name)", on: batch) { run(processor, on: &$0) } }
for (name, processor) in statements() { row("process-\(name)", on: batch) { run(processor, on: &$0) } }
let merging = transform(#"merge_maps(log.attributes, ParseJSON(log.body), "upsert")"#)
row("process-ottl-merge-json", on: batch(ofBodies: jsonBodies, bytes: 300)) { batch in
  if let merging { run(merging, on: &batch) }
}
let detectors = redaction()
row("process-redaction-160-plain", on: batch(ofBodies: plainBodies)) { run(detectors, on: &$0) }
row("process-redaction-160-secrets", on: batch(ofBodies: secretBodies)) { run(detectors, on: &$0) }

for (name, router) in routes() {
  let ingest = IngestPipeline(
    pipelines: [
      Pipeline(id: "logs", steps: [], destinations: router == nil ? ends : [], routers: router.map { [$0] } ?? [])
    ],
    limits: limits)
  let scratch = IngestScratch()
  row("ingest-\(name)", records: 100) {
    _ = try? ingest.ingest(protobuf, as: .protobuf, receivedUnixNano: 1, with: scratch)
    for end in ends { while let lease = end.queue.lease(maxBytes: .max) { end.queue.acknowledge(lease) } }
  }
}

for (name, body, tables) in requestsOfServices(batch) {
  var ingest = IngestPipeline(
    pipelines: [Pipeline(id: "logs", steps: [], destinations: ends)], limits: limits)
  ingest.usage = tables
  let scratch = IngestScratch()
  row("ingest-\(name)", records: 100) {
    _ = try? ingest.ingest(body, as: .protobuf, receivedUnixNano: 1, with: scratch)
    for end in ends { while let lease = end.queue.lease(maxBytes: .max) { end.queue.acknowledge(lease) } }
  }
}

var frames = FrameWriter()
if let (_, dialect) = try dialects().first { try? dialect.encode(batch, into: &frames) }
try row(queues: frames)
row(compressing: frames)
