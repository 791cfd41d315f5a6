import Files
import Glibc
import LogExport
import LogPipeline
import NIOCore
import Options

/// Why the API server did not give what was asked for.
struct KubernetesFailure: Error {
  let reason: String
  /// Whether the version that was asked for is gone, so that a list has to be made anew (410).
  var isExpired = false
  /// Whether the answer had begun and was cut off, or nothing more came.
  var isCutOff = false
  /// The least time until the next request.
  var retryAfter: Duration?
  /// Whether the server sent more than is taken, which it may do again at once.
  var isExcess = false
}

extension KubernetesFailure {
  /// A server that sends more than is taken; it is not asked again soon.
  init(excess reason: String) { self.init(reason: reason, retryAfter: KubernetesBackoff.longest, isExcess: true) }
}

/// Asks the API server as the options say: who the gateway is and whom it trusts is read again for each request, since
/// the files change while it runs. One task uses a client.
struct KubernetesClient {
  private let options: KubernetesAttributesOptions
  private let group: any EventLoopGroup
  private var reader: HTTPReader?
  /// What the reader was made of.
  private var made: (address: String, authorities: FileStamp?)?

  private static let maxTokenBytes = 16 << 10
  /// An answer other than 200 is read so far.
  private static let maxStatusBytes = 64 << 10
  /// Characters that are shown of what the server says; of the bytes that are looked through for a token a part.
  private static let maxWords = 200
  /// Nothing coming for so long ends an answer; a watch has bookmarks about once a minute.
  private static let idleTimeout = Duration.seconds(120)

  init(_ options: KubernetesAttributesOptions, group: any EventLoopGroup) {
    self.options = options
    self.group = group
  }

  /// Ends its connections.
  mutating func close() async {
    await reader?.close()
    reader = nil
    made = nil
  }

  /// Gets what is at a path; `take` gets the bytes of the answer as they come, at first none, if it is 200.
  mutating func get(_ path: String, accept: String, _ take: ([UInt8]) throws -> Void) async throws {
    let reader = try await currentReader()
    var headers = [(name: "accept", value: accept)]
    let token = try token()
    if let token { headers.append((name: "authorization", value: "Bearer \(token.text)")) }
    var refusal: (head: HTTPReader.Head, body: [UInt8])?
    do {
      try await reader.get(path, headers: headers) { head, bytes in
        if head.status == 200 { return try take(bytes) }
        refusal = (head, (refusal?.body ?? []) + bytes)
        if refusal?.body.count ?? 0 > Self.maxStatusBytes { throw Self.failure(head, words: "") }
      }
    } catch let failure as HTTPReader.Failure {
      if failure.isExcess { throw KubernetesFailure(excess: failure.description) }
      throw KubernetesFailure(reason: failure.description, isCutOff: failure.hasBegun)
    }
    if let refusal { throw Self.failure(refusal.head, words: words(of: refusal, hiding: token)) }
  }

  /// What the server says of a refusal, unless that may hold something of what the gateway said who it is by.
  private func words(
    of refusal: (head: HTTPReader.Head, body: [UInt8]), hiding token: KubernetesToken?
  ) -> String {
    if refusal.head.status == 401 { return "" }
    let message = KubernetesStatus(parsing: refusal.body)?.message ?? ""
    return token?.isTold(by: message) ?? false ? "" : message
  }

  private static func failure(_ head: HTTPReader.Head, words: String) -> KubernetesFailure {
    let words = words.isEmpty ? "" : ": \(words.forDisplay(maxCharacters: Self.maxWords))"
    return KubernetesFailure(
      reason: "the API server answers \(head.status)\(words)", isExpired: head.status == 410,
      retryAfter: head.retryAfter)
  }

  /// A reader that trusts what is to be trusted now.
  private mutating func currentReader() async throws(KubernetesFailure) -> HTTPReader {
    let address = try address()
    let same = made?.authorities.flatMap { $0.isStill(options.caFile) ? $0 : nil }
    let authorities = same ?? FileStamp(options.caFile, maxBytes: ConfigLimits().maxFileBytes)
    if let reader, let made, made == (address, authorities) {
      self.made = (address, authorities)
      return reader
    }
    await close()
    var sending = HTTPSenderOptions()
    sending.endpoints = [address]
    if address.hasPrefix("https:") { sending.tls.caFile = options.caFile }
    do throws(SenderConfigurationError) {
      let new = try HTTPReader(sending, idleTimeout: Self.idleTimeout, group: group)
      reader = new
      made = (address, authorities)
      return new
    } catch {
      throw KubernetesFailure(reason: "\(error)")
    }
  }

  private func address() throws(KubernetesFailure) -> String {
    if let server = options.server { return "\(server)" }
    guard let host = Self.environment("KUBERNETES_SERVICE_HOST"), let port = Self.environment("KUBERNETES_SERVICE_PORT")
    else {
      throw KubernetesFailure(
        reason: "api_server is not given, and the environment has no KUBERNETES_SERVICE_HOST and _PORT: is this a pod?")
    }
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// A variable of the environment; nil if it is empty.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }

  /// The token to send; nil if none is to be sent.
  private func token() throws(KubernetesFailure) -> KubernetesToken? {
    guard options.authentication == .serviceAccount else { return nil }
    do throws(FileReadError) {
      let bytes = try readFile(options.tokenFile, maxBytes: Self.maxTokenBytes, within: .zero)
      let token = bytes.filter { $0 > 0x20 }
      if token.isEmpty || token.contains(where: { $0 >= 0x7f }) {
        throw FileReadError(reason: "it holds no token")
      }
      return KubernetesToken(bytes: token)
    } catch {
      throw KubernetesFailure(reason: "token_file: cannot read \"\(options.tokenFile)\": \(error.reason)")
    }
  }
}
