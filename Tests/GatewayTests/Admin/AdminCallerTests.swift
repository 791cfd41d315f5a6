import Options
import Testing

@testable import Gateway

@Suite struct AdminCallerTests {
  private func presented(_ text: String) throws -> String? {
    var caller = AdminCaller()
    try caller.present(text)
    return caller.headers.first { $0.0 == "Authorization" }?.1
  }

  @Test func presentsWhatItIsGiven() throws {
    #expect(AdminCaller().headers.isEmpty)
    #expect(try presented("Bearer abc.def\n") == "Bearer abc.def")
    #expect(try presented("Bearer abc.def\r\n") == "Bearer abc.def")
    #expect(try presented("Basic ann:pass:word") == "Basic YW5uOnBhc3M6d29yZA==")
    #expect(try presented("basic YW5uOnBhc3M=") == "basic YW5uOnBhc3M=")
  }

  @Test(arguments: ["", "token", "Bearer ", "Bearer a\u{1}b", "Bearer a\r\nX-Other: b", "Bearer a\nBearer b"])
  func whatIsNoLineOfCredentialsIsRefused(_ text: String) {
    #expect { try presented(text) } throws: { "\($0)".contains("expected credentials in one line") }
  }

  @Test(arguments: [("localhost", true), ("127.0.0.9", true), ("::1", true), ("", true), ("10.0.0.7", false)])
  func credentialsCrossNoNetworkInTheClear(_ host: String, _ isHere: Bool) throws {
    let address = Endpoint(host: host, port: 8888)
    var caller = AdminCaller()
    #expect(caller.problem(asking: address) == nil)
    try caller.present("Bearer a")
    #expect((caller.problem(asking: address) == nil) == isHere)
    try caller.trust(authoritiesIn: nil)
    #expect(caller.problem(asking: address) == nil)
  }

  @Test func credentialsAreBounded() throws {
    let limit = AdminCaller.maxCredentialBytes
    let most = "Bearer " + String(repeating: "x", count: limit - 7)
    #expect(try presented(most) == most)
    #expect { try presented(most + "x") } throws: {
      "\($0)" == "the credentials have 16385 bytes: the limit is 16384"
    }
  }

  @Test func aFileWithoutACertificateIsTold() throws {
    let made = try TestCertificates.made.get()
    var caller = AdminCaller()
    try caller.trust(authoritiesIn: made.cert)
    #expect { try caller.trust(authoritiesIn: made.noPEM) } throws: { "\($0)".contains("holds no certificate") }
    #expect { try caller.trust(authoritiesIn: "/nowhere") } throws: { "\($0)".contains("holds no certificate") }
  }
}
