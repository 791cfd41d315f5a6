import Glibc
import NIOCore

/// The header fields of a connection's requests, one block after the other: RFC 9113 section 8.1.
///
/// A client mostly sends the same fields with every request. A block is held against the one before as it comes, and if
/// nothing differs its request shares that one's head.
struct HTTP2RequestFields {
  private var quota: HTTP2HeaderQuota
  /// The head that the block before made.
  private var head: HTTPRequestHead?
  /// Nothing of this block differs from the block before, which has a head.
  private var isRepeated = false
  /// The fields of this block, each as the lengths of name and value and then both; while `isRepeated`, those of the
  /// block before.
  private var store: [UInt8] = []
  /// Bytes of `store` that were received in this block.
  private var received = 0
  /// The block is a request's second, which is dropped.
  private var isTrailer = false

  /// A block that takes more is not kept for the next.
  static let maxKeptBytes = 2048
  private static let lengthBytes = MemoryLayout<Int>.size

  init(maxBytes: Int, maxCount: Int) {
    quota = HTTP2HeaderQuota(maxBytes: maxBytes, maxCount: maxCount)
  }

  /// The limit that the block has passed.
  var excess: HTTPExcess? { quota.excess }
  /// That the block is so far past it that no more of it is to be decoded.
  var bombExcess: HTTPExcess? { quota.bombExcess }
  /// What the block counts.
  var bytes: Int { quota.bytes }

  mutating func begin(isTrailer: Bool) {
    self.isTrailer = isTrailer
    quota.reset()
    if isTrailer { return }
    received = 0
    isRepeated = head != nil
    if !isRepeated { store.removeAll(keepingCapacity: true) }
  }

  mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard quota.take(name.count &+ value.count), !isTrailer else { return }
    if isRepeated, unsafe isNext(name, value) {
      received &+= 2 &* Self.lengthBytes &+ name.count &+ value.count
    } else {
      differ()
      unsafe withUnsafeBytes(of: (name.count, value.count)) { unsafe store.append(contentsOf: $0) }
      unsafe store.append(contentsOf: name)
      unsafe store.append(contentsOf: value)
      received = store.count
    }
  }

  /// The head of the block's fields: that of the block before if they are the same, or else a new one from `make`.
  mutating func end(now: NIODeadline, _ make: (HTTP2HeaderFields) -> HTTPRequestHead) -> HTTPRequestHead {
    if received < store.count { differ() }
    if var head {
      head.arrivedAt = now
      return head
    }
    let made = make(decoded)
    if store.count <= Self.maxKeptBytes { head = made } else { store = [] }
    return made
  }

  /// Whether the next field of the block before is this one.
  private func isNext(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe store.withUnsafeBytes { store in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: store[received...])
      guard let field = unsafe Field(in: rest), unsafe field.name.count == name.count,
        unsafe field.value.count == value.count
      else {
        return false
      }
      return unsafe field.name.isSame(as: name) && field.value.isSame(as: value)
    }
  }

  /// Leaves the block before and keeps of it what this one has too.
  private mutating func differ() {
    guard isRepeated else { return }
    isRepeated = false
    head = nil
    store.removeSubrange(received...)
  }

  private var decoded: HTTP2HeaderFields {
    var fields = HTTP2HeaderFields(maxBytes: .max, maxCount: .max)
    unsafe store.withUnsafeBytes { store in
      var rest = unsafe store
      while let field = unsafe Field(in: rest) {
        unsafe fields.add(
          name: field.name.assumingMemoryBound(to: UInt8.self), value: field.value.assumingMemoryBound(to: UInt8.self))
        unsafe rest = field.rest
      }
    }
    return fields
  }

  /// A field as it lies in the store.
  @safe private struct Field {
    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer
    let rest: UnsafeRawBufferPointer

    /// The first field of these bytes; nil if they are none.
    init?(in bytes: UnsafeRawBufferPointer) {
      let head = 2 &* HTTP2RequestFields.lengthBytes
      guard bytes.count >= head else { return nil }
      let nameCount = unsafe bytes.loadUnaligned(as: Int.self)
      let end =
        unsafe head &+ nameCount &+ bytes.loadUnaligned(fromByteOffset: HTTP2RequestFields.lengthBytes, as: Int.self)
      guard end <= bytes.count else { return nil }
      unsafe name = UnsafeRawBufferPointer(rebasing: bytes[head..<head &+ nameCount])
      unsafe value = UnsafeRawBufferPointer(rebasing: bytes[(head &+ nameCount)..<end])
      unsafe rest = UnsafeRawBufferPointer(rebasing: bytes[end...])
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are those of `other`, which is as long.
  fileprivate func isSame(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = baseAddress, let otherBase = other.baseAddress else { return other.isEmpty }
    return unsafe memcmp(base, otherBase, other.count) == 0
  }
}
