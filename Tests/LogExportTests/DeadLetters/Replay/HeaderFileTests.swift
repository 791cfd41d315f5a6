import Glibc
import Testing

@testable import LogExport

@Suite struct HeaderFileTests {
  private let folder = LetterFolder()

  private func fields(_ text: String) throws -> [String] {
    unlink(folder.path)
    folder.append(text)
    return try headerFields(inFile: folder.path).map { "\($0.name)=\($0.value)" }
  }

  @Test func readsLinesWithAndWithoutAnEnd() throws {
    #expect(try fields("Authorization: ApiKey a:b\r\n\nX-Scope:\t1") == ["Authorization=ApiKey a:b", "X-Scope=1"])
    #expect(try fields("") == [])
  }

  @Test(arguments: ["Authorization s3cret", ": s3cret", "A b: s3cret", "A: s3cret\u{1}", "s3cret"])
  func anErrorNamesTheLineAndNotTheValue(_ line: String) {
    #expect {
      try fields("A: 1\n\n\(line)\n")
    } throws: {
      let text = "\($0)"
      return $0 is SenderConfigurationError && text.contains("line 3") && !text.contains("s3cret")
    }
  }

  @Test func whatIsTooMuchIsAnError() {
    #expect(throws: SenderConfigurationError.self) { try fields(String(repeating: "A: 1\n", count: 101)) }
    #expect(throws: SenderConfigurationError.self) { try fields("A: " + String(repeating: "x", count: 70_000)) }
    #expect(throws: FileFailure.self) { try headerFields(inFile: folder.folder + "/none") }
  }
}
