/// A piece of a text that a rule found.
struct Match: Equatable {
  /// What the action replaces.
  var range: Range<Int>
  /// What is taken out if the action is to delete: the match with its key, if it has one.
  var whole: Range<Int>
  /// The rule's index; a built-in rule's is its raw value.
  var rule: Int
  /// Whether other matches overlap this one in part, so that a mask must show nothing of it.
  var isMerged = false
}

/// Which triggers a set of rules needs, compiled once.
struct Detectors: Sendable {
  let rules: RuleSet
  fileprivate let scan: LiteralScan?
  fileprivate let triggers: [Trigger]

  init(_ rules: RuleSet) {
    self.rules = rules
    triggers = Trigger.allCases.filter { $0.isNeeded(by: rules) }
    scan = triggers.isEmpty ? nil : LiteralScan(triggers.map(\.literal))
  }

  /// Whether the literals of these rules fit the scan; they do for every set of built-in rules.
  var isComplete: Bool { triggers.isEmpty || scan != nil }
}

/// Looks for sensitive text in one string after the other: one scan for triggers, then a closer look at each.
///
/// A closer look is bounded by a constant, or walks bytes that no other walk of its kind visits again, so that time
/// is linear in the text.
struct MatchFinder {
  let detectors: Detectors
  /// What was found in the last text, in no order, overlaps included.
  var matches: [Match] = []
  /// The key of the value under examination, where words such as `card` may stand too.
  var key = ScannedText(UnsafeRawBufferPointer(start: nil, count: 0))
  /// Where the last examined run of an IPv6 address, a PEM key or the key of a pair ends.
  var networkEnd = 0
  var pemEnd = 0
  var pairEnd = 0

  init(_ detectors: Detectors) { self.detectors = detectors }

  /// Finds what is in `bytes`; afterwards `matches` holds it.
  @inline(__always)
  mutating func find(in bytes: UnsafeRawBufferPointer) {
    if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
    if let anchors = detectors.scan?.firstAnchors(bytes), !anchors.isEmpty { find(in: bytes, from: anchors) }
  }

  @inline(never)
  private mutating func find(in bytes: UnsafeRawBufferPointer, from anchors: LiteralScan.Anchors) {
    (networkEnd, pemEnd, pairEnd) = (0, 0, 0)
    detectors.scan?.scan(bytes, from: anchors) { index, offset in look(at: index, ScannedText(bytes), offset) }
  }

  @inline(never)
  private mutating func look(at index: Int, _ text: ScannedText, _ offset: Int) {
    guard index >= 0, index < detectors.triggers.count else { return }
    switch detectors.triggers[index] {
    case .digits: findNumber(text, offset &- 3)
    case .longDigits: findNumber(text, offset &- 5)
    case .lettersDigits:
      findIBAN(text, offset &- 4)
      findNINO(text, offset &- 4)
    case .at: findEmail(text, offset &- 1)
    case .slashes: findURLCredentials(text, offset)
    case .jwt: findJWT(text, offset &- 3)
    case .aKey, .aliyun: findCloudKey(text, offset &- 4)
    case .underscoreToken: findUnderscoreToken(text, offset &- 4)
    case .githubPat: findGitHubPAT(text, offset &- 11)
    case .gitlab: findGitLab(text, offset &- 4)
    case .slack: findSlack(text, offset &- 3)
    case .slackHook: findSlackHook(text, offset &- 13)
    case .stripe: findStripe(text, offset &- 4)
    case .openai: findOpenAI(text, offset &- 3)
    case .sendgrid: findSendGrid(text, offset &- 3)
    case .gcpOAuth: findGCPOAuth(text, offset &- 3)
    case .pem: findPEM(text, offset &- 3)
    case .sas: findSAS(text, offset)
    case .bearer: findScheme(text, offset &+ 2)
    case .basic: findScheme(text, offset &- 1)
    case .aws: findAWSSecret(text, offset)
    case .token:
      findScheme(text, offset)
      findPair(text, offset)
    case .key:
      findAccountKey(text, offset)
      findPair(text, offset)
    case .password, .passphrase, .passcode, .pwd, .cardCode, .secret, .credential, .auth, .session, .cookie:
      findPair(text, offset)
    case .pass, .oneTimePassword: findPair(text, offset &- 1)
    case .passwordChinese, .keyChinese, .passphraseChinese, .tokenChinese: findChinesePair(text, offset)
    case .octets: findIPv4(text, offset &- 3)
    case .ipv6Groups, .ipv6Gap: findIPv6(text, offset)
    case .macColons, .macDashes: findMAC(text, offset &- 6)
    case .plus: findPhone(text, offset &- 2)
    }
  }

  @inline(__always)
  func enabled(_ rule: Rule) -> Bool { detectors.rules.contains(rule) }

  /// Notes a match of a rule that is on.
  mutating func note(_ rule: Rule, _ range: Range<Int>, whole: Range<Int>? = nil) {
    guard enabled(rule) else { return }
    matches.append(Match(range: range, whole: whole ?? range, rule: Int(rule.rawValue)))
  }

  /// Whether a word stands in the 32 bytes before an offset, or in the key of the value.
  func hasContext(_ text: ScannedText, before offset: Int, _ words: StaticString...) -> Bool {
    words.contains { word in
      text.containsIgnoringCase(word, in: Swift.max(offset &- 32, 0)..<Swift.max(offset, 0))
        || key.containsIgnoringCase(word, in: 0..<Swift.min(key.count, 64))
    }
  }

  /// Sorts the matches and joins those that overlap: the longest gives the rule, the earlier rule among equals; what
  /// sticks out of it is covered too.
  mutating func resolveOverlaps() {
    guard matches.count > 1 else { return }
    matches.sort {
      ($0.range.lowerBound, -$0.range.count, $0.rule) < ($1.range.lowerBound, -$1.range.count, $1.rule)
    }
    var kept = 0
    var longest = matches[0].range.count
    for match in matches.dropFirst() {
      let last = matches[kept]
      guard match.range.lowerBound < last.range.upperBound else {
        kept &+= 1
        matches[kept] = match
        longest = match.range.count
        continue
      }
      join(match, into: kept, &longest)
    }
    matches.removeLast(matches.count &- kept &- 1)
  }

  private mutating func join(_ match: Match, into kept: Int, _ longest: inout Int) {
    let end = Swift.max(matches[kept].range.upperBound, match.range.upperBound)
    let sticksOut = match.range.upperBound > matches[kept].range.upperBound
    let wholeStart = Swift.min(matches[kept].whole.lowerBound, match.whole.lowerBound)
    let wholeEnd = Swift.max(matches[kept].whole.upperBound, match.whole.upperBound)
    if match.range.count > longest {
      longest = match.range.count
      matches[kept].rule = match.rule
    }
    matches[kept].range = matches[kept].range.lowerBound..<end
    matches[kept].whole = wholeStart..<wholeEnd
    if sticksOut { matches[kept].isMerged = true }
  }
}
