/// What stands where records should, but holds none. A request that has nothing else is refused, so that its sender is
/// not told that logs were taken that nothing could read; beside records it is stepped over and counted. `lost` is
/// where the first of it stands.
extension OTLPJSONDecoder {
  /// A message on the way to the records, and whether the member has been seen which leads on to them.
  struct Level {
    let kind: Kind
    var leadsOn = false
    /// The first member that OTLP does not name.
    fileprivate var stranger: DecodeError?
    /// The first member with the name, in snake_case, of the one that leads on.
    fileprivate var twin: DecodeError?

    enum Kind { case request, resourceLogs, scopeLogs }

    init(_ kind: Kind) { self.kind = kind }

    /// Takes it that records are lost if all that was here leads nowhere, or some stand under the name in snake_case.
    func end(_ lost: inout DecodeError?) {
      if lost == nil { lost = leadsOn ? twin : stranger }
    }
  }

  /// Steps over the value of a member that OTLP does not name.
  mutating func skipUnknown(_ key: JSONKey, in level: inout Level) throws(DecodeError) {
    if level.stranger == nil { level.stranger = stranger(key, in: level.kind) }
    if level.twin == nil, Self.isTwin(key, in: level.kind) { level.twin = stranger(key, in: level.kind) }
    try skipUnknown(key)
  }

  /// Whether a member would lead on to the records but for the spelling of its name.
  private static func isTwin(_ key: JSONKey, in kind: Level.Kind) -> Bool {
    switch (kind, key) {
    case (.request, "resource_logs"), (.resourceLogs, "scope_logs"), (.scopeLogs, "log_records"): true
    default: false
    }
  }

  private func stranger(_ key: JSONKey, in kind: Level.Kind) -> DecodeError {
    switch (kind, key) {
    case (.request, "resource_logs"): json.expected("`resource_logs`: OTLP/JSON says `resourceLogs`")
    case (.request, _): json.expected("expected `resourceLogs`, which OTLP/JSON has its logs in")
    case (.resourceLogs, "scope_logs"): json.expected("`scope_logs`: OTLP/JSON says `scopeLogs`")
    case (.resourceLogs, _): json.expected("expected `scopeLogs`, which OTLP/JSON has the logs of a resource in")
    case (.scopeLogs, "log_records"): json.expected("`log_records`: OTLP/JSON says `logRecords`")
    case (.scopeLogs, _): json.expected("expected `logRecords`, which OTLP/JSON has the logs of a scope in")
    }
  }

  /// Starts the list that leads on to the records.
  @inline(__always)
  mutating func elements(of level: inout Level, _ lost: inout DecodeError?) throws(DecodeError) -> Elements {
    level.leadsOn = true
    switch json.peek() {
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "n"): break
    default: if lost == nil { lost = json.expected("expected a list of objects") }
    }
    return try elements()
  }

  /// Enters a message that is a record or leads on to some; false for null, and for what is none and was stepped over.
  @inline(__always)
  mutating func openLogs(_ lost: inout DecodeError?) throws(DecodeError) -> Bool {
    if json.peek() == UInt8(ascii: "{") {
      json.position &+= 1
      return true
    }
    try skipInsteadOfLogs(&lost)
    return false
  }

  @inline(never)
  private mutating func skipInsteadOfLogs(_ lost: inout DecodeError?) throws(DecodeError) {
    if try json.readNull() { return }
    if lost == nil { lost = json.expected("expected an object") }
    try skipOdd()
  }
}
