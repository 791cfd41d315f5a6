import Access
import HTTPTransport
import LogPipeline
import Options
import Testing

@testable import Gateway

/// What tests of the admin port are made of.
enum AdminSample {
  /// A condition as a configuration has it.
  static func condition(_ text: String) throws -> RecordCondition {
    let place = ConfigPlace(source: "f.yaml")
    let value = ConfigNode(.scalar(.init(text)), at: place)
    let node = ConfigNode(.map([.init(key: "where", place: place, value: value)]), at: place)
    return try #require(ConfigReader(node, path: "", report: ConfigReport()).recordCondition("where", "Which."))
  }

  /// Knows who sends `name: <somebody>`; `later` after a while, and of `nobody` nothing.
  struct Names: Authenticator {
    var challenge: String?
    var isSlow = false

    func judge(_ head: HTTPRequestHead) -> Authentication {
      let verdict = verdict(head.headers.first(name: "name"))
      return isSlow ? .later { $0.tell(verdict) } : .decided(verdict)
    }

    private func verdict(_ name: String?) -> AuthenticationVerdict {
      switch name {
      case nil: .absent
      case "nobody": .denied
      case "stranger": .forbidden
      case "later": .unavailable
      case let name?: .identified(Identity(authenticator: "names", attributes: [("username", name)]))
      }
    }
  }

  static func policy(_ names: Names, _ rules: [AdminRule]? = nil) -> AdminPolicy {
    var policy = AdminPolicy()
    let tally = AuthenticationTally(authenticator: "names")
    policy.authentication = (AuthenticatorChain([.init(names, tally)]), .seconds(1))
    policy.rules = rules
    return policy
  }
}
