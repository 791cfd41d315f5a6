import CVector

/// The functions that most statements use.
enum OTTLCoreFunction: UInt8, CaseIterable, Sendable {
  case set, deleteKey, mergeMaps, isMatch, isMap, isString, now, parseJSON, split

  var declaration: OTTLFunction {
    switch self {
    case .set: OTTLFunction("set", [.init("target", .path), .init("value", .value(.any))])
    case .deleteKey: OTTLFunction("delete_key", [.init("target", .members), .init("key", .value(.string))])
    case .mergeMaps:
      OTTLFunction(
        "merge_maps",
        [
          .init("target", .members), .init("source", .value(.map)),
          .init("strategy", .choice(["insert", "update", "upsert"])),
        ])
    case .isMatch: OTTLFunction("IsMatch", [.init("target", .value(.stringLike)), .init("pattern", .pattern)])
    case .isMap: OTTLFunction("IsMap", [.init("target", .value(.any))])
    case .isString: OTTLFunction("IsString", [.init("target", .value(.any))])
    case .now: OTTLFunction("Now", [])
    case .parseJSON: OTTLFunction("ParseJSON", [.init("target", .value(.string))])
    case .split: OTTLFunction("Split", [.init("target", .value(.string)), .init("delimiter", .value(.string))])
    }
  }

  @inline(__always)
  static func call(
    _ id: UInt8, _ arguments: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    switch OTTLCoreFunction(rawValue: id) {
    case .set?: return try setTarget(arguments, &run)
    case .deleteKey?: return try removeKey(arguments, &run)
    case .mergeMaps?: return try run.mergeMaps(arguments)
    case .isMatch?: return try findPattern(arguments, &run)
    case .isMap?: return .bool(try arguments.value(0, &run).kind == .map)
    case .isString?: return .bool(try arguments.value(0, &run).kind == .string)
    case .now?: return .time(Int64(truncatingIfNeeded: run.batch.receivedUnixNano))
    case .parseJSON?: return try run.parseJSON(try arguments.text(0, &run))
    case .split?: return try parts(arguments, &run)
    case nil: throw .unavailable
    }
  }

  /// Gives the target a value; nil changes nothing.
  @inline(__always)
  private static func setTarget(_ call: OTTLArguments, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    let value = try call.value(1, &run)
    if !value.isNone { try run.set(call.path(0, run), to: value) }
    return .none
  }

  /// Removes the member that has a key, if there is one.
  private static func removeKey(_ call: OTTLArguments, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    let key = try call.text(1, &run)
    var members = try call.members(0, &run)
    guard let removed = run.index(of: run.bytes(key), in: members.value) else { return .none }
    members.remove(removed, &run)
    return .none
  }

  /// Whether a pattern is found in the text of a value; false of nil.
  @inline(__always)
  private static func findPattern(_ call: OTTLArguments, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    guard let text = try call.textLike(0, &run) else { return .bool(false) }
    let pattern = try call.pattern(1, &run)
    return .bool(pattern.matches(run.bytes(text)))
  }

  /// The parts of a text between delimiters, or its characters if the delimiter is empty; nothing is copied.
  private static func parts(_ call: OTTLArguments, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    let (text, delimiter) = (try call.text(0, &run), try call.text(1, &run))
    let list = run.begin()
    var start = 0
    while let found = run.find(delimiter, in: text, from: start) {
      try run.add(.string(text.part(start..<found)))
      start = found &+ delimiter.count
    }
    if !delimiter.isEmpty || start < text.count { try run.add(.string(text.part(start..<text.count))) }
    return run.list(from: list)
  }
}

extension OTTLRun {
  /// Where a delimiter is found from `start` on; if it is empty, where the next character starts.
  fileprivate func find(_ delimiter: OTTLText, in text: OTTLText, from start: Int) -> Int? {
    let (text, delimiter) = (bytes(text), bytes(delimiter))
    if delimiter.isEmpty {
      var next = start &+ 1
      while next < text.count, text[next] & 0xC0 == 0x80 { next &+= 1 }
      return next < text.count ? next : nil
    }
    guard let base = text.baseAddress, let needle = delimiter.baseAddress, start <= text.count else { return nil }
    guard let found = bytes_find(base + start, text.count &- start, needle, delimiter.count) else { return nil }
    return found - base
  }
}
