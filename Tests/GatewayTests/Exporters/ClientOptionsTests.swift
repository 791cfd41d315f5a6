import LogExport
import LogPipeline
import Testing

@testable import Gateway

@Suite struct ClientOptionsTests {
  /// What the options of `ElasticsearchOptionsTests.everyOption` that all HTTP destinations share come to.
  static func expectEveryOption(
    _ sender: HTTPSenderOptions, _ made: TestCertificates, compression: Compression = .zstd(level: 7)
  ) {
    #expect(sender.headers.map(\.name) == ["X-A"] && sender.headers.map(\.value) == ["b"])
    #expect(sender.compression == compression)
    #expect(sender.tls == everyTLSOptionRead(made))
    #expect(sender.connectTimeout == .seconds(1))
    #expect(sender.idleConnectionTimeout == .seconds(2))
    #expect(sender.maxConnections == 3)
    #expect(sender.maxAnswerBytes == 4 << 20)
    #expect(sender.proxies == (try? ProxySettings(proxy: "http://user:pa55@proxy:3128")))
  }

  /// Every option of `tls`, but for those that take the place of others.
  static func everyTLSOption(_ made: TestCertificates) -> String {
    """
    insecure: true, ca_file: \(made.cert), include_system_ca_certs_pool: true, cert_file: \(made.cert), key_file: \
    \(made.key), insecure_skip_verify: true, server_name_override: es.internal, min_version: "1.2", max_version: "1.3", \
    cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA], include_insecure_cipher_suites: true, \
    curve_preferences: [P384, X25519], reload_interval: 1h
    """
  }

  static let neverGiven = ["tls.ca_pem", "tls.cert_pem", "tls.key_pem"]

  /// What they are read as.
  static func everyTLSOptionRead(_ made: TestCertificates) -> ClientTLSOptions {
    var tls = ClientTLSOptions()
    tls.caFile = made.cert
    tls.trustsSystemToo = true
    tls.material.chain = .file(made.cert)
    tls.material.key = .file(made.key)
    tls.insecureSkipVerify = true
    tls.serverNameOverride = "es.internal"
    tls.settings.maxVersion = .tls13
    tls.settings.cipherSuites = [.ecdheRSAWithAES128CBC]
    tls.settings.curves = [.p384, .x25519]
    return tls
  }

  private func elastic(_ options: String) -> [String] { problems("elasticsearch", "endpoint: http://es\n\(options)") }

  private func sender(_ options: String) throws -> HTTPSenderOptions {
    let (component, _): (ElasticsearchExporterOptions, _) = try component(
      "elasticsearch", "endpoint: http://es\n\(options)")
    return component.sender
  }

  private func victoria(_ options: String) throws -> HTTPSenderOptions {
    let (component, _): (VictoriaLogsExporterOptions, _) = try component(
      "victorialogs", "endpoint: http://vl\n\(options)")
    return component.sender
  }

  @Test func takesOneKindOfCredentials() throws {
    #expect(try sender("").authorization == .none)
    #expect(try sender("api_key: abc").authorization == .apiKey("abc"))
    #expect(try sender("api_key: ''").authorization == .none)
    #expect(try sender("user: u").authorization == .basic(user: "u", password: ""))
    #expect(try sender("user: u\npassword: 'p:q'").authorization == .basic(user: "u", password: "p:q"))
  }

