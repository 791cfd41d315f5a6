import NIOCore
import NIOHTTP1

/// What is still to be sent of one stream's body.
struct HTTP2Outbound {
  private(set) var pending = ByteBuffer()
  private(set) var isEnded = false
  /// Sent after the body when it has ended.
  private(set) var trailers: HTTPHeaders?

  /// One step of reading: RFC 9113 section 6.1.
  enum Step: Equatable {
    case bytes(Int, isLast: Bool)
    /// Nothing yet; more will come.
    case wait
  }

  mutating func append(_ bytes: ByteBuffer) {
    guard !isEnded else { return }
    if pending.readableBytes == 0 {
      pending = bytes
    } else {
      var bytes = bytes
      pending.writeBuffer(&bytes)
    }
  }

  mutating func end(trailers: HTTPHeaders?) {
    guard !isEnded else { return }
    isEnded = true
    self.trailers = trailers
  }

  /// Drops what is unsent and takes no more.
  mutating func discard() {
    pending = ByteBuffer()
    trailers = nil
    isEnded = true
  }

  /// Copies the next bytes into `target`.
  mutating func read(into target: UnsafeMutableRawBufferPointer) -> Step {
    let count = min(target.count, pending.readableBytes)
    guard count > 0 || isEnded else { return .wait }
    unsafe pending.readWithUnsafeReadableBytes { source in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
      return count
    }
    return .bytes(count, isLast: isEnded && pending.readableBytes == 0)
  }
}
