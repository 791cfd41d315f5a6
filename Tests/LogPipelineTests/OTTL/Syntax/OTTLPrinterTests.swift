import Testing

@testable import LogPipeline

@Suite struct OTTLPrinterTests {
  /// Made-up trees, printed, read and printed again.
  @Test func whatIsPrintedReadsBackTheSame() throws {
    var made = MadeTrees(seed: 7)
    for _ in 0..<2000 {
      let text = made.condition(depth: 4).description
      #expect(try OTTLParser.condition(text).condition.description == text)
    }
    for _ in 0..<2000 {
      let text = made.value(depth: 4).description
      #expect(try OTTLParser.value(text).description == text)
    }
  }
}

/// Trees at random.
struct MadeTrees {
  private var random: SplitMix64
  private static let nowhere = OTTLSpan(start: 0, end: 0)

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func condition(depth: Int) -> OTTLCondition {
    let kind: OTTLCondition.Kind
    switch Int.random(in: 0..<(depth > 0 ? 6 : 2), using: &random) {
    case 0: kind = .constant(Bool.random(using: &random))
    case 1: kind = .converter(call(depth: depth - 1))
    case 2: kind = .not(condition(depth: depth - 1))
    case 3: kind = .all(conditions(depth: depth - 1))
    case 4: kind = .any(conditions(depth: depth - 1))
    default:
      let comparison = OTTLComparison.allCases.randomElement(using: &random) ?? .equal
      kind = .comparison(value(depth: depth - 1), comparison, value(depth: depth - 1))
    }
    return OTTLCondition(kind: kind, span: Self.nowhere)
  }

  private mutating func conditions(depth: Int) -> [OTTLCondition] {
    (0..<Int.random(in: 2...3, using: &random)).map { _ in condition(depth: depth) }
  }

  mutating func value(depth: Int) -> OTTLExpression {
    let kind: OTTLExpression.Kind
    switch Int.random(in: 0..<(depth > 0 ? 13 : 8), using: &random) {
    case 0: kind = .nil
    case 1: kind = .bool(Bool.random(using: &random))
    case 2: kind = .int(Int64.random(in: -(.max) ... .max, using: &random))
    case 3: kind = .double(Double(bitPattern: UInt64.random(in: 0..<0x7ff0_0000_0000_0000, using: &random)))
    case 4: kind = .string(Array(["", "a\"b", "\\d\n", "ä\u{0}\u{7f}"][Int.random(in: 0..<4, using: &random)].utf8))
    case 5: kind = .bytes([0, 255])
    case 6: kind = .symbol("SEVERITY_NUMBER_INFO")
    case 7: kind = .path(path(depth: depth - 1))
    case 8: kind = .call(call(depth: depth - 1))
    case 9: kind = .list((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1) })
    case 10: kind = .map([OTTLMapEntry(key: Array("k".utf8), value: value(depth: depth - 1))])
    case 11: kind = .negated(number(depth: depth - 1))
    default:
      let op = OTTLOperator.allCases.randomElement(using: &random) ?? .add
      kind = .math(number(depth: depth - 1), op, number(depth: depth - 1))
    }
    return OTTLExpression(kind: kind, span: Self.nowhere)
  }

  /// A value that can be computed with.
  private mutating func number(depth: Int) -> OTTLExpression {
    while true {
      let value = value(depth: depth)
      if value.isComputable { return value }
    }
  }

  private mutating func call(depth: Int) -> OTTLCall {
    let arguments = (0..<Int.random(in: 0...2, using: &random)).map { index in
      OTTLArgument(name: index == 1 ? "named_one" : nil, value: value(depth: depth), span: Self.nowhere)
    }
    return OTTLCall(
      name: "ParseJSON", nameSpan: Self.nowhere, arguments: arguments, keys: keys(depth: depth), span: Self.nowhere)
  }

  private mutating func path(depth: Int) -> OTTLPath {
    let field = OTTLField(name: "attributes", keys: keys(depth: depth), span: Self.nowhere)
    let context = Bool.random(using: &random) ? "log" : nil
    return OTTLPath(context: context, fields: [field], span: Self.nowhere)
  }

  private mutating func keys(depth: Int) -> [OTTLExpression] {
    if depth <= 0 || Bool.random(using: &random) { return [] }
    return [OTTLExpression(kind: .string(Array("k".utf8)), span: Self.nowhere), number(depth: depth - 1)]
      .filter { if case .symbol = $0.kind { false } else { true } }
  }
}
