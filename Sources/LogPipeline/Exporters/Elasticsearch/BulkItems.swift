/// The items of a `_bulk` answer, of which only those that failed are kept.
struct BulkItems {
  /// An item that does not say that its record was stored.
  struct Failure {
    /// Which item it is, from 0.
    var position: Int
    /// The item's status; 0 if it has none.
    var status: Int
    /// The `error.type`.
    var type: String
    /// `type: reason`.
    var reason: String

    /// Whether the record can be stored later.
    var isTemporary: Bool {
      switch status {
      case 0, 408, 429, 500, 502, 503, 504: true
      default:
        type == "es_rejected_execution_exception" || type == "circuit_breaking_exception"
          || type == "unavailable_shards_exception"
      }
    }
  }

  /// Items that were read whole; stops at one more than the limit.
  private(set) var count = 0
  private(set) var failures: [Failure] = []
  /// The answer's `errors`, if it has that.
  private(set) var errors: Bool?
  /// The answer has `items`.
  private(set) var hasItems = false
  private let maxItems: Int

  init(maxItems: Int) { self.maxItems = maxItems }

  /// Reads an answer as far as it is one; says whether it was whole. What was read before a fault stays.
  mutating func read(_ body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body)
    let isObject = scanner.object { scanner, key in
      if scanner.isName(key, "items") { return readItems(&scanner) }
      if scanner.isName(key, "errors") { return readErrors(&scanner) }
      return scanner.skipValue()
    }
    return isObject && scanner.peek() == nil
  }

  private mutating func readErrors(_ scanner: inout JSONScanner) -> Bool {
    if scanner.take("false") {
      errors = false
      return true
    }
    errors = true
    return scanner.take("true")
  }

  private mutating func readItems(_ scanner: inout JSONScanner) -> Bool {
    if hasItems { return false }
    hasItems = true
    return scanner.array { scanner in
      var item = Item()
      let isItem = scanner.object { scanner, _ in item.read(&scanner) }
      guard isItem, count <= maxItems else { return false }
      if !item.isStored {
        failures.append(
          Failure(position: count, status: item.status, type: item.error.type, reason: item.reason))
      }
      count += 1
      return true
    }
  }

  /// What one item says.
  private struct Item {
    var status = 0
    var error = ErrorText()

    var isStored: Bool { (200...299).contains(status) && !error.isPresent }

    var reason: String {
      error.text.isEmpty ? "item status \(status)" : error.text
    }

    /// Reads the value of an action's name such as `create`.
    mutating func read(_ scanner: inout JSONScanner) -> Bool {
      scanner.object { scanner, key in
        if scanner.isName(key, "status") {
          guard let number = scanner.integer() else { return false }
          status = number
          return true
        }
        return scanner.isName(key, "error") ? error.read(&scanner) : scanner.skipValue()
      }
    }
  }

  /// An `error` of Elasticsearch: an object with `type` and `reason`, or in old versions a string.
  struct ErrorText {
    private(set) var isPresent = false
    private(set) var type = ""
    private var reason = ""

    /// `type: reason`, cut to the longest that is kept.
    var text: String {
      let text = type.isEmpty || reason.isEmpty ? type + reason : type + ": " + reason
      return text.cut(toBytes: BulkAnswer.maxReasonBytes)
    }

    mutating func read(_ scanner: inout JSONScanner) -> Bool {
      if scanner.take("null") { return true }
      isPresent = true
      guard scanner.peek() == UInt8(ascii: "{") else { return readString(&scanner, into: \.reason) }
      return scanner.object { scanner, key in
        if scanner.isName(key, "type") { return readString(&scanner, into: \.type) }
        if scanner.isName(key, "reason") { return readString(&scanner, into: \.reason) }
        return scanner.skipValue()
      }
    }

    private mutating func readString(
      _ scanner: inout JSONScanner, into field: WritableKeyPath<ErrorText, String>
    ) -> Bool {
      guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
      guard let range = scanner.string() else { return false }
      self[keyPath: field] = scanner.text(of: range, limitBytes: BulkAnswer.maxReasonBytes)
      return true
    }
  }
}
