/// How far a queue had been appended to: the number of the last frame, counted from 1.
package struct FramePosition: Sendable, Equatable {
  package let frame: UInt64

  package init(frame: UInt64) { self.frame = frame }
}
