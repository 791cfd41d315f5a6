/// Editors beside `set`, `delete_key` and `merge_maps`.
enum OTTLEditorFunction: UInt8, CaseIterable, Sendable {
  case append, deleteIndex, deleteMatchingKeys, keepMatchingKeys, keepKeys, limit, flatten, truncateAll, stringifyAll
  case replacePattern, replaceAllPatterns, replaceMatch, replaceAllMatches

  var declaration: OTTLFunction {
    switch self {
    case .append:
      OTTLFunction(
        "append", [.init("target", .path), .optional("value", .value(.any)), .optional("values", .values(.any))],
        prepare: Self.checkAppend)
    case .deleteIndex:
      OTTLFunction(
        "delete_index",
        [.init("target", .members), .init("start_index", .value(.int)), .optional("end_index", .value(.int))])
    case .deleteMatchingKeys:
      OTTLFunction("delete_matching_keys", [.init("target", .members), .init("pattern", .pattern)])
    case .keepMatchingKeys:
      OTTLFunction("keep_matching_keys", [.init("target", .members), .init("pattern", .pattern)])
    case .keepKeys: OTTLFunction("keep_keys", [.init("target", .members), .init("keys", .values(.string))])
    case .limit:
      OTTLFunction(
        "limit",
        [.init("target", .members), .init("limit", .constant(.int)), .init("priority_keys", .constants(.string))],
        prepare: Self.checkLimit)
    case .flatten:
      OTTLFunction(
        "flatten",
        [
          .init("target", .members), .optional("prefix", .constant(.string), default: .text("")),
          .optional("depth", .constant(.int), default: .int(.max)),
          .optional("resolve_conflicts", .constant(.bool), default: .bool(false)),
        ], prepare: Self.checkFlatten)
    case .truncateAll:
      OTTLFunction(
        "truncate_all",
        [
          .init("target", .members), .init("limit", .constant(.int)),
          .optional("utf8_safe", .constant(.bool), default: .bool(true)),
          .optional("truncation_marker", .constant(.string), default: .text("")),
        ], prepare: Self.checkTruncate)
    case .stringifyAll: OTTLFunction("stringify_all", [.init("target", .members)])
    case .replacePattern: Self.replacing("replace_pattern", .init("target", .path))
    case .replaceAllPatterns: Self.replacingAll("replace_all_patterns")
    case .replaceMatch: Self.replacingMatch("replace_match", .init("target", .path))
    case .replaceAllMatches: Self.replacingMatch("replace_all_matches", .init("target", .members))
    }
  }

  private static func replacing(_ name: String, _ target: OTTLParameter) -> OTTLFunction {
    OTTLFunction(
      name, [target, .init("regex_pattern", .pattern), .init("replacement", .value(.string))] + handedOver,
      prepare: { (constants) throws(OTTLProblem) in try OTTLReplacement.prepare(constants, pattern: 1) })
  }

  private static func replacingAll(_ name: String) -> OTTLFunction {
    OTTLFunction(
      name,
      [
        .init("target", .members), .init("mode", .choice(["key", "value"])), .init("regex_pattern", .pattern),
        .init("replacement", .value(.string)),
      ] + handedOver,
      prepare: { (constants) throws(OTTLProblem) in try OTTLReplacement.prepare(constants, pattern: 2) })
  }

  private static func replacingMatch(_ name: String, _ target: OTTLParameter) -> OTTLFunction {
    OTTLFunction(
      name, [target, .init("pattern", .constant(.string)), .init("replacement", .value(.string))] + handedOver,
      prepare: { (constants) throws(OTTLProblem) in try OTTLReplacement.prepareGlob(constants, pattern: 1) })
  }

  /// What a replacement may be handed to before it is put in.
  private static var handedOver: [OTTLParameter] {
    [.optional("function", .converter), .optional("replacement_format", .constant(.string))]
  }

  @Sendable private static func checkAppend(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    if !constants.has(1) && !constants.has(2) { throw OTTLProblem("value or values must be given") }
    return nil
  }

  @Sendable private static func checkLimit(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    let (limit, keys) = (constants.int(1) ?? 0, constants.list(2)?.count ?? 0)
    if limit < 0 { throw OTTLProblem("limit is \(limit): it must be 0 or more", of: 1) }
    if limit < Int64(keys) { throw OTTLProblem("limit is \(limit), fewer than the \(keys) priority keys", of: 1) }
    return nil
  }

  @Sendable private static func checkFlatten(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    if let depth = constants.int(2), depth < 1 { throw OTTLProblem("depth is \(depth): it must be 1 or more", of: 2) }
    return nil
  }

  @Sendable private static func checkTruncate(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    let (limit, marker) = (constants.int(1) ?? 0, constants.text(3)?.count ?? 0)
    if limit < 0 { throw OTTLProblem("limit is \(limit): it must be 0 or more", of: 1) }
    if marker > limit { throw OTTLProblem("the marker has \(marker) bytes, more than the limit of \(limit)", of: 3) }
    return nil
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    switch OTTLEditorFunction(rawValue: id) {
    case .append?: try run.append(call)
    case .deleteIndex?: try run.deleteIndex(call)
    case .deleteMatchingKeys?: try run.filterKeys(call, keepsMatching: false)
    case .keepMatchingKeys?: try run.filterKeys(call, keepsMatching: true)
    case .keepKeys?: try run.keepKeys(call)
    case .limit?: try run.limit(call)
    case .flatten?: try run.flatten(call)
    case .truncateAll?: try run.truncateAll(call)
    case .stringifyAll?: try run.stringifyAll(call)
    case .replacePattern?: try run.replacePattern(call)
    case .replaceAllPatterns?: try run.replaceAllPatterns(call)
    case .replaceMatch?: try run.replaceMatch(call)
    case .replaceAllMatches?: try run.replaceAllMatches(call)
    case nil: throw .unavailable
    }
    return .none
  }
}
