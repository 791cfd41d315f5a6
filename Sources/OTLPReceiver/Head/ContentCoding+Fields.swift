extension ContentCoding {
  /// The coding that the lists of names in `fields` come to: at most one that is not `identity`, and one of `accepted`.
  init(fields: [String], accepted: Set<ContentCoding>) throws(Refusal) {
    self = .identity
    for field in fields {
      for name in field.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
        guard let coding = ContentCoding(name: name.trimmingWhitespace) else {
          throw .unsupportedCoding(accepted: accepted)
        }
        guard self == .identity || coding == .identity else { throw .severalCodings(accepted: accepted) }
        if coding != .identity { self = coding }
      }
    }
    guard accepted.contains(self) else { throw .unsupportedCoding(accepted: accepted) }
  }
}
