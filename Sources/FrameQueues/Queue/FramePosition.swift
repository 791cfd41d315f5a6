/// The frames of one append, by number; a queue counts its frames from 1. Empty if there were none.
package struct FramePosition: Sendable, Equatable {
  package let frames: Range<UInt64>

  package init(frames: Range<UInt64>) { self.frames = frames }

  /// The last of them or, if there were none, of what was appended before.
  package var frame: UInt64 { frames.upperBound &- 1 }
}
