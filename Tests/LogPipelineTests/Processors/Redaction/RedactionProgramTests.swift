import Testing

@testable import LogPipeline

@Suite struct RedactionProgramTests {
  private func program(_ edit: (inout RedactionOptions) throws -> Void) rethrows -> RedactionProgram {
    var options = RedactionOptions()
    options.allowAllKeys = true
    try edit(&options)
    return RedactionProgram(options)
  }

  /// What a key says, as text.
  private func verdict(_ key: String, _ program: RedactionProgram, usesAllowList: Bool = true) -> String {
    let verdict = Array(key.utf8).withUnsafeBytes { program.judge($0, usesAllowList: usesAllowList) }
    switch verdict {
    case .ignored: return "ignored"
    case .notAllowed: return "not allowed"
    case .examined: return "examined"
    case .secret(let rule): return "secret by \(program.rules[rule].id)"
    case .doubtful(let rule): return "doubtful by \(program.rules[rule].id)"
    }
  }

  @Test func everyRuleIsFoundByItsNumber() throws {
    let pattern = try Pattern("x")
    let own = RedactionOptions.RuleOptions(id: "own", pattern: pattern, action: .delete)
    let program = program {
      $0.blockedValues = [pattern]
      $0.rules = [own]
    }
    for rule in Rule.allCases { #expect(program.rules[Int(rule.rawValue)].id == rule.id) }
    let special = RedactionProgram.Special.allCases.map { program.rules[$0.index].id }
    #expect(special == ["blocked_key_patterns", "blocked_values", "allowed_keys", "unexaminable"])
    #expect(program.rules.last?.id == "own" && program.rules.last?.deletes == true)
    #expect(program.patterns.map { program.rules[$0.rule].id } == ["blocked_values", "own"])
  }

  @Test func anActionOfARuleTurnsItOn() {
    let program = program { $0.rules = [.init(id: "email", pattern: nil, action: .delete)] }
    #expect(program.rules[Int(Rule.email.rawValue)].deletes && program.looksAtValues)
    #expect(!program.rules[Int(Rule.jwt.rawValue)].deletes)
    #expect(!self.program { _ in }.looksAtValues)
  }

  @Test func listsOfKeysComeBeforeWhatKeysMean() throws {
    let program = try program {
      $0.allowAllKeys = false
      $0.allowedKeys = ["a", "password"]
      $0.ignoredKeys = ["token"]
      $0.blockedKeyPatterns = [try Pattern("^a$")]
      $0.detectors = RuleSet([.keyName])
    }
    #expect(verdict("token", program) == "ignored")
    #expect(verdict("b", program) == "not allowed")
    #expect(verdict("a", program) == "secret by blocked_key_patterns")
    #expect(verdict("password", program) == "secret by key_name")
    #expect(verdict("b", program, usesAllowList: false) == "examined")
  }

  @Test func namesMeanSecretsOnlyIfThatRuleIsOn() {
    let names = program { $0.detectors = RuleSet([.keyName]) }
    #expect(verdict("db.password", names) == "secret by key_name" && verdict("pass", names) == "doubtful by key_name")
    #expect(verdict("message", names) == "examined" && verdict("", names) == "examined")
    let pairs = program { $0.detectors = RuleSet([.secretKV]) }
    #expect(verdict("db.password", pairs) == "examined")
  }

  @Test func listsHaveARuleIfOneOfTwoIsOn() {
    #expect(program { $0.detectors = RuleSet([.keyName, .secretKV]) }.listRule == Int(Rule.keyName.rawValue))
    #expect(program { $0.detectors = RuleSet([.secretKV]) }.listRule == Int(Rule.secretKV.rawValue))
    #expect(program { $0.detectors = RuleSet([.email]) }.listRule == nil)
  }

  @Test func namesAndFlagsInListsAreKnown() {
    let program = program { $0.detectors = RuleSet([.secretKV]) }
    let names = ["DB_PASSWORD", "api_key", "secretary", "", "a password of mine that is a sentence"].map { text in
      Array(text.utf8).withUnsafeBytes { program.namesSecret($0) }
    }
    #expect(names == [true, true, false, false, false])
    let flags = ["--password", "-token", "--verbose", "password", "-", "--"].map { text in
      Array(text.utf8).withUnsafeBytes { program.flagsSecret($0) }
    }
    #expect(flags == [true, true, false, false, false, false])
    let off = self.program { $0.detectors = RuleSet([.email]) }
    #expect(Array("DB_PASSWORD".utf8).withUnsafeBytes { !off.namesSecret($0) })
  }

  @Test func noPatternIsMissedByAskingForAllAtOnce() throws {
    let patterns = try ["abc", "x+y", "^z"].map { try Pattern($0) }
    for count in 0...3 {
      let program = program { $0.blockedValues = Array(patterns.prefix(count)) }
      for (index, text) in ["-abc-", "xxy", "z"].enumerated() where index < count {
        #expect(Array(text.utf8).withUnsafeBytes { program.mayHavePattern($0) })
      }
      if count == 0 { #expect(Array("abc".utf8).withUnsafeBytes { !program.mayHavePattern($0) }) }
    }
  }
}
