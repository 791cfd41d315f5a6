import Glibc

extension RuleDefinition {
  /// Secret access keys of Amazon Web Services.
  static let awsSecretKey = RuleDefinition(
    id: "aws_secret_key", packs: [.default, .secrets],
    triggers: [Trigger("aws", anchor: 1, ignoringCase: true) { $0.findAWSSecret($1, $2) }])
}

extension MatchFinder {
  /// A secret access key: 40 characters of base64, told by `aws` and a word for it before, and by their entropy.
  mutating func findAWSSecret(_ text: ScannedText, _ start: Int) {
    var word = start
    while word < start &+ 20, !text.hasIgnoringCase("secret", at: word), !text.hasIgnoringCase("sk", at: word) {
      word &+= 1
    }
    guard word < start &+ 20 else { return }
    var position = word &+ 2
    while position < word &+ 40 {
      let end = text.end(ofRunAt: position, limit: 60) { $0.isBase64 || $0 == 0x3D && $0 != text[position &- 1] }
      let before = text[position &- 1]
      let isSeparated = before.isQuote || before == 0x3D || before == 0x3A || before == 0x20
      if end &- position == 40, isSeparated, entropy(text, position..<end) >= 4 {
        note(.awsSecretKey, position..<end)
        return
      }
      position = text[position] == 0x3D ? position &+ 1 : Swift.max(end, position &+ 1)
    }
  }

  /// Shannon's entropy of the bytes in a short range, bits a byte.
  private func entropy(_ text: ScannedText, _ range: Range<Int>) -> Double {
    var sum = 0.0
    for offset in range {
      let same = range.reduce(0) { $0 &+ (text[$1] == text[offset] ? 1 : 0) }
      sum += log2(Double(range.count) / Double(same))
    }
    return sum / Double(range.count)
  }
}
