// decision: docs/decisions/0202-redaction-scan.md

/// A short literal, in the syntax of `LiteralScan.Literal`, whose sight starts a closer look.
///
/// Each is the rarest few bytes of what its rules look for, so that ordinary text starts next to none. Its anchor
/// are three of these that ordinary text has seldom, and that are like other anchors: the sixteen groups of the scan
/// let less pass if the anchors in each are alike. Rules that share one name the same object.
final class Trigger: Sendable {
  /// Looks at a text around the offset after the literal. It captures nothing, so that a call counts no references.
  typealias Look = @Sendable (inout MatchFinder, ScannedText, Int) -> Void

  let literal: LiteralScan.Literal
  /// The trigger beside which this one is needless, since that one starts all of its looks too.
  let substitute: Trigger?
  let look: Look

  init(
    _ pattern: String, anchor: Int, ignoringCase: Bool = false, unless substitute: Trigger? = nil,
    _ look: @escaping Look
  ) {
    literal = LiteralScan.Literal(pattern, anchor: anchor, ignoringCase: ignoringCase)
    self.substitute = substitute
    self.look = look
  }
}

/// Triggers of more than one rule.
extension Trigger {
  /// The start of a run of at least three digits.
  static let digits = Trigger("!###", anchor: 0) { $0.findNumber($1, $2 &- 3) }
  /// The same, but of six digits or with a group of digits after them.
  static let longDigits = Trigger("!###[0123456789 -][0123456789 -]", anchor: 0, unless: digits) {
    $0.findNumber($1, $2 &- 5)
  }
  /// Two upper-case letters and two digits.
  static let lettersDigits = Trigger("^^##", anchor: 1) {
    $0.findIBAN($1, $2 &- 4)
    $0.findNINO($1, $2 &- 4)
  }
  /// The prefixes of keys of three clouds.
  static let cloudKey = Trigger("A[KSGIRN][IPDOVz][ADa]", anchor: 1) {
    $0.findAWSAccessKey($1, $2 &- 4)
    $0.findGCPAPIKey($1, $2 &- 4)
    $0.findTencentSecretID($1, $2 &- 4)
  }
  static let underscoreToken = Trigger("[gn][hp][pousrm]_", anchor: 2) {
    $0.findGitHubToken($1, $2 &- 4)
    $0.findNPMToken($1, $2 &- 4)
  }
  static let token = Trigger("oken", anchor: 1, ignoringCase: true) {
    $0.findScheme($1, $2)
    $0.findPair($1, $2)
  }
  static let key = Trigger("key", anchor: 0, ignoringCase: true) {
    $0.findAccountKey($1, $2)
    $0.findPair($1, $2)
  }
  /// Escapes of URLs, of JSON and languages, and of HTML and XML, which any rule looks through.
  static let escapes = [
    Trigger("[%]%%", anchor: 0) { $0.noteEscape($1, $2 &- 3) },
    Trigger("\\[\"'nrtuxU\\/01234567]", anchor: 0) { $0.noteBackslash($1, $2 &- 2) },
    Trigger("&[#qaglec][xumptqo0123456789]", anchor: 0) { $0.noteEscape($1, $2 &- 3) },
  ]
}
