import Glibc

/// Converters to hashes, ids and answers about addresses and numbers.
enum OTTLHashFunction: UInt8, CaseIterable, Sendable {
  case sha256, sha512, sha1, md5, fnv, murmur3Hash, murmur3Hash128, xxh3, xxh128
  case uuid, uuidv7, traceID, spanID, communityID, log, isInCIDR, isValidLuhn

  var declaration: OTTLFunction {
    switch self {
    case .sha256: Self.ofTarget("SHA256", needs: nil)
    case .sha512: Self.ofTarget("SHA512", needs: .sha512)
    case .sha1: Self.ofTarget("SHA1", needs: .sha1)
    case .md5: Self.ofTarget("MD5", needs: .md5)
    case .fnv: Self.ofTarget("FNV", needs: nil)
    case .murmur3Hash: Self.ofTarget("Murmur3Hash", needs: nil)
    case .murmur3Hash128: Self.ofTarget("Murmur3Hash128", needs: nil)
    case .xxh3: Self.ofTarget("XXH3", needs: nil)
    case .xxh128: Self.ofTarget("XXH128", needs: nil)
    case .uuid: OTTLFunction("UUID", [])
    case .uuidv7: OTTLFunction("UUIDv7", [])
    case .traceID: OTTLFunction("TraceID", [.init("bytes", .value(.any))])
    case .spanID: OTTLFunction("SpanID", [.init("bytes", .value(.any))])
    case .communityID:
      OTTLFunction(
        "CommunityID",
        [
          .init("source_ip", .value(.string)), .init("source_port", .value(.int)),
          .init("destination_ip", .value(.string)), .init("destination_port", .value(.int)),
          .optional("protocol", .value(.string), default: .text("TCP")),
          .optional("seed", .value(.int), default: .int(0)),
        ])
    case .log: OTTLFunction("Log", [.init("target", .value(.doubleLike))])
    case .isInCIDR:
      OTTLFunction(
        "IsInCIDR", [.init("target", .value(.string)), .init("networks", .values(.string))],
        prepare: Self.prepareNetworks)
    case .isValidLuhn: OTTLFunction("IsValidLuhn", [.init("target", .value(.stringLike))])
    }
  }

  private static func ofTarget(_ name: String, needs digest: LibraryDigest?) -> OTTLFunction {
    OTTLFunction(
      name, [.init("target", .value(.string))],
      prepare: { (_) throws(OTTLProblem) in
        if digest?.isAvailable == false { throw OTTLProblem("this hash function is ruled out on this system") }
        return nil
      })
  }

  @Sendable private static func prepareNetworks(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    guard let texts = constants.list(1) else { return nil }
    var networks: [IPNetwork] = []
    for case .string(let text) in texts {
      guard let network = text.withUnsafeBytes({ IPNetwork($0) }) else {
        let shown = String(decoding: text.prefix(64), as: UTF8.self)
        throw OTTLProblem("\"\(shown)\" is no network such as 10.0.0.0/8", of: 1)
      }
      networks.append(network)
    }
    return OTTLPreparedValue(networks)
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    guard let function = OTTLHashFunction(rawValue: id) else { throw .unavailable }
    switch function {
    case .uuid:
      let (high, low) = random()
      return try run.newText { UUIDText.appendVersion4(high, low, to: &$0) }
    case .uuidv7:
      let (high, low) = random()
      let time = run.batch.receivedUnixNano
      return try run.newText { UUIDText.appendVersion7(unixNano: time, high, low, to: &$0) }
    case .traceID: return try run.traceID(try call.value(0, &run))
    case .spanID: return try run.spanID(try call.value(0, &run))
    case .communityID: return try run.communityID(call)
    case .log:
      guard let number = try call.doubleLike(0, &run) else { throw .nothing }
      guard number > 0 else { throw .outOfRange }
      return .double(Glibc.log(number))
    case .isInCIDR: return try run.isInCIDR(call)
    case .isValidLuhn:
      guard let text = try call.textLike(0, &run) else { throw .nothing }
      if text.isEmpty { return .bool(false) }
      guard let isValid = LuhnText.isValid(run.bytes(text)) else { throw .badText }
      return .bool(isValid)
    default: return try function.hash(run.bytes(try call.text(0, &run)), &run)
    }
  }

  private static func random() -> (UInt64, UInt64) {
    var generator = SystemRandomNumberGenerator()
    return (generator.next(), generator.next())
  }

