import Access
import HTTPTransport
import Logging
import OTLPReceiver

/// Tells in the gateway's log who has looked at records, who has asked for something to be done, and whom it was
/// denied: with name, address and path, and of a query its shape, never its words.
final class AdminAudit: Sendable {
  private let logger: Logger
  private let sampler = LineSampler<AdminDenial>()

  init(logger: Logger) { self.logger = logger }

  /// Tells what somebody has done; nil stands for anybody on this machine.
  func tell(_ act: String, _ head: HTTPRequestHead, by identity: Identity?, _ more: Logger.Metadata = [:]) {
    var fields: Logger.Metadata = [
      "act": "\(act)", "who": "\(identity?.shown ?? "this machine")", "peer": "\(Asker(head).peer)",
      "request": "\(Asked(head))",
    ]
    fields.merge(more) { $1 }
    logger.info("audit", metadata: fields)
  }

  /// Tells that something was denied: to those who are known each time, to others at most once in ten seconds for each
  /// reason.
  func tell(_ denial: AdminDenial, _ head: HTTPRequestHead, by identity: Identity?) {
    var fields: Logger.Metadata = [
      "act": "denied", "who": "\(identity?.shown ?? "nobody known")", "peer": "\(Asker(head).peer)",
      "request": "\(Asked(head))", "reason": "\(denial.rawValue)",
    ]
    if identity == nil {
      guard let unsaid = sampler.count(denial) else { return }
      fields["more_since_last_line"] = "\(unsaid)"
    }
    logger.warning("audit", metadata: fields)
  }
}

/// Why something is denied.
enum AdminDenial: String, Sendable {
  case address = "from another machine"
  case name = "a name that is not the gateway's"
  case site = "a page of another site"
  case credentialsMissing = "no credentials"
  case credentialsWrong = "wrong credentials"
  case stranger = "may not"
  case unavailable = "credentials cannot be checked now"
  case lacking = "not allowed"
}

extension Identity {
  /// Who that is, fit to be shown.
  var shown: String {
    let names = ["username", "subject", "name"]
    let known = names.lazy.compactMap { name in self.attributes.first { $0.name == name } }.first
    let name = (known ?? attributes.first).map { " \($0.name)=\($0.value)" } ?? ""
    return "\(authenticator)\(name)".forDisplay(maxCharacters: 128)
  }
}
