/// What `replace_pattern` and its like know of a call before they see a record.
struct OTTLReplacement: Sendable {
  /// The replacement with its references to groups; nil if it comes from a record.
  var template: ExpandTemplate?
  /// What is matched by file name patterns.
  var glob: GlobPattern?
  /// How the result of a function is written; nil for as it is.
  var format: SprintfFormat?

  /// Of a call whose pattern is a regular expression; the replacement, a function and its format follow it.
  static func prepare(_ constants: OTTLConstants, pattern: Int) throws(OTTLProblem) -> OTTLPrepared? {
    var replacement = OTTLReplacement()
    replacement.format = try format(constants, pattern + 3)
    if let text = constants.text(pattern), let with = constants.text(pattern + 1) {
      do throws(PatternError) {
        replacement.template = ExpandTemplate(with, of: try Pattern(String(decoding: text, as: UTF8.self)))
      } catch {
        throw OTTLProblem("the pattern \(error.message)", of: pattern)
      }
    }
    return OTTLPreparedValue(replacement)
  }

  /// Of a call whose pattern is one of file names.
  static func prepareGlob(_ constants: OTTLConstants, pattern: Int) throws(OTTLProblem) -> OTTLPrepared? {
    var replacement = OTTLReplacement()
    replacement.format = try format(constants, pattern + 3)
    do throws(TextFormatError) {
      replacement.glob = try GlobPattern(String(decoding: constants.text(pattern) ?? [], as: UTF8.self))
    } catch {
      throw OTTLProblem("the pattern \(error.message)", of: pattern)
    }
    return OTTLPreparedValue(replacement)
  }

  /// A format has to hold `%s` once and no other verb.
  private static func format(_ constants: OTTLConstants, _ parameter: Int) throws(OTTLProblem) -> SprintfFormat? {
    guard let text = constants.text(parameter) else { return nil }
    let format = SprintfFormat(text)
    guard format.directives == [SprintfFormat.Directive(verb: "s")], !format.parts.contains(.noVerb) else {
      throw OTTLProblem("the format must hold %s once, and no other verb", of: parameter)
    }
    return format
  }
}
