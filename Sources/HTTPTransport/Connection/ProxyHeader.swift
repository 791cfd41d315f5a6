import NIOCore

/// What a proxy says of a connection before anything else: the PROXY protocol, versions 1 and 2.
enum ProxyHeader: Equatable {
  case incomplete
  /// No such header, or one that breaks the rules or a limit.
  case malformed
  /// A whole header of so many bytes; `source` is who has connected to the proxy, nil if it does not say or has
  /// connected by itself, as for a health check.
  case whole(byteCount: Int, source: Source?)

  /// Who has connected to the proxy.
  struct Source: Equatable {
    let address: IPAddress
    let port: UInt16
  }

  /// The longest header taken: one of version 2 may have up to 64 KiB of extensions, of which nothing is used.
  static let maxBytes = 2048
  /// Version 1 has no more, its end included.
  private static let maxLineBytes = 107
  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
  private static let line = Array("PROXY ".utf8)

  /// Reads the header that bytes begin with.
  static func read(_ received: ByteBuffer) -> ProxyHeader {
    let bytes = received.readableBytesView
    if bytes.starts(with: signature) { return readBinary(received) }
    if bytes.starts(with: line) { return readLine(bytes) }
    let couldBe = signature.starts(with: bytes) || line.starts(with: bytes)
    return couldBe ? .incomplete : .malformed
  }

  /// Version 2: signature, version and command, family and transport, length, addresses, extensions.
  private static func readBinary(_ received: ByteBuffer) -> ProxyHeader {
    var header = received
    header.moveReaderIndex(forwardBy: signature.count)
    guard let command = header.readInteger(as: UInt8.self) else { return .incomplete }
    guard command == 0x20 || command == 0x21 else { return .malformed }
    guard let family = header.readInteger(as: UInt8.self), let length = header.readInteger(as: UInt16.self) else {
      return .incomplete
    }
    let byteCount = signature.count &+ 4 &+ Int(length)
    guard byteCount <= maxBytes else { return .malformed }
    guard var content = header.readSlice(length: Int(length)) else { return .incomplete }
    // LOCAL: the proxy speaks for itself. An unspecified family or transport says as much.
    if command == 0x20 || family == 0 { return .whole(byteCount: byteCount, source: nil) }
    let addressBytes: Int
    switch family {
    case 0x11: addressBytes = 4
    case 0x21: addressBytes = 16
    // A Unix socket has no address that means anything here.
    case 0x31: return length >= 216 ? .whole(byteCount: byteCount, source: nil) : .malformed
    default: return .malformed
    }
    guard let source = content.readBytes(length: addressBytes), content.readBytes(length: addressBytes) != nil,
      let port = content.readInteger(as: UInt16.self), content.readInteger(as: UInt16.self) != nil,
      let address = IPAddress(bytes: source)
    else { return .malformed }
    return .whole(byteCount: byteCount, source: Source(address: address, port: port))
  }

  /// Version 1: a line such as `PROXY TCP4 192.0.2.1 198.51.100.1 56324 4317`.
  private static func readLine(_ bytes: ByteBufferView) -> ProxyHeader {
    let start = bytes.prefix(maxLineBytes)
    guard let end = start.firstIndex(of: 10) else { return start.count < maxLineBytes ? .incomplete : .malformed }
    let byteCount = bytes.distance(from: bytes.startIndex, to: end) &+ 1
    let text = start.prefix(byteCount &- 1)
    guard text.last == 13, text.dropLast().allSatisfy({ (0x20..<0x7F).contains($0) }) else { return .malformed }
    let fields = String(decoding: text.dropLast(), as: UTF8.self)
      .split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count >= 2 else { return .malformed }
    if fields[1] == "UNKNOWN" { return .whole(byteCount: byteCount, source: nil) }
    guard fields.count == 6, fields[1] == "TCP4" || fields[1] == "TCP6" else { return .malformed }
    let isIPv4 = fields[1] == "TCP4"
    let addresses = fields[2...3].compactMap { field in field.contains(":") != isIPv4 ? IPAddress(field) : nil }
    let ports = fields[4...5].compactMap { port($0) }
    guard addresses.count == 2, ports.count == 2 else { return .malformed }
    return .whole(byteCount: byteCount, source: Source(address: addresses[0], port: ports[0]))
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt16(text)
  }
}
