import Gateway
import Testing

@Suite struct ComponentRegistryTests {
  @Test func listsTypesInTheOrderOfRegistration() {
    #expect(ComponentRegistry.madeUp.types(.receivers) == ["otlp", "well"])
    #expect(ComponentRegistry.madeUp.types(.connectors) == [])
  }

  @Test func replacesATypeThatIsRegisteredAgain() {
    var registry = ComponentRegistry.madeUp
    registry.register(.exporters, "sink", "Another.") { _ in 1 }
    #expect(registry.types(.exporters) == ["sink"])
    #expect(registry.entry(.exporters, "sink")?.doc == "Another.")
  }

  @Test(arguments: [
    ("snik", "unknown exporter \"snik\" (did you mean \"sink\"?) (supported: sink)"),
    ("kafka", "the exporter \"kafka\" of the Collector is not supported by sluice (supported: sink)"),
    ("mill", "\"mill\" belongs in processors, not in exporters (supported: sink)"),
    ("zzzzzz", "unknown exporter \"zzzzzz\" (supported: sink)"),
  ])
  func saysWhatIsWrongWithAnUnknownType(_ type: String, _ expected: String) {
    #expect(ComponentRegistry.madeUp.problem(ofUnknown: type, .exporters) == expected)
  }

  @Test func writesAReferenceThatIsItsOwnConfiguration() throws {
    let reference = ComponentRegistry.madeUp.reference()
    let service =
      "service: {extensions: [clock], pipelines: {logs: {receivers: [otlp, well], processors: "
      + "[mill], exporters: [sink]}}}"
    let configuration = try Configuration.load(
      [.text(reference, name: "reference.yaml"), .text(service, name: "f.yaml")], registry: .madeUp,
      environment: { _ in nil })
    #expect(configuration.warnings == [])
    #expect(
      reference.contains(
        "        # The largest message, decompressed, in MiB. (int from 1 to 1024)\n        "
          + "max_recv_msg_size_mib: 64\n"
      ))
    #expect(reference.contains("        #   cert_file:\n"))
  }
}
