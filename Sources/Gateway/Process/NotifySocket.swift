import Glibc

/// A socket that one sends datagrams from, to the address that `NOTIFY_SOCKET` names. Sending never waits.
final class NotifySocket: Sendable {
  enum Outcome: Equatable {
    case sent
    /// The one who listens has not read what came before.
    case full
    /// With the system's number of the error.
    case failed(Int32)
  }

  private let descriptor: Int32
  private let address: sockaddr_un
  private let length: socklen_t

  /// The socket of a path, or after `@` of a name that stands in no file system. Nil if the name can be neither, or the
  /// system gives no socket.
  init?(_ name: String) {
    guard let (address, length) = Self.address(name) else { return nil }
    // Taken once, so that a word can still be sent when there are no descriptors left.
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
    if descriptor < 0 { return nil }
    (self.address, self.length) = (address, length)
  }

  deinit { close(descriptor) }

  /// Sends one datagram.
  func send(_ text: String) -> Outcome {
    let bytes = Array(text.utf8)
    let sent = withUnsafePointer(to: address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
    if sent >= 0 { return .sent }
    return [EAGAIN, EINTR, ENOBUFS].contains(errno) ? .full : .failed(errno)
  }

  private static func address(_ name: String) -> (sockaddr_un, socklen_t)? {
    var bytes = Array(name.utf8)
    var address = sockaddr_un()
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path), bytes.count > 1 else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "/"): bytes.append(0)
    case UInt8(ascii: "@"): bytes[0] = 0
    default: return nil
    }
    if bytes.count > room { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return (address, socklen_t(start + bytes.count))
  }
}
