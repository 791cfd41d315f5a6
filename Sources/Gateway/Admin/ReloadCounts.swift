/// How often the configuration was read again, and what came of it.
struct ReloadCounts: Sendable {
  var succeeded = 0
  var failed = 0
  /// The configuration that was read last, if it is not in force.
  var refused: RefusedConfiguration?
}

/// A configuration that was read again and is not in force.
struct RefusedConfiguration: Sendable {
  /// Unix time.
  var since: Int
  var error: String
}
