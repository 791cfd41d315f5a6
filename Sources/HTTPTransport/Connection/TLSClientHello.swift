import NIOCore

/// What is read of a TLS client's first message: RFC 8446 sections 4.1.2 and 5.1.
enum TLSClientHello: Equatable {
  case incomplete
  /// Not TLS at all.
  case plainText
  /// It offers protocols, none of them the server's.
  case noSharedProtocol
  /// Nothing is wrong with it, or what is wrong is for the TLS library to say.
  case taken

  private static let handshakeRecord: UInt8 = 22
  private static let clientHello: UInt8 = 1
  private static let protocolsExtension: UInt16 = 16

  /// Whether a client's first bytes begin a TLS record with a handshake; nil if they do not, false if one byte more is
  /// needed to know.
  static func isBegun(by bytes: some Collection<UInt8>) -> Bool? {
    guard bytes.first == handshakeRecord else { return nil }
    guard let major = bytes.dropFirst().first else { return false }
    return major == 3 ? true : nil
  }

  static func read(_ received: ByteBuffer, protocols: [String]) -> TLSClientHello {
    var records = received
    guard let first = records.getInteger(at: records.readerIndex, as: UInt8.self) else { return .incomplete }
    guard first == handshakeRecord else { return .plainText }
    var message = ByteBuffer()
    while true {
      guard let type = records.readInteger(as: UInt8.self) else { return .incomplete }
      guard type == handshakeRecord else { return .taken }
      guard records.readInteger(as: UInt16.self) != nil, var part = records.readLengthPrefixedSlice(as: UInt16.self)
      else { return .incomplete }
      guard part.readableBytes > 0 else { return .taken }
      message.writeBuffer(&part)
      guard message.getInteger(at: 0, as: UInt8.self) == clientHello else { return .taken }
      guard message.readableBytes >= 4, let head = message.getInteger(at: 0, as: UInt32.self) else { continue }
      let bytes = Int(head & 0xFF_FFFF)
      guard message.readableBytes &- 4 >= bytes else { continue }
      message.moveReaderIndex(forwardBy: 4)
      return offers(message.readSlice(length: bytes), oneOf: protocols) == false ? .noSharedProtocol : .taken
    }
  }

  /// Whether the message offers one of the protocols; nil if it offers none at all, or cannot be read.
  private static func offers(_ message: ByteBuffer?, oneOf protocols: [String]) -> Bool? {
    guard var message, message.readSlice(length: 2 + 32) != nil,
      message.readLengthPrefixedSlice(as: UInt8.self) != nil, message.readLengthPrefixedSlice(as: UInt16.self) != nil,
      message.readLengthPrefixedSlice(as: UInt8.self) != nil,
      var extensions = message.readLengthPrefixedSlice(as: UInt16.self)
    else { return nil }
    while let type = extensions.readInteger(as: UInt16.self),
      var content = extensions.readLengthPrefixedSlice(as: UInt16.self)
    {
      guard type == protocolsExtension else { continue }
      guard var names = content.readLengthPrefixedSlice(as: UInt16.self), names.readableBytes > 0 else { return nil }
      while let name = names.readLengthPrefixedSlice(as: UInt8.self) {
        if protocols.contains(String(buffer: name)) { return true }
      }
      return names.readableBytes == 0 ? false : nil
    }
    return nil
  }
}
