/// Statements compiled, in groups; it runs over a batch in place.
struct OTTLProgram: Sendable {
  /// One statement.
  struct Statement: Sendable {
    var step: Step
    /// The statement as it was written.
    var text: String
    /// The path of its option; empty if it is of none.
    var place = ""
    var tally = OTTLTally()
  }

  /// What a run needs of a statement.
  struct Step: Sendable {
    /// The node of the editor's call.
    var editor: UInt32
    /// The node of the condition behind `where`; 0 for none.
    var condition: UInt32
  }

  /// Statements that run together: for every record, scope or resource one after the other.
  struct Group: Sendable {
    var context: OTTLContext
    /// The group runs where one of these holds; always if there are none.
    var conditions: [Condition] = []
    var statements: [Statement] = []
    var errorMode = OTTLErrorMode.ignore
    /// Whether its caches go on from earlier groups that share theirs.
    var sharesCache = false
    /// Whether it may change what records have in common.
    var editsOuter = false
    /// The steps of the statements.
    var steps: [Step] { statements.map(\.step) }
  }

  /// One of several conditions, any of which may hold.
  struct Condition: Sendable {
    var node: UInt32
    var context: OTTLContext
    var text: String
    /// The path of its option; empty if it is of none.
    var place = ""
    var tally = OTTLTally()
  }

  var code: OTTLCode
  var groups: [Group]
  /// The groups as they are run: neighbours of which it makes no difference as one, record by record.
  private let runs: [Group]
  /// Header fields and claims that it asks for, by the names that a request context has.
  var requestNames: Set<[UInt8]> = []
  /// Whether it asks for anything that a request says beside its records.
  var needsRequest = false
  var limits = OTTLLimits()

  init(code: OTTLCode, groups: [Group], requestNames: Set<[UInt8]>, needsRequest: Bool) {
    self.code = code
    self.groups = groups
    self.requestNames = requestNames
    self.needsRequest = needsRequest
    runs = groups.reduce(into: []) { runs, group in
      if let last = runs.last, last.isOfRecordsAlone, group.isOfRecordsAlone {
        runs[runs.count - 1].statements += group.statements
      } else {
        runs.append(group)
      }
    }
  }
}

extension OTTLProgram.Group {
  /// Whether what it does to one record is nothing to another, so that it may be run before or after others.
  fileprivate var isOfRecordsAlone: Bool {
    context == .log && conditions.isEmpty && sharesCache && !editsOuter && errorMode != .propagate
  }
}

/// What follows a fault.
enum OTTLErrorMode: String, Sendable, CaseIterable {
  /// The statement has no effect and is told of in the log.
  case ignore
  /// The statement has no effect.
  case silent
  /// The request is given up.
  case propagate
}

/// A fault that ends a request or keeps a record from going on, and which statement or condition it was of.
struct OTTLFailure: Error, Sendable, Equatable {
  var fault: OTTLFault
  var statement: String
  /// The path of its option; empty if it is of none.
  var place = ""
  /// What was not allowed, if that is what was wrong and is known.
  var excess: OTTLExcess?

  /// The fault in words, with both numbers of a limit.
  var reason: String {
    guard let excess, fault.isOfLimit else { return fault.message.text }
    let option = excess.option.isEmpty ? "" : " (\(excess.option))"
    return "\(fault.message.text): \(excess.wanted) \(excess.unit), \(excess.allowed) are allowed\(option)"
  }
}

extension OTTLProgram {
  /// Runs the groups one after the other, each over the whole batch. What is given back must not go on: a limit kept a
  /// statement from it, which may have been there to mask something.
  @discardableResult
  func run(
    over batch: inout LogBatch, of request: RequestContext, lending: inout OTTLLending
  ) throws(OTTLFailure) -> OTTLRejects {
    if groups.isEmpty || batch.resources.isEmpty { return OTTLRejects() }
    var run = OTTLRun(code, request: request, limits: limits)
    var rejects = OTTLRejects()
    swap(&run.batch, &batch)
    swap(&run.lending, &lending)
    defer {
      swap(&run.batch, &batch)
      swap(&run.lending, &lending)
    }
    run.startBytes = run.batch.byteCount
    for group in runs {
      run.owners.begin(sharing: group.sharesCache)
      try run.run(group, &rejects)
      run.owners.end(sharing: group.sharesCache)
    }
    return rejects
  }

