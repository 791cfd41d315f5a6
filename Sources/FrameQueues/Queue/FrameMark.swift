/// Where one frame ends inside a run of encoded bytes, and how many records it holds.
///
/// Frames lie back to back: a frame starts where the one before it ends. A frame is a whole number of
/// records, and two frames one after the other are one valid body for the destination they were encoded for.
package struct FrameMark: Sendable, Equatable {
  /// Offset just past the frame's last byte, from the start of the run.
  package var endOffset: Int
  /// Records in the frame.
  package var records: Int

  package init(endOffset: Int, records: Int) {
    self.endOffset = endOffset
    self.records = records
  }
}
