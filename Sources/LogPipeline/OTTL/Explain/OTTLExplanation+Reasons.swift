import Options

/// Why parts come to what they do, to be read behind that.
extension OTTLExplanation {
  /// Which key of a path there is not, and which it might be, behind what is nil; nothing if that says no more.
  func lack(_ steps: [OTTLCompiledParts.Step], _ run: inout OTTLRun) -> String {
    for (place, step) in steps.enumerated() {
      guard let names = names(of: step.node, &run) else { return "" }
      if names.contains(step.key) { continue }
      let joined = steps[place...].map(\.key).joined(separator: ".")
      if place + 1 < steps.count, names.contains(joined) {
        return ": there is no \"\(step.key)\", but \"\(joined)\", which is one key"
      }
      let hint = suggestion(for: step.key, among: names)
      return steps.count > 1 || !hint.isEmpty ? ": there is no \"\(step.key)\"\(hint)" : ""
    }
    return ""
  }

  /// The keys of a map; nil of what is none.
  private func names(of node: UInt32, _ run: inout OTTLRun) -> [String]? {
    defer { run.forget() }
    guard let map = try? run.evaluate(node), map.kind == .map else { return nil }
    return (0..<map.memberCount).map { String(decoding: run.bytes(run.key($0, of: map)), as: UTF8.self) }
  }

  /// What is not taken of an editor's call, behind what failed; nothing if it is not known.
  func blame(_ editor: OTTLCompiledParts.Editor, _ run: inout OTTLRun) -> String {
    guard let wanted = editor.wanted, let value = editor.value, let kind = outcome(of: value, &run).kind else {
      return blame(editor.arguments, &run)
    }
    return kind == wanted ? "" : ": value: expected \(wanted.shown), found \(kind.shown)"
  }

  /// The first argument of a call that has a value which is not taken, behind what failed; nothing if there is none.
  func blame(_ arguments: [OTTLCompiledParts.Argument], _ run: inout OTTLRun) -> String {
    for argument in arguments {
      guard let kind = outcome(of: argument.node, &run).kind, !argument.wanted.takes(kind) else { continue }
      return ": \(argument.name): expected \(argument.wanted.shown), found \(kind.shown)"
    }
    return ""
  }
}
