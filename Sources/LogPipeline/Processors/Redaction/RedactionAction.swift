/// What becomes of a match.
package enum RedactionAction: Sendable {
  /// `text` stands for what the mask hides.
  case mask(text: String, Mask)
  /// The digest in hexadecimal; after the function's name and a colon if it is labelled.
  case hash(HashFunction, isLabelled: Bool)
  /// `hmac:`, the key's id, a colon and the code in hexadecimal.
  case hmac(HMACKey, isLabelled: Bool)
  /// The match goes, with its key if it has one.
  case delete

  /// The text of masks unless the configuration gives another.
  package static let defaultText = "****"

  /// The word for the action in configuration and metrics.
  package var label: String {
    switch self {
    case .mask: "mask"
    case .hash: "hash"
    case .hmac: "hmac"
    case .delete: "delete"
    }
  }
}

/// A rule as a processor runs it.
struct CompiledRule: Sendable {
  let id: String
  let action: RedactionAction
  /// The text of a mask.
  private let maskText: [UInt8]
  /// What stands before a digest.
  private let digestLabel: [UInt8]

  init(id: String, action: RedactionAction) {
    self.id = id
    self.action = action
    if case .mask(let text, _) = action {
      maskText = Array(text.utf8)
    } else {
      maskText = Array(RedactionAction.defaultText.utf8)
    }
    digestLabel =
      switch action {
      case .hash(let function, true): Array("\(function.rawValue):".utf8)
      case .hmac(let key, true): Array("hmac:\(key.id):".utf8)
      default: []
      }
  }

  /// The id of the key that codes of this rule are made with.
  var keyID: String? { if case .hmac(let key, _) = action { key.id } else { nil } }

  var deletes: Bool { if case .delete = action { true } else { false } }

  /// Appends what stands for `match`; nothing if the action is to delete. A merged match shows nothing of itself.
  func append(_ match: UnsafeRawBufferPointer, isMerged: Bool, to writer: inout ByteWriter) {
    switch action {
    case .delete: return
    case .hash(let function, _):
      appendBytes(digestLabel, to: &writer)
      function.appendHex(of: match, to: &writer)
    case .hmac(let key, _):
      appendBytes(digestLabel, to: &writer)
      key.appendHex(of: match, to: &writer)
    case .mask(_, let mask):
      let kept = isMerged ? (first: 0, last: 0) : mask.keptBytes(of: ScannedText(match))
      writer.append(UnsafeRawBufferPointer(rebasing: match.prefix(kept.first)))
      appendMiddle(mask, to: &writer, isWhole: isMerged || (kept.first == 0 && kept.last == 0))
      writer.append(UnsafeRawBufferPointer(rebasing: match.suffix(kept.last)))
    }
  }

  /// Appends the text of the rule's mask.
  func appendMask(to writer: inout ByteWriter) { appendBytes(maskText, to: &writer) }

  private func appendMiddle(_ mask: Mask, to writer: inout ByteWriter, isWhole: Bool) {
    switch mask {
    case .network4 where !isWhole: writer.append("0")
    case .network6 where !isWhole: writer.append("::")
    case .domain where !isWhole: writer.append("***")
    default: appendBytes(maskText, to: &writer)
    }
  }

  private func appendBytes(_ bytes: [UInt8], to writer: inout ByteWriter) {
    bytes.withUnsafeBytes { writer.append($0) }
  }
}

extension Mask {
  /// How many bytes of a match stay at its start and its end.
  func keptBytes(of text: ScannedText) -> (first: Int, last: Int) {
    switch self {
    case .whole: return (0, 0)
    case .keep(let first, let last): return Self.kept(first, last, of: text)
    case .domain:
      let at = text.end(ofRunAt: 0) { $0 != UInt8(ascii: "@") }
      return at < text.count ? (min(1, at), text.count &- at) : (0, 0)
    case .network4:
      let last = text.start(ofRunBefore: text.count, limit: 3) { $0.isDigit }
      return (last, 0)
    case .network6: return (Self.networkBytes(of: text), 0)
    case .manufacturer: return (9, 0)
    }
  }

  /// The bytes of so many characters at either end; none of a text that has no more than these.
  private static func kept(_ first: Int, _ last: Int, of text: ScannedText) -> (first: Int, last: Int) {
    let isStart: (Int) -> Bool = { text[$0] & 0xC0 != 0x80 }
    let characters = (0..<text.count).reduce(0) { $0 &+ (isStart($1) ? 1 : 0) }
    guard first &+ last < characters else { return (0, 0) }
    var head = 0
    for _ in 0..<first {
      head &+= 1
      while head < text.count, !isStart(head) { head &+= 1 }
    }
    var tail = text.count
    for _ in 0..<last {
      tail &-= 1
      while tail > head, !isStart(tail) { tail &-= 1 }
    }
    return (head, text.count &- tail)
  }

  /// The bytes of the first three groups of an IPv6 address, or of those before its gap.
  private static func networkBytes(of text: ScannedText) -> Int {
    var groups = 0
    for offset in 0..<text.count where text[offset] == UInt8(ascii: ":") {
      groups &+= 1
      if groups == 3 || text[offset &+ 1] == UInt8(ascii: ":") { return offset }
    }
    return 0
  }
}
