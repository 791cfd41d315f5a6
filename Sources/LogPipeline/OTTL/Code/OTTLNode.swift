/// One node of a program: what to do, and where its operands stand; without references, so that running counts none.
struct OTTLNode: Sendable {
  enum Kind: UInt8, Sendable {
    /// Nil, and an argument that is not given.
    case none
    /// `OTTLCode.constants[first]`.
    case constant
    /// The path `first`; `detail` is 1 if it is a target, which is not read here.
    case path
    /// A path whose value is looked up once until something is edited: the path `first`, remembered in slot `second`.
    case sharedPath
    /// The function `detail` of `group` with the operands from `first` on; `second` is what was prepared, plus one.
    case call
    /// What the keys, `second` operands from `first` on, find in the value of the operand before them.
    case index
    /// `detail` of the two operands from `first` on.
    case math
    /// Minus the node `first`.
    case negated
    /// A list or map of `second` operands from `first` on; in a map each key stands before its value.
    case list, map
    /// Arguments of one parameter: `second` operands from `first` on.
    case items
    /// An argument that is a regular expression: `OTTLCode.patterns[first]`.
    case pattern
    /// A parameter of a lambda, or what a function hands to a converter: the register `first`.
    case register
    /// The node `first`, in a lambda, where what its value costs to look at is counted.
    case counted
    /// A function value: node `first` is run with `second` registers from `OTTLCode.operands[first + 1]` on.
    case function
    /// `detail` of the two operands from `first` on; gives a truth value, as all that follow.
    case compare
    /// The node `first` gives a truth value, or else it is a fault.
    case truth
    case not
    /// Of `second` operands from `first` on; left to right, no further than needed.
    case all, any
    /// Nodes for what is asked most: the severity number compared with the constant `first`.
    case severity
    /// The path `first` is compared with nil; `detail` is 1 for `!=`.
    case absent
    /// The path `first` compared with the text `second` of the constants; `detail` is 1 for `!=`.
    case sameText
    /// The pattern `second` is found in the path `first`.
    case matches
  }

  var kind: Kind
  var detail: UInt8 = 0
  var group: UInt8 = 0
  var first: UInt32 = 0
  var second: UInt32 = 0
}

/// What a function makes of its constant arguments once, when a program is loaded: a parsed format, a table.
class OTTLPrepared: @unchecked Sendable {}
