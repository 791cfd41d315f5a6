import Testing

@testable import LogPipeline

@Suite struct TriggerTests {
  private static let all = Rule.allCases.flatMap(\.definition.triggers) + Trigger.escapes

  private func sees(_ trigger: Trigger, _ text: String) throws -> Bool {
    let scan = try #require(LiteralScan([trigger.literal]))
    var hits = 0
    Array(text.utf8).withUnsafeBytes { bytes in scan.scan(bytes, from: scan.firstAnchors(bytes)) { _, _ in hits += 1 } }
    return hits > 0
  }

  /// Whatever is found is found by a look that a trigger of the rule, or an escape, has started.
  @Test(arguments: DetectorSamples.numbers + DetectorSamples.addresses + DetectorSamples.tokens)
  func aTriggerIsSeenInEverySampleOfItsRule(_ samples: DetectorSamples) throws {
    let triggers = samples.rule.definition.triggers + Trigger.escapes
    for (text, _) in samples.changed {
      for text in [text, "some text before " + text] {
        #expect(try triggers.contains { try sees($0, text) }, "\(samples.rule): \(text)")
      }
    }
  }

  @Test(arguments: ["a%3Db", #"a\"b"#, "a&quot;b"]) func escapesAreSeen(_ text: String) throws {
    #expect(try Trigger.escapes.filter { try sees($0, text) }.count == 1)
  }

  @Test func ordinaryTextShowsNone() throws {
    for trigger in Self.all {
      #expect(try !sees(trigger, "The quick brown fox jumps over the lazy dog, and then GET /index returned nothing"))
      #expect(try !sees(trigger, ""))
    }
  }

  /// All that some rules need go through the scan together.
  @Test(arguments: RuleSet.packNames) func thoseOfAPackFitTheScan(_ pack: String) throws {
    #expect(Detectors(try #require(RuleSet.pack(pack))).isComplete)
  }

  /// A rule that looks at values has something that starts its look.
  @Test(arguments: Rule.allCases) func everyRuleHasATriggerOfItsOwn(_ rule: Rule) {
    #expect(rule.definition.triggers.isEmpty == (rule == .keyName))
  }

  @Test func shortNumbersStartALookOnlyWhereTheyMayGoOnWithPoints() {
    let names = { (rule: Rule, trigger: Trigger) in rule.definition.triggers.contains { $0 === trigger } }
    #expect(names(.phoneUS, .digits) && !names(.phoneUS, .longDigits))
    #expect(!names(.creditCard, .digits) && names(.creditCard, .longDigits))
    #expect(Trigger.longDigits.substitute === Trigger.digits)
  }
}
