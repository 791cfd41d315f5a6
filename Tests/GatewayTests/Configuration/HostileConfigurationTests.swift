import Gateway
import Options
import Testing

/// Whatever bytes a file holds, loading ends with a configuration or with errors.
@Suite struct HostileConfigurationTests {
  private static let seeds = [
    """
    receivers: {otlp: {protocols: {grpc: {endpoint: "[::1]:4317", keepalive: {server_parameters: {time: 1h30m}}}}}}
    exporters: {sink: {size: 64MiB, timeout: 1.5s, tags: [a, 'b', "c\\n"], token: ${env:T:-x}}}
    service: {pipelines: {logs: {receivers: [otlp], exporters: [sink]}}, telemetry: {metrics: {readers: [{pull: }]}}}
    """,
    """
    a: &a {b: 1}
    receivers:
      well/1: &w
        <<: *a
        endpoint: ${HOST}:4317
        tags:
          - |
            x
          - >-
            y
      well/2: *w
    exporters: {sink: !!map {size: 5e6}}
    service:
      extensions: [clock]
      pipelines:
        logs/x: {receivers: [well/1, well/2], processors: [], exporters: [sink]}
    """,
  ]

  /// Loads the bytes with all that reads them and uses what comes out.
  private func load(_ bytes: [UInt8]) -> Bool {
    let report = ConfigReport()
    _ = YAMLParser.parse(bytes, source: "f.yaml", report: report)
    for problem in report.errors { #expect(!problem.description.isEmpty) }
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(ConfigurationError) {
      let configuration = try Configuration.load(
        [.text(text, name: "f.yaml"), .setting(text)], registry: .madeUp, environment: { $0 == "T" ? "1" : nil })
      #expect(!configuration.effectiveYAML().isEmpty)
      return true
    } catch {
      #expect(!error.problems.isEmpty)
      return false
    }
  }

  @Test func survivesRandomBytes() {
    var random = SplitMix(state: 1)
    for _ in 0..<3000 {
      let count = Int.random(in: 0...200, using: &random)
      _ = load((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  @Test func survivesRandomYAMLCharacters() {
    var random = SplitMix(state: 2)
    let alphabet = Array("ab:-[]{},&*!|>'\"%@`#?~<=.$ \n\n  \t0\\".utf8)
    for _ in 0..<4000 {
      let count = Int.random(in: 0...120, using: &random)
      _ = load((0..<count).compactMap { _ in alphabet.randomElement(using: &random) })
    }
  }

  @Test func survivesMutatedConfigurations() {
    var random = SplitMix(state: 3)
    for round in 0..<4000 {
      var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(contentsOf: bytes[..<position].suffix(20), at: position)
        default: bytes.swapAt(position, Int.random(in: 0..<bytes.count, using: &random))
        }
      }
      _ = load(bytes)
    }
  }

  @Test func survivesEveryPrefix() {
    for seed in Self.seeds {
      let bytes = Array(seed.utf8)
      for count in 0...bytes.count { _ = load(Array(bytes.prefix(count))) }
    }
  }

  @Test func answersQuicklyToTheLargestFiles() {
    let size = 4 << 20
    let clock = ContinuousClock()
    let texts = ["k: ", "- x\n", "a: &a [*a]\n", "${env:T}", "'", "? ", "{", "a: {", "\u{2028}", "\"\\x"]
    for text in texts {
      let bytes = Array(String(repeating: text, count: size / text.utf8.count).utf8)
      let time = clock.measure { _ = YAMLParser.parse(bytes, source: "f.yaml", report: ConfigReport()) }
      #expect(time < .seconds(20), "\(text)")
    }
  }
}
