/// What a page of a list says beside its objects.
package struct KubernetesListFrame: Sendable, Equatable {
  /// Where a watch goes on.
  package private(set) var resourceVersion = ""
  /// What the next page is asked for with; empty if there is none.
  package private(set) var continuation = ""

  /// Nil if it is no list with a version.
  package init?(parsing json: [UInt8]) {
    var scanner = JSONScanner(json)
    let isRead = scanner.object { scanner, key in
      guard scanner.isName(key, "metadata") else { return scanner.skipValue() }
      return scanner.object { scanner, key in
        if scanner.isName(key, "resourceVersion") { return Self.read(&resourceVersion, &scanner) }
        if scanner.isName(key, "continue") { return Self.read(&continuation, &scanner) }
        return scanner.skipValue()
      }
    }
    if !isRead || resourceVersion.isEmpty { return nil }
  }

  private static func read(_ text: inout String, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
    guard let range = scanner.string() else { return false }
    text = scanner.text(of: range, limitBytes: 64 << 10)
    return true
  }
}

/// One event of a watch.
package enum KubernetesEvent: Sendable {
  /// There is such an object now.
  case put(KubernetesObject)
  case delete(KubernetesObject)
  /// Nothing has changed up to this version.
  case bookmark(resourceVersion: String)
  case failure(KubernetesStatus)

  /// Nil if it is none.
  package init?(parsing json: [UInt8]) {
    var type = ""
    var object = KubernetesObject()
    var status = KubernetesStatus()
    var scanner = JSONScanner(json)
    // The status of a failure has other members than the objects of other events.
    var place: JSONScanner?
    let isRead = scanner.object { scanner, key in
      if scanner.isName(key, "type") {
        guard let range = scanner.string() else { return false }
        type = scanner.text(of: range, limitBytes: 16)
        return true
      }
      if scanner.isName(key, "object") { place = scanner }
      return scanner.skipValue()
    }
    guard isRead, var place else { return nil }
    if type == "ERROR" {
      guard status.read(&place) else { return nil }
      self = .failure(status)
      return
    }
    guard object.read(&place) else { return nil }
    switch type {
    case "ADDED", "MODIFIED": self = .put(object)
    case "DELETED": self = .delete(object)
    case "BOOKMARK": self = .bookmark(resourceVersion: object.resourceVersion)
    default: return nil
    }
  }
}

/// What the API answers instead of what was asked for.
package struct KubernetesStatus: Sendable {
  package private(set) var code = 0
  /// The API's words, cut short.
  package private(set) var message = ""

  package init() {}

  /// Nil if it is no status.
  package init?(parsing json: [UInt8]) {
    var scanner = JSONScanner(json)
    if !read(&scanner) { return nil }
  }

  fileprivate mutating func read(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "code") {
        guard let code = scanner.integer() else { return false }
        self.code = code
        return true
      }
      if scanner.isName(key, "message"), scanner.peek() == UInt8(ascii: "\"") {
        guard let range = scanner.string() else { return false }
        message = scanner.text(of: range, limitBytes: 1024)
        return true
      }
      return scanner.skipValue()
    }
  }
}
