import Testing

@testable import LogPipeline

@Suite struct RedactionActionTests {
  private func written(_ action: RedactionAction, _ match: String, isMerged: Bool = false) -> String {
    let rule = CompiledRule(id: "rule", action: action)
    var writer = ByteWriter(capacityBytes: 0)
    Array(match.utf8).withUnsafeBytes { rule.append($0, isMerged: isMerged, to: &writer) }
    return String(decoding: writer.array, as: UTF8.self)
  }

  private func masked(_ mask: Mask, _ match: String) -> String { written(.mask(text: "****", mask), match) }

  @Test func charactersAtTheEndsStayUnlessThereAreNoMore() {
    let keep = Mask.keep(first: 2, last: 3)
    #expect(masked(keep, "1234567") == "12****567")
    #expect(masked(keep, "123456") == "12****456")
    #expect(masked(keep, "12345") == "****")
    #expect(masked(keep, "") == "****")
    #expect(masked(keep, "ééxyzwé") == "éé****zwé")
    #expect(masked(.keep(first: 0, last: 0), "12") == "****")
  }

  @Test func addressesKeepWhatNamesNobody() {
    #expect(masked(.domain, "ann@example.com") == "a***@example.com")
    #expect(masked(.domain, "@example.com") == "***@example.com")
    #expect(masked(.domain, "no address") == "****")
    #expect(masked(.network4, "192.0.2.155") == "192.0.2.0")
    #expect(masked(.network6, "2001:db8:1:2:3:4:5:6") == "2001:db8:1::")
    #expect(masked(.network6, "2001:db8::1") == "2001:db8::")
    #expect(masked(.network6, "::1") == "****")
    #expect(masked(.manufacturer, "00:1a:2b:3c:4d:5e") == "00:1a:2b:****")
    #expect(masked(.whole, "anything") == "****")
  }

  @Test func whatWasMergedShowsNothingOfItself() {
    for mask in [Mask.keep(first: 2, last: 2), .domain, .network4, .network6, .manufacturer] {
      #expect(written(.mask(text: "X", mask), "aa@bb.1:2:3:4", isMerged: true) == "X")
    }
  }

  @Test func digestsHaveTheirLabelIfTheyAreToHaveOne() {
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(written(.hash(.sha256, isLabelled: true), "abc") == "sha256:\(digest)")
    #expect(written(.hash(.sha256, isLabelled: false), "abc", isMerged: true) == digest)
    let key = HMACKey(id: "k1", key: Array("key".utf8))
    let labelled = written(.hmac(key, isLabelled: true), "abc")
    #expect(labelled.hasPrefix("hmac:k1:") && labelled.utf8.count == 8 + 64)
    #expect(labelled == "hmac:k1:" + written(.hmac(key, isLabelled: false), "abc"))
    #expect(written(.delete, "abc") == "")
  }

  private func isWhole(_ text: String, keyIDs: [String] = []) -> Bool {
    let bytes = Array("before \(text) after".utf8)
    let range = 7..<(bytes.count - 6)
    return bytes.withUnsafeBytes { raw in
      RedactedText.isWhole(ScannedText(raw), range, keyIDs: keyIDs.map { Array($0.utf8) })
    }
  }

  @Test func whatWasRedactedIsKnownAgain() {
    let digits = { (count: Int) in String(repeating: "a1", count: count / 2) }
    for text in [
      "*", "****", "[REDACTED]", "sha256:" + digits(64), "sha3:" + digits(64), "sha1:" + digits(40),
      "md5:" + digits(32),
    ] {
      #expect(isWhole(text), "\(text)")
    }
    #expect(
      isWhole("hmac:k1:" + digits(64), keyIDs: ["k2", "k1"]) && isWhole("hmac:k1:" + digits(128), keyIDs: ["k1"]))
  }

  /// A sender must not keep a secret from being masked by writing it as if it were.
  @Test func whatOnlyLooksRedactedIsNot() {
    let digits = { (count: Int) in String(repeating: "a1", count: count / 2) }
    for text in [
      "", "***x", "x***", "[REDACTED", "[REDACTED]x", "sha256:" + digits(62), "sha256:" + digits(66),
      "sha256:" + digits(62) + "zz", "sha256:" + digits(62).uppercased() + "aa", "sha1:" + digits(64),
      "md5:" + digits(40), "SHA256:" + digits(64), "hmac:k1:" + digits(64),
    ] {
      #expect(!isWhole(text), "\(text)")
    }
    let ids = ["k1"]
    for text in [
      "hmac:k2:" + digits(64), "hmac:k1:" + digits(62), "hmac:hunter2:k1:" + digits(64), "hmac:k1" + digits(64),
    ] {
      #expect(!isWhole(text, keyIDs: ids), "\(text)")
    }
  }
}
