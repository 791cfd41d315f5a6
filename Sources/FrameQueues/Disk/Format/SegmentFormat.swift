// The format of a segment file, version 1. Integers are little-endian; checksums are CRC-32C.
//
// A segment is a file named after its sequence number, `00000000000000000001.frames`: one page of 4096 bytes that
// holds the file header twice (at 0 and at 2048), then frames, each a header of 32 bytes and its payload, then, once
// the segment is closed, a footer of 64 bytes. docs/QUEUE_FORMAT.md is the same in tables.
//
//   file header   0 "SLUICEFQ"   8 version u32   12 salt u32   16 segment u64   24 first frame u64
//                32 fingerprint u64   40 reused bytes u64   48 zeros   60 checksum u32 of 0..<60
//   frame header  0 "SLFR"   4 payload bytes u32   8 frame u64   16 records u32   20 zeros
//                24 checksum u32 of the payload   28 checksum u32 of 0..<28, continuing from the salt
//   footer        0 "SLUICEND"   8 end frame u64   16 bytes before the footer u64   24 payload bytes u64
//                32 records u64   40 zeros   60 checksum u32 of 0..<60, continuing from the salt
//
// The salt is random for each segment, so that bytes inside a payload, which senders choose, are never taken for a
// frame header when a damaged one has to be skipped. It also tells a segment's frames from those that an earlier one
// left in the same file: a file may be used again, and then says how long it was ("reused bytes").

import Glibc

/// The numbers of the format.
enum SegmentFormat {
  static let version: UInt32 = 1
  /// Where the first frame lies.
  static let headerBytes = 4096
  static let headerCopyOffset = 2048
  static let fileHeaderBytes = 64
  static let frameHeaderBytes = 32
  static let footerBytes = 64
  /// What the system reads and writes at least.
  static let pageBytes = 4096
  /// The longest payload of one frame.
  static let maxPayloadBytes = 1 << 30

  static let headerMagic: UInt64 = 0x5146_4543_4955_4c53
  static let footerMagic: UInt64 = 0x444e_4543_4955_4c53
  static let frameMagic: UInt32 = 0x5246_4c53

  /// Where the page ends that the byte before `offset` lies in.
  static func pageEnd(_ offset: Int) -> Int { (offset + pageBytes - 1) / pageBytes * pageBytes }

  /// The name of a segment's file.
  static func fileName(_ sequence: UInt64) -> String {
    let digits = String(sequence)
    return String(repeating: "0", count: max(20 - digits.count, 0)) + digits + ".frames"
  }

  /// The sequence number in a file name; nil if the file is no segment.
  static func sequence(ofFile name: String) -> UInt64? {
    guard name.utf8.count == 27, name.hasSuffix(".frames"), let number = UInt64(name.prefix(20)) else { return nil }
    return fileName(number) == name ? number : nil
  }
}

extension SegmentFormat {
  /// How the names of files end that were set aside.
  static let setAsideSuffix = ".corrupt"

  /// The sequence number in the name of a segment that was set aside; nil if the file is none.
  static func sequence(ofSetAside name: String) -> UInt64? {
    name.hasSuffix(setAsideSuffix) ? sequence(ofFile: String(name.prefix(27))) : nil
  }

  /// Gives a segment a name under which the queue never touches it again, and returns that.
  static func setAside(_ name: String, in directory: String, of files: any FileSystem) throws(FileError) -> String {
    var copy = 1
    while true {
      let newName = name + (copy == 1 ? "" : ".\(copy)") + setAsideSuffix
      do throws(FileError) {
        try files.rename(directory + "/" + name, to: directory + "/" + newName)
        return newName
      } catch {
        // Somebody has put a file of that name there.
        guard error.number == EEXIST, copy < 100 else { throw error }
        copy += 1
      }
    }
  }
}

/// What stands at the head of a segment file.
struct SegmentHeader: Equatable {
  var version = SegmentFormat.version
  var salt: UInt32
  var sequence: UInt64
  /// The number of the segment's first frame.
  var firstFrame: UInt64
  /// What the frames are encoded for; a queue does not open another destination's files.
  var fingerprint: UInt64
  /// How long the file was when the segment was begun: up to there it may hold what an earlier segment left.
  var reusedBytes = 0

  /// The page that a segment file starts with.
  var page: [UInt8] {
    var page = [UInt8](repeating: 0, count: SegmentFormat.headerBytes)
    unsafe page.withUnsafeMutableBytes { page in
      for start in [0, SegmentFormat.headerCopyOffset] {
        unsafe page.store(SegmentFormat.headerMagic, at: start)
        unsafe page.store(version, at: start + 8)
        unsafe page.store(salt, at: start + 12)
        unsafe page.store(sequence, at: start + 16)
        unsafe page.store(firstFrame, at: start + 24)
        unsafe page.store(fingerprint, at: start + 32)
        unsafe page.store(UInt64(clamping: reusedBytes), at: start + 40)
        unsafe page.seal(start..<(start + SegmentFormat.fileHeaderBytes), salt: 0)
      }
    }
    return page
  }
}

