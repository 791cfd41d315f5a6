import Access
import LogExport
import NIOPosix
import Options
import Testing

@Suite struct TokenEndpointTests {
  private static let success = #"{"access_token":"t0ken","token_type":"Bearer","expires_in":60}"#

  private func endpoint(
    _ server: RawServer, _ change: (inout TokenEndpointOptions) -> Void = { _ in }
  ) throws -> TokenEndpoint {
    var options = TokenEndpointOptions(clientID: { Secret("id:1") }, clientSecret: { Secret("s3cret &") })
    options.url = "\(server.address)/oauth/token"
    change(&options)
    return try TokenEndpoint(options, group: MultiThreadedEventLoopGroup.singleton)
  }

  private func problem(_ endpoint: TokenEndpoint) async -> String? {
    do throws(CredentialFailure) {
      _ = try await endpoint.fetch()
      return nil
    } catch {
      return error.description
    }
  }

  @Test func asksAsTheRFCSays() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200, Self.success) }
    let endpoint = try endpoint(server) {
      $0.scopes = ["logs.write", "b"]
      $0.parameters = [("audience", Secret("https://x/"))]
    }
    let token = try await endpoint.fetch()
    #expect(token == AccessToken(Secret("t0ken"), lifetime: .seconds(60)))
    await server.stop()
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /oauth/token HTTP/1.1")
    #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
    // "id%3A1:s3cret+%26"
    #expect(request.headers["authorization"] == "Basic aWQlM0ExOnMzY3JldCslMjY=")
    let form = "grant_type=client_credentials&scope=logs.write+b&audience=https%3A%2F%2Fx%2F"
    #expect(String(decoding: request.body, as: UTF8.self) == form)
  }

  @Test func findsOutHowToSayWhoItIsAndRemembers() async throws {
    let server = try await RawServer.start { request in
      let form = String(decoding: request.body, as: UTF8.self)
      return form.hasSuffix("&client_id=id%3A1&client_secret=s3cret+%26") && request.headers["authorization"] == nil
        ? RawServer.answer(200, Self.success) : RawServer.answer(401, #"{"error":"invalid_client"}"#)
    }
    let endpoint = try endpoint(server)
    _ = try await endpoint.fetch()
    #expect(server.requests.count == 2)
    _ = try await endpoint.fetch()
    #expect(server.requests.count == 3)
    await server.stop()
  }

  @Test(arguments: [
    (401, #"{"error":"invalid_client"}"#, "answers 401 (invalid_client)"), (503, "x", "answers 503"),
    (302, "", "answers 302, redirects are not followed"), (200, "login", "the answer is no JSON object"),
  ]) func aRefusalNamesTheEndpointAndNoSecret(_ status: Int, _ body: String, what: String) async throws {
    let server = try await RawServer.start { _ in
      RawServer.answer(status, headers: ["location: http://127.0.0.1:1/"], body)
    }
    let problem = await problem(try endpoint(server))
    #expect(problem == "\(server.address)/oauth/token: \(what)")
    await server.stop()
  }

  @Test func anAnswerMayBeAsLargeAsTheLimitAndNoLarger() async throws {
    let padded = Self.success + String(repeating: " ", count: 2048 - Self.success.utf8.count)
    let server = try await RawServer.start { _ in RawServer.answer(200, padded) }
    #expect(await problem(try endpoint(server) { $0.maxAnswerBytes = 2048 }) == nil)
    let past = await problem(try endpoint(server) { $0.maxAnswerBytes = 2047 })
    #expect(past?.hasSuffix("answer of at least 2048 bytes exceeds the limit of 2047 bytes") == true)
    await server.stop()
  }

  @Test(arguments: [RawServer.Reply.hang, .drip]) func anEndpointThatTakesForEverIsGivenUp(
    _ reply: RawServer.Reply
  ) async throws {
    let server = try await RawServer.start { _ in reply }
    let start = ContinuousClock.now
    let endpoint = try endpoint(server) {
      $0.timeout = .milliseconds(300)
      $0.maxAnswerBytes = 1 << 20
    }
    let problem = await problem(endpoint)
    #expect(problem?.contains("no answer within 0.3 seconds") == true, "\(problem ?? "")")
    #expect(ContinuousClock.now - start < .seconds(20))
    await server.stop()
  }

  @Test func anEndpointThatIsAwayIsNamed() async throws {
    let server = try await RawServer.start { _ in .hang }
    let endpoint = try endpoint(server)
    await server.stop()
    let problem = await problem(endpoint)
    #expect(problem?.hasSuffix("/oauth/token: Connection refused") == true, "\(problem ?? "")")
    #expect(problem?.contains("s3cret") == false)
  }
}
