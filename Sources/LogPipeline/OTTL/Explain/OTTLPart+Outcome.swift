extension OTTLPart {
  /// Whether what was found out of its first parts decides about it, so that those that follow are not asked.
  func isDecided(by outcome: OTTLOutcome) -> Bool {
    guard case .condition(let condition) = subject else { return false }
    switch condition.kind {
    case .all: return !outcome.isTrue
    case .any: return outcome.isTrue || outcome.kind == nil
    case .constant, .converter, .comparison, .not: return false
    }
  }

  /// What is worth saying of a comparison whose sides are these.
  func remark(_ leftSide: OTTLOutcome, _ rightSide: OTTLOutcome) -> String? {
    guard let left = leftSide.kind, let right = rightSide.kind, left != .none, right != .none else { return nil }
    if left == right {
      let isSame = leftSide.text == rightSide.text || leftSide.text.lowercased() != rightSide.text.lowercased()
      return left != .string || isSame ? nil : "they differ in small and capital letters"
    }
    let numbers: Set<OTTLValue.Kind> = [.int, .double]
    if numbers.contains(left) && numbers.contains(right) { return nil }
    return "\(left.shown) is never equal to \(right.shown), nor less or greater"
  }

  /// The part as text.
  var text: String {
    switch subject {
    case .condition(let condition): condition.description
    case .value(let value): value.description
    }
  }
}
