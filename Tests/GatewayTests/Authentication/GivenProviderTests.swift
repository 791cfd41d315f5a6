import Access
import Files
import HTTPTransport
import NIOPosix
import Options
import Testing

@testable import Gateway

/// The extension `oidc` and its providers, as users configure them.
@Suite struct GivenProviderTests {
  private static let keys =
    #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
  private static let provider = "issuer_url: \"https://i\", audience: logs"

  private func yaml(_ options: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0", auth: {authenticator: oidc}}}}}
    extensions:
      oidc: {\(options)}
    exporters: {nop: }
    service:
      extensions: [oidc]
      telemetry: {metrics: {level: none}}
      pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
    """
  }

  private func problems(_ options: String) -> [String] {
    standardProblems(yaml(options)).map { $0.replacing("extensions.oidc", with: "E") }
  }

  private func made(_ options: String) throws -> OpenIDAuthenticator {
    let configuration = try loadStandard(yaml(options))
    let component = try #require(configuration.extensions.first)
    #expect(component.options.isAuthenticator && component.options.credentials == nil)
    let made = try component.options.makeAuthenticator(id: "oidc", group: MultiThreadedEventLoopGroup.singleton)
    return try #require(made as? OpenIDAuthenticator)
  }

  @Test func aProviderNeedsAnIssuerAndAnAudience() throws {
    #expect(problems("providers: [{\(Self.provider)}]") == [])
    #expect(problems("") == ["f.yaml:3:9: E: providers: required"])
    #expect(problems("providers: []") == ["f.yaml:3:9: E: providers: required"])
    #expect(
      problems("providers: [{}]").map { $0.split(separator: ": ", maxSplits: 1).last ?? "" } == [
        "E.providers[0]: audience: required, unless ignore_audience is true",
        "E.providers[0]: issuer_url: required",
      ])
    #expect(problems("providers: [{issuer_url: \"https://i\", ignore_audience: true}]") == [])
    let without = problems("providers: [{issuer_url: \"https://i\", ignore_audience: false}]")
    #expect(without.count == 1 && without[0].contains("audience: required, unless"), "\(without)")
    #expect(try made("providers: [{\(Self.provider)}]").fetches.map(\.issuer) == ["https://i"])
  }

  @Test(arguments: [
    ("providers: [{issuer_url: i, audience: a}]", "E.providers[0].issuer_url: expected a URL with http"),
    ("providers: [{issuer_url: \"ftp://i\", audience: a}]", "expected a URL with http"),
    ("providers: [{issuer_url: \"https://u:pa55@i\", audience: a}]", "without user and password"),
    ("providers: [{issuer_url: \"https://i?a\", audience: a}]", "without a query"),
    ("providers: [{\(provider), client_id: x}]", "unknown key \"client_id\""),
    ("providers: [{\(provider)}], atribute: x", "unknown key \"atribute\" (did you mean \"attribute\"?)"),
    ("providers: [{\(provider), issuer_ca_path: /nowhere/ca}]", "E.providers[0].issuer_ca_path: cannot be used"),
    ("providers: [{\(provider), public_keys_file: /nowhere/keys}]", "E.providers[0].public_keys_file: cannot be used"),
    (
      "providers: [{\(provider)}, {\(provider)}]",
      "E.providers[1].issuer_url: another provider has it: another audience of it takes an extension of its own"
    ),
    (
      "providers: [{\(provider)}, {issuer_url: \"https://j\", audience: a, ignore_issuer: true}]",
      "for one provider only"
    ),
    ("providers: [{\(provider)}], attribute: \"a b\"", "E.attribute"),
    ("providers: [{\(provider)}], timeout: 301s", "a duration from 1ms to 5m"),
    ("providers: [{\(provider)}], timeout: 0s", "a duration from 1ms to 5m"),
    ("providers: [{\(provider)}], refresh_interval: 999ms", "a duration from 1s"),
    ("providers: [{\(provider)}], unknown_key_interval: 99ms", "a duration from 100ms to 1h"),
    ("providers: [{\(provider)}], max_answer_size: 1023", "a size from 1KiB to 16MiB"),
    ("providers: [{\(provider)}], max_answer_size: 16777217", "a size from 1KiB to 16MiB"),
    ("providers: [{\(provider)}], limits: {max_token: 1023}", "a size from 1KiB to 1MiB"),
    ("providers: [{\(provider)}], limits: {max_depth: 65}", "from 1 to 64"),
    ("providers: [{\(provider)}], limits: {max_keys: 1001}", "from 1 to 1000"),
    ("providers: [{\(provider)}], limits: {max_remembered: 1}", "from 2 to 10000000"),
    ("providers: [{\(provider)}], limits: {max_waiting: 0}", "from 1 to 100000"),
    ("providers: [{\(provider)}], limits: {threads: 65}", "from 1 to 64"),
  ]) func whatIsWrongIsNamed(_ options: String, what: String) {
    let found = problems(options)
    #expect(found.count == 1 && found.first?.contains(what) == true, "\(found)")
    #expect(!found.joined().contains("pa55"))
  }

  @Test func limitsAreTakenUpToTheirEnds() {
    let limits = """
      max_token: 1MiB, max_depth: 64, max_keys: 1000, max_remembered: 10000000, max_remembered_wrong: 2,
      max_waiting: 100000, max_waiting_per_address: 1, threads: 64
      """
    let options = "timeout: 300s, max_answer_size: 16MiB, refresh_interval: 1s, unknown_key_interval: 1h"
    let line = "providers: [{\(Self.provider)}], \(options), limits: {\(limits)}"
    #expect(problems(line.replacing("\n", with: " ")) == [])
  }

  @Test func providersHaveALimit() {
    func many(_ count: Int) -> String {
      let all = (0..<count).map { "{issuer_url: \"https://i\($0)\", audience: a}" }
      return "providers: [\(all.joined(separator: ", "))]"
    }
    #expect(problems(many(100)) == [])
    let found = problems(many(101))
    #expect(found.count == 1 && found[0].hasSuffix("found 101 providers: the limit is 100"), "\(found)")
  }

  @Test func keysInClearTextAreWarnedOf() {
    let found = problems("providers: [{issuer_url: \"http://issuer.example\", audience: a}]")
    #expect(
      found.count == 1 && found[0].contains("warning: E.providers[0].issuer_url: keys come in clear text"), "\(found)")
    #expect(problems("providers: [{issuer_url: \"http://127.0.0.1:8080\", audience: a}]") == [])
  }

  @Test func keysMayComeFromAFile() throws {
    let file = try TemporaryFile(Self.keys)
    let options = "providers: [{issuer_url: kubernetes/serviceaccount, audience: a, public_keys_file: \(file.path)}]"
    #expect(problems(options) == [])
    let authenticator = try made(options)
    #expect(authenticator.files.map(\.option) == ["providers[0].public_keys_file"])
    #expect(authenticator.files.map(\.files.paths) == [[file.path]] && authenticator.fetches.isEmpty)
    #expect(problems("providers: [{ignore_issuer: true, audience: a, public_keys_file: \(file.path)}]") == [])
    let without = problems("providers: [{audience: a, public_keys_file: \(file.path)}]")
    #expect(without.count == 1 && without[0].contains("issuer_url: required"), "\(without)")
    let empty = try TemporaryFile(#"{"keys":[]}"#)
    let none = problems("providers: [{issuer_url: i, audience: a, public_keys_file: \(empty.path)}]")
    #expect(none.count == 1 && none[0].contains("cannot be used: the key set has no key"), "\(none)")
    let large = problems(
      "max_answer_size: 1024, providers: [{issuer_url: i, audience: a, public_keys_file: \(file.path)}]")
    #expect(large == [])
    let past = try TemporaryFile(Self.keys + String(repeating: " ", count: 1025 - Self.keys.utf8.count))
    let tooLarge = problems(
      "max_answer_size: 1024, providers: [{issuer_url: i, audience: a, public_keys_file: \(past.path)}]")
    #expect(tooLarge.count == 1 && tooLarge[0].contains("1025 bytes, the limit is 1024 bytes"), "\(tooLarge)")
  }

  @Test func theFormForOneProviderIsReadToo() throws {
    let found = problems("issuer_url: \"https://i\", audience: a, username_claim: email")
    #expect(found.count == 1 && found[0].contains("warning: E.issuer_url: is the form for one provider"), "\(found)")
    let configuration = try loadStandard(yaml("issuer_url: \"https://i\", audience: a, groups_claim: g"))
    let effective = configuration.effectiveYAML()
    for line in ["issuer_url: \"https://i\"", "audience: a", "groups_claim: g"] {
      #expect(effective.contains(line), "\(line)")
    }
    #expect(try loadStandard(effective).effectiveYAML() == effective)
    #expect(try made("issuer_url: \"https://i\", audience: a").fetches.map(\.issuer) == ["https://i"])
    let both = problems("issuer_url: \"https://i\", providers: [{\(Self.provider)}]")
    #expect(both.count == 1 && both[0].contains("cannot be given together with providers"), "\(both)")
    let half = problems("issuer_url: \"https://i\"").filter { !$0.contains("warning") }
    #expect(half.count == 1 && half[0].contains("audience: required, unless"), "\(half)")
  }

  @Test func anAttributeOfOnesOwnIsNotChallengedFor() throws {
    #expect(try made("providers: [{\(Self.provider)}]").challenge == "Bearer")
    #expect(try made("attribute: X-Token, providers: [{\(Self.provider)}]").challenge == nil)
  }
}
