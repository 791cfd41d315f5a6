/// What the members and elements of a JSON text say about each other, kept while it is walked.
///
/// A flag in an array says that the next element is secret; the first of two elements of an array in an array, and a
/// member such as `name`, that the other one is.
struct JSONLists {
  /// An object or array that is open.
  struct Level {
    var isObject = false
    /// How many elements an array has had.
    var count = 0
    /// Whether the next element is secret.
    var isFlagged = false
    /// What the value of the key before may say of the others.
    var next = ListedNames.Siblings.free
    /// What a member has said of the others.
    var siblings = ListedNames.Siblings.free
    /// Where the value of a member such as `value` starts that came before one has named a secret; -1 if none has.
    var valueStart = -1
    /// The same of the member that one may point at.
    var pointedStart = -1
  }

  /// As many as a document may have, and one.
  static var maxLevels: Int { JSONDocument.maxDepth + 1 }

  private let levels: UnsafeMutableBufferPointer<Level>
  private var depth = 0

  /// Memory for `maxLevels`, which outlives this.
  init(_ levels: UnsafeMutableBufferPointer<Level>) {
    self.levels = levels
    levels.initializeElement(at: 0, to: Level())
  }

  /// The innermost level.
  var level: Level {
    get { levels[depth] }
    nonmutating set { levels[depth] = newValue }
  }

  /// Whether the innermost level is an array in an array.
  var isNestedArray: Bool { depth > 1 && !levels[depth].isObject && !levels[depth &- 1].isObject }

  /// Opens an object or array.
  mutating func open(isObject: Bool) {
    if depth &+ 1 < levels.count { depth &+= 1 }
    levels[depth] = Level(isObject: isObject)
  }

  /// Closes the innermost level.
  mutating func close() { if depth > 0 { depth &-= 1 } }
}
