import Access
import Foundation
import NIOHTTP1
import NIOPosix
import Options
import Testing

@testable import Gateway

/// The extensions that present something to destinations, as users configure them.
@Suite struct CredentialOptionsTests {
  private func yaml(_ type: String, _ options: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    extensions:
      \(type): {\(options)}
    exporters: {nop: }
    service:
      extensions: [\(type)]
      telemetry: {metrics: {level: none}}
      pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
    """
  }

  private func problems(_ type: String, _ options: String) -> [String] {
    standardProblems(yaml(type, options)).map { $0.replacing("extensions.\(type)", with: "E") }
  }

  /// What the extension makes of an empty head.
  private func written(_ type: String, _ options: String) async throws -> [String] {
    let configuration = try loadStandard(yaml(type, options))
    let made = try #require(configuration.extensions.first?.options.credentials)
      .makeCredentials(after: nil, group: MultiThreadedEventLoopGroup.singleton)
    var head = HTTPHeaders()
    try await made.write(to: &head, within: .seconds(1))
    return head.map { "\($0.name): \($0.value)" }
  }

  // MARK: bearertokenauth

  @Test func aTokenIsPresentedAsItsOptionsSay() async throws {
    #expect(try await written("bearertokenauth", "token: t") == ["authorization: Bearer t"])
    #expect(try await written("bearertokenauth", "tokens: [a, b]") == ["authorization: Bearer a"])
    #expect(try await written("bearertokenauth", "token: t, scheme: '', header: X-Api-Key") == ["x-api-key: t"])
    let file = try TemporaryFile("\n  first \nsecond\n")
    #expect(
      try await written("bearertokenauth", "token: t, filename: \(file.path)") == ["authorization: Bearer first"])
  }

  /// For both of its uses, as what comes through a pipe comes once.
  @Test func theFileOfATokenIsReadOnce() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let writer = Thread {
      let opened = open(path, O_WRONLY)
      _ = write(opened, "once\n", 5)
      close(opened)
    }
    writer.start()
    #expect(try await written("bearertokenauth", "filename: \(path)") == ["authorization: Bearer once"])
  }

  @Test func aTokenHasToBeGivenOnceAndUsable() throws {
    #expect(problems("bearertokenauth", "") == ["f.yaml:3:20: E: token or tokens or filename: required"])
    #expect(problems("bearertokenauth", "token: a, tokens: [b]").count == 1)
    #expect(problems("bearertokenauth", "token: \"pa55\\n\"").count == 1)
    #expect(problems("bearertokenauth", "token: ''").count == 1)
    #expect(problems("bearertokenauth", "token: t, header: 'a b'").count == 1)
    #expect(problems("bearertokenauth", "token: t, header: Content-Length").count == 1)
    let empty = try TemporaryFile(" \n")
    #expect(
      problems("bearertokenauth", "filename: \(empty.path)") == [
        "f.yaml:3:21: E.filename: cannot be used: there is no token"
      ])
    #expect(problems("bearertokenauth", "filename: /nowhere/t").first?.contains("No such file") == true)
  }

  @Test func aFileOfATokenHasALimit() throws {
    let limit = 4096
    let atLimit = try TemporaryFile(String(repeating: "t", count: limit))
    #expect(problems("bearertokenauth", "filename: \(atLimit.path)").allSatisfy { $0.contains("is asked by nobody") })
    let past = try TemporaryFile(String(repeating: "t", count: limit + 1))
    let found = problems("bearertokenauth", "filename: \(past.path)")
    #expect(found.first?.contains("token 1 has \(limit + 1) bytes: the limit is \(limit)") == true, "\(found)")
  }

  // MARK: basicauth

  @Test func aUserIsPresented() async throws {
    let expected = ["authorization: Basic dTpwOnE="]
    #expect(try await written("basicauth", "client_auth: {username: u, password: 'p:q'}") == expected)
    let (user, password) = (try TemporaryFile("u\n"), try TemporaryFile("p:q\n"))
    let files = "username_file: \(user.path), password_file: \(password.path)"
    #expect(try await written("basicauth", "client_auth: {\(files)}") == expected)
    #expect(try await written("basicauth", "client_auth: {username: u}") == ["authorization: Basic dTo="])
  }

  @Test func aUserHasToBeGivenAndHasNoColon() throws {
    #expect(problems("basicauth", "client_auth: {password: p}").count == 1)
    #expect(problems("basicauth", "client_auth: {username: 'a:b', password: p}").count == 1)
    let file = try TemporaryFile("pa:55")
    let found = problems("basicauth", "client_auth: {username_file: \(file.path)}")
    #expect(found.count == 1 && found[0].contains("cannot have a colon") && !found[0].contains("pa:55"), "\(found)")
    #expect(problems("basicauth", "").count == 1)
    #expect(problems("basicauth", "client_auth: {username: u, aws_secrets_manager: {}}").count == 1)
  }

  // MARK: headers_setter

  @Test func fieldsAreSet() async throws {
    let file = try TemporaryFile("from a file\n")
    let headers = "{key: X-Scope-OrgID, value: a}, {key: X-B, value_file: \(file.path)}, {key: X-C, action: delete}"
    #expect(
      try await written("headers_setter", "headers: [\(headers)]") == ["x-scope-orgid: a", "x-b: from a file"])
  }

  @Test(arguments: [
    ("", "E: headers: required"), ("headers: [{value: a}]", "key: required, but not given"),
    ("headers: [{key: a}]", "value or value_file or from_context or from_attribute: required"),
    ("headers: [{key: a, action: delete, value: b}]", "value: is of no use where the field is deleted"),
    ("headers: [{key: a, action: replace, value: b}]", "\"insert\", \"update\", \"upsert\" or \"delete\""),
    ("headers: [{key: Content-Length, value: b}]", "is set by the gateway itself"),
    ("headers: [{key: a, value: b, from_context: c}]", "from_context: cannot be given together with value"),
    ("headers: [{key: a, from_context: c, from_attribute: d}]", "from_attribute: cannot be given together with"),
    ("headers: [{key: a, action: delete, from_context: c}]", "from_context: is of no use where the field is deleted"),
    ("headers: [{key: a, value: b, default_value: c}]", "default_value: is of no use without from_context"),
    ("headers: [{key: a, from_context: 'b c'}]", "the name of a header field"),
  ]) func whatCannotBeSetIsNamed(_ options: String, what: String) {
    let found = problems("headers_setter", options)
    #expect(found.count == 1 && found.first?.contains(what) == true, "\(found)")
  }

  // MARK: oauth2client

  private let needed = "client_id: i, client_secret: pa55, token_url: \"https://h/token\""

  @Test func everyOptionOfOAuthArrives() throws {
    let file = try TemporaryFile("s3cret\n")
    let options = """
      client_id: i, client_secret_file: \(file.path), token_url: "https://h:8443/token", scopes: [a, b],
      endpoint_params: {audience: x}, grant_type: client_credentials, tls: {insecure_skip_verify: true},
      timeout: 300s, max_answer_size: 1MiB, expiry_buffer: 10s
      """
    let configuration = try loadStandard(yaml("oauth2client", options.replacing("\n", with: " ")))
    let read = try #require(configuration.extensions.first?.options as? OAuth2ClientOptions)
    #expect(read.endpoint.url == "https://h:8443/token")
    #expect(read.endpoint.clientID().reveal() == "i" && read.endpoint.clientSecret().reveal() == "s3cret")
    #expect(read.endpoint.scopes == ["a", "b"] && read.endpoint.parameters.map(\.name) == ["audience"])
    #expect(read.endpoint.tls.insecureSkipVerify)
    #expect(read.endpoint.timeout == .seconds(300) && read.endpoint.maxAnswerBytes == 1 << 20)
    #expect(read.expiryBuffer == .seconds(10))
    #expect(!configuration.effectiveYAML().contains("s3cret"))
  }

  @Test func oauthHasTheCollectorsBufferByDefault() throws {
    let configuration = try loadStandard(yaml("oauth2client", needed))
    let read = try #require(configuration.extensions.first?.options as? OAuth2ClientOptions)
    #expect(read.expiryBuffer == .seconds(300) && read.endpoint.timeout == .seconds(10))
    #expect(!configuration.effectiveYAML().contains("pa55"))
  }

  @Test(arguments: [
    ("grant_type: \"urn:ietf:params:oauth:grant-type:jwt-bearer\"", "the only grant that sluice supports"),
    ("client_certificate_key: k", "only the grant client_credentials is"), ("timeout: 0s", "a duration from 1ms to 5m"),
    ("timeout: 301s", "a duration from 1ms to 5m"), ("max_answer_size: 1023", "a size from 1KiB to 1MiB"),
    ("max_answer_size: 1048577", "a size from 1KiB to 1MiB"), ("client_secret_file: /nowhere/s", "No such file"),
  ]) func whatIsNotOfOAuthHereIsNamed(_ option: String, what: String) {
    let found = problems("oauth2client", "\(needed), \(option)")
    #expect(found.count == 1 && found.first?.contains(what) == true, "\(found)")
    #expect(!found.joined().contains("pa55"))
  }

  @Test func oauthNeedsAClientAndAnEndpoint() {
    #expect(problems("oauth2client", "").count == 3)
    let plain = problems("oauth2client", needed.replacing("https", with: "http"))
    #expect(plain.count == 1 && plain[0].contains("warning: E.token_url: the client's secret goes there in clear text"))
  }
}
