import LogPipeline

/// Decompressed bytes, in memory that doubles up to a limit and is reserved before it is taken.
///
/// Invariant: `bytes.count <= roomBytes <= limit.bytes`, and `roomBytes` are reserved.
struct GrowingOutput: ~Copyable {
  private(set) var bytes: [UInt8] = []
  private(set) var roomBytes = 0
  private let limit: DecompressionLimit

  init(limit: DecompressionLimit) {
    self.limit = limit
  }

  /// The least memory that is taken at first.
  private static var firstBytes: Int { 64 << 10 }

  /// Takes the first memory: `expectedBytes` if that is more than the least.
  mutating func start(expectedBytes: Int, reserving reservation: inout ByteReservation) throws(Refusal) {
    try makeRoom(min(max(expectedBytes, Self.firstBytes), limit.bytes), reserving: &reservation)
  }

  /// Doubles the memory, up to the limit.
  mutating func grow(reserving reservation: inout ByteReservation) throws(Refusal) {
    guard roomBytes < limit.bytes else {
      throw .tooLarge(
        Refusal.SizeExcess(limit.what, bytes: limit.bytes &+ 1, limitBytes: limit.bytes, option: limit.option))
    }
    let doubled = roomBytes.multipliedReportingOverflow(by: 2)
    try makeRoom(doubled.overflow ? limit.bytes : min(doubled.partialValue, limit.bytes), reserving: &reservation)
  }

  /// Moves the bytes to memory of `wanted` bytes. Memory that holds nothing yet is given up before the new is taken.
  private mutating func makeRoom(_ wanted: Int, reserving reservation: inout ByteReservation) throws(Refusal) {
    let old = roomBytes
    if bytes.isEmpty {
      bytes = []
      roomBytes = 0
      reservation.shrink(by: old)
    }
    try reservation.grow(by: wanted)
    bytes.reserveCapacity(wanted)
    if roomBytes > 0 { reservation.shrink(by: old) }
    roomBytes = wanted
  }

  /// Lets `decode` write into the free memory and say how many bytes it wrote.
  mutating func fill(_ decode: (UnsafeMutableRawBufferPointer) -> Int) {
    bytes.append(addingCapacity: max(roomBytes &- bytes.count, 0)) { span in
      span.withUnsafeMutableBufferPointer { buffer, count in
        let free = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
        count &+= min(max(decode(free), 0), free.count)
      }
    }
  }

  /// Ends the output.
  consuming func finish() -> [UInt8] { bytes }
}

/// How much one body may be after decompression.
struct DecompressionLimit: Sendable {
  var bytes: Int
  /// What the limit is on, for the refusal.
  var what: StaticText
  /// The option that sets it.
  var option: StaticText
  /// Members of a gzip body, or frames of a zstd body.
  var members: Int
}
