/// Converters that read texts of a certain form.
enum OTTLParseFunction: UInt8, CaseIterable, Sendable {
  case extractPatterns, extractGrokPatterns, parseKeyValue, parseCSV, parseInt, parseSeverity, url, userAgent
  case parseCEF, parseCLF, parseELF, parseLEEF, parseXML, parseSimplifiedXML
  case base64Encode, base64Decode, decode

  var declaration: OTTLFunction {
    switch self {
    case .extractPatterns:
      OTTLFunction(
        "ExtractPatterns", [.init("target", .value(.string)), .init("pattern", .pattern)], prepare: Self.checkNames)
    case .extractGrokPatterns:
      OTTLFunction(
        "ExtractGrokPatterns",
        [
          .init("target", .value(.string)), .init("pattern", .constant(.string)),
          .optional("named_captures_only", .constant(.bool), default: .bool(false)),
          .optional("pattern_definitions", .constants(.string)),
        ], prepare: Self.prepareGrok)
    case .parseKeyValue:
      OTTLFunction(
        "ParseKeyValue",
        [
          .init("target", .value(.string)), .optional("delimiter", .constant(.string), default: .text("=")),
          .optional("pair_delimiter", .constant(.string), default: .text(" ")),
        ], prepare: Self.prepareKeyValue)
    case .parseCSV:
      OTTLFunction(
        "ParseCSV",
        [
          .init("target", .value(.string)), .init("header", .value(.string)),
          .optional("delimiter", .constant(.string), default: .text(",")),
          .optional("header_delimiter", .constant(.string)),
          .optional("mode", .constant(.string), default: .text("strict")),
        ], prepare: Self.prepareCSV)
    case .parseInt:
      OTTLFunction(
        "ParseInt", [.init("target", .value(.string)), .init("base", .value(.int))], prepare: Self.checkBase)
    case .parseSeverity:
      OTTLFunction(
        "ParseSeverity", [.init("target", .value(.any)), .init("mapping", .value(.map))],
        prepare: { (constants) throws(OTTLProblem) in
          if let mapping = constants[1] { try OTTLSeverityMapping.check(mapping) }
          return nil
        })
    case .url: OTTLFunction("URL", [.init("uri", .value(.string))])
    case .userAgent: OTTLFunction("UserAgent", [.init("user_agent", .value(.string))])
    case .parseCEF: Self.ofTarget("ParseCEF")
    case .parseCLF:
      OTTLFunction(
        "ParseCLF",
        [
          .init("target", .value(.string)),
          .optional("format", .choice(CLFText.allCases.map(\.rawValue)), default: .int(0)),
        ])
    case .parseELF: Self.ofTarget("ParseELF")
    case .parseLEEF: Self.ofTarget("ParseLEEF")
    case .parseXML: Self.ofTarget("ParseXML")
    case .parseSimplifiedXML: Self.ofTarget("ParseSimplifiedXML")
    case .base64Encode:
      OTTLFunction(
        "Base64Encode",
        [
          .init("target", .value(.bytesLike)),
          .optional("variant", .choice(Base64Variant.allCases.map(\.rawValue)), default: .int(0)),
        ])
    case .base64Decode: Self.ofTarget("Base64Decode")
    case .decode:
      OTTLFunction(
        "Decode", [.init("target", .value(.bytesLike)), .init("encoding", .constant(.string))],
        prepare: { (constants) throws(OTTLProblem) in try OTTLDecoding.prepare(constants) })
    }
  }

  private static func ofTarget(_ name: String) -> OTTLFunction {
    OTTLFunction(name, [.init("target", .value(.string))])
  }

  @Sendable private static func checkBase(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    if let base = constants.int(1), base != 0, !(2...36).contains(base) {
      throw OTTLProblem("base is \(base): it must be 0, or 2 to 36", of: 1)
    }
    return nil
  }

  @Sendable private static func checkNames(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    guard let text = constants.text(1) else { return nil }
    do throws(PatternError) {
      if try Pattern(String(decoding: text, as: UTF8.self)).groupNames.contains(where: { $0 != nil }) { return nil }
    } catch {
      throw OTTLProblem("the pattern \(error.message)", of: 1)
    }
    throw OTTLProblem("the pattern names no group: (?P<name>...) is expected", of: 1)
  }

  @Sendable private static func prepareGrok(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    var namedOnly = false
    if case .bool(let given)? = constants[2] { namedOnly = given }
    let definitions = (constants.list(3) ?? []).map { constant in
      if case .string(let text) = constant { String(decoding: text, as: UTF8.self) } else { "" }
    }
    return try OTTLFunction.made(of: 1) { () throws(TextFormatError) in
      try GrokPattern(
        String(decoding: constants.text(1) ?? [], as: UTF8.self), namedOnly: namedOnly, definitions: definitions)
    }
  }

  @Sendable private static func prepareKeyValue(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    try OTTLFunction.made(of: 2) { () throws(TextFormatError) in
      try KeyValueText(delimiter: constants.text(1) ?? [], pairDelimiter: constants.text(2) ?? [])
    }
  }

  @Sendable private static func prepareCSV(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    let delimiter = constants.text(2) ?? []
    return try OTTLFunction.made(of: 2) { () throws(TextFormatError) in
      try CSVText(
        delimiter: delimiter, headerDelimiter: constants.text(3) ?? delimiter, mode: constants.text(4) ?? [])
    }
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    guard let function = OTTLParseFunction(rawValue: id) else { throw .unavailable }
    switch function {
    case .extractPatterns: return try run.extractPatterns(call)
    case .extractGrokPatterns:
      let grok = try call.made(GrokPattern.self, run)
      return try run.parsed(try call.text(0, &run)) { grok.read($0, into: &$1) }
    case .parseKeyValue:
      let form = try call.made(KeyValueText.self, run)
      return try run.parsed(try call.text(0, &run)) { form.read($0, into: &$1) }
    case .parseCSV: return try run.parseCSV(call)
    case .parseInt:
      let (text, base) = (try call.text(0, &run), try call.int(1, &run))
      guard let number = IntegerText.parse(run.bytes(text), base: base) else { throw .badText }
      return .int(number)
    case .parseSeverity: return try run.parseSeverity(call)
    case .base64Encode: return try run.base64Encode(call)
    case .base64Decode: return try run.decode(try call.text(0, &run), .base64(.standard))
    case .decode:
      guard let text = try call.bytesLike(0, &run) else { throw .nothing }
      return try run.decode(text, try call.made(OTTLDecoding.self, run))
    default: return try parse(function, call, &run)
    }
  }

  /// Converters of a text to a map that need nothing but the text.
  private static func parse(
    _ function: OTTLParseFunction, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    let text = try call.text(0, &run)
    switch function {
    case .url: return try run.parsed(text) { URLText.read($0, into: &$1) }
    case .userAgent:
      return try run.parsed(text) {
        UserAgentText.read($0, into: &$1)
        return true
      }
    case .parseCEF: return try run.parsed(text) { CEFText.read($0, into: &$1) }
    case .parseLEEF: return try run.parsed(text) { LEEFText.read($0, into: &$1) }
    case .parseELF: return try run.parsed(text) { ELFText.read($0, into: &$1) }
    case .parseCLF:
      let form: CLFText = try call.int(1, &run) == 0 ? .clf : .combined
      return try run.parsed(text) { form.read($0, into: &$1) }
    case .parseXML: return try run.parsedXML(text) { $0.addElements(to: &$1) }
    case .parseSimplifiedXML: return try run.parsedXML(text) { $0.addSimplified(to: &$1) }
    default: throw .unavailable
    }
  }
}
