import Foundation
import Testing

@testable import Gateway

@Suite struct FolderOwnerTests {
  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func givesWhatRootMadeToTheOwnerOfTheFolderAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let (inside, outside) = ("\(folder.path)/in", "\(folder.path)/other")
    try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: false)
    for path in ["\(inside)/made", outside, "\(folder.path)/linked"] {
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
    }
    #expect(symlink(outside, "\(inside)/symbolic") == 0 && link("\(folder.path)/linked", "\(inside)/hard") == 0)
    let owner = { (path: String) -> uid_t in
      var status = stat()
      return stat(path, &status) == 0 ? status.st_uid : .max
    }
    FolderOwner.leaveFiles(of: inside)
    #expect(owner("\(inside)/made") == 0)
    #expect(chown(inside, 65534, 65533) == 0)
    FolderOwner.leaveFiles(of: inside)
    #expect(owner("\(inside)/made") == 65534 && owner(outside) == 0 && owner("\(inside)/hard") == 0)
    FolderOwner.leaveFiles(of: "\(folder.path)/missing")
  }
}
