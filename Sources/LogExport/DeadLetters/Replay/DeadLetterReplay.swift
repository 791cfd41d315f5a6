package import LogPipeline
import NIOCore
import NIOPosix

/// Sends the dead letters of a file again and takes out of it what is delivered; what is rejected again stays as a new
/// letter, with its new reason.
///
/// The file is replaced at the end; until then it is as it was. However the end comes, by its own, by a request or
/// because the destination takes nothing, what the destination has confirmed is out of the file then, and every letter
/// that is not settled stays as it is, to be sent the next time.
package struct DeadLetterReplay: Sendable {
  package var path: String
  /// Where letters go, unless a sender is given: path and query are their own.
  package var endpoint: String
  /// What speaks to the destinations of an exporter, for bodies of a format; nil if nothing sends those again.
  let dialect: @Sendable (_ exporter: String, _ format: BodyFormat) -> (any Dialect)?
  /// Header fields of every request, such as credentials.
  package var headers: [(name: String, value: String)] = []
  package var filter = DeadLetterFilter()
  /// Letters that would be lost at their destination are not sent.
  package var gate = ReplayGate()
  /// Letters of one kind are tried again for so long without any being taken. Default 1 min.
  package var giveUpAfter: Duration = .seconds(60)
  /// Bytes of letters in memory, unless one is larger. Default 8 MiB.
  package var heldBytes = 8 << 20
  /// Ends the replay early.
  package var stop = StopRequest()
  /// How long an early end waits for answers to what is under way. Default 10 s.
  package var finishWithin: Duration = .seconds(10)
  /// Is told the first time of each kind of failure, without record content.
  package var report: @Sendable (String) -> Void = { _ in }
  /// Is told again and again what was done so far, and how much of the file has been read.
  package var progress: @Sendable (_ soFar: Outcome, _ readBytes: Int) -> Void = { _, _ in }

  /// Kinds of letters, by exporter, format, path and headers, that one replay sends; others stay.
  package static let maxKinds = 64

  /// What a replay did.
  package struct Outcome: Sendable, Equatable {
    /// Records taken, duplicates included.
    package var delivered = 0
    /// Among them those that the destination had already.
    package var duplicates = 0
    /// Records rejected again; they stay with their new reason.
    package var rejected = 0
    /// Those by kind of reason.
    package var rejections = Tally()
    /// Letters left as they are: not asked for, not sent, or not settled at an early end.
    package var untouchedLetters = 0
    /// Those among them that were asked for and not sent, by reason.
    package var kept = Tally()
    /// Attempts after which records were sent again, by reason.
    package var failures = Tally()
    /// The destination did not take letters of some kind for too long; they were left.
    package var gaveUp = false
    /// The end was asked for before all was sent.
    package var wasStopped = false

    package init() {}
  }

  package init(
    path: String, endpoint: String = "",
    dialect: @escaping @Sendable (_ exporter: String, _ format: BodyFormat) -> (any Dialect)?
  ) {
    self.path = path
    self.endpoint = endpoint
    self.dialect = dialect
  }

  package func run() async throws -> Outcome {
    let endpoint = try Self.checked(endpoint)
    var options = senderOptions
    options.proxies = try ProxySettings.ofProcess()
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    do {
      // A proxy resolves names itself.
      if options.proxies.proxy(for: endpoint) == nil { try Self.resolve(endpoint) }
      let outcome = try await ReplayRun(self, sender).run()
      await sender.close()
      return outcome
    } catch {
      await sender.close()
      throw error
    }
  }

  /// Sends the letters by what sends an exporter's records, with its addresses and credentials; that stays open.
  package func run(by sender: HTTPSender) async throws -> Outcome { try await ReplayRun(self, sender).run() }

  private var senderOptions: HTTPSenderOptions {
    var options = HTTPSenderOptions()
    options.endpoints = [endpoint]
    options.headers = headers
    options.compression = .none
    return options
  }

  /// The address, which needs a scheme and must not have the path that letters bring.
  package static func checked(_ address: String) throws(SenderConfigurationError) -> Endpoint {
    guard address.contains("://") else {
      throw SenderConfigurationError("endpoint: it has to begin with http:// or https://")
    }
    let endpoint = try Endpoint(parsing: address)
    let path = endpoint.path + "/"
    for known in ["/_bulk/", "/insert/", "/v1/logs/"] where path.contains(known) {
      throw SenderConfigurationError(
        "endpoint: leave out \(endpoint.path), for the letters bring the path that they were sent to")
    }
    return endpoint
  }

  /// Checks that the name of the host is known.
  private static func resolve(_ endpoint: Endpoint) throws(SenderConfigurationError) {
    do {
      _ = try SocketAddress.makeAddressResolvingHost(endpoint.host, port: endpoint.port)
    } catch {
      throw SenderConfigurationError("endpoint: the name \(endpoint.host) cannot be resolved")
    }
  }
}

/// Counts by a text that holds nothing of records.
package struct Tally: Sendable, Equatable {
  /// Texts that are told apart; the rest counts as `other`.
  package static let maxTexts = 16

  package private(set) var counts: [String: Int] = [:]

  package init() {}

  /// Says whether it is the first of its text.
  @discardableResult package mutating func count(_ text: String, _ count: Int = 1) -> Bool {
    let isKnown = counts[text] != nil
    let text = isKnown || counts.count < Self.maxTexts ? text : "other"
    defer { counts[text, default: 0] &+= count }
    return counts[text] == nil
  }

  /// The most frequent first.
  package var rows: [(text: String, count: Int)] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (text: $0.key, count: $0.value) }
  }
}
