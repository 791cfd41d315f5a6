import Glibc
import Testing

@testable import Gateway

@Suite struct FileTargetTests {
  private func file(_ options: String) -> [String] { problems("file", options) }

  @Test func aFileIsNeeded() {
    #expect(file("").contains { $0.hasSuffix("exporters.file.path: required, but not given") })
    #expect(file("path: \"\"").count == 1)
    #expect(file("path: \"a\\0b\"").count == 1)
  }

  @Test func aFolderThatIsMissingIsAnError() throws {
    let folder = try TemporaryFolder()
    #expect(
      file("path: \(folder.path)/a/b/logs.json") == [
        "f.yaml:4:5: exporters.file.path: the folder \"\(folder.path)/a/b\" is missing (create_directory: true makes it)"
      ])
    #expect(file("path: \(folder.path)/a/b/logs.json\ncreate_directory: true") == [])
    #expect(access("\(folder.path)/a", F_OK) != 0, "nothing was made")
  }

  @Test func aFolderIsNoFile() throws {
    let folder = try TemporaryFolder()
    #expect(file("path: \(folder.path)") == ["f.yaml:4:5: exporters.file.path: \"\(folder.path)\" is a folder"])
  }

  @Test func aFileIsNoFolder() throws {
    let other = try TemporaryFile("x")
    #expect(
      file("path: \(other.path)/logs.json") == ["f.yaml:4:5: exporters.file.path: \"\(other.path)\" is not a folder"])
  }

  @Test func nothingIsOpenedOrMade() throws {
    let folder = try TemporaryFolder()
    #expect(file("path: \(folder.path)/logs.json") == [])
    #expect(folder.text("logs.json") == nil)
    let existing = try TemporaryFile("kept")
    #expect(file("path: \(existing.path)\nappend: false") == [])
    #expect(try readFile(existing.path, maxBytes: 10) == Array("kept".utf8))
  }

  @Test func theWorkingFolderAndTheRootAreFolders() {
    #expect(file("path: logs-\(getpid()).json") == [])
    #expect(file("path: /logs-\(getpid()).json\ncreate_directory: true").allSatisfy { $0.contains("cannot write") })
  }

  @Test func devicesAreFiles() { #expect(file("path: /dev/stdout") == []) }
}