  private func hash(_ bytes: UnsafeRawBufferPointer, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    switch self {
    case .fnv: return .int(Int64(bitPattern: FNV1a.hash(of: bytes)))
    case .sha256: return try run.newText { HashFunction.sha256.appendHex(of: bytes, to: &$0) }
    case .sha512: return try run.newText { LibraryDigest.sha512.appendHex(of: bytes, to: &$0) }
    case .sha1: return try run.newText { LibraryDigest.sha1.appendHex(of: bytes, to: &$0) }
    case .md5: return try run.newText { LibraryDigest.md5.appendHex(of: bytes, to: &$0) }
    case .murmur3Hash:
      let hash = Murmur3.hash32(of: bytes)
      return try run.newText { writer in withUnsafeBytes(of: hash.littleEndian) { writer.appendHex($0) } }
    case .murmur3Hash128:
      let hash = Murmur3.hash128(of: bytes)
      return try run.newText {
        $0.appendHex(hash.first.byteSwapped)
        $0.appendHex(hash.second.byteSwapped)
      }
    case .xxh3:
      let hash = XXH3.hash64(of: bytes)
      return try run.newText { $0.appendHex(hash) }
    case .xxh128:
      let hash = XXH3.hash128(of: bytes)
      return try run.newText {
        $0.appendHex(hash.high)
        $0.appendHex(hash.low)
      }
    default: throw .unavailable
    }
  }
}

extension OTTLRun {
  /// An id of 16 bytes, or of 32 hexadecimal digits.
  fileprivate func traceID(_ value: OTTLValue) throws(OTTLFault) -> OTTLValue {
    let bytes = try idBytes(value)
    guard let base = bytes.baseAddress else { throw .badText }
    if bytes.count == 16 {
      let words = (base.loadUnaligned(as: UInt64.self), base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      return .traceID(TraceID(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1)))
    }
    guard bytes.count == 32, let high = HexText.uint64(base), let low = HexText.uint64(base + 16) else {
      throw .badText
    }
    return .traceID(TraceID(high: high, low: low))
  }

  /// An id of 8 bytes, or of 16 hexadecimal digits.
  fileprivate func spanID(_ value: OTTLValue) throws(OTTLFault) -> OTTLValue {
    let bytes = try idBytes(value)
    guard let base = bytes.baseAddress else { throw .badText }
    if bytes.count == 8 { return .spanID(UInt64(bigEndian: base.loadUnaligned(as: UInt64.self))) }
    guard bytes.count == 16, let id = HexText.uint64(base) else { throw .badText }
    return .spanID(id)
  }

  private func idBytes(_ value: OTTLValue) throws(OTTLFault) -> UnsafeRawBufferPointer {
    guard value.kind == .string || value.kind == .bytes else { throw value.isNone ? .nothing : .wrongType }
    return bytes(value.text)
  }

  fileprivate mutating func communityID(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let (source, destination) = (try call.text(0, &self), try call.text(2, &self))
    let (sourcePort, destinationPort) = (try call.int(1, &self), try call.int(3, &self))
    let (transport, seed) = (try call.text(4, &self), try call.int(5, &self))
    guard let from = IPAddress(bytes(source)), let to = IPAddress(bytes(destination)) else { throw .badText }
    guard let number = CommunityID.transport(bytes(transport)) else { throw .badText }
    guard sourcePort > 0, let first = UInt16(exactly: sourcePort), destinationPort > 0,
      let second = UInt16(exactly: destinationPort), let seed = UInt16(exactly: seed)
    else { throw .outOfRange }
    let flow = CommunityID(
      source: from, sourcePort: first, destination: to, destinationPort: second, transport: number, seed: seed)
    guard flow.append(to: &out) else { throw .unavailable }
    return .string(try finishText())
  }

  /// Whether an address lies in one of some networks; false of what is no address.
  fileprivate mutating func isInCIDR(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let text = try call.text(0, &self)
    if let networks = call.madeIfConstant([IPNetwork].self, self) {
      guard let address = IPAddress(bytes(text)) else { return .bool(false) }
      return .bool(networks.contains { $0.contains(address) })
    }
    let networks = try call.items(1, &self)
    for index in 0..<networks.count {
      let element = try networks.value(index, &self)
      guard element.kind == .string else { throw element.isNone ? .nothing : .wrongType }
      guard let network = IPNetwork(bytes(element.text)) else { throw .badText }
      if let address = IPAddress(bytes(text)), network.contains(address) { return .bool(true) }
    }
    return .bool(false)
  }
}
