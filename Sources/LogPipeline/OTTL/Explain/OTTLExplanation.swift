/// What the parts of a statement, condition or value come to for one record, scope or resource.
package struct OTTLExplanation: Sendable {
  /// One part.
  package struct Line: Sendable, Equatable {
    /// How deep it lies in what is explained.
    package let depth: Int
    /// The part as text.
    package let text: String
    /// What it comes to.
    package fileprivate(set) var value: String
  }

  /// Each part before those that it is made of: first the condition, then what the statement does.
  package private(set) var lines: [Line] = []
}

extension OTTLExplainer {
  /// For each record of a batch, or each scope or resource; a statement changes the batch.
  package func explanations(of batch: inout LogBatch) -> [OTTLExplanation] {
    var run = OTTLRun(parts.code, request: RequestContext())
    swap(&run.batch, &batch)
    defer { swap(&run.batch, &batch) }
    var explanations: [OTTLExplanation] = []
    for index in 0..<run.count(of: context) {
      run.stand(at: index, of: context)
      explanations.append(OTTLExplanation(parts, &run))
    }
    return explanations
  }
}

extension OTTLExplanation {
  fileprivate init(_ parts: OTTLCompiledParts, _ run: inout OTTLRun) {
    let condition = parts.condition.map { add($0, depth: 0, isAsked: true, &run) }
    guard let editor = parts.editor else {
      for value in parts.values { add(value, depth: 0, isAsked: true, &run) }
      return
    }
    let place = lines.count
    lines.append(Line(depth: 0, text: editor.text, value: ""))
    for value in parts.values { add(value, depth: 1, isAsked: true, &run) }
    if let condition, !condition.isTrue {
      lines[place].value = "not run: where \(condition.kind == nil ? "fails" : "is not true")"
      return
    }
    let before = editor.target.map { OTTLOutcome(of: $0.node, &run) }
    let isOfNil = editor.value.map { OTTLOutcome(of: $0, &run).kind == OTTLValue.Kind.none } ?? false
    let outcome = OTTLOutcome(of: editor.node, &run)
    lines[place].value = outcome.kind == nil ? outcome.text : isOfNil ? "run: nil changes nothing" : "run"
    guard let target = editor.target, let before else { return }
    let after = OTTLOutcome(of: target.node, &run)
    let change = before.text == after.text ? "\(after.text), as before" : "\(before.text) -> \(after.text)"
    lines.append(Line(depth: 1, text: target.text, value: change))
  }

  /// Adds a part and what it is made of; gives what it comes to. `isAsked` is false for what a run would pass over.
  @discardableResult
  private mutating func add(
    _ part: OTTLCompiledParts.Part, depth: Int, isAsked: Bool, _ run: inout OTTLRun
  ) -> OTTLOutcome {
    let outcome = OTTLOutcome(of: part.node, &run)
    let place = lines.count
    lines.append(Line(depth: depth, text: part.part.text, value: outcome.text))
    if !isAsked { lines[place].value += ", not asked" }
    var isDecided = false
    for inner in part.parts {
      let found = add(inner, depth: depth + 1, isAsked: isAsked && !isDecided, &run)
      isDecided = isDecided || part.part.isDecided(by: found)
    }
    if let sides = part.sides {
      let (left, right) = (OTTLOutcome(of: sides.left, &run).kind, OTTLOutcome(of: sides.right, &run).kind)
      if let remark = part.part.remark(left, right) { lines[place].value += ": \(remark)" }
    }
    return outcome
  }
}
