import FrameQueues
import LogPipeline

/// Tells which leases of a destination have marks: all where they are written, else perhaps those with frames
/// that an earlier process left, by another configuration.
struct LeaseMarks {
  private let marks: SectionMarks
  private let format: BodyFormat
  /// Records that were left and have not been leased; those that were thrown out meanwhile count on.
  private var left: Int

  init(of destination: Destination) {
    marks = destination.sectionMarks
    format = destination.dialect.bodyFormat
    left = marks == .left ? destination.recovered.records : 0
  }

  /// How records lie in a lease that has marks; nil for one that has none. To be asked once for each lease, in the
  /// order in which the queue gave them.
  mutating func format(of lease: FrameLease) -> BodyFormat? {
    switch marks {
    case .never: return nil
    case .written: return format
    case .left:
      if left <= 0 { return nil }
      left -= lease.records
      return LeaseSections.hasMarks(lease, as: format) ? format : nil
    }
  }
}
