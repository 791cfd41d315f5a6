import Files
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

  @Test(arguments: ["sluice", "elasticsearch", "victorialogs", "redaction", "routing", "authentication"])
  func isValidWithoutWarnings(_ name: String) throws {
    let text = try repositoryFile("config/\(name).yaml")
    let configuration = try Configuration.load(
      [.text(text, name: "\(name).yaml")], registry: .standard, environment: { _ in nil })
    #expect(configuration.warnings == [])
    #expect(configuration.service.pipelines.first?.id.description == "logs")
  }
}
