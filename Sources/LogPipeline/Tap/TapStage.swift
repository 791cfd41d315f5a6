/// Where in a pipeline somebody looks at records as they pass; `ID` is a component's.
package enum TapStage: Sendable, Equatable, CustomStringConvertible {
  /// As they come into the pipeline: `received`.
  case received
  /// As a processor has left them: `after:ID`.
  case after(String)
  /// As a processor finds them, beside how it leaves them: `around:ID`.
  case around(String)
  /// As they go to an exporter or connector: `to:ID`.
  case to(String)

  /// Reads a stage; nil if the text is none.
  package init?(_ text: String) {
    if text == "received" {
      self = .received
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "after": self = .after(parts[1])
    case "around": self = .around(parts[1])
    case "to": self = .to(parts[1])
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .received: "received"
    case .after(let id): "after:\(id)"
    case .around(let id): "around:\(id)"
    case .to(let id): "to:\(id)"
    }
  }
}
