import Testing

@testable import Gateway

@Suite struct BuildInformationTests {
  @Test func namesEveryLibraryWithItsVersion() {
    let libraries = BuildInformation.libraries
    #expect(
      libraries.map(\.name) == ["libdeflate", "libnghttp2", "libprotobuf-c", "libyaml", "libzstd"])
    for library in libraries { #expect(library.version.first?.isNumber == true, "\(library)") }
    #expect(BuildInformation.text.hasPrefix("sluice \(BuildInformation.version) (commit "))
  }
}
