extension RuleDefinition {
  /// Latitudes with longitudes.
  static let geoCoordinate = RuleDefinition(
    id: "geo_coordinate", packs: [.gdpr],
    triggers: [.digits])
}

extension MatchFinder {
  /// A latitude and a longitude in degrees; `start..<end` are the decimals of the latitude.
  mutating func findCoordinate(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard end &- start >= 4, text[start &- 1] == 0x2E, text[end] == 0x2C else { return }
    var first = text.start(ofRunBefore: start &- 1, limit: 3) { $0.isDigit }
    guard (1...2).contains(start &- 1 &- first), text.startsToken(first) else { return }
    guard text.leadingDigits(2, of: first..<start &- 1) <= 90 else { return }
    if text[first &- 1] == 0x2D || text[first &- 1] == 0x2B { first &-= 1 }
    var position = text.end(ofRunAt: end &+ 1, limit: 4) { $0 == 0x20 }
    if text[position] == 0x2D || text[position] == 0x2B { position &+= 1 }
    let degrees = text.end(ofRunAt: position, limit: 4) { $0.isDigit }
    guard (1...3).contains(degrees &- position), text[degrees] == 0x2E else { return }
    guard text.leadingDigits(3, of: position..<degrees) <= 180 else { return }
    let last = text.end(ofRunAt: degrees &+ 1, limit: 20) { $0.isDigit }
    if last &- degrees > 4 { note(.geoCoordinate, first..<last) }
  }
}
