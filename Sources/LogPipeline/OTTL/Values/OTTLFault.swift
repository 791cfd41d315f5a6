/// Why a statement or a condition could not be run for a record; it holds nothing of the record.
enum OTTLFault: UInt8, Error, Sendable, CaseIterable {
  /// A value of another type than is wanted.
  case wrongType
  /// Nothing where a value is wanted.
  case nothing
  /// Text that is not what it has to be, such as a number, a time or JSON.
  case badText
  /// An index or a number outside of what it may be.
  case outOfRange
  /// Keys on a value that has no members of such keys.
  case notIndexable
  case divisionByZero
  /// A pattern that came from a record and is refused.
  case badPattern
  /// A value of a kind that the target does not take.
  case notStorable
  /// A value that cannot be set, as the sender's address.
  case readOnly
  /// Values nested deeper than `max_depth`.
  case tooDeep
  /// More memory than a request may take (`OTTLLimits.maxGrowthBytes`), or than a batch can address.
  case noRoom
  /// More time than a request may take (`OTTLLimits.maxSteps`), or than a text may take to be searched.
  case tooCostly
  /// A condition that gave no truth value.
  case notBool
  /// Something that this system has not, such as a hash function that is ruled out.
  case unavailable
  /// Several values where one is wanted, or none: keys that are the same, a name twice.
  case ambiguous

  /// The fault as a line of the gateway's log says it.
  var message: StaticText {
    switch self {
    case .wrongType: "a value is of a type that is not taken here"
    case .nothing: "a value is nil"
    case .badText: "a text cannot be parsed"
    case .outOfRange: "an index or a number is out of range"
    case .notIndexable: "a value has no members of such keys"
    case .divisionByZero: "a number is divided by zero"
    case .badPattern: "a pattern from a record is refused"
    case .notStorable: "a value of this type cannot be set here"
    case .readOnly: "the path cannot be set"
    case .tooDeep: "values would be nested too deep"
    case .noRoom: "the request would take too much memory"
    case .tooCostly: "it would take too long"
    case .notBool: "a condition gives no truth value"
    case .unavailable: "a function is not available on this system"
    case .ambiguous: "a value is not unique"
    }
  }
}

extension OTTLFault {
  /// Whether it is for what a request may take, so that a record must not go on as if the statement had not been there.
  var isOfLimit: Bool { self == .noRoom || self == .tooCostly || self == .tooDeep }
}

/// What would have been taken where a limit is in the way.
struct OTTLExcess: Sendable, Equatable {
  enum Unit: String, Sendable {
    case bytes, steps, levels, fields, nodes
  }

  var wanted: Int
  var allowed: Int
  var unit: Unit
  /// The option that says how much is allowed; empty if none does.
  var option = ""
}

/// What statements may make of one request.
struct OTTLLimits: Sendable, Equatable {
  /// Bytes that statements may add to a request's batch, and that one statement may take to compute with.
  var maxGrowthBytes = 64 << 20
  /// Levels of nested values; a scalar body or attribute is level 1.
  var maxDepth = 64
  /// Values that lambdas may look at for a request, and bytes of texts among them.
  var maxSteps = 100_000_000
}
