package import HTTPTransport

/// What a request asked for, fit to be shown: cut short, without its query, with nothing that drives a terminal.
package struct Asked: Sendable, Equatable, CustomStringConvertible {
  package let method: String
  package let path: String

  /// What is shown of a method and of a path, in characters.
  private static let maxMethodCharacters = 16
  private static let maxPathCharacters = 128

  package init(_ head: HTTPRequestHead) {
    method = head.method.shown(maxCharacters: Self.maxMethodCharacters)
    path = head.path.shown(maxCharacters: Self.maxPathCharacters)
  }

  package var description: String { "\(method) \(path)" }
}

/// Who sent a request, fit to be shown.
package struct Asker: Sendable, Equatable {
  /// `ip:port`
  package let peer: String
  /// What the `user-agent` field says; nil if there is none.
  package let userAgent: String?

  /// What is shown of a user agent, in characters.
  private static let maxUserAgentCharacters = 128

  package init(_ head: HTTPRequestHead) {
    peer = head.remoteAddress
    userAgent = head.headers.first(name: "user-agent")?.shown(maxCharacters: Self.maxUserAgentCharacters)
  }
}

extension String {
  /// The first `maxCharacters`, with what is not visible as `\u{…}`.
  fileprivate func shown(maxCharacters: Int) -> String {
    var shown = ""
    for (position, scalar) in unicodeScalars.enumerated() {
      if position == maxCharacters { return shown + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
