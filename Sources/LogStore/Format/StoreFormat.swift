// The files of a store, version 1. Integers are little-endian; checksums are CRC-32C.
//
// A folder holds `LOCK`, segments (`00000000000000000001.seg`) and at most one head (`00000000000000000001.head`).
//
//   file header  0 "SLUICELS" or "SLUICELH"   8 version u32   12 salt u32   16 number u64   24 first ordinal u64
//               32 created u64 (Unix ns)   40 zeros   60 checksum u32 of 0..<60
//
// A segment is its header, then blocks, each of a whole number of lines of 64 bytes, then, once it is closed, its
// directory: an entry of 72 bytes a block, zeros up to a line, and a trailer of 64 bytes. A block is a header of 192
// bytes, the filter of words, the filter of trace ids and streams, and the columns.
//
//   block header 0 "SLBK"   4 bytes u32   8 records u32   12 severities u32   16 first ordinal u64
//               24 earliest u64   32 latest u64   40 received u64   48 zeros   56 word filter bytes u32
//               60 id filter bytes u32   64 checksum u32 of the word filter   68 the same of the id filter
//               72 seven columns: stored bytes u32, bytes u32, checksum u32 of what is stored
//              156 zeros   188 checksum u32 of 0..<188, continuing from the salt
//   trailer      0 "SLUICEDE"   8 blocks u64   16 where the directory starts u64   24 checksum u32 of the directory
//               28 zeros   60 checksum u32 of 0..<60, continuing from the salt
//
// A head holds the requests that do not fill a block yet: its header, then entries of a header of 32 bytes and the
// request. Records have ordinals, which count on; what the ordinals of a later file begin with takes the place of what
// an earlier one has from there on: a head that a block was made of, a block that was written and not acknowledged.
//
//   entry        0 "SLHE"   4 bytes u32   8 records u32   12 checksum u32 of the request   16 received u64
//               24 zeros   28 checksum u32 of 0..<28, continuing from the salt
//
// The salt is random for each file: bytes that senders choose are never taken for a header.

import CDisk

/// Sizes and names of a store's files.
enum StoreFormat {
  static let version: UInt32 = 1
  static let lineBytes = 64
  static let fileHeaderBytes = 64
  static let blockHeaderBytes = 192
  static let entryBytes = 72
  static let headEntryBytes = 32
  /// Bytes of one record's longest, as it came, that is taken.
  static let maxRecordBytes = 32 << 20
  /// Bytes of a column at most, before it is compressed.
  static let maxColumnBytes = 64 << 20
  /// Bytes of a block at most.
  static let maxBlockBytes = 128 << 20
  static let maxRecords = 1 << 16
  static let maxFilterBytes = 256 << 10

  static func segmentName(_ number: UInt64) -> String { name(number) + ".seg" }
  static func headName(_ number: UInt64) -> String { name(number) + ".head" }

  private static func name(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
  }

  /// The number in a file's name; nil if it is no name of this kind.
  static func number(of name: String, suffix: String) -> UInt64? {
    guard name.hasSuffix(suffix), name.utf8.count == 20 + suffix.utf8.count else { return nil }
    return UInt64(name.dropLast(suffix.utf8.count))
  }

  static func wholeLines(_ bytes: Int) -> Int { (bytes + lineBytes - 1) / lineBytes * lineBytes }
}

/// What begins a segment or a head.
struct FileHeader: Equatable {
  enum Kind: String {
    case segment = "SLUICELS"
    case head = "SLUICELH"
  }

  let kind: Kind
  var version = StoreFormat.version
  let salt: UInt32
  let number: UInt64
  let firstOrdinal: UInt64
  let createdUnixNano: UInt64

  init(_ kind: Kind, number: UInt64, firstOrdinal: UInt64, createdUnixNano: UInt64) {
    self.kind = kind
    salt = UInt32.random(in: .min ... .max)
    self.number = number
    self.firstOrdinal = firstOrdinal
    self.createdUnixNano = createdUnixNano
  }

  /// Nil if the bytes are no such header. One of a later version is read as far as it is told apart.
  init?(_ bytes: UnsafeRawBufferPointer, _ kind: Kind) {
    guard bytes.count >= StoreFormat.fileHeaderBytes, bytes.starts(with: kind.rawValue.utf8),
      bytes.uint32(60) == Checksum.of(bytes, 0..<60)
    else { return nil }
    self.kind = kind
    version = bytes.uint32(8)
    salt = bytes.uint32(12)
    number = bytes.uint64(16)
    firstOrdinal = bytes.uint64(24)
    createdUnixNano = bytes.uint64(32)
  }

  var bytes: [UInt8] {
    var bytes = [UInt8](kind.rawValue.utf8)
    bytes.append(version)
    bytes.append(salt)
    bytes.append(number)
    bytes.append(firstOrdinal)
    bytes.append(createdUnixNano)
    bytes.append(zeros: 60 - bytes.count)
    bytes.append(bytes.withUnsafeBytes { Checksum.of($0, 0..<60) })
    return bytes
  }
}

/// CRC-32C.
enum Checksum {
  static func of(_ bytes: UnsafeRawBufferPointer, continuing from: UInt32 = 0) -> UInt32 {
    bytes.baseAddress.map { crc32c(from, $0, bytes.count) } ?? from
  }

  static func of(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, continuing from: UInt32 = 0) -> UInt32 {
    of(UnsafeRawBufferPointer(rebasing: bytes[range.clamped(to: 0..<bytes.count)]), continuing: from)
  }
}

extension [UInt8] {
  mutating func append(_ number: UInt32) { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
  mutating func append(_ number: UInt64) { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
  mutating func append(zeros count: Int) { append(contentsOf: repeatElement(0, count: Swift.max(0, count))) }

  /// Writes a number over what is there.
  mutating func store(_ number: UInt32, at offset: Int) {
    guard offset >= 0, offset + 4 <= count else { return }
    Swift.withUnsafeBytes(of: number.littleEndian) { replaceSubrange(offset..<offset + 4, with: $0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The number at an offset; zero if it does not lie in these bytes.
  func uint32(_ offset: Int) -> UInt32 {
    guard offset >= 0, offset + 4 <= count else { return 0 }
    return UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  func uint64(_ offset: Int) -> UInt64 {
    guard offset >= 0, offset + 8 <= count else { return 0 }
    return UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// A part of these bytes, as far as there is one.
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[range.clamped(to: 0..<count)])
  }
}
