/// Which bytes of a statement's text a part of it stands in, counted in UTF-8; the parts of a tree all have one.
struct OTTLSpan: Hashable, Sendable {
  var start: Int
  var end: Int
}

/// An editor call, and under which condition it is run.
struct OTTLStatement: Sendable {
  /// The statement as it was written, to which all spans refer.
  var text: String
  var editor: OTTLCall
  /// What stands behind `where`.
  var condition: OTTLCondition?
  /// The path of its option; empty if it is of none.
  var place = ""
}

/// A condition with the text that its spans refer to.
struct OTTLConditionText: Sendable {
  var text: String
  var condition: OTTLCondition
  /// The path of its option; empty if it is of none.
  var place = ""
}

/// What is true or false of a record.
struct OTTLCondition: Sendable {
  indirect enum Kind: Sendable {
    case constant(Bool)
    /// A converter that has to give a bool.
    case converter(OTTLCall)
    case comparison(OTTLExpression, OTTLComparison, OTTLExpression)
    case not(OTTLCondition)
    /// Two or more, all of which have to hold; asked from left to right.
    case all([OTTLCondition])
    /// Two or more, one of which has to hold; asked from left to right.
    case any([OTTLCondition])
  }

  var kind: Kind
  var span: OTTLSpan
}

/// The signs between two values that are compared.
enum OTTLComparison: String, Sendable, CaseIterable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

/// The signs between two values that are computed with.
enum OTTLOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
}

/// What has a value.
struct OTTLExpression: Sendable {
  indirect enum Kind: Sendable {
    case `nil`
    case bool(Bool)
    /// A whole number with its sign.
    case int(Int64)
    /// A number with a point, and with its sign.
    case double(Double)
    /// What a text in quotes stands for, in valid UTF-8.
    case string([UInt8])
    /// `0x` and hexadecimal digits.
    case bytes([UInt8])
    /// Capital letters, digits and `_`: an enum's symbol or, where a function is wanted, a function's name.
    case symbol(String)
    /// A function's name with small letters too, as an argument; it is no call.
    case functionName(String)
    case path(OTTLPath)
    /// A parameter of a lambda around this, and what is looked up in it.
    case local(OTTLField)
    /// A converter's call.
    case call(OTTLCall)
    case list([OTTLExpression])
    case map([OTTLMapEntry])
    case math(OTTLExpression, OTTLOperator, OTTLExpression)
    /// A minus before anything but a number.
    case negated(OTTLExpression)
    case lambda(OTTLLambda)
  }

  var kind: Kind
  var span: OTTLSpan
}

/// One entry of a map that is written out.
struct OTTLMapEntry: Sendable {
  var key: [UInt8]
  var value: OTTLExpression
}

/// A call of an editor or a converter.
struct OTTLCall: Sendable {
  var name: String
  var nameSpan: OTTLSpan
  var arguments: [OTTLArgument]
  /// What is looked up in the result; an editor has none.
  var keys: [OTTLExpression]
  /// From the name to the last parenthesis or bracket.
  var span: OTTLSpan
}

/// One argument of a call; those with a name stand behind those without.
struct OTTLArgument: Sendable {
  /// As it is written: `namedCapturesOnly` and `named_captures_only` mean the same parameter.
  var name: String?
  var value: OTTLExpression
  /// With the name.
  var span: OTTLSpan
}

/// What a statement reads of a record, or writes.
struct OTTLPath: Sendable {
  /// The path's first word, if that is the name of a context, as in `log.body`; `OTTLPath.contexts` has those names.
  var context: String?
  /// At least one, without the context.
  var fields: [OTTLField]
  var span: OTTLSpan
}

/// One word of a path, and what is looked up in it.
struct OTTLField: Sendable {
  var name: String
  /// Each a text, a whole number, a converter, a path, a lambda's parameter or computed.
  var keys: [OTTLExpression]
  /// With the keys.
  var span: OTTLSpan
}

/// A function written in place, as an argument.
struct OTTLLambda: Sendable {
  enum Body: Sendable {
    case value(OTTLExpression)
    case condition(OTTLCondition)
  }

  /// Their names; nil for `_`.
  var parameters: [String?]
  var body: Body
}

extension OTTLPath {
  /// The names that a path of any signal can begin with; those of other signals are known so that they can be refused.
  static let contexts: Set<String> = [
    "log", "scope", "instrumentation_scope", "resource", "otelcol", "context", "span", "spanevent", "metric",
    "datapoint", "exemplar", "profile", "profilesample",
  ]
}
