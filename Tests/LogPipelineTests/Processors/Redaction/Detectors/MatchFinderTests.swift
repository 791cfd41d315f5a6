import Testing

@testable import LogPipeline

@Suite struct MatchFinderTests {
  static let samples = DetectorSamples.numbers + DetectorSamples.addresses + DetectorSamples.tokens

  @Test func everyRuleHasSamples() {
    let rules = Set(Self.samples.map(\.rule.id) + [Rule.keyName.id])
    #expect(rules.count == Rule.allCases.count)
  }

  @Test(arguments: samples.indices) func ruleFindsItsOwnAndNoLookAlike(_ index: Int) {
    let sample = Self.samples[index]
    let redact = Redacting(RuleSet([sample.rule]))
    for (text, left) in sample.changed {
      #expect(redact(text) == left, "\(sample.rule.id)")
      #expect(redact("x " + text + " y") == "x " + left + " y" || sample.rule == .privateKeyPEM, "\(sample.rule.id)")
    }
    for text in sample.unchanged { #expect(redact(text) == text, "\(sample.rule.id)") }
  }

  @Test func everySetOfRulesFitsTheScan() {
    #expect(Detectors(RuleSet(Rule.allCases)).isComplete)
    for pack in RuleSet.packNames { #expect(Detectors(RuleSet.pack(pack) ?? RuleSet()).isComplete) }
    for rule in Rule.allCases { #expect(Detectors(RuleSet([rule])).isComplete, "\(rule.id)") }
    #expect(RuleSet.pack("other") == nil)
  }

  /// A literal that the scan cannot hold must not leave secrets as they are.
  @Test func textIsMaskedWholeIfTheScanCannotBeMade() {
    var options = RedactionOptions()
    options.allowAllKeys = true
    options.detectors = RuleSet([.email])
    let detectors = Detectors(options.detectors) { _ in LiteralScan.Literal("@", anchor: 6) }
    #expect(!detectors.isComplete)
    let redact = Redacting(RedactionProgram(options, detectors: detectors))
    #expect(redact("password=hunter2") == "****")
    #expect(redact(#"{"a": "b"}"#) == "****")
  }

  @Test func idsAreUniqueAndReadBack() {
    #expect(Set(Rule.allCases.map(\.id)).count == Rule.allCases.count)
    for rule in Rule.allCases { #expect(Rule(id: rule.id) == rule) }
  }

  @Test func ordinaryTextIsLeftAloneByDefault() {
    let redact = Redacting(pack: "default")
    for text in [
      "2024-11-23T10:15:30.123456789Z INFO [main] c.e.Service - took 123 ms, id=550e8400-e29b-41d4-a716-446655440000",
      "commit da39a3ee5e6b4b0d3255bfef95601890afd80709 by author jane on 1700000000000",
      "GET /v1/items/123456789 200 15",
      "ratio 0.4111111111111111 at 10.0.0.1:8080 version 1.24.3", "订单号 20241123000012345678 已支付", "",
    ] { #expect(redact(text) == text) }
  }

  @Test func longestMatchWins() {
    let redact = Redacting(RuleSet([.email, .cnMobile, .secretKV, .creditCard]))
    #expect(redact("13812345678@qq.com") == "1***@qq.com")
    #expect(redact("password=x4111111111111111") == "password=****")
  }

  @Test func ofEqualMatchesTheEarlierRuleWins() {
    #expect(Redacting(RuleSet([.cnBankCard, .creditCard]))("6200000000000005") == "****0005")
  }

  @Test func whatSticksOutOfALongerMatchIsCoveredToo() {
    var finder = MatchFinder(Detectors(RuleSet()))
    finder.matches = [
      Match(range: 5..<20, whole: 5..<20, rule: 1), Match(range: 0..<10, whole: 0..<10, rule: 2),
      Match(range: 30..<31, whole: 30..<31, rule: 3), Match(range: 6..<8, whole: 6..<8, rule: 4),
    ]
    finder.resolveOverlaps()
    #expect(finder.matches.map(\.range) == [0..<20, 30..<31])
    #expect(finder.matches.map(\.rule) == [1, 3])
    #expect(finder.matches.map(\.isMerged) == [true, false])
  }

  /// Pieces that, said over and over, each start a closer look that could go on to the end of the text.
  @Test(arguments: [
    "1", "@", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "a@", "-----BEGIN PRIVATE KEY-----", "://", "sig=", "aws secret ",
    "glpat-", "AKIA", "4111 ", "1.2.", "a:", "::", "GB82", "+1 ", "xoxb-", "sk-", "123-", "ya29.", "a://b:",
    "password=", "token:", "api_key=", "cookie=", "pwd=", "secret==", "password%3D", "<password=", "token=\"",
    "token=\"token='", "['token',\"a ['x',", "[[\"token\",\"a ", "pwd=(\n", "pwd=Some(\"", "(pwd=a --password b ",
    "--password ", "<password><![CDATA[", "<password>", "{\"name\":\"password\",\"value\":\"", "password: |\n  ",
    "password is ", "密码：“", "authorization: digest a=\"", "pwd='a'\n'", "password%2525253D", "&amp;lt;password&gt;",
    "{", "[", "\"", "\\", "[\"--password\",", "%25",
  ])
  func hostileTextTakesLinearTime(_ piece: String) {
    let redact = Redacting(pack: "strict")
    func time(_ size: Int) -> Duration {
      let text = Array(String(repeating: piece, count: size / piece.utf8.count).utf8)
      return processorTime { _ = redact.bytes(text) }
    }
    // Eight times the text takes eight times as long, and were it quadratic, 64 times. The least of two tries, since
    // other processes take of the caches too.
    let (short, long) = (min(time(1 << 13), time(1 << 13)), min(time(1 << 16), time(1 << 16)))
    #expect(long < short * 32 + .milliseconds(30), "\(piece)")
  }
}