  /// The same where scopes and resources are of all their records.
  @discardableResult
  func run(over batch: inout LogBatch, of request: RequestContext) throws(OTTLFailure) -> OTTLRejects {
    var lending = OTTLLending()
    return try run(over: &batch, of: request, lending: &lending)
  }
}

extension OTTLRun {
  fileprivate mutating func run(_ group: OTTLProgram.Group, _ rejects: inout OTTLRejects) throws(OTTLFailure) {
    var counts = OTTLRunCounts(group)
    defer { counts.add(to: group) }
    let steps = group.steps
    for index in 0..<count(of: group.context) {
      if !rejects.isEmpty, rejects.contains(index, of: group.context) { continue }
      stand(at: index, of: group.context)
      guard let failure = try run(steps, of: group, &counts) else { continue }
      rejects.add(index, of: count(of: group.context), in: group.context, failure)
    }
  }

  /// The statements of a group for the record, scope or resource at hand; gives what kept one of them from it.
  @inline(__always)
  private mutating func run(
    _ steps: [OTTLProgram.Step], of group: OTTLProgram.Group, _ counts: inout OTTLRunCounts
  ) throws(OTTLFailure) -> OTTLFailure? {
    if !group.conditions.isEmpty {
      var failure: OTTLFailure?
      if !(try holdsAny(of: group, &counts, &failure)) { return failure }
    }
    for index in steps.indices {
      do throws(OTTLFault) {
        if try run(steps[index]) { counts.statements[index].met &+= 1 }
      } catch {
        counts.statements[index].note(error)
        if group.errorMode == .propagate || error.isOfLimit {
          let statement = group.statements[index]
          let failure = failure(error, of: statement.text, at: statement.place)
          if group.errorMode == .propagate { throw failure }
          return failure
        }
      }
      forget()
    }
    return nil
  }

  /// A fault with what is known of it; what the statement has computed goes.
  @inline(never)
  mutating func failure(_ fault: OTTLFault, of text: String, at place: String) -> OTTLFailure {
    defer { excess = nil }
    forget()
    return OTTLFailure(fault: fault, statement: text, place: place, excess: excess)
  }

  /// Runs a statement if its condition holds, and says so; anew if what others have left behind was in its way.
  @inline(__always)
  private mutating func run(_ step: OTTLProgram.Step) throws(OTTLFault) -> Bool {
    do throws(OTTLFault) {
      return try runOnce(step)
    } catch {
      guard error == .noRoom, compact() else { throw error }
      return try runOnce(step)
    }
  }

  private mutating func runOnce(_ step: OTTLProgram.Step) throws(OTTLFault) -> Bool {
    if step.condition != 0, !(try holds(step.condition)) { return false }
    _ = try evaluate(step.editor)
    return true
  }

  /// Whether one of a group's conditions holds; one that is a fault does not. Says if a limit kept one from it and no
  /// other holds.
  private mutating func holdsAny(
    of group: OTTLProgram.Group, _ counts: inout OTTLRunCounts, _ failure: inout OTTLFailure?
  ) throws(OTTLFailure) -> Bool {
    for index in group.conditions.indices {
      do throws(OTTLFault) {
        defer { forget() }
        guard try holds(group.conditions[index].node) else { continue }
        counts.conditions[index].met &+= 1
        return true
      } catch {
        counts.conditions[index].note(error)
        let condition = group.conditions[index]
        let found = self.failure(error, of: condition.text, at: condition.place)
        if group.errorMode == .propagate { throw found }
        if error.isOfLimit { failure = found }
      }
    }
    return false
  }
}

extension OTTLRun {
  /// How many records, scopes or resources there are.
  @inline(__always)
  func count(of context: OTTLContext) -> Int {
    switch context {
    case .log: batch.records.count
    case .scope: batch.scopes.count
    case .resource: batch.resources.count
    }
  }

  /// Goes to a record, scope or resource, and to what it belongs to.
  @inline(__always)
  mutating func stand(at index: Int, of context: OTTLContext) {
    switch context {
    case .log:
      record = index
      scope = Int(batch.records[index].scope)
      resource = Int(batch.scopes[scope].resource)
    case .scope:
      scope = index
      resource = Int(batch.scopes[index].resource)
    case .resource: resource = index
    }
    edits &+= 1
  }
}
