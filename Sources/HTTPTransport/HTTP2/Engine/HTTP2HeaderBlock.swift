import CNGHTTP2
import NIOHTTP1

/// Header fields laid out for the engine: one byte store, reused from one answer to the next.
struct HTTP2HeaderBlock {
  private var store: [UInt8] = []
  private var fields: [(nameCount: Int, valueCount: Int)] = []

  mutating func removeAll() {
    store.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }

  /// Adds a field, its name in lower case: RFC 9113 section 8.2.1.
  mutating func add(_ name: String, _ value: String) {
    let start = store.count
    store.append(contentsOf: name.utf8)
    let nameCount = store.count &- start
    for index in start..<store.count where store[index] &- 0x41 < 26 { store[index] |= 0x20 }
    store.append(contentsOf: value.utf8)
    fields.append((nameCount, store.count &- start &- nameCount))
  }

  /// Adds the fields that HTTP/2 may carry; those of one connection, or unfit to send, are left out.
  mutating func add(_ headers: HTTPHeaders) {
    for (name, value) in headers {
      guard HTTPFieldRules.isSendable(name: name), HTTPFieldRules.isSendable(value: value) else { continue }
      guard !HTTPFieldRules.isConnectionSpecific(name) else { continue }
      add(name, value)
    }
  }

  /// Lends the fields as the engine takes them; the pointers are valid inside `body` only.
  mutating func withFields<Result>(_ body: (UnsafeMutablePointer<nghttp2_nv>?, Int) -> Result) -> Result {
    let fields = fields
    return unsafe store.withUnsafeMutableBufferPointer { store in
      unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fields.count) { nv in
        var next = store.baseAddress
        for (index, field) in fields.enumerated() {
          let value = unsafe next.map { unsafe $0 + field.nameCount }
          unsafe nv.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: next, value: value, namelen: field.nameCount, valuelen: field.valueCount, flags: 0))
          unsafe next = value.map { unsafe $0 + field.valueCount }
        }
        return unsafe body(nv.baseAddress, fields.count)
      }
    }
  }
}
