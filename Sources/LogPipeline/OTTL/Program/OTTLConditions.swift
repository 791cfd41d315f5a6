/// Conditions compiled, any of which may hold; they edit nothing.
///
/// Those of resources are asked once a resource, those of scopes once a scope, and the others only of records of which
/// none of these held.
struct OTTLConditions: Sendable {
  private let code: OTTLCode
  private(set) var all: [OTTLProgram.Condition]
  let errorMode: OTTLErrorMode
  /// Header fields and claims that they ask for, by the names that a request context has.
  let requestNames: Set<[UInt8]>
  /// Whether they ask for anything that a request says beside its records.
  let needsRequest: Bool
  var limits = OTTLLimits()

  /// Compiles conditions, each in the context given or, without one, in that of its own paths.
  init(
    _ texts: [OTTLConditionText], context: OTTLContext? = nil, errorMode: OTTLErrorMode = .ignore
  ) throws(OTTLSourceProblems) {
    var compiler = OTTLCompiler(functions: .converters)
    var problems = OTTLSourceProblems()
    var compiled: [OTTLProgram.Condition] = []
    for (place, text) in texts.enumerated() {
      do throws(OTTLSourceProblems) {
        compiled += try compiler.group(OTTLGroupSource(context: context, conditions: [text]), at: 0).conditions
      } catch {
        for problem in error.all {
          problems.all.append(OTTLSourceProblem(group: 0, part: .condition(place), error: problem.error))
        }
      }
    }
    if !problems.all.isEmpty { throw problems }
    compiler.code.sharePaths()
    code = compiler.code
    all = compiled
    self.errorMode = errorMode
    requestNames = compiler.requestNames
    needsRequest = compiler.needsRequest
  }

  /// For each record of a batch whether one of the conditions holds; one that is a fault does not.
  func matches(
    in batch: borrowing LogBatch, of request: RequestContext
  ) throws(OTTLFailure) -> [Bool] {
    var run = OTTLConditionsRun(self, over: batch, of: request)
    defer { run.settle() }
    return try run.matches()
  }

  /// The same, and the records of which none holds since one was a fault.
  func answers(in batch: borrowing LogBatch, of request: RequestContext) throws(OTTLFailure) -> OTTLAnswers {
    var run = OTTLConditionsRun(self, over: batch, of: request)
    defer { run.settle() }
    let matches = try run.matches()
    return OTTLAnswers(matches: matches, failed: run.failed, limited: run.limited, failure: run.failure)
  }

  fileprivate func start(_ request: RequestContext) -> OTTLRun { OTTLRun(code, request: request, limits: limits) }
}

/// What conditions say of the records of a batch.
struct OTTLAnswers: Sendable {
  /// For each record whether one holds.
  var matches: [Bool]
  /// Indices of the records of which none holds and one was a fault, in order.
  let failed: [Int]
  /// Those of them of which a limit kept one from being asked, and why it did first.
  var limited: [Int] = []
  var failure: OTTLFailure?
}

/// Conditions at work on one batch.
struct OTTLConditionsRun: ~Copyable {
  private let conditions: OTTLConditions
  private let nodes: [Node]
  private var run: OTTLRun
  private var counts: [OTTLRunCounts.Count]
  /// What was asked last, of which none held.
  private var last = Mark.no
  /// Indices of the records of which none holds and one was a fault, and of those among them where a limit was the
  /// reason; and the first such reason.
  private(set) var failed: [Int] = []
  private(set) var limited: [Int] = []
  private(set) var failure: OTTLFailure?

  /// What is needed of a condition.
  private struct Node {
    var node: UInt32
    var context: OTTLContext
  }

  init(_ conditions: OTTLConditions, over batch: borrowing LogBatch, of request: RequestContext) {
    self.conditions = conditions
    nodes = conditions.all.map { Node(node: $0.node, context: $0.context) }
    counts = Array(repeating: OTTLRunCounts.Count(), count: nodes.count)
    run = conditions.start(request)
    run.batch = batch.copied()
  }

  /// For each record whether a condition holds.
  mutating func matches() throws(OTTLFailure) -> [Bool] {
    let resources = try marks(of: .resource)
    let scopes = try marks(of: .scope)
    let isOfRecords = nodes.contains { $0.context == .log }
    var matches = [Bool](repeating: false, count: run.batch.records.count)
    for index in matches.indices {
      let scope = Int(run.batch.records[index].scope)
      let ofResource = resources?[Int(run.batch.scopes[scope].resource)] ?? .no
      let ofScope = scopes?[scope] ?? .no
      if ofResource == .holds || ofScope == .holds {
        matches[index] = true
        continue
      }
      if isOfRecords, try holds(at: index, of: .log) {
        matches[index] = true
        continue
      }
      let ofRecord = isOfRecords ? last : .no
      if ofRecord == .no, ofScope == .no, ofResource == .no { continue }
      failed.append(index)
      if ofRecord == .limited || ofScope == .limited || ofResource == .limited { limited.append(index) }
    }
    return matches
  }

  /// Whether a condition of records holds for one.
  mutating func holds(forRecord index: Int) throws(OTTLFailure) -> Bool { try holds(at: index, of: .log) }

  /// What conditions say: that one holds; or else whether one was a fault, and whether a limit was the reason.
  private enum Mark { case no, failed, limited, holds }

  /// For each scope or resource whether a condition holds; nil if there are no such conditions.
  private mutating func marks(of context: OTTLContext) throws(OTTLFailure) -> [Mark]? {
    guard nodes.contains(where: { $0.context == context }) else { return nil }
    var marks: [Mark] = []
    for index in 0..<run.count(of: context) {
      marks.append(try holds(at: index, of: context) ? .holds : last)
    }
    return marks
  }

  private mutating func holds(at index: Int, of context: OTTLContext) throws(OTTLFailure) -> Bool {
    run.stand(at: index, of: context)
    last = .no
    for place in nodes.indices where nodes[place].context == context {
      do throws(OTTLFault) {
        if try run.holds(nodes[place].node) {
          counts[place].met &+= 1
          run.forget()
          return true
        }
      } catch {
        counts[place].note(error)
        if error.isOfLimit { last = .limited } else if last == .no { last = .failed }
        if conditions.errorMode == .propagate || error.isOfLimit && failure == nil {
          let condition = conditions.all[place]
          let found = run.failure(error, of: condition.text, at: condition.place)
          if conditions.errorMode == .propagate { throw found }
          failure = found
        }
      }
      run.forget()
    }
    return false
  }

  /// Adds what was counted to the conditions' tallies.
  mutating func settle() {
    for (count, condition) in zip(counts, conditions.all) { count.add(to: condition.tally) }
    counts = Array(repeating: OTTLRunCounts.Count(), count: counts.count)
  }
}
