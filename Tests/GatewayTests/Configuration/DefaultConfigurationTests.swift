import Gateway
import Testing

@Suite struct DefaultConfigurationTests {
  /// The bytes of a file of the repository.
  private func repositoryFile(_ path: String, from file: String = #filePath) throws -> String {
    let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    return String(decoding: try readFile("\(root)/\(path)", maxBytes: 1 << 20), as: UTF8.self)
  }

  @Test func isTheFileInTheRepository() throws {
    #expect(try repositoryFile("config/sluice.yaml") == ConfigSource.defaultText)
  }

  @Test func referenceIsTheFileInTheRepository() throws {
    let isTheSame = try repositoryFile("config/reference.yaml") == ComponentRegistry.standard.reference()
    #expect(isTheSame, "write it anew: sluice print-config --reference > config/reference.yaml")
  }

  @Test func isWellFormedAndReadsOnlyOTLP() throws {
    let report = ConfigReport()
    let root = ConfigLoader(environment: { _ in nil }, report: report).load([.embedded])
    #expect(report.errors == [])
    #expect(root?.entries?.map(\.key) == ["receivers", "exporters", "service"])
    #expect(ComponentRegistry.standard.entry(.receivers, "otlp") != nil)
  }
}
