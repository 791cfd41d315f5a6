/// A function as the language has it: its name, its parameters, and what of its arguments is prepared at load.
///
/// What it does is a method that `OTTLRun.call` names by the function's id.
struct OTTLFunction: Sendable {
  /// Editors begin with a small letter, converters with a capital one.
  let name: String
  let parameters: [OTTLParameter]
  /// Called at load with the arguments that are constant. Throws what is wrong with them; what it gives is at hand when
  /// the function is called (`OTTLArguments.prepared`).
  let prepare: Prepare?

  typealias Prepare = @Sendable (_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared?

  init(_ name: String, _ parameters: [OTTLParameter], prepare: Prepare? = nil) {
    self.name = name
    self.parameters = parameters
    self.prepare = prepare
  }

  var isEditor: Bool { name.first?.isLowercase ?? false }
  /// The arguments that must be given; parameters that may be left out come last.
  var requiredCount: Int { parameters.prefix { !$0.isOptional }.count }
}

/// One parameter of a function.
struct OTTLParameter: Sendable {
  enum Kind: Sendable {
    /// Any expression.
    case value(OTTLWanted)
    /// An expression that is a constant.
    case constant(OTTLWanted)
    /// One of these texts, given as a constant; its argument is the index.
    case choice([String])
    /// A regular expression: a constant is compiled at load.
    case pattern
    /// A list: written out of any expressions, or what an expression gives.
    case values(OTTLWanted)
    /// A list that is written out, of constants.
    case constants(OTTLWanted)
    /// A path, to get and to set.
    case path
    /// A path to a map, or to a list, whose members are edited.
    case members
    /// The name of a converter.
    case converter
    /// A lambda of so many parameters.
    case lambda(parameters: Int)
  }

  /// As statements name it, in snake_case.
  let name: String
  let kind: Kind
  let isOptional: Bool
  /// Taken if none is given.
  let fallback: OTTLConstant?

  /// A parameter that must be given.
  init(_ name: String, _ kind: Kind) {
    self.init(name, kind, isOptional: false, fallback: nil)
  }

  private init(_ name: String, _ kind: Kind, isOptional: Bool, fallback: OTTLConstant?) {
    self.name = name
    self.kind = kind
    self.isOptional = isOptional
    self.fallback = fallback
  }

  /// A parameter that may be left out.
  static func optional(_ name: String, _ kind: Kind, default fallback: OTTLConstant? = nil) -> OTTLParameter {
    OTTLParameter(name, kind, isOptional: true, fallback: fallback)
  }
}

/// What is wrong with a statement, to be read behind its place; at load only.
struct OTTLProblem: Error, Sendable, Equatable {
  var message: String
  /// The parameter whose argument is wrong; nil for the call as a whole.
  var parameter: Int?

  init(_ message: String, of parameter: Int? = nil) {
    self.message = message
    self.parameter = parameter
  }
}

/// The arguments of a call that are constant.
struct OTTLConstants: Sendable {
  /// By parameter; nil for one that is not constant, not given, or a path.
  var values: [OTTLConstant?]
  /// By parameter, whether it is given at all.
  var given: [Bool] = []

  /// The argument of a parameter; nil if it is not constant or not given.
  subscript(_ parameter: Int) -> OTTLConstant? { values.indices.contains(parameter) ? values[parameter] : nil }

  /// Whether the argument of a parameter is given, constant or not.
  func has(_ parameter: Int) -> Bool { given.indices.contains(parameter) && given[parameter] }
  /// A text that is constant.
  func text(_ parameter: Int) -> [UInt8]? { if case .string(let text)? = self[parameter] { text } else { nil } }
  /// A whole number that is constant; of a choice its index.
  func int(_ parameter: Int) -> Int64? { if case .int(let value)? = self[parameter] { value } else { nil } }
  /// The elements of a list that is constant as a whole.
  func list(_ parameter: Int) -> [OTTLConstant]? { if case .list(let items)? = self[parameter] { items } else { nil } }
}
