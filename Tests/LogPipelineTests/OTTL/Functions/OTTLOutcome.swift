import Testing

@testable import LogPipeline

/// What expressions and statements come to, as texts that tests can compare.
enum OTTLOutcome {
  /// Attributes of every type.
  static let attributes =
    #"{"key":"s","value":{"stringValue":"hello wörld"}},{"key":"e","value":{"stringValue":""}},{"key":"i","value":{"intValue":"42"}},{"key":"n","value":{"stringValue":"17"}},{"key":"d","value":{"doubleValue":1.5}},{"key":"b","value":{"boolValue":true}},{"key":"y","value":{"bytesValue":"q80="}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":"3"},{"intValue":"1"},{"intValue":"2"}]}}},{"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"stringValue":"1"}},{"key":"y","value":{"kvlistValue":{"values":[{"key":"z","value":{"intValue":"2"}}]}}}]}}}"#

  /// The value of an expression for a record with those attributes and a body; `!` and the fault if it has none.
  static func of(_ expression: String, body: String = "the body") throws -> String {
    let batch = try batch(body)
    do {
      return shown(try OTTLTesting.value(expression, on: batch))
    } catch let fault as OTTLFault {
      return "!\(fault)"
    } catch let error as OTTLLoadError {
      guard let fault = OTTLTesting.fault(of: error) else { throw error }
      return "!\(fault)"
    }
  }

  private static func batch(_ body: String) throws -> LogBatch {
    var writer = ByteWriter(capacityBytes: 64)
    body.withBytes { writer.appendJSON(string: $0) }
    let text = String(decoding: writer.array, as: UTF8.self)
    return try OTTLTesting.batch(
      #""timeUnixNano":"1704467049120000000","body":{"stringValue":\#(text)},"attributes":[\#(attributes)]"#)
  }

  /// The attributes behind a statement; `!` and the fault in front of them if there was one.
  static func after(_ statement: String, _ attributes: String, body: String = "the body") throws -> String {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(body)"},"attributes":[\#(attributes)]"#)
    let program = try OTTLTesting.program([statement])
    try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    let fault = program.groups[0].statements[0].tally.faults.lastFault.map { "!\($0) " } ?? ""
    var compiler = OTTLCompiler(functions: .converters)
    let node = try compiler.value(try OTTLParser.value("attributes"))
    var run = OTTLRun(compiler.code, request: RequestContext())
    run.batch = batch.copied()
    run.stand(at: 0, of: .log)
    return fault + shown(run.constant(try run.evaluate(node)))
  }

  static func shown(_ value: OTTLConstant?) -> String {
    switch value {
    case nil: "?"
    case .some(.none): "nil"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)d"
    case .string(let text): "'\(String(decoding: text, as: UTF8.self))'"
    case .bytes(let bytes): "0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    case .list(let items): "[\(items.map { shown($0) }.joined(separator: ", "))]"
    case .map(let members):
      "{\(members.map { "\(String(decoding: $0.key, as: UTF8.self)): \(shown($0.value))" }.joined(separator: ", "))}"
    case .time(let time, _): "time \(time)"
    case .duration(let duration): "duration \(duration)"
    case .traceID(let id): "trace \(id.high) \(id.low)"
    case .spanID(let id): "span \(id)"
    }
  }
}
