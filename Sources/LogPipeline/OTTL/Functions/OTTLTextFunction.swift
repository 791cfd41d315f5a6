/// Converters of texts.
enum OTTLTextFunction: UInt8, CaseIterable, Sendable {
  case concat, substring, trim, trimPrefix, trimSuffix, hasPrefix, hasSuffix, convertCase, toLowerCase, toUpperCase
  case toSnakeCase, toCamelCase, format, string, hex, index, len, toKeyValueString

  var declaration: OTTLFunction {
    switch self {
    case .concat: OTTLFunction("Concat", [.init("vals", .values(.stringLike)), .init("delimiter", .value(.string))])
    case .substring:
      OTTLFunction(
        "Substring",
        [
          .init("target", .value(.string)), .init("start", .value(.int)), .init("length", .value(.int)),
          .optional("utf8_safe", .constant(.bool), default: .bool(false)),
        ], prepare: Self.checkSubstring)
    case .trim:
      OTTLFunction(
        "Trim",
        [.init("target", .value(.string)), .optional("replacement", .constant(.string), default: .text(" "))])
    case .trimPrefix: Self.twoTexts("TrimPrefix", "prefix")
    case .trimSuffix: Self.twoTexts("TrimSuffix", "suffix")
    case .hasPrefix: Self.twoTexts("HasPrefix", "prefix")
    case .hasSuffix: Self.twoTexts("HasSuffix", "suffix")
    case .convertCase:
      OTTLFunction(
        "ConvertCase", [.init("target", .value(.string)), .init("to_case", .choice(CaseText.allCases.map(\.rawValue)))])
    case .toLowerCase: OTTLFunction("ToLowerCase", [.init("target", .value(.string))])
    case .toUpperCase: OTTLFunction("ToUpperCase", [.init("target", .value(.string))])
    case .toSnakeCase: OTTLFunction("ToSnakeCase", [.init("target", .value(.string))])
    case .toCamelCase: OTTLFunction("ToCamelCase", [.init("target", .value(.string))])
    case .format:
      OTTLFunction(
        "Format", [.init("format", .constant(.string)), .init("vals", .values(.any))],
        prepare: { constants in OTTLPreparedValue(SprintfFormat(constants.text(0) ?? [])) })
    case .string: OTTLFunction("String", [.init("target", .value(.stringLike))])
    case .hex: OTTLFunction("Hex", [.init("target", .value(.bytesLike))])
    case .index: OTTLFunction("Index", [.init("target", .value(.any)), .init("value", .value(.any))])
    case .len: OTTLFunction("Len", [.init("target", .value(.any))])
    case .toKeyValueString:
      OTTLFunction(
        "ToKeyValueString",
        [
          .init("target", .value(.map)), .optional("delimiter", .constant(.string), default: .text("=")),
          .optional("pair_delimiter", .constant(.string), default: .text(" ")),
          .optional("sort_output", .constant(.bool), default: .bool(false)),
        ], prepare: Self.prepareKeyValue)
    }
  }

  private static func twoTexts(_ name: String, _ second: String) -> OTTLFunction {
    OTTLFunction(name, [.init("target", .value(.string)), .init(second, .value(.string))])
  }

  @Sendable private static func checkSubstring(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    if let start = constants.int(1), start < 0 { throw OTTLProblem("start is \(start): it must be 0 or more", of: 1) }
    if let length = constants.int(2), length <= 0 {
      throw OTTLProblem("length is \(length): it must be 1 or more", of: 2)
    }
    return nil
  }

  @Sendable private static func prepareKeyValue(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    try OTTLFunction.made(of: 2) { () throws(TextFormatError) in
      try KeyValueText(delimiter: constants.text(1) ?? [], pairDelimiter: constants.text(2) ?? [])
    }
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    switch OTTLTextFunction(rawValue: id) {
    case .concat?: return try run.concat(call)
    case .substring?: return try run.substring(call)
    case .trim?: return .string(run.trimmed(try call.text(0, &run), of: try call.text(1, &run)))
    case .trimPrefix?: return .string(run.trimmed(try call.text(0, &run), prefix: try call.text(1, &run)))
    case .trimSuffix?: return .string(run.trimmed(try call.text(0, &run), suffix: try call.text(1, &run)))
    case .hasPrefix?:
      let (text, prefix) = (try call.text(0, &run), try call.text(1, &run))
      return .bool(run.bytes(text).hasPrefix(run.bytes(prefix)))
    case .hasSuffix?:
      let (text, suffix) = (try call.text(0, &run), try call.text(1, &run))
      return .bool(run.bytes(text).hasSuffix(run.bytes(suffix)))
    case .convertCase?:
      let cases = CaseText.allCases
      let index = Int(truncatingIfNeeded: try call.int(1, &run))
      return try run.text(try call.text(0, &run), in: cases[min(max(index, 0), cases.count &- 1)])
    case .toLowerCase?: return try run.text(try call.text(0, &run), in: .lower)
    case .toUpperCase?: return try run.text(try call.text(0, &run), in: .upper)
    case .toSnakeCase?: return try run.text(try call.text(0, &run), in: .snake)
    case .toCamelCase?: return try run.text(try call.text(0, &run), in: .camel)
    case .format?: return try run.format(call)
    case .string?: return try call.textLike(0, &run).map { .string($0) } ?? .none
    case .hex?: return try run.hex(call)
    case .index?: return try run.indexOf(call)
    case .len?: return try length(call, &run)
    case .toKeyValueString?: return try run.keyValueString(call)
    case nil: throw .unavailable
    }
  }

  /// The bytes of a string, or the members of a map or list.
  private static func length(_ call: OTTLArguments, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    let value = try call.value(0, &run)
    switch value.kind {
    case .string: return .int(Int64(value.text.count))
    case .map, .list: return .int(Int64(value.memberCount))
    case .none: throw .nothing
    default: throw .wrongType
    }
  }
}
