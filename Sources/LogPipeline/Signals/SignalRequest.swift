package import Options

/// A request of traces or metrics on its way: its bytes as protobuf, checked and counted, never decoded.
///
/// Invariant: `pieces` are ranges of `body`, in order, each one field of the request that has items; what lies between
/// is empty and goes nowhere.
package struct SignalRequest: Sendable {
  package private(set) var signal: Signal
  package private(set) var body: [UInt8] = []
  /// Each resource with the number of its items.
  package private(set) var pieces: [BodyFormat.Piece] = []
  /// Spans or data points.
  package private(set) var items = 0
  /// What was mended.
  package private(set) var oddities = Oddities()
  /// Whose it is; empty for nobody's.
  package var tenant: [UInt8] = []

  package init(_ signal: Signal = .traces) { self.signal = signal }

  /// Lets go of the request.
  package mutating func removeAll() {
    body = []
    pieces.removeAll(keepingCapacity: true)
    items = 0
    oddities = Oddities()
    tenant = []
  }

  /// Bytes of the request as protobuf.
  package var byteCount: Int { pieces.reduce(0) { $0 &+ $1.range.count } }

  /// Forgets all items, and nothing else.
  mutating func removeItems() {
    pieces = []
    items = 0
  }

  /// Takes other bytes for the same items.
  mutating func replace(body: [UInt8], pieces: [BodyFormat.Piece]) {
    self.body = body
    self.pieces = pieces
  }

  /// Takes a request of a signal in protobuf, which starts at an offset of the body.
  package mutating func read(
    _ signal: Signal, protobuf body: consuming [UInt8], from start: Int = 0, limits: DecodeLimits
  ) throws(DecodeError) {
    removeAll()
    self.signal = signal
    guard let schema = WireSchema.of(signal) else { return }
    oddities = try check(body, from: start, schema, limits)
    if oddities.isEmpty {
      self.body = body
      return
    }
    let mended = try body.span.withUnsafeBytes { (bytes) throws(DecodeError) -> [UInt8] in
      guard let base = bytes.baseAddress else { return [] }
      let reader = ProtobufReader(base: base, range: start..<bytes.count)
      return try WireMender(schema, capacityBytes: bytes.count).mended(reader)
    }
    var relaxed = limits
    relaxed.invalidUTF8 = .replace
    _ = try check(mended, from: 0, schema, relaxed)
    self.body = mended
  }

  /// Takes a request of a signal in OTLP's JSON mapping.
  package mutating func read(
    _ signal: Signal, json body: consuming [UInt8], limits: DecodeLimits
  ) throws(DecodeError) {
    removeAll()
    self.signal = signal
    guard let schema = WireSchema.of(signal) else { return }
    let written = try JSONToProtobuf.transcode(body, schema, limits)
    oddities = written.oddities
    pieces = written.pieces
    items = written.items
    self.body = written.bytes
  }

  /// Finds the pieces of a body; gives what is to be mended.
  private mutating func check(
    _ body: borrowing [UInt8], from start: Int, _ schema: WireSchema, _ limits: DecodeLimits
  ) throws(DecodeError) -> Oddities {
    guard body.count < Int(UInt32.max) else { throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: 0) }
    var pieces = pieces
    self.pieces = []
    pieces.removeAll(keepingCapacity: true)
    let (items, oddities) = try body.span.withUnsafeBytes { (bytes) throws(DecodeError) -> (Int, Oddities) in
      guard let base = bytes.baseAddress, (0..<bytes.count).contains(start) else { return (0, Oddities()) }
      return try schema.fields.span.withUnsafeBufferPointer { (fields) throws(DecodeError) -> (Int, Oddities) in
        guard let fields = fields.baseAddress else { return (0, Oddities()) }
        var check = WireCheck(fields, of: schema, limits: limits)
        do throws(DecodeError) {
          try check.request(ProtobufReader(base: base, range: start..<bytes.count), into: &pieces)
        } catch {
          throw DecodeError(error.reason, at: error.offset &- start)
        }
        return (check.tally.items, check.oddities)
      }
    }
    self.pieces = pieces
    self.items = items
    return oddities
  }

  /// The bytes of a piece.
  func withBytes<R, E: Error>(of piece: BodyFormat.Piece, _ use: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
  {
    try body.span.withUnsafeBytes { (bytes) throws(E) in
      try use(UnsafeRawBufferPointer(rebasing: bytes[piece.range.clamped(to: 0..<bytes.count)]))
    }
  }
}
