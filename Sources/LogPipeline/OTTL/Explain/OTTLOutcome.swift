import Options

/// What a part comes to, in words that outlive the run.
struct OTTLOutcome {
  /// As it is shown.
  let text: String
  /// The type of the value; nil after a fault.
  let kind: OTTLValue.Kind?
  /// Whether it is true.
  let isTrue: Bool

  /// The most characters of a value that are shown, unless all are to be.
  static let maxCharacters = 160

  /// Evaluates a node, and has the run forget what it has computed for it.
  init(of node: UInt32, _ run: inout OTTLRun, maxCharacters: Int = maxCharacters) {
    do throws(OTTLFault) {
      let value = try run.evaluate(node)
      try Self.write(value, &run)
      let written = try run.finishText()
      text = String(decoding: run.bytes(written), as: UTF8.self).forDisplay(maxCharacters: maxCharacters)
      kind = value.kind
      isTrue = value.kind == .bool && value.boolValue
    } catch {
      text = "fails: \(error.message.text)"
      kind = nil
      isTrue = false
    }
    run.forget()
  }

  /// Values as statements write them, as far as they can; a number with a point has one.
  private static func write(_ value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) {
    switch value.kind {
    case .none: run.out.append("nil")
    case .time:
      run.out.append("time ")
      run.writeTime(value)
    case .duration: run.out.append(text: "duration \(formatDuration(.nanoseconds(value.nanoseconds)))")
    case .bytes:
      try run.makeRoom(value.text.count &* 2)
      run.out.append("0x")
      run.out.appendHex(run.bytes(value.text))
    case .traceID:
      run.out.append("TraceID(0x")
      run.out.appendHex(value.traceIDValue)
      run.out.append(")")
    case .spanID:
      run.out.append("SpanID(0x")
      run.out.appendHex(value.spanIDValue)
      run.out.append(")")
    case .double:
      let start = run.out.count
      run.out.appendJSON(value.doubleValue)
      if run.out.pointer(to: start..<run.out.count).allSatisfy({ $0.isDigit || $0 == UInt8(ascii: "-") }) {
        run.out.append(".0")
      }
    case .bool, .int, .string: try run.writeJSON(value)
    case .list, .map: try write(membersOf: value, &run)
    }
  }

  private static func write(membersOf value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) {
    run.out.append(value.kind == .map ? "{" : "[")
    for index in 0..<value.memberCount {
      try run.makeRoom(1)
      if index > 0 { run.out.append(",") }
      if value.kind == .map {
        run.out.appendJSON(string: run.bytes(run.key(index, of: value)))
        run.out.append(":")
      }
      try write(run.member(index, of: value), &run)
    }
    run.out.append(value.kind == .map ? "}" : "]")
  }
}
