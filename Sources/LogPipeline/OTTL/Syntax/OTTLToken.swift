/// One word, number, text or sign of a statement.
struct OTTLToken: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    /// `nil`, `true`, `false`, `not`, `and` or `or`.
    case keyword(Keyword)
    /// A capital letter, then capital letters, digits and `_`.
    case upper(String)
    /// A small letter, then small letters, digits and `_`.
    case lower(String)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case string([UInt8])
    case comparison(OTTLComparison)
    case op(OTTLOperator)
    case arrow
    case sign(Sign)
    /// What follows the last.
    case end
  }

  /// Words that are no names.
  enum Keyword: String, Sendable, CaseIterable {
    case `nil`, `true`, `false`, not, and, or
  }

  /// Signs that stand for nothing but themselves.
  enum Sign: UInt8, Sendable, CaseIterable {
    case openParenthesis = 0x28
    case closeParenthesis = 0x29
    case comma = 0x2c
    case point = 0x2e
    case colon = 0x3a
    case equals = 0x3d
    case openBracket = 0x5b
    case closeBracket = 0x5d
    case underscore = 0x5f
    case openBrace = 0x7b
    case closeBrace = 0x7d
  }

  var kind: Kind
  var span: OTTLSpan
}

extension OTTLToken.Sign {
  /// The sign itself.
  var text: String { String(Character(Unicode.Scalar(rawValue))) }
}
