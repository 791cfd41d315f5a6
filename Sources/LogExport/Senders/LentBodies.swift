// decision: docs/decisions/0301-memory-under-load.md

import FrameQueues
import Glibc
@_spi(CustomByteBufferAllocator) import NIOCore
import Synchronization

/// Bytes of segments that buffers read where they lie, so that a body is sent without a copy of it.
///
/// A segment is kept alive as long as a buffer of its bytes is: the buffer's allocator hands back an address, by which
/// the segment is found here. Bytes that a lease names are never written again, and nor does anybody write to a body.
enum LentBodies {
  private static let loans = Mutex<[UInt: Loan]>([:])

  /// The segment that an address lies in, and how many buffers start there.
  private struct Loan {
    let segment: FrameSegment
    var buffers = 1
  }

  /// A buffer of the bytes of `segment` at `bytes`, which must lie in it; nil if NIO cannot take so many.
  static func lend(_ bytes: UnsafeRawBufferPointer, of segment: FrameSegment) -> ByteBuffer? {
    guard let address = bytes.baseAddress, bytes.count > 0, bytes.count <= Int(UInt32.max) else { return nil }
    loans.withLock { loans in
      let key = UInt(bitPattern: address)
      loans[key] = Loan(segment: segment, buffers: (loans[key]?.buffers ?? 0) + 1)
    }
    return ByteBuffer(takingOwnershipOf: UnsafeMutableRawBufferPointer(mutating: bytes), allocator: allocator)
  }

  /// Addresses that are lent out; for tests.
  static var count: Int { loans.withLock { $0.count } }

  /// Ends a loan; false if nothing is lent at this address.
  fileprivate static func end(_ address: UnsafeMutableRawPointer) -> Bool {
    loans.withLock { loans in
      guard var loan = loans[UInt(bitPattern: address)] else { return false }
      loan.buffers -= 1
      loans[UInt(bitPattern: address)] = loan.buffers > 0 ? loan : nil
      return true
    }
  }

  /// Memory that a buffer takes to grow is malloc's.
  private static let allocator = ByteBufferAllocator(
    allocate: { malloc($0) },
    reallocate: { old, oldBytes, newBytes in
      let new = malloc(newBytes)
      if let old, let new {
        new.copyMemory(from: old, byteCount: min(oldBytes, newBytes))
        LentBodies.giveBack(old)
      }
      return new
    },
    deallocate: { LentBodies.giveBack($0) },
    copy: { $0.copyMemory(from: $1, byteCount: $2) })

  fileprivate static func giveBack(_ address: UnsafeMutableRawPointer) {
    if !end(address) { free(address) }
  }
}

extension ExportBody {
  /// The bytes as a buffer, not copied; nil if they are too many for one.
  func lent() -> ByteBuffer? {
    byteCount == 0 ? ByteBuffer() : withUnsafeBytes { LentBodies.lend($0, of: segment) }
  }
}
