import Options

/// What kind of value a node gives, held against what it is set to.
extension OTTLCompiler {
  /// The kind that a node gives, unless it gives nil; nil if that depends on the record.
  func kind(of index: UInt32) -> OTTLValue.Kind? {
    let node = code.nodes[Int(index)]
    switch node.kind {
    case .constant: return constant(of: index)?.kind
    case .path:
      let path = code.paths[Int(node.first)]
      return path.keyCount == 0 ? path.field.kind : nil
    case .call: return OTTLFunctionGroup(rawValue: node.group)?.functions[Int(node.detail)].gives
    case .list: return .list
    case .map: return .map
    default: return nil
    }
  }

  /// Throws if a value is of a kind that the path of another node can never be set to.
  func check(_ value: UInt32, at span: OTTLSpan, fits target: UInt32) throws(OTTLLoadError) {
    guard let kind = kind(of: value), kind != .none else { return }
    let path = code.paths[Int(code.nodes[Int(target)].first)]
    if let wanted = path.keyCount == 0 ? path.field.kind : nil {
      if kind != wanted {
        throw OTTLLoadError(
          "value: expected \(wanted.shown), found \(kind.shown)\(hint(for: path.field, constant(of: value)))", at: span)
      }
      return try check(constant(of: value), at: span, isIDOf: path.field)
    }
    if !kind.isOfRecords {
      let remedy = kind.isID ? "write .string behind it" : "make it a text or a number"
      throw OTTLLoadError("value: \(kind.shown) cannot be set here: \(remedy)", at: span)
    }
  }

  /// The symbol of a severity that is given as text.
  private func hint(for field: OTTLPathField, _ value: OTTLConstant?) -> String {
    guard field == .severityNumber, case .string(let text)? = value else { return "" }
    let symbol = "SEVERITY_NUMBER_\(String(decoding: text.prefix(16), as: UTF8.self).uppercased())"
    return OTTLContext.severities[symbol] == nil ? "" : ": write \(symbol)"
  }

  private func check(
    _ value: OTTLConstant?, at span: OTTLSpan, isIDOf field: OTTLPathField
  ) throws(OTTLLoadError) {
    guard case .string(let text)? = value, field == .traceIDString || field == .spanIDString else { return }
    let digits = field == .traceIDString ? 32 : 16
    if text.count != digits || !text.allSatisfy(\.isHexDigit) {
      throw OTTLLoadError("value: expected \(digits) hexadecimal digits, found \(text.count) bytes", at: span)
    }
  }
}

extension OTTLPathField {
  /// The kind that it has without keys, and that it takes; nil if it may be of any.
  var kind: OTTLValue.Kind? {
    switch self {
    case .body, .clientMetadata, .clientAuthAttributes, .grpcMetadata: nil
    case .attributes, .scopeAttributes, .resourceAttributes, .cache, .scopeCache, .resourceCache: .map
    case .bodyString, .severityText, .eventName, .traceIDString, .spanIDString, .scopeName, .scopeVersion,
      .scopeSchemaURL, .resourceSchemaURL, .clientAddress:
      .string
    case .severityNumber, .flags, .droppedAttributesCount, .scopeDroppedAttributesCount,
      .resourceDroppedAttributesCount, .timeUnixNano, .observedTimeUnixNano:
      .int
    case .time, .observedTime: .time
    case .traceID: .traceID
    case .spanID: .spanID
    }
  }
}

extension OTTLValue.Kind {
  fileprivate var isID: Bool { self == .traceID || self == .spanID }
}

extension OTTLFunction {
  /// The kind of value that the converter gives whenever it gives any; nil if that depends on its arguments.
  var gives: OTTLValue.Kind? { Self.kinds[name] }

  private static let kinds: [String: OTTLValue.Kind] = {
    let names: [(OTTLValue.Kind, String)] = [
      (.time, "Now Time TruncateTime Unix"), (.duration, "Duration"), (.traceID, "TraceID"), (.spanID, "SpanID"),
      (.bool, "IsMatch IsMap IsString IsInt IsDouble IsBool IsList IsEmpty IsInCIDR IsValidLuhn HasPrefix HasSuffix"),
      (.bool, "ContainsValue Bool"), (.double, "Double Log Hours Minutes Seconds"),
      (.int, "Int ParseInt Len Index FNV UnixSeconds UnixMilli UnixMicro UnixNano Year Month Day Hour Minute Second"),
      (.int, "Nanosecond Weekday Milliseconds Microseconds Nanoseconds"),
      (.string, "Concat Substring Trim TrimPrefix TrimSuffix ConvertCase ToLowerCase ToUpperCase ToSnakeCase"),
      (.string, "ToCamelCase Format String Hex ToKeyValueString FormatTime SHA256 SHA512 SHA1 MD5 UUID UUIDv7"),
      (.list, "Split Keys Values"), (.map, "ParseKeyValue ParseCSV ExtractPatterns ExtractGrokPatterns URL UserAgent"),
    ]
    var kinds: [String: OTTLValue.Kind] = [:]
    for (kind, listed) in names {
      for name in listed.split(separator: " ") { kinds[String(name)] = kind }
    }
    return kinds
  }()
}
