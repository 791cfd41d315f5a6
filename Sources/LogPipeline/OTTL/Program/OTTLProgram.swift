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
  /// Header fields and claims that it asks for, by the names that a request context has.
  var requestNames: Set<[UInt8]> = []
  /// Whether it asks for anything that a request says beside its records.
  var needsRequest = false
  var limits = OTTLLimits()
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

/// A fault that ends a request, and which statement or condition it was of.
struct OTTLFailure: Error, Sendable, Equatable {
  var fault: OTTLFault
  var statement: String
  /// The path of its option; empty if it is of none.
  var place: String

  init(_ fault: OTTLFault, of statement: OTTLProgram.Statement) {
    self.init(fault: fault, statement: statement.text, place: statement.place)
  }

  init(_ fault: OTTLFault, of condition: OTTLProgram.Condition) {
    self.init(fault: fault, statement: condition.text, place: condition.place)
  }

  init(fault: OTTLFault, statement: String, place: String = "") {
    self.fault = fault
    self.statement = statement
    self.place = place
  }
}

extension OTTLProgram {
  /// Runs the groups one after the other, each over the whole batch.
  func run(over batch: inout LogBatch, of request: RequestContext) throws(OTTLFailure) {
    if groups.isEmpty || batch.resources.isEmpty { return }
    var run = OTTLRun(code, request: request, limits: limits)
    swap(&run.batch, &batch)
    defer { swap(&run.batch, &batch) }
    for group in groups {
      run.owners.begin(sharing: group.sharesCache)
      try run.run(group)
      run.owners.end(sharing: group.sharesCache)
    }
  }
}

extension OTTLProgram {
  /// Has every statement fail for all of so many records, over which none is run.
  func fail(_ fault: OTTLFault, records: Int) throws(OTTLFailure) {
    for group in groups {
      for statement in group.statements {
        statement.tally.faults.add(records, last: fault)
        if group.errorMode == .propagate { throw OTTLFailure(fault, of: statement) }
      }
    }
  }
}

extension OTTLRun {
  fileprivate mutating func run(_ group: OTTLProgram.Group) throws(OTTLFailure) {
    var counts = OTTLRunCounts(group)
    defer { counts.add(to: group) }
    let steps = group.steps
    for index in 0..<count(of: group.context) {
      stand(at: index, of: group.context)
      try run(steps, of: group, &counts)
    }
  }

  /// The statements of a group for the record, scope or resource at hand.
  @inline(__always)
  private mutating func run(
    _ steps: [OTTLProgram.Step], of group: OTTLProgram.Group, _ counts: inout OTTLRunCounts
  ) throws(OTTLFailure) {
    if !group.conditions.isEmpty, !(try holdsAny(of: group, &counts)) { return }
    for index in steps.indices {
      do throws(OTTLFault) {
        if try run(steps[index]) { counts.statements[index].met &+= 1 }
      } catch {
        counts.statements[index].note(error)
        if group.errorMode == .propagate { throw OTTLFailure(error, of: group.statements[index]) }
      }
      forget()
    }
  }

  /// Runs a statement if its condition holds, and says so.
  @inline(__always)
  private mutating func run(_ step: OTTLProgram.Step) throws(OTTLFault) -> Bool {
    if step.condition != 0, !(try holds(step.condition)) { return false }
    _ = try evaluate(step.editor)
    return true
  }

  /// Whether one of a group's conditions holds; one that is a fault does not.
  private mutating func holdsAny(
    of group: OTTLProgram.Group, _ counts: inout OTTLRunCounts
  ) throws(OTTLFailure) -> Bool {
    for index in group.conditions.indices {
      defer { forget() }
      do throws(OTTLFault) {
        guard try holds(group.conditions[index].node) else { continue }
        counts.conditions[index].met &+= 1
        return true
      } catch {
        counts.conditions[index].note(error)
        if group.errorMode == .propagate { throw OTTLFailure(error, of: group.conditions[index]) }
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
