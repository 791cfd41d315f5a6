package import LogPipeline

/// Shows what a redaction processor leaves of lines: texts, which it takes for bodies of records, and OTLP requests in
/// JSON, one a line (`sluice redact`).
///
/// A line that is longer than `maxLineBytes` is masked unread. Invariant: `pending` holds no line end.
package struct RedactionPreview: ~Copyable {
  /// What the lines became; the caller writes it away and calls `removeOutput`.
  package private(set) var output = ByteWriter()
  private var tooLongLines = 0
  private let processor: RedactionProcessor
  private let maxLineBytes: Int
  /// The start of a line whose end has not come.
  private var pending: [UInt8] = []
  private var isSkipping = false
  private var batch = LogBatch()
  private var request = RequestContext()

  /// A preview of lines of at most `maxLineBytes` bytes, the line's end left out.
  package init(_ processor: RedactionProcessor, maxLineBytes: Int = 16 << 20) {
    self.processor = processor
    self.maxLineBytes = maxLineBytes
  }

  /// What was done since the start.
  package struct Counts: Sendable {
    /// How often each rule has changed something.
    package typealias Rule = RedactionProcessor.RuleCount
    package var rules: [Rule]
    /// Lines that were longer than the limit.
    package var tooLongLines: Int

    package init(rules: [Rule], tooLongLines: Int) {
      self.rules = rules
      self.tooLongLines = tooLongLines
    }
  }

  package var counts: Counts { Counts(rules: processor.redactions, tooLongLines: tooLongLines) }

  /// Forgets the output that was written away.
  package mutating func removeOutput() { output.removeAll() }

  /// Takes the next piece of the input.
  package mutating func append(_ input: ArraySlice<UInt8>) {
    guard let end = input.lastIndex(of: UInt8(ascii: "\n")) else { return keep(input) }
    if let first = input.firstIndex(of: UInt8(ascii: "\n")), !pending.isEmpty || isSkipping {
      keep(input[..<first])
      finishLine()
      if first < end { take(input[(first + 1)...end]) }
    } else {
      take(input[...end])
    }
    keep(input[(end + 1)...])
  }

  /// Takes what stands after the last line end.
  package mutating func finish() {
    if !pending.isEmpty || isSkipping { finishLine() }
  }

  private mutating func keep(_ part: ArraySlice<UInt8>) {
    if isSkipping || part.isEmpty { return }
    if pending.count + part.count > maxLineBytes {
      isSkipping = true
      pending = []
    } else {
      pending += part
    }
  }

  private mutating func finishLine() {
    if isSkipping {
      maskUnread()
    } else {
      take((pending + [UInt8(ascii: "\n")])[...])
    }
    pending.removeAll(keepingCapacity: true)
    isSkipping = false
  }

  private mutating func maskUnread() {
    tooLongLines += 1
    output.append(text: RedactionAction.defaultText + "\n")
  }
}

extension RedactionPreview {
  /// Takes whole lines, line ends included; invalid UTF-8 becomes U+FFFD, as in requests.
  private mutating func take(_ lines: ArraySlice<UInt8>) {
    let text = Array(String(decoding: lines, as: UTF8.self).utf8)
    begin(text)
    var start = 0
    while let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = text[start..<end]
      if line.count > maxLineBytes || Self.isRequest(line) {
        finishBatch()
        if line.count > maxLineBytes { maskUnread() } else { takeRequest(line) }
        begin(text)
      } else {
        var record = LogRecord()
        record.body = .string(ByteSlice(start..<end))
        batch.records.append(record)
      }
      start = end + 1
    }
    finishBatch()
  }

  /// Whether a line seems to be a request: `resourceLogs` is what OTLP's JSON starts with.
  private static func isRequest(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") else { return false }
    return String(decoding: line.prefix(64), as: UTF8.self).contains("\"resourceLogs\"")
  }

  /// Has an empty batch whose records are slices of `text`.
  private mutating func begin(_ text: [UInt8]) {
    batch.reset()
    batch.store = text
    batch.resources = [Resource()]
    batch.scopes = [Scope()]
  }

  private mutating func finishBatch() {
    processor.process(&batch, of: &request)
    Self.appendBodies(of: batch, to: &output)
  }

  private static func appendBodies(of batch: borrowing LogBatch, to output: inout ByteWriter) {
    let store = batch.store.span.bytes
    for index in batch.records.indices {
      let body = batch.records[index].body
      if body.kind == .string { output.append(store.extracting(body.slice.range)) }
      output.append(UInt8(ascii: "\n"))
    }
  }

  /// A request as it would be written by `exporters.file`, one line for each resource; what cannot be decoded is a
  /// text.
  private mutating func takeRequest(_ line: ArraySlice<UInt8>) {
    var frames = FrameWriter(maxBytes: .max)
    do {
      batch.reset()
      try batch.decode(json: Array(line), limits: DecodeLimits())
      processor.process(&batch, of: &request)
      try FileDialect().encode(batch, into: &frames)
      output.append(frames.bytes.array)
    } catch {
      begin(Array(line))
      var record = LogRecord()
      record.body = .string(ByteSlice(0..<line.count))
      batch.records = [record]
      finishBatch()
    }
  }
}

extension RedactionPreview {
  /// The processor that a configuration has under an id, or the only one that it has; without a configuration one
  /// with the default detectors.
  package static func processor(of configuration: Configuration?, id: String?) throws(Problem) -> RedactionProcessor {
    guard let configuration else {
      var options = RedactionOptions()
      options.allowAllKeys = true
      options.detectors = RuleSet.pack("default") ?? RuleSet()
      return RedactionProcessor(id: "redaction", options)
    }
    let all = configuration.processors.compactMap { processor in
      (processor.options as? RedactionOptions).map { (id: processor.id, options: $0) }
    }
    let ids = all.map { "\($0.id)" }
    let chosen = all.filter { id == nil || id == "\($0.id)" }
    guard let first = chosen.first else { throw .unknown(id: id, ids: ids) }
    if chosen.count > 1 { throw .several(ids: ids) }
    return RedactionProcessor(id: "\(first.id)", first.options)
  }

  /// Why no processor was chosen.
  package enum Problem: Error, Equatable, CustomStringConvertible {
    case unknown(id: String?, ids: [String])
    case several(ids: [String])

    package var description: String {
      switch self {
      case .unknown(_, let ids) where ids.isEmpty: "the configuration has no redaction processor"
      case .unknown(let id, let ids):
        "no redaction processor is called \(id ?? ""): there is \(ids.joined(separator: ", "))"
      case .several(let ids):
        "the configuration has several redaction processors, choose one: \(ids.joined(separator: ", "))"
      }
    }
  }
}
