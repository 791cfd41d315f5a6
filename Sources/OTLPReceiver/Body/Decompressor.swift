import CDeflate
import CZstd
import LogPipeline

/// Decoders for gzip (RFC 1952), deflate (RFC 1950 and 1951) and zstd (RFC 8878), reused from body to body.
///
/// Whole buffers only: a member that does not fit the memory is begun again in twice as much, so a body that grows to
/// its limit costs at most two decodings of it, no window is kept beside the output, and a bomb costs the limit.
final class Decompressor {
  private let inflater: OpaquePointer?
  private let zstd: OpaquePointer?

  init() {
    inflater = libdeflate_alloc_decompressor()
    zstd = ZSTD_createDCtx()
  }

  deinit {
    libdeflate_free_decompressor(inflater)
    ZSTD_freeDCtx(zstd)
  }

  /// What came of decoding one member into the memory at hand.
  private enum Step {
    case decoded(readBytes: Int, writtenBytes: Int)
    case needsRoom
    case corrupt(StaticText)
  }

  /// Decompresses a body, its memory taken from `reservation`, which must outlive the result. A body of no bytes is
  /// an empty one in every coding.
  func decompress(
    _ body: UnsafeRawBufferPointer, _ coding: ContentCoding, limit: DecompressionLimit,
    reserving reservation: inout ByteReservation
  ) throws(Refusal) -> [UInt8] {
    var output = GrowingOutput(limit: limit)
    try output.start(expectedBytes: Self.expectedBytes(of: body, coding), reserving: &reservation)
    var offset = 0
    var members = 0
    while offset < body.count {
      guard members < limit.members else { throw .tooManyMembers(coding, limit: limit.members) }
      guard members == 0 || coding != .deflate else { throw .corrupt(coding, "bytes after its end") }
      let rest = UnsafeRawBufferPointer(rebasing: body[offset...])
      offset &+= try decodeMember(rest, coding, into: &output, reserving: &reservation)
      members &+= 1
    }
    return output.finish()
  }

  /// Decodes the member that `input` begins with and returns its length, always more than 0.
  private func decodeMember(
    _ input: UnsafeRawBufferPointer, _ coding: ContentCoding, into output: inout GrowingOutput,
    reserving reservation: inout ByteReservation
  ) throws(Refusal) -> Int {
    var member = input
    if coding == .zstd { member = UnsafeRawBufferPointer(rebasing: input[..<(try zstdFrameBytes(input))]) }
    while true {
      var step = Step.needsRoom
      output.fill { free in
        step = self.step(member, coding, into: free)
        if case .decoded(_, let written) = step { return written }
        return 0
      }
      switch step {
      case .decoded(let read, _) where read > 0: return read
      case .decoded: throw .corrupt(coding, "an empty member")
      case .corrupt(let what): throw .corrupt(coding, what)
      case .needsRoom: try output.grow(reserving: &reservation)
      }
    }
  }

  private func step(
    _ member: UnsafeRawBufferPointer, _ coding: ContentCoding, into free: UnsafeMutableRawBufferPointer
  ) -> Step {
    switch coding {
    case .identity:
      guard free.count >= member.count else { return .needsRoom }
      free.copyMemory(from: member)
      return .decoded(readBytes: member.count, writtenBytes: member.count)
    case .gzip: return inflate(member, into: free, libdeflate_gzip_decompress_ex)
    case .deflate where Self.hasZlibHeader(member): return inflate(member, into: free, libdeflate_zlib_decompress_ex)
    case .deflate: return inflate(member, into: free, libdeflate_deflate_decompress_ex)
    case .zstd: return zstdStep(member, into: free)
    }
  }

  // MARK: gzip and deflate

  private typealias Inflate = (
    OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?,
    UnsafeMutablePointer<Int>?
  ) -> libdeflate_result

  private func inflate(
    _ member: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer, _ decode: Inflate
  ) -> Step {
    guard let inflater, let target = free.baseAddress else { return .needsRoom }
    var read = 0
    var written = 0
    switch decode(inflater, member.baseAddress, member.count, target, free.count, &read, &written) {
    case LIBDEFLATE_SUCCESS: return .decoded(readBytes: read, writtenBytes: written)
    case LIBDEFLATE_INSUFFICIENT_SPACE: return .needsRoom
    default: return .corrupt("damaged or cut short")
    }
  }

  /// Whether a deflate body starts with the header of RFC 1950 section 2.2: method 8 and a multiple of 31. A raw
  /// stream (RFC 1951) that starts so would begin with a stored block whose padding is not zero.
  private static func hasZlibHeader(_ body: UnsafeRawBufferPointer) -> Bool {
    guard body.count >= 2 else { return false }
    return body[0] & 15 == 8 && (Int(body[0]) &<< 8 | Int(body[1])) % 31 == 0
  }

  // MARK: zstd

  private func zstdFrameBytes(_ input: UnsafeRawBufferPointer) throws(Refusal) -> Int {
    let bytes = ZSTD_findFrameCompressedSize(input.baseAddress, input.count)
    guard ZSTD_isError(bytes) == 0, bytes > 0, bytes <= input.count else {
      throw .corrupt(.zstd, "damaged or cut short")
    }
    return bytes
  }

  private func zstdStep(_ frame: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer) -> Step {
    let written = ZSTD_decompressDCtx(zstd, free.baseAddress, free.count, frame.baseAddress, frame.count)
    guard ZSTD_isError(written) != 0 else { return .decoded(readBytes: frame.count, writtenBytes: written) }
    // The library hands out its error numbers negated; 70 is "destination buffer is too small".
    return 0 &- written == 70 ? .needsRoom : .corrupt("damaged")
  }

  // MARK: first guess

  /// A body expands at least to what is likely, and to what it says of itself as far as that is not far-fetched.
  static func expectedBytes(of body: UnsafeRawBufferPointer, _ coding: ContentCoding) -> Int {
    let likelyRatio = 8
    let mostRatio = 32
    let most = body.count.multipliedReportingOverflow(by: mostRatio)
    guard let declared = declaredBytes(of: body, coding) else { return body.count &* likelyRatio }
    return min(declared, most.overflow ? 0 : most.partialValue)
  }

  /// The size that a body says it has: ISIZE of the last gzip member (RFC 1952 section 2.3.1), or the content size of
  /// the first zstd frame. A hint only.
  private static func declaredBytes(of body: UnsafeRawBufferPointer, _ coding: ContentCoding) -> Int? {
    switch coding {
    case .identity: return body.count
    case .deflate: return nil
    case .gzip:
      guard body.count >= 18 else { return nil }
      return Int(UInt32(littleEndian: body.loadUnaligned(fromByteOffset: body.count &- 4, as: UInt32.self)))
    case .zstd:
      // Unknown and invalid sizes are the two largest numbers.
      return Int(exactly: ZSTD_getFrameContentSize(body.baseAddress, body.count))
    }
  }
}
