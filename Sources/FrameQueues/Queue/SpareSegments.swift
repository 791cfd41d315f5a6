// decision: docs/decisions/0301-memory-under-load.md

import Glibc
import Synchronization

/// Memory of segments that have ended, for those that begin: a busy queue goes round in the same few pages instead of
/// having the system clear new ones.
///
/// Invariant: at most `most` pieces of `segmentBytes` are kept.
final class SpareSegments: Sendable {
  let segmentBytes: Int
  private let most: Int
  private let state = Mutex(State())

  private struct State {
    var kept = Spares<SegmentMemory>()
    /// Pieces that `take` gave and that have not come back.
    var used = 0
  }

  init(segmentBytes: Int, most: Int = 8) {
    self.segmentBytes = max(segmentBytes, 1)
    self.most = most
  }

  deinit { giveBack(state.withLock { $0.kept.removeAll() }) }

  /// Bytes that are kept.
  var keptBytes: Int { state.withLock { $0.kept.count } &* segmentBytes }
  /// Bytes that segments have now.
  var usedBytes: Int { state.withLock { $0.used } &* segmentBytes }

  /// A piece of `segmentBytes`, used before or new.
  func take() -> SegmentMemory {
    let kept = state.withLock { state in
      state.used &+= 1
      return state.kept.take()
    }
    return unsafe kept ?? SegmentMemory(segmentBytes)
  }

  /// Takes a piece back that `take` gave.
  func give(_ memory: SegmentMemory) {
    let isKept = state.withLock { state in
      state.used &-= 1
      guard state.kept.count < most else { return false }
      state.kept.give(memory)
      return true
    }
    if !isKept { memory.giveBack() }
  }

  /// Gives back to the system what nobody asked for since the last time.
  func trim() { giveBack(state.withLock { $0.kept.trim() }) }

  private func giveBack(_ pieces: [SegmentMemory]) {
    for piece in pieces { piece.giveBack() }
  }
}

/// Memory of a segment, straight from the system if it is large: then it goes back at once and whole, whatever else
/// the process has allocated meanwhile.
@safe struct SegmentMemory: @unchecked Sendable {
  private static let leastMapped = 1 << 20
  /// Where memory has to begin for writes past the system's cache.
  private static let alignment = 4096

  let base: UnsafeMutableRawPointer
  private let bytes: Int
  /// False if the C library gave it, as it does when the system does not map any.
  let isMapped: Bool

  init(_ bytes: Int, mapping map: (Int) -> UnsafeMutableRawPointer? = unsafe Self.map) {
    let mapped = unsafe bytes >= Self.leastMapped ? map(bytes) : nil
    self.bytes = bytes
    isMapped = unsafe mapped != nil
    unsafe base = mapped ?? .allocate(byteCount: bytes, alignment: Self.alignment)
  }

  /// Asks the system for large pages, of which there are fewer to keep in place while the disk reads them.
  func askForLargePages() { if isMapped { unsafe madvise(base, bytes, MADV_HUGEPAGE) } }

  /// Ends it; once, and nobody may use it any more.
  func giveBack() {
    if isMapped { unsafe munmap(base, bytes) } else { unsafe base.deallocate() }
  }

  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let mapped = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return unsafe mapped == MAP_FAILED ? nil : mapped
  }
}
