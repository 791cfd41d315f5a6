package import FrameQueues
package import LogPipeline

/// A lease of frames that may have marks, taken apart into one body for the records of each tenant.
///
/// Invariant: what the bodies stand for that `next` has given, and `left`, are the totals of the lease.
package struct LeaseSections: Sendable {
  /// The records of a lease that are sent under the same header fields.
  package struct Body: Sendable {
    package let body: ExportBody
    /// Those fields, as a `SectionMark` has them.
    package let fields: [UInt8]
    /// Why bytes cannot be told apart, which must not be sent to anybody; nil if they can.
    package let problem: String?
    package var isReadable: Bool { problem == nil }
  }

  /// Ranges of the lease that become a body.
  private struct Group {
    let fields: [UInt8]
    var ranges: [Range<Int>] = []
    var totals = FrameTotals.zero
  }

  /// Bodies that are made at once; what belongs to further tenants is taken apart when these are settled.
  package static let maxBodies = 256

  private var lease: FrameLease
  private let format: BodyFormat
  private var offset = 0
  /// What has not been taken apart.
  package private(set) var left: FrameTotals

  package init(_ lease: FrameLease, as format: BodyFormat) {
    self.lease = lease
    self.format = format
    left = lease.totals
  }

  /// Whether a lease has a mark anywhere, or what looks like one.
  static func hasMarks(_ lease: FrameLease, as format: BodyFormat) -> Bool {
    lease.withUnsafeBytes { bytes in
      var sections = Sections(bytes, as: format)
      return sections.next().map { $0.records != nil || $0.byteCount < bytes.count } ?? sections.isMalformed
    }
  }

  /// The next bodies; none at the end. Each costs a request, so that those go first that stand for most records: who
  /// makes up many names holds up little. Equal ones keep the order of their first records.
  package mutating func next() -> [Body] {
    if left.isEmpty { return [] }
    let lease = lease
    let (groups, rest) = lease.withUnsafeBytes { readGroups(in: $0) }
    let order = groups.indices.sorted { one, other in
      let (first, second) = (groups[one].totals.records, groups[other].totals.records)
      return first == second ? one < other : first > second
    }
    var bodies = order.map { groups[$0] }.map { group in
      Body(
        body: ExportBody(of: group.ranges, in: lease, standingFor: group.totals), fields: group.fields,
        problem: nil)
    }
    if let rest, !left.isEmpty {
      let problem = lease.withUnsafeBytes { Self.problem(at: rest.lowerBound, of: $0) }
      bodies.append(Body(body: ExportBody(of: [rest], in: lease, standingFor: left), fields: [], problem: problem))
      left = .zero
    }
    return bodies
  }

  /// Why what is at an offset cannot be read.
  private static func problem(at offset: Int, of bytes: UnsafeRawBufferPointer) -> String {
    guard let form = SectionMark.laterForm(at: offset, of: bytes) else {
      return "the queue's bytes do not say whose these records are"
    }
    return "a later version has written a mark of form \(form), the last that this version reads is "
      + "\(SectionMark.metadataForm)"
  }

  /// Lets go of the lease's memory, which is not needed once all is taken apart; says whether it is so.
  mutating func release() -> Bool {
    guard left.isEmpty else { return false }
    lease = lease.withoutBytes
    return true
  }

  /// Reads sections until there are enough groups of them; with what cannot be read, if that is next or records are
  /// missing.
  private mutating func readGroups(in bytes: UnsafeRawBufferPointer) -> ([Group], rest: Range<Int>?) {
    var groups: [Group] = []
    var index: [[UInt8]: Int] = [:]
    var sections = Sections(bytes, from: offset, as: format)
    while let section = sections.next() {
      let records = records(of: section, in: bytes)
      guard (1...max(left.records, 1)).contains(records), left.records > 0 else {
        return (groups, offset..<bytes.count)
      }
      let fields = Array(bytes[section.fields])
      guard let group = index[fields] ?? Self.add(fields, to: &groups, &index) else { return (groups, nil) }
      let totals = FrameTotals(bytes: section.byteCount, records: records)
      groups[group].ranges.append(section.content)
      groups[group].totals += totals
      left -= totals
      offset = sections.offset
    }
    return (groups, offset..<bytes.count)
  }

  private static func add(_ fields: [UInt8], to groups: inout [Group], _ index: inout [[UInt8]: Int]) -> Int? {
    guard groups.count < maxBodies else { return nil }
    groups.append(Group(fields: fields))
    index[fields] = groups.count - 1
    return groups.count - 1
  }

  /// A lease without any mark needs no counting.
  private func records(of section: Sections.Section, in bytes: UnsafeRawBufferPointer) -> Int {
    if let records = section.records { return records }
    if section.byteCount == bytes.count { return lease.records }
    return format.count(in: UnsafeRawBufferPointer(rebasing: bytes[section.content]))
  }
}
