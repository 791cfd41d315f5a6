import Glibc
import Synchronization

/// Memory of segments that have ended, for those that begin: a busy queue goes round in the same few pages instead of
/// having the system clear new ones.
///
/// Invariant: at most `most` pieces of `segmentBytes` are kept.
final class SpareSegments: Sendable {
  let segmentBytes: Int
  private let most: Int
  private let pieces = Mutex(Spares<Piece>())

  /// Memory that nobody uses.
  private struct Piece: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
  }

  init(segmentBytes: Int, most: Int = 8) {
    self.segmentBytes = max(segmentBytes, 1)
    self.most = most
  }

  deinit { giveBack(pieces.withLock { $0.removeAll() }) }

  /// Bytes that are kept.
  var keptBytes: Int { pieces.withLock { $0.count } &* segmentBytes }

  /// A piece of `segmentBytes`, used before or new.
  func take() -> UnsafeMutableRawPointer {
    pieces.withLock { $0.take() }?.base ?? SegmentMemory.take(segmentBytes)
  }

  /// Takes a piece back that `take` gave.
  func give(_ base: UnsafeMutableRawPointer) {
    let piece = Piece(base: base)
    let isKept = pieces.withLock { pieces in
      guard pieces.count < most else { return false }
      pieces.give(piece)
      return true
    }
    if !isKept { giveBack([piece]) }
  }

  /// Gives back to the system what nobody asked for since the last time.
  func trim() { giveBack(pieces.withLock { $0.trim() }) }

  private func giveBack(_ pieces: [Piece]) {
    for piece in pieces { SegmentMemory.give(piece.base, segmentBytes) }
  }
}

/// Memory of segments, straight from the system if it is large: then it goes back at once and whole, whatever else
/// the process has allocated meanwhile.
enum SegmentMemory {
  private static let leastMapped = 1 << 20

  static func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    if bytes >= leastMapped, let mapped = map(bytes) { return mapped }
    return .allocate(byteCount: bytes, alignment: 16)
  }

  /// Ends what `take` of as many bytes gave.
  static func give(_ base: UnsafeMutableRawPointer, _ bytes: Int) {
    if bytes >= leastMapped { munmap(base, bytes) } else { base.deallocate() }
  }

  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return mapped == MAP_FAILED ? nil : mapped
  }
}
