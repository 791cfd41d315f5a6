import CZstd

/// Columns being compressed and inflated; used by one thread at a time.
final class Zstd {
  private let compressor: OpaquePointer?
  private let inflater: OpaquePointer?

  init() {
    compressor = ZSTD_createCCtx()
    inflater = ZSTD_createDCtx()
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(inflater)
  }

  /// Appends what `bytes` come to; as they are if that is not less, or there is no memory. Returns how many that are.
  func append(_ bytes: [UInt8], level: Int32, to output: inout [UInt8]) -> Int {
    let start = output.count
    let bound = ZSTD_compressBound(bytes.count)
    guard level > 0, bytes.count > 32, let compressor else {
      output += bytes
      return bytes.count
    }
    output.append(zeros: bound)
    let count = output.withUnsafeMutableBytes { output in
      bytes.withUnsafeBytes { bytes in
        ZSTD_compressCCtx(
          compressor, output.baseAddress.map { $0 + start }, bound, bytes.baseAddress, bytes.count, level)
      }
    }
    if ZSTD_isError(count) == 0, count < bytes.count {
      output.removeLast(output.count - start - count)
      return count
    }
    output.removeLast(output.count - start)
    output += bytes
    return bytes.count
  }

  /// Inflates `stored` to exactly so many bytes, which have room in `output`.
  func inflate(_ stored: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer) -> Bool {
    guard let inflater, let base = stored.baseAddress else { return output.isEmpty }
    let count = ZSTD_decompressDCtx(inflater, output.baseAddress, output.count, base, stored.count)
    return ZSTD_isError(count) == 0 && count == output.count
  }
}
