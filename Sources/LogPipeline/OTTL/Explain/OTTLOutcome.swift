import Options

/// What a part comes to, in words that outlive the run.
struct OTTLOutcome {
  /// As it is shown.
  let text: String
  /// The type of the value; nil after a fault.
  let kind: OTTLValue.Kind?
  /// Whether it is true.
  let isTrue: Bool

  /// The most characters of a value that are shown.
  private static let maxCharacters = 160

  /// Evaluates a node, and has the run forget what it has computed for it.
  init(of node: UInt32, _ run: inout OTTLRun) {
    do throws(OTTLFault) {
      let value = try run.evaluate(node)
      text = try Self.text(of: value, &run)
      kind = value.kind
      isTrue = value.kind == .bool && value.boolValue
    } catch {
      text = "fails: \(error.message.text)"
      kind = nil
      isTrue = false
    }
    run.forget()
  }

  /// Values as statements write them, as far as they can.
  private static func text(of value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) -> String {
    switch value.kind {
    case .none: return "nil"
    case .time:
      let text = try run.timeText(value)
      return "time \(String(decoding: run.bytes(text), as: UTF8.self))"
    case .duration: return "duration \(formatDuration(.nanoseconds(value.nanoseconds)))"
    case .bytes:
      run.out.appendHex(run.bytes(value.text))
      return "0x\(try finished(&run))"
    case .traceID:
      run.out.appendHex(value.traceIDValue)
      return "TraceID(0x\(try finished(&run)))"
    case .spanID:
      run.out.appendHex(value.spanIDValue)
      return "SpanID(0x\(try finished(&run)))"
    case .bool, .int, .double, .string, .list, .map:
      try run.writeJSON(value)
      return try finished(&run)
    }
  }

  private static func finished(_ run: inout OTTLRun) throws(OTTLFault) -> String {
    let text = try run.finishText()
    return String(decoding: run.bytes(text), as: UTF8.self).forDisplay(maxCharacters: maxCharacters)
  }
}

extension OTTLPart {
  /// Whether what was found out of its first parts decides about it, so that those that follow are not asked.
  func isDecided(by outcome: OTTLOutcome) -> Bool {
    guard case .condition(let condition) = subject else { return false }
    switch condition.kind {
    case .all: return !outcome.isTrue
    case .any: return outcome.isTrue || outcome.kind == nil
    case .constant, .converter, .comparison, .not: return false
    }
  }

  /// What is worth saying of a comparison whose sides are these.
  func remark(_ left: OTTLValue.Kind?, _ right: OTTLValue.Kind?) -> String? {
    guard let left, let right, left != right, left != .none, right != .none else { return nil }
    let numbers: Set<OTTLValue.Kind> = [.int, .double]
    if numbers.contains(left) && numbers.contains(right) { return nil }
    return "\(left.shown) is never equal to \(right.shown), nor less or greater"
  }

  /// The part as text.
  var text: String {
    switch subject {
    case .condition(let condition): condition.description
    case .value(let value): value.description
    }
  }
}
