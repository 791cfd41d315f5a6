/// A compression that bodies and messages may come in, by its name in `content-encoding` (RFC 9110 section 8.4.1)
/// and `grpc-encoding`.
package enum ContentCoding: String, Sendable, CaseIterable {
  case identity, gzip, deflate, zstd

  /// The names of some codings as `accept-encoding` and `grpc-accept-encoding` list them.
  static func list(_ codings: Set<ContentCoding>) -> String {
    allCases.filter(codings.contains).map(\.rawValue).joined(separator: ", ")
  }

  /// The coding of that name in any letter case; `x-gzip` means gzip (RFC 9110 section 8.4.1.3), and `zlib`, which
  /// the Collector takes, is what the coding `deflate` is.
  init?(name: Substring.UTF8View) {
    if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
      self = .gzip
    } else if name.equalsIgnoringCase("zstd") {
      self = .zstd
    } else if name.equalsIgnoringCase("deflate") || name.equalsIgnoringCase("zlib") {
      self = .deflate
    } else if name.isEmpty || name.equalsIgnoringCase("identity") {
      self = .identity
    } else {
      return nil
    }
  }
}
