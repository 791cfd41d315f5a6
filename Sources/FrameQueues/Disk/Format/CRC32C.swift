import CDisk

/// The checksum of everything the disk queue writes: CRC-32C (Castagnoli, RFC 3720 appendix B.4).
enum CRC32C {
  /// The checksum of `bytes`, continuing from that of what stands before them.
  @inline(__always)
  static func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
    unsafe crc32c(crc, bytes.baseAddress, bytes.count)
  }
}
