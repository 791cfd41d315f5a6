import Foundation
import Glibc
import Testing

@testable import Gateway

/// Most of what is refused here is no matter of rights: the tests may run as root.
@Suite struct PathLookTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(mkdir(folder.path + "/sub", 0o700) == 0)
    #expect(FileManager.default.createFile(atPath: folder.path + "/file", contents: nil))
  }

  private func fileProblem(_ name: String, missingFolder: String? = nil) -> String? {
    do throws(PathProblem) {
      try PathLook.checkFile("\(folder.path)/\(name)", W_OK, rotates: true, missingFolder: missingFolder)
    } catch { return error.message.replacing(folder.path, with: "") }
    return nil
  }

  private func folderProblem(_ name: String, missing: String? = nil) -> String? {
    do throws(PathProblem) {
      try PathLook.checkFolder("\(folder.path)/\(name)", missing: missing)
    } catch { return error.message.replacing(folder.path, with: "") }
    return nil
  }

  @Test(arguments: [
    ("/a/b", "/a"), ("/a/b//", "/a"), ("/a", "/"), ("//a", "/"), ("/", "/"), ("a", "."), ("a/", "."), ("a//b", "a"),
    ("", "."),
  ])
  func theFolderOfAPathIsWhatStandsBeforeItsName(path: String, parent: String) {
    #expect(PathLook.parent(of: path) == parent)
  }

  @Test func aFileIsThereOrCanBeMade() {
    #expect(fileProblem("file") == nil && fileProblem("new") == nil && fileProblem("sub/new") == nil)
    #expect(fileProblem("a/b/new") == nil)
    #expect(fileProblem("a/b/new", missingFolder: ": make it") == "the folder \"/a/b\" is missing: make it")
    #expect(fileProblem("sub") == "\"/sub\" is a folder")
    #expect(fileProblem("new/") == "\"/new/\" is the name of a folder")
    #expect(fileProblem("file/new") == "\"/file\" is not a folder")
  }

  @Test func aFolderIsThereOrCanBeMade() {
    #expect(folderProblem("sub") == nil && folderProblem("sub/") == nil && folderProblem("a/b/c") == nil)
    #expect(folderProblem("a/b", missing: ": make it") == "the folder \"/a/b\" is missing: make it")
    #expect(folderProblem("file") == "\"/file\" is not a folder")
    #expect(folderProblem("file/a/b") == "\"/file\" is not a folder")
  }

  @Test func aLinkIsWhatItPointsTo() {
    #expect(symlink(folder.path + "/sub", folder.path + "/link") == 0)
    #expect(symlink(folder.path + "/none", folder.path + "/broken") == 0)
    #expect(folderProblem("link") == nil && folderProblem("link/a") == nil)
    #expect(folderProblem("broken") == "\"/broken\" is a link to nothing")
    #expect(folderProblem("broken/") == "\"/broken/\" is a link to nothing")
    #expect(symlink(folder.path + "/loop", folder.path + "/loop") == 0)
    #expect(folderProblem("loop")?.hasPrefix("cannot reach \"/loop\": ") == true)
  }

  @Test func twoPathsOfOneFileHaveOneIdentity() {
    #expect(symlink(folder.path + "/sub", folder.path + "/link") == 0)
    let direct = PathLook.identity(of: folder.path + "/sub/a/b")
    #expect(direct.hasSuffix("/sub/a/b"))
    for other in ["/link/a/b", "/sub/./a/b", "/sub/x/../a/b", "/sub/a/b/", "//sub//a//b"] {
      #expect(PathLook.identity(of: folder.path + other) == direct, "\(other)")
    }
    #expect(PathLook.identity(of: folder.path + "/sub/a/c") != direct)
    #expect(PathLook.identity(of: "/../../..") == "/")
  }

  @Test func devicesAreNoFiles() {
    #expect(PathLook.isDevice("/dev/null") && !PathLook.isDevice(folder.path) && !PathLook.isDevice("/dev/none"))
    #expect(throws: Never.self) { try PathLook.checkFile("/dev/null", W_OK, rotates: true, missingFolder: nil) }
    #expect(throws: PathProblem.self) { try PathLook.checkFolder("/dev/null", missing: nil) }
  }

  @Test func theKernelsFileSystemsKeepNothing() {
    #expect(throws: PathProblem.self) { try PathLook.checkFolder("/proc/self", missing: nil) }
    #expect(throws: PathProblem.self) {
      try PathLook.checkFile("/proc/self/comm", W_OK, rotates: false, missingFolder: nil)
    }
  }

  @Test func aPathIsShownShortAndHarmless() {
    #expect(PathLook.shown("/a\u{1B}[31m\n") == #""/a\u{1b}[31m\u{a}""#)
    #expect(PathLook.shown(String(repeating: "x", count: 10_000)).count < 300)
  }
}
