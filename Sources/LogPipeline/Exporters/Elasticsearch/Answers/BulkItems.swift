/// The items of a `_bulk` answer, of which only those are kept that say more than that a record was stored.
struct BulkItems {
  /// What the failure store of a data stream did with a faulty record (`failure_store`).
  enum FailureStore: Equatable {
    /// Nothing: `not_enabled`, `not_applicable_or_unknown`, or not said.
    case unused
    case used
    case failed
  }

  /// Items that were read whole; stops at one more than the limit.
  private(set) var count = 0
  /// Items among them that can be answers to what was sent.
  private(set) var ownCount = 0
  /// Items that do not say that their record was stored, or that it was stored in the failure store.
  private(set) var notable: [Item] = []
  /// The answer's `errors`, if it has that.
  private(set) var errors: Bool?
  /// The answer has `items`.
  private(set) var hasItems = false
  /// Something other than white space follows the answer's object.
  private(set) var isFollowed = false
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
    isFollowed = isObject && scanner.peek() != nil
    return isObject && !isFollowed
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
      var item = Item(position: count)
      let isItem = scanner.object { scanner, key in item.read(&scanner, scanner.isName(key, "create")) }
      guard isItem, count <= maxItems else { return false }
      if !item.isStored || item.failureStore == .used { notable.append(item) }
      if item.isOwn { ownCount += 1 }
      count += 1
      return true
    }
  }

  /// What one item says.
  struct Item {
    /// Which item it is, from 0.
    var position: Int
    /// The item's status; nil if it has none.
    private(set) var status: Int?
    private(set) var error = ErrorText()
    private var ownFailureStore = FailureStore.unused
    /// Actions that it answers, and those among them that were not asked for.
    private var actions = 0
    private var foreignActions = 0
    private var hasOddStatus = false

    init(position: Int) { self.position = position }

    /// Whether it can be an answer to what was sent, which is one `create`: no other does Elasticsearch give, and it
    /// says of a record that it has or that it has not. A filter may have taken the status away.
    var isOwn: Bool {
      guard actions == 1, foreignActions == 0, !hasOddStatus else { return false }
      guard let status else { return error.isOwn }
      return (200...299).contains(status) ? !error.isPresent : (400...599).contains(status)
    }

    var isStored: Bool { isOwn && (200...299).contains(status ?? 0) }

    /// Versions differ in where it stands: beside the status or inside the error.
    var failureStore: FailureStore { ownFailureStore == .unused ? error.failureStore : ownFailureStore }

    /// `type: reason`.
    var reason: String {
      error.text.isEmpty ? "item status \(status.map { "\($0)" } ?? "missing")" : error.text
    }

    /// Reads the value of an action's name such as `create`.
    mutating func read(_ scanner: inout JSONScanner, _ isCreate: Bool) -> Bool {
      actions += 1
      if !isCreate { foreignActions += 1 }
      return scanner.object { scanner, key in
        if scanner.isName(key, "status") { return readStatus(&scanner) }
        if scanner.isName(key, "failure_store") { return ownFailureStore.read(&scanner) }
        return scanner.isName(key, "error") ? error.read(&scanner) : scanner.skipValue()
      }
    }

    private mutating func readStatus(_ scanner: inout JSONScanner) -> Bool {
      var ahead = scanner
      if status == nil, let number = ahead.integer(), let next = ahead.peek(), next == 0x2C || next == 0x7D {
        status = number
        scanner = ahead
        return true
      }
      // Nothing, a second status, or no whole number up to the comma or brace after it.
      hasOddStatus = true
      return scanner.skipValue()
    }
  }

  /// An `error` of Elasticsearch: an object with `type` and `reason`, or in old versions a string.
  struct ErrorText {
    private(set) var isPresent = false
    private(set) var type = ""
    private(set) var reason = ""
    private(set) var failureStore = FailureStore.unused

    /// Whether it is an error as Elasticsearch tells it of requests that reached their handler.
    var isOwn: Bool { !type.isEmpty }

    /// `type: reason`, cut to the longest that is kept. Before the colon, which the log shows, stands only a name: any
    /// other text may quote a record.
    var text: String {
      let details = isNamed || type.isEmpty ? reason : type + " " + reason
      let kind = isNamed ? type : "error of no known type"
      let text = details.isEmpty ? (isPresent ? kind : "") : kind + ": " + details
      return text.cut(toBytes: BulkAnswer.maxReasonBytes)
    }

    /// Whether the type is a name as Elasticsearch has them.
    private var isNamed: Bool {
      !type.isEmpty && type.utf8.count <= 64
        && type.utf8.allSatisfy { ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || $0 == UInt8(ascii: "_") }
    }

    mutating func read(_ scanner: inout JSONScanner) -> Bool {
      if scanner.take("null") { return true }
      isPresent = true
      guard scanner.peek() == UInt8(ascii: "{") else { return readString(&scanner, into: \.reason) }
      return scanner.object { scanner, key in
        if scanner.isName(key, "type") { return readString(&scanner, into: \.type) }
        if scanner.isName(key, "reason") { return readString(&scanner, into: \.reason) }
        if scanner.isName(key, "failure_store") { return failureStore.read(&scanner) }
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

extension BulkItems.FailureStore {
  /// Reads the value of `failure_store`, whatever it is.
  fileprivate mutating func read(_ scanner: inout JSONScanner) -> Bool {
    guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
    guard let range = scanner.string() else { return false }
    switch scanner.text(of: range, limitBytes: 16) {
    case "used": self = .used
    case "failed": self = .failed
    default: self = .unused
    }
    return true
  }
}
