import LogPipeline

/// A step over an input that is made to be expensive for it, at any size in bytes.
struct WorstCase {
  var name: String
  var run: (Int) -> Void
}

/// The case that runs, so that the mark below is not nothing.
nonisolated(unsafe) var runningCase: Int32 = -1

/// Called before each case: tools that count instructions cut their count here, by this function's name.
@inline(never)
func markWorstCase(_ index: Int32) { runningCase = index }

/// Runs some of the cases, or all, at a size.
func run(_ cases: [WorstCase], at bytes: Int, only chosen: [Int]) {
  for index in chosen.isEmpty ? Array(cases.indices) : chosen where cases.indices.contains(index) {
    markWorstCase(Int32(index))
    cases[index].run(bytes)
  }
  markWorstCase(-1)
}

func worstCases() throws -> [WorstCase] {
  try redactionCases() + patternCases() + requestCases() + usageCases()
}

/// A text of one piece over and over, of at most so many bytes; made of longer and longer parts, so that it costs next to
/// nothing beside what is measured.
private func text(of piece: String, _ bytes: Int) -> [UInt8] {
  let piece = Array(piece.utf8)
  var text = piece
  text.reserveCapacity(bytes + piece.count)
  while text.count * 2 <= bytes { text += text }
  let rest = (bytes - text.count) / piece.count * piece.count
  if rest > 0 { text += text[..<rest] }
  return text
}

private func redactionCases() -> [WorstCase] {
  var options = RedactionOptions()
  options.allowAllKeys = true
  options.detectors = RuleSet(Rule.allCases)
  let processor = RedactionProcessor(id: "redaction", options)
  return HostilePieces.all.map { piece in
    WorstCase(name: "redaction \(piece.debugDescription)") { redact(text(of: piece, $0), processor) }
  }
}

private func patternCases() throws -> [WorstCase] {
  try ["a.*z|a", "a(.*z)?", "a.*z", "foo\\d+|bar\\w+", "[^,]*,", "(a+b|c)*d"].flatMap { pattern in
    var options = RedactionOptions()
    options.allowAllKeys = true
    options.blockedValues = [try Pattern(pattern)]
    let processor = RedactionProcessor(id: "redaction", options)
    return ["a", "a,", "az", "foo1", "aab"].map { piece in
      WorstCase(name: "pattern \(pattern) \(piece.debugDescription)") { redact(text(of: piece, $0), processor) }
    }
  }
}

private func redact(_ text: [UInt8], _ processor: RedactionProcessor) {
  var batch = LogBatch()
  batch.resources = [Resource()]
  batch.scopes = [Scope()]
  var record = LogRecord()
  if let slice = batch.store(text) { record.body = .string(slice) }
  batch.records.append(record)
  run(processor, on: &batch)
}

/// Requests of one piece over and over, through the decoders, every dialect and every processor.
private func requestCases() throws -> [WorstCase] {
  let (dialects, processors) = (try dialects(), try processors())
  return HostileRequests.all.flatMap { request -> [WorstCase] in
    func decoded(_ bytes: Int) -> LogBatch {
      var batch = LogBatch()
      try? batch.decode(json: request.json(bytes), limits: DecodeLimits())
      return batch
    }
    func encoded(_ bytes: Int, _ dialect: any Dialect) -> FrameWriter {
      var frames = FrameWriter()
      try? dialect.encode(decoded(bytes), into: &frames)
      return frames
    }
    let otlp = OTLPDialect(transport: .http)
    let decoders = [
      WorstCase(name: "decode-json \(request.name)") { _ = decoded($0) },
      WorstCase(name: "decode-protobuf \(request.name)") { bytes in
        let body = encoded(bytes, otlp).bytes.array
        var batch = LogBatch()
        try? batch.decode(protobuf: body, limits: DecodeLimits())
      },
    ]
    let encoders = dialects.map { name, dialect in
      WorstCase(name: "encode-\(name) \(request.name)") { _ = encoded($0, dialect) }
    }
    return decoders + encoders
      + processors.map { name, processor in
        WorstCase(name: "process-\(name) \(request.name)") { bytes in
          var batch = decoded(bytes)
          run(processor, on: &batch)
        }
      }
  }
}

/// Requests in JSON whose middle is a piece over and over.
struct HostileRequests {
  var name: String
  private var start: String
  private var piece: String
  private var end: String

  func json(_ bytes: Int) -> [UInt8] { Array(start.utf8) + text(of: piece, bytes) + Array(end.utf8) }

  private static func record(_ name: String, _ start: String, _ piece: String, _ end: String) -> HostileRequests {
    HostileRequests(
      name: name, start: #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"# + start, piece: piece,
      end: end + "}]}]}]}")
  }

  private static func body(_ name: String, _ piece: String) -> HostileRequests {
    record("body of " + name, #""body":{"stringValue":""#, piece, #""}"#)
  }

  static let all: [HostileRequests] = [
    body("letters", "a"), body("quotes", #"\""#), body("escaped letters", #"\u0041"#), body("controls", #"\u0001"#),
    body("accents", "é"), body("pairs of surrogates", #"\ud83d\ude00"#), body("lone surrogates", #"\ud83d"#),
    record("empty attributes", #""attributes":["#, #"{"key":"","value":{}},"#, #"{"key":"a"}]"#),
    record(
      "attributes of one name", #""attributes":["#, #"{"key":"user.id","value":{"stringValue":"x"}},"#,
      #"{"key":"a"}]"#),
    record(
      "dotted names", #""attributes":["#, #"{"key":"a.b.c.d.e","value":{"intValue":"1"}},"#, #"{"key":"a"}]"#),
    record(
      "elements", #""body":{"arrayValue":{"values":["#, #"{"stringValue":"a"},"#, #"{"boolValue":true}]}}"#),
    record(
      "members", #""body":{"kvlistValue":{"values":["#, #"{"key":"name","value":{"stringValue":"token"}},"#,
      #"{"key":"value"}]}}"#),
    record("records", #""flags":1},"#, #"{"body":{"stringValue":"x"}},"#, #"{"flags":1"#),
    record("unknown fields", "", #""x":[{}],"#, #""flags":1"#),
    record("spaces", "", " ", #""flags":1"#),
    HostileRequests(
      name: "resources", start: #"{"resourceLogs":["#,
      piece: #"{"resource":{},"scopeLogs":[{"logRecords":[{}]}]},"#, end: "{}]}"),
  ]
}
