package import Access
import Files
package import NIOCore
package import Options

/// `extensions.basicauth`: users and passwords (RFC 7617), by which the gateway knows senders, or by which destinations
/// know the gateway.
package struct BasicAuthOptions: ExtensionOptions {
  package static let doc = "Knows senders by users and passwords, or presents a user and a password to destinations."

  private let limits: BasicAuthLimits
  /// Nil after a problem, which is reported.
  private let file: WatchedFiles<Htpasswd>?
  package let credentials: (any CredentialOptions)?

  package init(_ options: ConfigReader) {
    let isGiven = options.has("htpasswd")
    let given = options.section("htpasswd", "Users, and what is kept of their passwords; lines of user:hash.") {
      GivenHtpasswd($0, isGiven: isGiven)
    }
    limits = options.section("limits", "What is read, kept and checked at most; not in the Collector.") {
      BasicAuthLimits($0)
    }
    credentials = options.optionalSection("client_auth", "Who the gateway is to destinations.") {
      BasicAuthClientOptions($0)
    }
    if isGiven, options.entry("client_auth")?.value.entries != nil {
      options.error(at: "htpasswd", "cannot be given together with client_auth")
    }
    options.requireOne(of: "htpasswd", "client_auth")
    file = given.open(limits)
  }

  package var isAuthenticator: Bool { credentials == nil }
  package var claims: [String]? { ["username"] }

  package func makeAuthenticator(id: String, group: any EventLoopGroup) -> (any Authenticator)? {
    file.map { BasicAuthenticator(id: id, $0, limits: limits) }
  }
}

/// The `htpasswd` section as it is given.
private struct GivenHtpasswd {
  private let options: ConfigReader
  private let file: String?
  private let inline: Secret?

  init(_ options: ConfigReader, isGiven: Bool) {
    self.options = options
    file = options.optional("file", .nonEmptyString, "The path of a file, which is read again when it changes.")
    inline = options.optional("inline", .secret, "The text itself; its users go before those of the file.")
    if isGiven { options.requireOne(of: "file", "inline") }
  }

  /// Reads what is named; nil after a problem.
  func open(_ limits: BasicAuthLimits) -> WatchedFiles<Htpasswd>? {
    guard file != nil || inline != nil, let own = inlineHashes(limits) else { return nil }
    do throws(FileReadError) {
      return try WatchedFiles(file.map { [$0] } ?? [], maxBytes: limits.maxFileBytes) {
        (contents) throws(FileReadError) in
        do throws(HtpasswdProblem) {
          return try Htpasswd(inline: own, files: contents, limits)
        } catch {
          throw FileReadError(reason: error.reason)
        }
      }
    } catch {
      options.error(at: file == nil ? "inline" : "file", "cannot be used: \(error.reason)")
      return nil
    }
  }

  private func inlineHashes(_ limits: BasicAuthLimits) -> Htpasswd.Hashes? {
    do throws(HtpasswdProblem) {
      return try Htpasswd.hashes(of: inline?.reveal() ?? "", limits)
    } catch {
      options.error(at: "inline", "cannot be used: \(error.reason)")
      return nil
    }
  }
}

extension BasicAuthLimits {
  /// Reads the section `limits`.
  fileprivate init(_ options: ConfigReader) {
    self.init()
    maxFileBytes = options.read(
      "max_file", .byteSize(in: 1...(64 << 20)), default: maxFileBytes, "The size of the file.")
    maxUsers = options.read("max_users", .int(in: 1...1_000_000), default: maxUsers, "Users.")
    maxUserBytes = options.read(
      "max_username", .int(in: 1...1024), default: maxUserBytes, "The length of a user's name in bytes.")
    maxPasswordBytes = options.read(
      "max_password", .int(in: 1...511), default: maxPasswordBytes, "The length of a password in bytes.")
    maxRight = options.read(
      "max_remembered", .int(in: 2...10_000_000), default: maxRight,
      "Credentials found right that are remembered, so that their hash is not computed again.")
    maxWrong = options.read(
      "max_remembered_wrong", .int(in: 2...10_000_000), default: maxWrong, "Credentials found wrong likewise.")
    maxWaiting = options.read(
      "max_waiting", .int(in: 1...100_000), default: maxWaiting,
      "Credentials that wait to be checked; senders of more are asked to retry.")
    maxWaitingOfAddress = options.read(
      "max_waiting_per_address", .int(in: 1...100_000), default: maxWaitingOfAddress,
      "Those of them that one address has sent.")
    threads = options.read("threads", .int(in: 1...64), default: threads, "Threads that compute hashes.")
  }
}
