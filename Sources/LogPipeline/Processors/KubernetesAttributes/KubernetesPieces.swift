/// Cuts what the Kubernetes API sends into objects while it comes, so that no more than one of them is in memory.
///
/// A list is one JSON object with an array of objects; a watch is objects one after the other. What is none of this,
/// or too large, ends the cutting.
package struct KubernetesPieces {
  /// What is cut.
  package enum Form: Sendable {
    /// The objects of arrays that are members of the outermost object, and what is left of it.
    case list
    /// Objects that follow each other.
    case watch
  }

  /// Why there is no next object; to be read after what was asked for.
  package struct Failure: Error, Sendable, Equatable {
    package let reason: String
  }

  private let form: Form
  private let maxObjectBytes: Int
  /// The object that has come in part.
  private var object: [UInt8] = []
  /// What of a list is not in its objects.
  package private(set) var frame: [UInt8] = []
  /// Brackets that are open.
  private var depth = 0
  private var isInText = false
  private var isEscaped = false
  /// Whether an array that is a member of a list is open.
  private var isInItems = false
  /// Whether a list has ended.
  package private(set) var isComplete = false

  /// What of a list is not in its objects has few bytes.
  private static let maxFrameBytes = 64 << 10

  package init(_ form: Form, maxObjectBytes: Int) {
    self.form = form
    self.maxObjectBytes = maxObjectBytes
  }

  /// Takes the next bytes and calls `body` with every object that is complete now; `body` says whether it is one.
  package mutating func take(_ bytes: [UInt8], _ body: ([UInt8]) -> Bool) throws(Failure) {
    // Where the bytes begin that belong to the object under way.
    var start = 0
    for (index, byte) in bytes.enumerated() {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        if depth == 0 { throw Failure(reason: "is no JSON object") }
        isInText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if isComplete || depth == 0 && byte != UInt8(ascii: "{") { throw Failure(reason: "is no JSON object") }
        if depth == objectDepth {
          try keep(bytes[start..<index], isObject: false)
          start = index
        }
        if form == .list, depth == 1 { isInItems = byte == UInt8(ascii: "[") }
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { throw Failure(reason: "is no JSON object") }
        depth -= 1
        if depth == objectDepth {
          try keep(bytes[start...index], isObject: true)
          start = index + 1
          let whole = object
          object.removeAll(keepingCapacity: true)
          if !body(whole) { throw Failure(reason: "has an object of another form") }
        }
        if form == .list, depth == 1 { isInItems = false }
        if form == .list, depth == 0 { isComplete = true }
      default:
        let isSpace = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        if depth == 0, !isSpace { throw Failure(reason: "is no JSON object") }
      }
    }
    try keep(bytes[start...], isObject: objectDepth >= 0 && depth > objectDepth)
  }

  /// How many brackets are open around an object; -1 where none can begin.
  private var objectDepth: Int { form == .watch ? 0 : isInItems ? 2 : -1 }

  private mutating func keep(_ bytes: ArraySlice<UInt8>, isObject: Bool) throws(Failure) {
    if isObject {
      let count = object.count + bytes.count
      if count > maxObjectBytes {
        throw Failure(reason: "has an object of at least \(count) bytes: max_object_size is \(maxObjectBytes)")
      }
      object += bytes
    } else if form == .list {
      let count = frame.count + bytes.count
      if count > Self.maxFrameBytes {
        throw Failure(
          reason: "has at least \(count) bytes beside its objects: the limit is \(Self.maxFrameBytes)")
      }
      frame += bytes
    }
  }
}