extension SegmentHeader {
  /// Reads one copy of the header; nil if it is damaged. Later versions keep this shape.
  init?(copy: UnsafeRawBufferPointer) {
    guard unsafe copy.isSealed(0..<SegmentFormat.fileHeaderBytes, salt: 0),
      unsafe copy.load(UInt64.self, at: 0) == SegmentFormat.headerMagic
    else { return nil }
    version = unsafe copy.load(UInt32.self, at: 8)
    salt = unsafe copy.load(UInt32.self, at: 12)
    sequence = unsafe copy.load(UInt64.self, at: 16)
    firstFrame = unsafe copy.load(UInt64.self, at: 24)
    fingerprint = unsafe copy.load(UInt64.self, at: 32)
    reusedBytes = unsafe Int(clamping: copy.load(UInt64.self, at: 40))
  }
}

/// What stands before a frame's payload.
struct FrameHeader {
  var payloadBytes: Int
  /// The number of the frame; a queue counts its frames from 1.
  var frame: UInt64
  var records: Int
  var payloadChecksum: UInt32

  /// Writes the header to the first 32 bytes of `bytes`.
  func write(to bytes: UnsafeMutableRawBufferPointer, salt: UInt32) {
    unsafe bytes.store(SegmentFormat.frameMagic, at: 0)
    unsafe bytes.store(UInt32(clamping: payloadBytes), at: 4)
    unsafe bytes.store(frame, at: 8)
    unsafe bytes.store(UInt32(clamping: records), at: 16)
    unsafe bytes.store(UInt32(0), at: 20)
    unsafe bytes.store(payloadChecksum, at: 24)
    unsafe bytes.seal(0..<SegmentFormat.frameHeaderBytes, salt: salt)
  }
}

extension FrameHeader {
  /// Reads the header that starts at `start`; nil if there is none, or it is damaged.
  init?(_ bytes: UnsafeRawBufferPointer, at start: Int, salt: UInt32) {
    let range = start..<(start + SegmentFormat.frameHeaderBytes)
    guard range.upperBound <= bytes.count, unsafe bytes.load(UInt32.self, at: start) == SegmentFormat.frameMagic,
      unsafe bytes.isSealed(range, salt: salt)
    else { return nil }
    payloadBytes = unsafe Int(bytes.load(UInt32.self, at: start + 4))
    frame = unsafe bytes.load(UInt64.self, at: start + 8)
    records = unsafe Int(bytes.load(UInt32.self, at: start + 16))
    payloadChecksum = unsafe bytes.load(UInt32.self, at: start + 24)
    guard payloadBytes <= SegmentFormat.maxPayloadBytes else { return nil }
  }
}

/// What stands at the end of a closed segment: what it holds, so that opening a queue reads no frame.
struct SegmentFooter: Equatable {
  /// The number after that of the last frame.
  var endFrame: UInt64
  /// Where the footer lies.
  var offset: Int
  var totals: FrameTotals

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: SegmentFormat.footerBytes)
    unsafe bytes.withUnsafeMutableBytes { [salt] bytes in
      unsafe bytes.store(SegmentFormat.footerMagic, at: 0)
      unsafe bytes.store(endFrame, at: 8)
      unsafe bytes.store(UInt64(clamping: offset), at: 16)
      unsafe bytes.store(UInt64(clamping: totals.bytes), at: 24)
      unsafe bytes.store(UInt64(clamping: totals.records), at: 32)
      unsafe bytes.seal(0..<SegmentFormat.footerBytes, salt: salt)
    }
    return bytes
  }

  private let salt: UInt32

  init(endFrame: UInt64, offset: Int, totals: FrameTotals, salt: UInt32) {
    self.endFrame = endFrame
    self.offset = offset
    self.totals = totals
    self.salt = salt
  }

  /// Reads the footer of a segment of `fileBytes`; nil if it has none.
  init?(_ bytes: UnsafeRawBufferPointer, of header: SegmentHeader, fileBytes: Int) {
    guard bytes.count >= SegmentFormat.footerBytes, unsafe bytes.load(UInt64.self, at: 0) == SegmentFormat.footerMagic,
      unsafe bytes.isSealed(0..<SegmentFormat.footerBytes, salt: header.salt),
      let offset = unsafe Int(exactly: bytes.load(UInt64.self, at: 16)),
      offset == fileBytes - SegmentFormat.footerBytes,
      let payloadBytes = unsafe Int(exactly: bytes.load(UInt64.self, at: 24)), payloadBytes <= fileBytes,
      let records = unsafe Int(exactly: bytes.load(UInt64.self, at: 32))
    else { return nil }
    let endFrame = unsafe bytes.load(UInt64.self, at: 8)
    guard endFrame >= header.firstFrame else { return nil }
    self.init(
      endFrame: endFrame, offset: offset, totals: FrameTotals(bytes: payloadBytes, records: records), salt: header.salt)
  }
}
