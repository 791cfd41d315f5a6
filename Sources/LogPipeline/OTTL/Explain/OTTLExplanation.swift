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
  /// The most characters of a value that are shown.
  private let maxCharacters: Int
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
      explanations.append(OTTLExplanation(parts, &run, maxCharacters: maxCharacters))
    }
    return explanations
  }
}

extension OTTLExplanation {
  fileprivate init(_ parts: OTTLCompiledParts, _ run: inout OTTLRun, maxCharacters: Int) {
    self.maxCharacters = maxCharacters
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
    let before = editor.target.map { outcome(of: $0.node, &run) }
    let isOfNil = editor.value.map { outcome(of: $0, &run).kind == OTTLValue.Kind.none } ?? false
    let found = outcome(of: editor.node, &run)
    lines[place].value =
      found.kind == nil ? found.text + blame(editor, &run) : isOfNil ? "run: nil changes nothing" : "run"
    guard let target = editor.target, let before else { return }
    let after = outcome(of: target.node, &run)
    let change =
      after.kind == nil
      ? after.text : before.text == after.text ? "\(after.text), as before" : "\(before.text) -> \(after.text)"
    lines.append(Line(depth: 1, text: target.text, value: change))
  }

  func outcome(of node: UInt32, _ run: inout OTTLRun) -> OTTLOutcome {
    OTTLOutcome(of: node, &run, maxCharacters: maxCharacters)
  }

  /// Adds a part and what it is made of; gives what it comes to. `isAsked` is false for what a run would pass over.
  @discardableResult
  private mutating func add(
    _ part: OTTLCompiledParts.Part, depth: Int, isAsked: Bool, _ run: inout OTTLRun
  ) -> OTTLOutcome {
    let found = outcome(of: part.node, &run)
    let place = lines.count
    lines.append(Line(depth: depth, text: part.part.text, value: found.text))
    if found.kind == nil { lines[place].value += blame(part.arguments, &run) }
    if found.kind == OTTLValue.Kind.none { lines[place].value += lack(part.steps, &run) }
    if !isAsked { lines[place].value = "not asked (\(found.text))" }
    var isDecided = false
    for inner in part.parts {
      let outcome = add(inner, depth: depth + 1, isAsked: isAsked && !isDecided, &run)
      isDecided = isDecided || part.part.isDecided(by: outcome)
    }
    if isAsked, let sides = part.sides {
      let (left, right) = (outcome(of: sides.left, &run), outcome(of: sides.right, &run))
      if let remark = part.part.remark(left, right) { lines[place].value += ": \(remark)" }
    }
    return found
  }
}
