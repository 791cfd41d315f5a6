/// What there is in a request of a signal so far, held against a receiver's limits.
struct SignalTally {
  let limits: DecodeLimits
  /// Spans or data points.
  private(set) var items = 0
  private var resources = 0
  private var scopes = 0
  private var values = 0

  init(_ limits: DecodeLimits) { self.limits = limits }

  /// Counts something that comes at an offset.
  @inline(__always)
  mutating func add(_ counted: WireSchema.Counted, at offset: Int) throws(DecodeError) {
    switch counted {
    case .nothing: return
    case .value: try addValues(1, at: offset)
    case .item: try Self.add(to: &items, limits, at: offset)
    case .scope: try Self.add(to: &scopes, limits, at: offset)
    case .resource: try Self.add(to: &resources, limits, at: offset)
    }
  }

  /// Counts attributes, elements of lists and the like.
  @inline(__always)
  mutating func addValues(_ count: Int, at offset: Int) throws(DecodeError) {
    guard count <= limits.maxValues &- values else {
      throw DecodeError(.tooManyValues(limit: limits.maxValues), at: offset)
    }
    values &+= count
  }

  @inline(__always)
  private static func add(to count: inout Int, _ limits: DecodeLimits, at offset: Int) throws(DecodeError) {
    guard count < limits.maxRecords else { throw DecodeError(.tooManyRecords(limit: limits.maxRecords), at: offset) }
    count &+= 1
  }

  /// Makes sure that a value may be nested so deep.
  @inline(__always)
  func checkDepth(_ depth: Int, at offset: Int) throws(DecodeError) {
    guard depth <= limits.maxDepth else { throw DecodeError(.tooDeep(limit: limits.maxDepth), at: offset) }
  }
}