  @Test func aProxyIsShownWithoutItsCredentials() throws {
    let yaml = withExporter("elasticsearch", "endpoint: http://es\nproxy_url: http://user:pa55@proxy:3128")
    let shown = try loadStandard(yaml).effectiveYAML()
    #expect(shown.contains("proxy_url: \"http://[REDACTED]@proxy:3128\"") && !shown.contains("pa55"), "\(shown)")
    #expect(
      elastic("proxy_url: https://user:pa55@proxy") == [
        "f.yaml:5:16: exporters.elasticsearch.proxy_url: expected the http:// address of a proxy"
      ])
    #expect(
      elastic("proxy_url: proxy:3128") == [
        "f.yaml:5:16: exporters.elasticsearch.proxy_url: expected the http:// address of a proxy, found \"proxy:3128\""
      ])
  }

  @Test func refusesCredentialsThatContradictEachOther() {
    let path = "exporters.elasticsearch"
    #expect(
      elastic("api_key: k\nuser: u\npassword: p") == ["f.yaml:5:5: \(path).api_key: cannot be given together with user"]
    )
    #expect(elastic("password: p") == ["f.yaml:5:5: \(path).password: is of no use without user"])
    #expect(elastic("user: 'a:b'\npassword: p").count == 1)
  }

  @Test func refusesAnAPIKeyThatCannotBeSentWithoutRepeatingIt() {
    #expect(
      elastic("api_key: \"s3cr3t\\n\"") == [
        "f.yaml:5:14: exporters.elasticsearch.api_key: expected text without control characters "
          + "(is there a line feed at its end?)"
      ])
  }

  @Test(arguments: [
    ("none", 5, Compression.none), ("gzip", 12, .gzip(level: 12)), ("zstd", 1, .zstd(level: 1)),
    ("zstd", 19, .zstd(level: 19)),
  ])
  func compressesAtALevel(_ name: String, _ level: Int, _ expected: Compression) throws {
    #expect(try victoria("compression: \(name)\ncompression_params: {level: \(level)}").compression == expected)
  }

  @Test func compressesAtTheFastestLevelUnlessToldOtherwise() throws {
    #expect(try sender("compression: gzip").compression == .gzip(level: 1))
    #expect(try victoria("compression: zstd").compression == .zstd(level: 1))
  }

  @Test func refusesLevelsThatDoNotExist() {
    let path = "exporters.elasticsearch.compression_params"
    #expect(
      elastic("compression: gzip\ncompression_params: {level: 13}") == [
        "f.yaml:6:5: \(path): gzip has levels 1 to 12, found 13"
      ])
    #expect(
      elastic("compression: gzip\ncompression_params: {level: 20}") == [
        "f.yaml:6:33: \(path).level: expected a whole number from 1 to 19, found \"20\""
      ])
    #expect(elastic("compression: bzip").count == 1)
  }

  /// Servers that take these take gzip too.
  @Test(arguments: ["snappy", "x-snappy-framed", "zlib", "deflate", "lz4"])
  func gzipStandsForWhatIsNotSupported(_ name: String) throws {
    #expect(try sender("compression: \(name)").compression == .gzip(level: 1))
    let found = elastic("compression: \(name)")
    #expect(found.count == 1 && found.first?.contains("with gzip: \(name) is not supported") == true)
    #expect(try sender("compression: ''").compression == .none)
  }

  @Test func refusesWhatAServerDoesNotTake() {
    #expect(
      elastic("compression: zstd") == [
        "f.yaml:5:18: exporters.elasticsearch.compression: expected none or gzip, because Elasticsearch answers 400 to "
          + "zstd, found \"zstd\" (did you mean \"gzip\"?)"
      ])
    #expect(
      problems("otlphttp", "endpoint: http://next\ncompression: zstd") == [
        "f.yaml:5:5: warning: exporters.otlphttp.compression: OTLP asks servers for none and gzip only; records wait "
          + "for ever at one that has no zstd"
      ])
    for name in ["none", "gzip"] {
      #expect(elastic("compression: \(name)").isEmpty)
      #expect(problems("otlphttp", "endpoint: http://next\ncompression: \(name)").isEmpty)
    }
    #expect(problems("victorialogs", "endpoint: http://vl\ncompression: zstd").isEmpty)
  }

  @Test func saysThatCertificateAndKeyGoTogether() throws {
    let made = try TestCertificates.made.get()
    let found = elastic("tls: {key_file: \(made.key)}")
    #expect(found.count == 1 && found[0].hasSuffix("tls.key_file: cert_file and key_file go together"))
    let text = elastic("tls: {cert_pem: \(made.pemText)}")
    #expect(text.count == 1 && text[0].hasSuffix("tls.cert_pem: cert_pem and key_file go together"))
  }

  @Test func aThingIsInAFileOrInTheConfiguration() throws {
    let made = try TestCertificates.made.get()
    for name in ["ca", "cert"] {
      let found = elastic("tls: {\(name)_file: \(made.cert), \(name)_pem: \(made.pemText), key_file: \(made.key)}")
      #expect(found.contains { $0.hasSuffix("tls.\(name)_pem: cannot be given together with \(name)_file") })
    }
    let pems = "tls: {ca_pem: \(made.pemText), cert_pem: \(made.pemText), key_pem: \(made.keyText)}"
    let taken = problems("elasticsearch", "endpoint: https://es\n\(pems)")
    #expect(taken == [])
    let wrong = elastic("tls: {ca_pem: s3cr3t, cert_pem: s3cr3t, key_pem: s3cr3t}")
    #expect(wrong.count == 3 && !wrong.contains { $0.contains("s3cr3t") })
    #expect(wrong.contains { $0.hasSuffix("tls.key_pem: holds no private key in PEM, or one with a passphrase") })
  }

  @Test func keepsItsTimesAndCountsInRange() {
    #expect(elastic("connect_timeout: 0s").count == 1)
    #expect(elastic("max_conns_per_host: 0").count == 1)
    #expect(elastic("max_conns_per_host: 10001").count == 1)
    #expect(elastic("max_conns_per_host: 10000") == [])
    #expect(elastic("max_answer_size: 0").count == 1)
    #expect(elastic("max_answer_size: 1GiB") == [])
    #expect(elastic("max_answer_size: 1025MiB").count == 1)
  }

  @Test func noSecretIsPrinted() throws {
    let yaml = withExporter(
      "elasticsearch", "endpoint: http://es\nuser: u\npassword: s3cr3t\nheaders: {X-Key: s3cr3t}")
    let printed = try loadStandard(yaml).effectiveYAML()
    #expect(printed.contains("password:") && printed.contains("X-Key:") && !printed.contains("s3cr3t"))
  }

  @Test(arguments: ["elasticsearch", "victorialogs", "otlphttp", "otlp"])
  func everyExporterRefusesHeadersThatCannotBeSent(_ type: String) {
    let endpoint = type == "otlp" ? "b:4317" : "http://b"
    let options =
      "endpoint: \(endpoint)\nheaders:\n  X-Good: a\n  X-Bad: \"s3cr3t\\n\"\n  bad name: b\n  Content-Length: c"
    let path = "exporters.\(type).headers"
    #expect(
      problems(type, options) == [
        "f.yaml:7:14: \(path).X-Bad: expected text without control characters (is there a line feed at its end?)",
        "f.yaml:8:7: \(path): \"bad name\" is not the name of a header field",
        "f.yaml:9:7: \(path): \"Content-Length\" is set by the gateway itself",
      ])
  }

  @Test func optionsOfTLSThatClearTextHasNoUseForAreWarnedOf() {
    let name = "tls: {server_name_override: a}"
    for options in ["endpoint: https://next\n\(name)", "endpoint: http://next\ntls: {insecure: true}"] {
      #expect(problems("otlphttp", options) == [])
    }
    let http = problems("otlphttp", "endpoint: http://next\n\(name)")
    #expect(http.first?.hasSuffix("tls.server_name_override: has no effect: no endpoint is https://") == true)
    let grpc = problems("otlp", "endpoint: next:4317\ntls: {insecure: true, server_name_override: a}")
    #expect(grpc.first?.hasSuffix("tls.server_name_override: has no effect: insecure is true") == true)
    #expect(problems("otlp", "endpoint: next:4317\n\(name)") == [])
  }
}
